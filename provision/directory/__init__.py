"""What is: every user of the enterprise in one frame, with scope and protection decided.

Here: the listing, whole or not at all, and what of it concerns the job. Not here: the SDK (box/), and what ought to be
(roster/).
"""
