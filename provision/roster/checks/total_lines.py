"""The line at the end of a report that sums it up: no person, and not read as one.

It is left out only where no doubt is possible. A line that merely reads like one stays a row, which its missing key
makes a rejected one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from provision.job.settings import RosterKind
from provision.roster.files.grid import Grid
from provision.roster.mapping.mapping import Mapping
from provision.roster.mapping.pick import kept

_WORD = re.compile(
    r"(?:(?:grand|sub)[\s-]?)?(?:totals?|sum)(?:\s+(?:employees|users|persons|people|rows|count|headcount))?"
    r"|rows?|records|row\s+count|count|trailer|trl"
    r"|total\s+g[ée]n[ée]ral|somme|(?:gesamt|end)?summe|gesamt",
    re.IGNORECASE,
)
_BEHIND = re.compile(r"[\s:=()|;]*[\d.,'\s]*\)?\s*$")
_LONGEST = 60
_DECLARES = re.compile(
    r"(?:trailer|trl|(?:(?:grand\s+)?total\s+)?(?:rows?|employees|users|persons|people|records)(?:\s+count)?"
    r"|row\s+count|(?:total\s+)?(?:head)?count)[\s:=|;,]*(\d{1,3}(?:[.,']\d{3})+|\d+)\s*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[\d.,'\s]*")


def reads_like_totals(cell: str) -> bool:
    """Whether a cell is the word in front of a sum, as ``Total``, ``Grand total: 128`` or ``Summe``."""
    return len(cell) <= _LONGEST and _WORD.fullmatch(_BEHIND.sub("", cell).strip()) is not None


def are_totals(cells: Iterable[str]) -> bool:
    """Whether cells are the word in front of a sum and numbers, and nothing else."""
    filled = [cell for cell in cells if cell.strip()]
    return any(map(reads_like_totals, filled)) and all(
        reads_like_totals(cell) or _NUMBER.fullmatch(cell) for cell in filled
    )


def declared_rows(grid: Grid) -> int | None:
    """How many rows the last line of a file says there are, as ``TRAILER|123`` or ``Total rows: 123``; None if it does not.

    A mere ``Total: 123`` may be the sum of anything, so it says nothing about rows.
    """
    if not len(grid.lines):
        return None
    last = len(grid.lines) - 1
    text = " ".join(str(column[last].as_py()).strip() for column in grid.cells.columns).strip()
    found = _DECLARES.fullmatch(text) if len(text) <= _LONGEST else None
    return int(re.sub(r"\D", "", found[1])) if found else None


def without_totals(grid: Grid, mapping: Mapping, kind: RosterKind) -> Grid:
    """The grid without a last row that only sums it up, which becomes a note.

    A client's id may be the word itself, so what stands below the external id of an app user never counts as one.
    """
    if len(grid.lines) < 2:
        return grid
    last = len(grid.lines) - 1
    cells = [column[last].as_py() for column in grid.cells.columns]
    if not are_totals(cells) or (kind is not RosterKind.MANAGED and _has_key(cells, mapping)):
        return grid
    rest = kept(grid, np.arange(len(grid.lines)) < last)
    return replace(
        rest, notes=(*grid.notes, f"row {grid.lines[last]} is a line of totals, not a person; it is left out")
    )


def _has_key(cells: Sequence[str], mapping: Mapping) -> bool:
    return any(
        cells[place].strip()
        for target in mapping.read
        if target.field == "external_id"
        for place in target.places
    )
