"""What every reader hands on: cells as text, with the line each row came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from provision.findings import Finding

#: whole numbers, one for each row
Lines = npt.NDArray[np.int64]
#: yes or no, one for each row
Mask = npt.NDArray[np.bool_]


#: what a cell of a workbook reads as whose formula failed, whichever way, and one whose formula was never calculated
FAILED, UNCALCULATED = "#VALUE!", "#UNCALCULATED!"


@dataclass(frozen=True, slots=True)
class RaggedRow:
    """A row whose cells do not fit the header. ``row`` is its position in the grid, from 0.

    ``keys_safe``: its cells stand in their own columns, so a key read from them is the person's own. ``cells`` are those of
    the file.
    """

    row: int
    reason: str
    keys_safe: bool
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """The table of a roster file below its header, nothing interpreted.

    ``cells``: an Arrow table, one row a row of the file, one text column a header, named "0", "1", … in the order of
    ``headers``, no nulls. ``lines``: the line or row of the file where each row starts. ``faults``: rows that do not
    fit the header. ``numbers``: for a workbook, which cells of a column are numbers rather than text. ``more``: the rows
    go on in another grid; what is at the end of the file is not here. ``guessed``: the encoding of a text, if that is not certain.
    ``findings`` say what was noticed of single rows and columns; file and sheet are added to them later. ``hidden`` and ``hidden_columns``:
    what the sheet does not show. ``merged``: for a column, a range of cells that the sheet shows as one. ``delimiter``: what stands
    between the cells of a text. ``above``: the rows over the header of a sheet.
    """

    headers: tuple[str, ...]
    header_line: int
    cells: pa.Table
    lines: Lines
    sheet: str = ""
    faults: tuple[RaggedRow, ...] = ()
    numbers: Mapping[int, Mask] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    guessed: str = ""
    hidden: Mask | None = None
    hidden_columns: frozenset[int] = frozenset()
    merged: Mapping[int, str] = field(default_factory=dict)
    delimiter: str = ""
    more: bool = False
    above: tuple[Sequence[str], ...] = ()


def table(columns: Sequence[pa.Array | pa.ChunkedArray]) -> pa.Table:
    """Columns of text as the table of a grid."""
    return pa.table({str(place): column for place, column in enumerate(columns)})


def in_one_piece(cells: pa.Table) -> pa.Table:
    """The table with each column in one piece; what a column takes is freed before the next one is put together."""
    columns = cells.columns
    for place, column in enumerate(columns):
        if column.num_chunks != 1:
            columns[place] = column.combine_chunks()
        cells = cells.drop_columns([str(place)])
    return table(columns)


def from_rows(rows: Sequence[Sequence[str]], width: int) -> pa.Table:
    """Rows of ``width`` cells each as the table of a grid."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in range(width))
    return table([pa.array(column, pa.large_string()) for column in columns])
