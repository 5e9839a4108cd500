"""What earlier runs left: who is owned, who was absent how often, which rosters were accepted, which runs there were.

Here: the tables, their migrations, and what is written and read as values. Not here: what a run teaches (lessons/), and any
decision by it (plan/).
"""
