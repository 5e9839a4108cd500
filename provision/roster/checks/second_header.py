"""A header further down: two exports were put one after the other.

Below it the columns may stand in another order, so a file with such a row is not read on. If it is the very header of the
file, only the row itself is no person.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from provision.errors import RosterError
from provision.findings import Code, Finding, Level
from provision.job.settings import RosterSettings
from provision.roster.checks.footer import lines_above
from provision.roster.files.grid import Grid
from provision.roster.mapping.headers import header_words, squash
from provision.roster.mapping.mapping import Mapping, is_header
from provision.roster.mapping.pick import kept
from provision.wording import tidy

#: what every key of its kind has and no header: a look at the others is enough
_IN_KEYS = {
    "login": partial(pc.match_substring, pattern="@"),
    "external_id": partial(pc.match_substring_regex, pattern="[0-9]"),
}

_FIGURE = re.compile(r"[\d@]")


def without_headers(grid: Grid, mapping: Mapping, settings: RosterSettings, where: str) -> Grid:
    """The grid without rows that repeat its header, and lines of a page above these; each of them becomes a finding.

    ``where`` names file and header row. Raises RosterError for a row that is another header.
    """
    rows = [(row, cells) for row, cells in _candidates(grid, mapping) if is_header(cells, settings)]
    for row, cells in [*rows, *_in_other_words(grid, mapping)]:
        if _folded(cells) != _folded(grid.headers):
            raise _other_header(where, int(grid.lines[row]))
    if not rows:
        return grid
    found = {row: _repeated(int(grid.lines[row])) for row, _ in rows}
    for row, _ in rows:
        found |= lines_above(grid, mapping, settings.kind, row)
    keep = np.ones(len(grid.lines), np.bool_)
    keep[[*found]] = False
    told = (found[row] for row in sorted(found))
    return replace(kept(grid, keep), findings=(*grid.findings, *told))


def _candidates(grid: Grid, mapping: Mapping) -> list[tuple[int, list[str]]]:
    """Rows, with their cells, that have the word of a header where the key of a person stands, or do not fit the header."""
    place, reads_like_key = _key(mapping)
    keys = grid.cells.column(place)
    rows = np.flatnonzero(pc.invert(reads_like_key(keys)).to_numpy())
    texts = keys.take(pa.array(rows)).to_pylist()
    words = header_words() | {squash(header) for header in grid.headers}
    meant = {text for text in dict.fromkeys(texts) if text and squash(text) in words}
    found = {
        int(row): [str(column[int(row)].as_py()) for column in grid.cells.columns]
        for row, text in zip(rows, texts, strict=True)
        if text in meant
    }
    unfit = {
        fault.row: list(fault.cells) for fault in grid.faults if not any("@" in cell for cell in fault.cells)
    }
    return sorted((found | unfit).items())


def _in_other_words(grid: Grid, mapping: Mapping) -> list[tuple[int, list[str]]]:
    """Rows, with their cells, that can only be a header, though nobody knows its words: words where address and dates stand.

    The first row below the header may be hints (``Required``, ``Text``), and a header has no word twice, nor a figure.
    """
    places = {target.field: target.places[0] for target in mapping.targets if len(target.places) == 1}
    if not {"login", "start_date", "end_date"} <= {*places}:
        return []
    worded = pc.invert(pc.match_substring(grid.cells.column(places["login"]), pattern="@"))
    for field in ("login", "start_date", "end_date"):
        column = grid.cells.column(places[field])
        worded = pc.and_(worded, pc.match_substring_regex(column, r"^\D*\pL\D*$"))
    found = []
    for row in np.flatnonzero(worded.to_numpy()).tolist():
        cells = [str(column[row].as_py()) for column in grid.cells.columns]
        filled = [cell for cell in _folded(cells) if cell]
        if row and len({*filled}) == len(filled) and not any(map(_FIGURE.search, filled)):
            found.append((row, cells))
    return found


def _key(mapping: Mapping) -> tuple[int, Callable[[pa.ChunkedArray], pa.ChunkedArray]]:
    """Where the keys stand, and what tells which cells read like one."""
    places = {target.field: target.places[0] for target in mapping.targets if target.field in _IN_KEYS}
    field = "login" if "login" in places else "external_id"
    return places[field], _IN_KEYS[field]


def _folded(cells: Sequence[str]) -> list[str]:
    folded = [tidy(cell).casefold() for cell in cells]
    while folded and not folded[-1]:
        folded.pop()
    return folded


def _other_header(where: str, line: int) -> RosterError:
    return RosterError(
        f"{where}: row {line} is a second header, and its columns are not those of the first or stand in another order.",
        cause="two exports were put one after the other.",
        remedy="export everybody in one file, or name each file in roster.sources.",
    )


def _repeated(line: int) -> Finding:
    return Finding(
        Code.HEADER_REPEATED,
        Level.NOTE,
        "the header once more, not a person; it is left out",
        row=line,
    )
