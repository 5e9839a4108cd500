"""The sentences that codes become: reasons, guards, notes of outcomes, answers of Box, forecasts.

Here: a code and its facts in, a sentence out; nobody reads one back. Not here: the few words of a verdict or an end (words.py),
and where a sentence is shown.
"""
