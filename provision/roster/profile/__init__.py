"""What a roster looks like, to be compared with the next one.

Here: counts and shares, no person. Not here: what is made of a difference (plan/guards/roster/).
"""
