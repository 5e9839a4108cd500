"""What people are handed: reports again, the roster with an answer a row, exports, the review pack, one person explained.

Here: nothing of Box is changed, and nothing of a run. Not here: how it looks and reads (report/, explain/).
"""
