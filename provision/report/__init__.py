"""What came of it: planned × happened × now, in every form a person or a program wants to read.

Here: one run told, and the words for it. Not here: one person over all runs (explain/), how a run ended (runs/ending.py),
and whoever prints it (cli/).
"""
