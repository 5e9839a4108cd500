"""Text that is written as a formula, so that a spreadsheet shows it as it stands."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

#: ``="0012"``: portals write ids so that Excel keeps their zeros
TRICK = r'^\s*=\s*"((?:[^"]|"")*)"\s*$'


def as_meant(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """What stands between the marks of ``="…"``; a doubled mark is one. Other text as it is."""
    bare = pc.replace_substring_regex(column, TRICK, r"\1")
    return pc.if_else(pc.equal(bare, column), column, pc.replace_substring(bare, '""', '"'))
