"""Operations on accounts of people who are there: made, invited, changed, and by which addresses they are reached.

Not here: those that only somebody who leaves is subject to (leavers/), groups and folders.
"""
