"""What is wrong with rows: each by itself, and beside the others.

Here: findings with a line, a column and a sentence. Not here: what the whole file looks like beside earlier ones (plan/guards).
"""
