"""Text files: encoding, delimiter, quotation marks, damage.

Here: from bytes to a grid of text. Not here: workbooks, or what the columns mean.
"""
