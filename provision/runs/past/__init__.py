"""What run folders of the past are worth to a ledger and to people, and when they may go.

Here: rebuild, prune, evidence. Not here: runs that did not come to their end (history.py), and what people are handed of a run
(handed_out/).
"""
