"""Makes the sample rosters, the seed enterprise they are compared with, and the files with one mistake each.

No randomness and no clock: everything follows from positions in lists, so the same program writes the same bytes.
Whoever appears here is invented.
"""
