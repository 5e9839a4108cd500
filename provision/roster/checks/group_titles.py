"""Rows that are the title of those below them, as *Sales department* above its people. They name nobody.

A row with a single cell may also be a person of whom everything else was lost, so only what is certain is left out: what stands in
the first column, where no person has anything like it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from provision.findings import Code, Finding, Level
from provision.job.settings import RosterKind
from provision.roster.files.grid import Grid, Mask
from provision.roster.mapping.mapping import Mapping
from provision.roster.mapping.pick import kept
from provision.wording import counted, plural

#: a title is no longer than this
_LONGEST = 80
#: rows that are named
_NAMED = 5


def without_titles(grid: Grid, mapping: Mapping, kind: RosterKind) -> Grid:
    """The grid without rows that are titles, which become one finding.

    In a column of external ids there have to be two, of words alone, and every id has a figure in it; in a column that is not read
    no person has a word. Of app users, whose id may be a word, none is left out.
    """
    logins, ids = mapping.places("login"), mapping.places("external_id")
    read = {place for target in mapping.targets for place in target.places}
    if kind is not RosterKind.MANAGED or not logins or (0 in read and ids != (0,)):
        return grid
    alone = _alone(grid, logins)
    if not alone.any() or alone.all():
        return grid
    others = pc.utf8_trim_whitespace(grid.cells.column(0).filter(pa.array(~alone)))
    said = pc.not_equal(others, "")
    if ids == (0,):
        words = pc.and_(said, pc.invert(pc.match_substring_regex(others, r"\d")))
        return _left_out(grid, alone) if alone.sum() > 1 and not pc.any(words).as_py() else grid
    return grid if pc.any(said).as_py() else _left_out(grid, alone)


def _alone(grid: Grid, logins: tuple[int, ...]) -> Mask:
    """Which rows have words in the first column, and nothing in any other."""
    found: Mask = np.zeros(len(grid.lines), np.bool_)
    at = np.flatnonzero(np.asarray(pc.equal(grid.cells.column(logins[0]), "")))  # few rows, of all there are
    for place, column in enumerate(grid.cells.columns):
        if not len(at):
            return found
        cells = pc.utf8_trim_whitespace(column.take(pa.array(at)))
        fits = pc.equal(cells, "")
        if place == 0:
            short = pc.less_equal(pc.utf8_length(cells), _LONGEST)
            fits = pc.and_(short, pc.match_substring_regex(cells, r"^[^\d@]*\pL[^\d@]*$"))
        at = at[np.asarray(fits)]
    found[at] = True
    return found


def _left_out(grid: Grid, titles: Mask) -> Grid:
    lines = grid.lines[titles].tolist()
    named = ", ".join(map(str, lines[:_NAMED])) + (" …" if len(lines) > _NAMED else "")
    rows = plural(len(lines), "row")
    words = f"{counted(len(lines), 'row')} with one cell alone ({rows} {named}), as a title above people; left out, since a title names nobody"
    told = Finding(Code.GROUP_TITLE, Level.NOTE, words, row=lines[0])
    return replace(kept(grid, ~titles), findings=(*grid.findings, told))
