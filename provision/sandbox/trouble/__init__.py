"""What goes wrong on purpose: the fault script and what each fault does to an answer.

Here: faults by rule. Not here: refusals that Box makes of itself (api/, limits).
"""
