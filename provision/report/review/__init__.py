"""The page on which a person decides about a plan: what waits, what goes on, and who has said what of it.

Here: what it shows, in which order and in which words, its template, style and script. Not here: the server (runs/reviewing/),
and who may decide (runs/approving/).
"""
