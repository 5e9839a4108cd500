"""What was tried: an append-only journal of begins and ends, durable before and after each call.

Here: the file of one run, written by whoever sends and read by whoever goes on. Not here: what is remembered across runs
(ledger/).
"""
