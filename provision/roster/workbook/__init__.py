"""Workbooks: the sheet, its cells, its error values.

Here: from a workbook to a grid of text. Not here: text files, or what the columns mean.
"""
