"""From the grid of a file to one raw text column a roster field."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.findings import Code
from provision.frames import holds
from provision.roster.cells.text_columns import BORNE, NOTHING
from provision.roster.files.grid import Grid
from provision.roster.mapping.mapping import Mapping, Target
from provision.roster.noticed import Noticed, noticed_where, summed_up

#: a text as a formula, which a spreadsheet shows as it stands
TRICK = r'^\s*=\s*"((?:[^"]|"")*)"\s*$'
#: one type for all text, since joining columns of two kinds of string is not possible
_TEXT = pa.large_string()


class Picked(NamedTuple):
    """One column a roster field that is read, dtype str, "" for empty; nothing normalised but templates filled in."""

    cells: pd.DataFrame
    noticed: list[Noticed]


def pick(grid: Grid, mapping: Mapping) -> Picked:
    """The raw cells of each field, templates filled in; what is written for a spreadsheet is read as it is meant."""
    table, tricks = _without_tricks(grid, mapping)
    columns = {target.field: text_column(_column(table, target)) for target in mapping.read}
    return Picked(pd.DataFrame(columns, index=pd.RangeIndex(grid.cells.num_rows)), tricks)


def _without_tricks(grid: Grid, mapping: Mapping) -> tuple[pa.Table, list[Noticed]]:
    """The cells, those that read ``="0012"`` as ``0012``: portals write them so that Excel keeps their zeros."""
    cells, noticed = grid.cells, []
    for target in mapping.read:
        for place in target.places:
            column = grid.cells.column(place)
            tricks = pc.match_substring_regex(column, TRICK) if holds(column, "=") else None
            if tricks is not None and pc.any(tricks).as_py():
                noticed += noticed_where(Code.TEXT_FORMULA, target.field, np.asarray(tricks))
                cells = cells.set_column(place, str(place), _meant(column))
    return cells, summed_up(noticed)


def _meant(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """What stands between the marks of ``="…"``; a doubled mark is one."""
    bare = pc.replace_substring_regex(column, TRICK, r"\1")
    return pc.if_else(pc.equal(bare, column), column, pc.replace_substring(bare, '""', '"'))


def text_column(column: pa.ChunkedArray) -> pd.Series:
    """A column of Arrow text as a pandas column, dtype str."""
    text = column.cast(_TEXT)
    return pd.Series(pd.array(text.chunk(0) if text.num_chunks == 1 else text.combine_chunks(), dtype="str"))


def _column(cells: pa.Table, target: Target) -> pa.ChunkedArray:
    if len(target.parts) == 1:
        return cells.column(target.places[0])
    columns = {place: _part(cells.column(place), target.field) for place in target.places}
    parts = [columns[part] if isinstance(part, int) else pa.scalar(part, _TEXT) for part in target.parts]
    nothing = pa.scalar("", _TEXT)
    joined = pc.binary_join_element_wise(*parts, nothing)
    said = pc.binary_join_element_wise(*columns.values(), nothing)
    tidy = pc.utf8_trim_whitespace(pc.replace_substring_regex(joined, r"[ \t]{2,}", " "))
    return pc.if_else(pc.equal(said, nothing), nothing, tidy)


def _part(column: pa.ChunkedArray, field: str) -> pa.ChunkedArray:
    """One part of a template; a word for nothing is none, but where it may be part of a name or a key."""
    text = pc.utf8_trim_whitespace(column.cast(_TEXT))
    return text if field in BORNE else pc.replace_substring_regex(text, NOTHING, "")


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
        hidden=None if grid.hidden is None else grid.hidden[keep],
    )
