"""Text that is written so that a spreadsheet shows it as it stands: as a formula, or behind an apostrophe."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

#: ``="0012"``: portals write ids so that Excel keeps their zeros
TRICK = r'^\s*=\s*"((?:[^"]|"")*)"\s*$'
#: a number behind the apostrophe by which a spreadsheet takes a cell for text, and the fields that are so meant
MARKED = r"^\s*'([0-9+(][^']*)$"
MARKED_FIELDS = ("external_id", "manager", "phone")

#: a cell within quotation marks that a database or a script has put around each, by pairs of marks; an apostrophe within a name is none
_PAIRS = (
    r"'((?:[^']|[^\s']'[^\s'])+)'",
    r'"([^"]+)"',
    "“([^“”]+)”",
    "‘([^‘’]+)’",
    "„([^„“”]+)[“”]",
    "«([^«»]+)»",
)
QUOTED = rf"^\s*(?:{'|'.join(_PAIRS)})\s*$"
_FIRST = r"^\s*['\"“‘„«]"


def as_meant(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """What stands between the marks of ``="…"``; a doubled mark is one. Other text as it is."""
    bare = pc.replace_substring_regex(column, TRICK, r"\1")
    return pc.if_else(pc.equal(bare, column), column, pc.replace_substring(bare, '""', '"'))


def unmarked(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without the apostrophe before a number. Other text as it is."""
    return pc.replace_substring_regex(column, MARKED, r"\1")


def unquoted(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without quotation marks around all of a cell. Other text as it is."""
    if not pc.any(pc.match_substring_regex(column, _FIRST)).as_py():
        return column
    groups = "".join(rf"\{number}" for number in range(1, len(_PAIRS) + 1))
    return pc.replace_substring_regex(column, QUOTED, groups)
