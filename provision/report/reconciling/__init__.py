"""Planned × happened × now, brought together so that everybody counts once.

Here: the account, and what fresh listings say against it. Not here: how it is shown, and whether the run ended well
(runs/ending.py).
"""
