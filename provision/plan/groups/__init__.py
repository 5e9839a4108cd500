"""Who is to be in which group, and what has to be done for it.

Here: what rows and rules ask for, which group a name means, and the memberships that begin, change and end.
Not here: reading groups, and sending anything.
"""
