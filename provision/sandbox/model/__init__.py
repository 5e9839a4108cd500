"""What there is: accounts, groups, content, tokens, and how it is seeded and kept.

Here: the enterprise as values. Not here: requests and answers.
"""
