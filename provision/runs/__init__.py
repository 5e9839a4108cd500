"""The use cases: a run, or another command, from beginning to end, for a terminal, a program or a thread alike.

Here: run folders, locks, planning, carrying out, going on, undoing, and in ending.py how it ends. Not here: no rich, no
click, no signal, no standard stream; what is shown, asked and stopped goes through the Observer.
"""
