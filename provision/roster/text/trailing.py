"""Rows that all have more cells than the header: each ends in delimiters, and the header does not."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from provision.errors import RosterError
from provision.findings import Code, Finding, Level
from provision.roster.files.grid import Grid, table

TRAILING = Finding(
    Code.TRAILING_DELIMITER,
    Level.NOTE,
    "each row ends in a delimiter and the header does not; the empty cell behind it is left out",
)

HEADER_TRAILING = Finding(
    Code.TRAILING_DELIMITER,
    Level.NOTE,
    "the header ends in a delimiter and no row does; the column without a header is left out",
)


def without_last_columns(grid: Grid, more: int, name: str) -> Grid:
    """The grid without its last columns, so many, which have no header. Raises RosterError where they may hold something."""
    columns, last = grid.cells.columns[:-more], grid.cells.columns[-more:]
    if not all(map(_is_blank, last)) or _split(columns):
        raise RosterError(
            f"{name}: each row has {len(columns) + more} cells, and the header has {len(columns)}.",
            cause="a column has no header, or a cell with a delimiter in it, as a name, is not in quotation marks.",
            remedy="give each column a header and put such cells into quotation marks, or export a workbook.",
        )
    return replace(
        grid, headers=grid.headers[:-more], cells=table(columns), findings=(*grid.findings, TRAILING)
    )


def _is_blank(column: pa.ChunkedArray) -> bool:
    return bool(pc.all(pc.equal(pc.utf8_trim_whitespace(column), "")).as_py())


def _split(columns: list[pa.ChunkedArray]) -> bool:
    """Whether one column begins with a blank in each row and others do not: the second half of cells that were split."""
    blanks = [pc.all(pc.starts_with(column, " ")).as_py() for column in columns[1:]]
    return any(blanks) and not all(blanks)
