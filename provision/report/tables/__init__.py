"""A run as tables: CSV, JSON and workbooks, and the roster handed back with an answer a row.

Here: cells that no spreadsheet runs, written piece by piece. Not here: which rows there are (reconciling/).
"""
