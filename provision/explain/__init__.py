"""One person over all runs: every row, rule, proof, operation and outcome, and what comes next.

Here: what `provision explain` tells. It reads run folders and the ledger. Not here: the report of one run (report/).
"""
