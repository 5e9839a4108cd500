"""One cell at a time, or a column of them: from what people write to canonical text.

Here: dates, addresses, words, sizes, time zones. Not here: which column is which (mapping/), or whether rows fit together
(checks/).
"""
