"""One person erased from what the program keeps, on request; that something was done, when and by which run stays, under a pseudonym.

Here: whose values they are, how a folder is written anew without them, in which order, so that a killed process is finished by
the next one. Not here: old folders that nobody needs (past/prune.py), and reports for others without people (report/without_people.py).
"""
