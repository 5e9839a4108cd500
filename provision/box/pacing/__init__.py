"""How fast, how many at once, how often again, and for how long.

Here: the pace, the budget shared by processes, concurrency, the one retry loop, outages. Not here: any address or body of Box.
"""
