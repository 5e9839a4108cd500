"""Where run folders and ledger lie: in places of our own, with owners that count, and not where they are lost.

Here: what the operating system says of a path. Not here: whether what lies there is ours (seal/).
"""
