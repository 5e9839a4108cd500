"""What follows once a run has ended, however it did: programs of the house, copies, messages, metrics.

Here: each of them, for itself, and never in the way of the others. Not here: how a run ended (ending.py), and the words of a
message (report/messages/).
"""
