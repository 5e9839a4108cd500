"""Which column of the file is which field of a person.

Here: headers, templates over headers, required columns. Not here: what is in the cells (cells/).
"""
