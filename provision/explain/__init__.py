"""One person over all runs: every row, rule, proof, operation and outcome, and what comes next.

Here: what `provision explain` tells. Not here: the report of one run (report/), finding and opening run folders (runs/).
"""
