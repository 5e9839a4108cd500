"""Several files that make one roster: each read by itself, then put together so that everybody is in it once.

Not here: how a file is read (files/, text/, workbook/), and whether a source is good enough to count (plan/guards/).
"""
