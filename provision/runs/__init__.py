"""The use cases: a run, or another command, from beginning to end, for a terminal, a program or a thread alike.

What is shown, asked and stopped goes through the Observer. No rich, no click, no signal and no standard stream.
"""
