"""The job's ledger as a run has it: opened with its key, held by one run at a time, and noticed when it is lost.

Here: opening, lock and lease, the loss. Not here: what a ledger keeps (ledger/), nor what it is taught (lessons/).
"""
