"""Who has left, by which evidence, and which stage is due.

Here: proofs, stages, progress, who gets the content, who is needed. Not here: how much may be removed (guards/), or what is sent
(operations).
"""
