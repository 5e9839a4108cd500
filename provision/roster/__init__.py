"""What ought to be: a file as people export it, read into one frame with a row a person.

``read_roster`` reads, ``format_row_errors`` tells what is wrong with single rows, ``write_roster`` writes a frame so
that it reads back as it was. Whole-file trouble is a :class:`provision.errors.RosterError`.
Not here: what Box holds (directory/), and what is to be done about a row (plan/).
"""

from provision.roster.export import write_roster
from provision.roster.read import read_roster
from provision.roster.row_errors import format_row_errors
from provision.roster.value import Roster, RowError

__all__ = ["Roster", "RowError", "format_row_errors", "read_roster", "write_roster"]
