"""Operations on folders: made, shared, and filled with what newcomers start with.

Not here: the archive of somebody who has left (leavers/), and reading folders of this machine (trees).
"""
