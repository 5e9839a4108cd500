"""What proves a run folder: its seal, the key of it, and how far its journal was closed.

Here: what is sealed and whether it is believed. Not here: whose files count (places/), and what is learned from what is
believed (past/).
"""
