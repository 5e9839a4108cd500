"""The only room that changes anything: sends the operations of a plan, each exactly once.

Here: sending, the second look after a doubt, what moved meanwhile, halting. Not here: what ought to change (plan/), what it
teaches (lessons/), how it is told (report/), when a run begins and ends (runs/).
"""
