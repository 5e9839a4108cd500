"""The page of a run: one file without anything to load, the same for a preview and a report.

Here: what it shows, in which order, its template, style and script. Not here: numbers of its own (value.py), and other forms
(tables/, terminal.py, markdown.py).
"""
