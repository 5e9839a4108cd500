"""Which cells of a row and its account differ, and who changed them.

Here: whole columns compared, the three-way look at fields, fingerprints of what the roster said. Not here: whose row it is
(match/).
"""
