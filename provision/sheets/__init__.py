"""The reader of workbooks, in a process of its own: from bytes to cells, within bounds of memory and time; and one that measures Parquet files.

Here: the processes, and what they look for in a file. It shares no code with the rest of the program, so that it starts in some
hundredths of a second. Not here: which sheet is meant and what its cells mean (roster/workbook/).
"""
