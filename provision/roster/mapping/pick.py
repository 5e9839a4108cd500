"""From the grid of a file to one raw text column a roster field."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.findings import Code
from provision.frames import holds, of_arrow
from provision.roster.cells.text_columns import BORNE, words_for_nothing
from provision.roster.files.grid import Grid, Mask
from provision.roster.mapping.fill import TEXT, filled_in
from provision.roster.mapping.mapping import Mapping
from provision.roster.mapping.target import Target
from provision.roster.mapping.tricks import MARKED_FIELDS, as_meant, unmarked, unquoted
from provision.roster.noticed import Noticed, noticed_where, summed_up


class Picked(NamedTuple):
    """One column a roster field that is read, dtype str, "" for empty; nothing normalised but templates filled in.

    ``partial``: for each field of a template which cells lack a part that may not be empty.
    """

    cells: pd.DataFrame
    noticed: list[Noticed]
    partial: dict[str, Mask]


def pick(grid: Grid, mapping: Mapping) -> Picked:
    """The raw cells of each field, templates filled in; what is written for a spreadsheet is read as it is meant."""
    table, tricks = _without_tricks(grid, mapping)
    columns, partial = {}, {}
    for target in mapping.targets:
        if target.plain:
            columns[target.field] = text_column(table.column(target.places[0]))
        else:
            columns[target.field], partial[target.field] = filled_in(table, target)
            tricks += _nothing_in_parts(table, target)
    return Picked(pd.DataFrame(columns, index=pd.RangeIndex(grid.cells.num_rows)), tricks, partial)


def _nothing_in_parts(table: pa.Table, target: Target) -> list[Noticed]:
    """Words for nothing in parts of a name or a key: one person may bear one, of several it is what a database wrote."""
    found: list[Noticed] = []
    for piece in target.pieces if target.field in BORNE else ():
        column = text_column(table.column(piece.place))
        nothing, _ = words_for_nothing(column)
        if nothing.sum() > 1:
            found += noticed_where(
                Code.NOTHING_IN_PART, target.field, nothing, tuple(column[nothing].unique().tolist())
            )
    return summed_up(found)


def _without_tricks(grid: Grid, mapping: Mapping) -> tuple[pa.Table, list[Noticed]]:
    """The cells, those that read ``="0012"`` as ``0012``: portals write them so that Excel keeps their zeros."""
    cells, noticed = grid.cells, []
    for target in mapping.targets:
        for place in target.places:
            column = grid.cells.column(place)
            meant = as_meant(column) if holds(column, "=") else column
            if target.field in MARKED_FIELDS and holds(column, "'"):
                meant = unmarked(meant)
            if meant is not column:
                noticed += noticed_where(Code.TEXT_FORMULA, target.field, _unlike(meant, column))
            bare = unquoted(meant) if target.field == "name" else meant
            if bare is not meant:
                noticed += noticed_where(Code.QUOTED_NAMES, target.field, _unlike(bare, meant))
            if bare is not column:
                cells = cells.set_column(place, str(place), bare)
    return cells, summed_up(noticed)


def _unlike(one: pa.ChunkedArray, other: pa.ChunkedArray) -> Mask:
    found: Mask = np.asarray(pc.not_equal(one, other))
    return found


def text_column(column: pa.ChunkedArray) -> pd.Series:
    """A column of Arrow text as a pandas column, dtype str."""
    text = column.cast(TEXT)
    return of_arrow(text.chunk(0) if text.num_chunks == 1 else text.combine_chunks())


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
