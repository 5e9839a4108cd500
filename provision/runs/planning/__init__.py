"""From a job file, or from a saved plan, to a sealed plan that may be carried out.

Here: reading the roster, listing, planning, opening a plan again. Not here: what is decided (plan/), and anything that sends
(applying/).
"""
