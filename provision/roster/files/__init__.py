"""Which file it is, what form it has, and its bytes.

Here: globs, endings, spools, Parquet. Not here: what the bytes mean (text/, workbook/).
"""
