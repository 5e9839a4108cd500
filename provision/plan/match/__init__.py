"""Which row and which account are one person.

Here: pairs by key, doubts about them, people of the same name, rows that cannot be read. Not here: what differs between the two
(diff/), and what is done about it (situations, changes).
"""
