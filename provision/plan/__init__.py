"""What would have to change: pure functions from roster, directory and ledger to a sealed plan.

Here: situations, rules, changes, guards, the way of leavers, undoing. Not here: no clock, no network, no database; time and
memory are passed in, and the same input gives the same bytes.
"""
