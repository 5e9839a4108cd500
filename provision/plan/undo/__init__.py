"""What takes a run back, and what stays.

Here: the inverse of each operation of the past, and the letter to Box support for what only they can bring back.
Not here: sending any of it.
"""
