"""From a sealed plan to its proof: the last words before, the journal, the operations, the enterprise read afresh.

Here: in which order that happens. Not here: how an operation is sent (apply/), and how the run ended (ending.py).
"""
