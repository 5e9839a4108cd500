"""Words of the first day: what a roster was understood as, a draft of a job, what the doctor found, schedules.

Here: texts for somebody who sets a job up. Not here: looking at machine, roster or Box (runs/).
"""
