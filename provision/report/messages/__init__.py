"""How a run ended, for those who were not there: messages, the short account, metrics.

Here: which words and numbers these carry. Not here: sending them (notify/), and when (runs/afterwards/).
"""
