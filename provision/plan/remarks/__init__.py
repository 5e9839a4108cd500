"""What somebody should know of a plan, though it stops nothing.

Here: remarks on people, logins and tracking codes. Not here: what stops or holds (guards/).
"""
