"""From the grid of a file to one raw text column a roster field."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.roster.files.grid import Grid
from provision.roster.mapping.mapping import Mapping, Target

#: one type for all text, since joining columns of two kinds of string is not possible
_TEXT = pa.large_string()


def pick(grid: Grid, mapping: Mapping) -> pd.DataFrame:
    """One column a roster field that is read, dtype str, "" for empty, nothing normalised but templates filled in."""
    columns = {target.field: text_column(_column(grid.cells, target)) for target in mapping.read}
    return pd.DataFrame(columns, index=pd.RangeIndex(grid.cells.num_rows))


def text_column(column: pa.ChunkedArray) -> pd.Series:
    """A column of Arrow text as a pandas column, dtype str."""
    text = column.cast(_TEXT)
    return pd.Series(pd.array(text.chunk(0) if text.num_chunks == 1 else text.combine_chunks(), dtype="str"))


def _column(cells: pa.Table, target: Target) -> pa.ChunkedArray:
    if len(target.parts) == 1:
        return cells.column(target.places[0])
    columns = {place: pc.utf8_trim_whitespace(cells.column(place).cast(_TEXT)) for place in target.places}
    parts = [columns[part] if isinstance(part, int) else pa.scalar(part, _TEXT) for part in target.parts]
    nothing = pa.scalar("", _TEXT)
    joined = pc.binary_join_element_wise(*parts, nothing)
    said = pc.binary_join_element_wise(*columns.values(), nothing)
    tidy = pc.utf8_trim_whitespace(pc.replace_substring_regex(joined, r"[ \t]{2,}", " "))
    return pc.if_else(pc.equal(said, nothing), nothing, tidy)


def filled_rows(grid: Grid) -> Grid:
    """The grid without its blank rows: those in which every cell is empty or blanks. Rows with a fault stay."""
    blank = np.ones(len(grid.lines), np.bool_)
    blank[[fault.row for fault in grid.faults]] = False
    for column in grid.cells.columns:
        places = np.flatnonzero(blank)
        if not len(places):
            return grid
        cells = column if len(places) == len(blank) else column.take(pa.array(places))
        blank[places] = _empty(cells)
    return kept(grid, ~blank) if blank.any() else grid


def _empty(cells: pa.ChunkedArray) -> np.ndarray:
    empty: np.ndarray = pc.equal(pc.utf8_trim_whitespace(cells), "").to_numpy()
    return empty


def kept(grid: Grid, keep: np.ndarray) -> Grid:
    """The rows of a grid that the mask marks, with their faults."""
    places = np.cumsum(keep) - 1
    return replace(
        grid,
        cells=grid.cells.filter(pa.array(keep)),
        lines=grid.lines[keep],
        faults=tuple(replace(fault, row=int(places[fault.row])) for fault in grid.faults if keep[fault.row]),
        numbers={place: mask[keep] for place, mask in grid.numbers.items()},
    )
