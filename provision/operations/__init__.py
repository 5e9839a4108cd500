"""One file a kind of operation, and the registry of all of them.

Here: what an operation is, how it is sent, looked for after a doubt, refused, forecast, taught; the kinds lie in the wings, what
all of them share beside these. Not here: which operations are wanted (plan/), in which order and how often they are tried
(apply/), or words for people (report/).
"""
