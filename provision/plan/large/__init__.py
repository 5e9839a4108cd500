"""The one door for more people than fit into memory.

Here: who is settled batch by batch since nothing is to be decided about them. Not here: any decision; the plan is the same in
however many batches it is made.
"""
