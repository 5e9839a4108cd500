"""Whether a roster is fit to be believed, beside what was accepted before it.

Here: its size, columns, age, scope and sources; a roster that is not fit is refused whole. Not here: limits on what a plan does
(guards/).
"""
