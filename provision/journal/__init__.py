"""What was tried: an append-only journal of begins and ends, durable before and after each call.

Here: the file of one run, written by whoever sends, read by whoever goes on, and rewritten without somebody who is forgotten. Not
here: what is remembered across runs (ledger/).
"""
