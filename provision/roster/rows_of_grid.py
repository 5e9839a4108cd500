"""One grid to canonical rows, and what is wrong with each of them by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from provision.findings import Code, Finding
from provision.frames import all_of, equals
from provision.hashes import Hashes
from provision.job.settings import RosterKind, RosterSettings
from provision.model import Action, UserKind
from provision.roster.cells.dates import Orders
from provision.roster.cells.emails import not_addresses
from provision.roster.cells.normalise import Normalised, normalise
from provision.roster.checks.check import check, key_hashes
from provision.roster.checks.footer import Footer, without_footer
from provision.roster.checks.group_titles import without_titles
from provision.roster.checks.leaving_rows import without_idle
from provision.roster.checks.left_out_rows import without_left_out
from provision.roster.checks.looks import looks
from provision.roster.checks.number_keys import number_keys, shown_as_numbers
from provision.roster.files.grid import Grid, Lines, Mask
from provision.roster.finding import RowFinding, same, within
from provision.roster.mapping.conditions import LeftOut, left_out
from provision.roster.mapping.mapping import Mapping
from provision.roster.mapping.pick import pick, text_column
from provision.roster.noticed import Noticed
from provision.roster.profile.counts import RowCounts, tally
from provision.roster.profile.profile import lowest
from provision.roster.value import FRAME_COLUMNS


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What is known of some rows apart from their cells.

    ``findings`` are on positions in these rows. ``orders``: what their dates and all before prove of day and month.
    ``notes`` say how the grid was read, ``about`` what the rows lack or how they are understood. ``declared``: number of
    rows that the last line of the file says, None if it says none or is not here. ``guessed`` is the grid's. ``told`` is what somebody should know
    of these rows, without file and sheet, ``noticed`` what is counted, with lines. ``half_names``: the lines in which a part of the
    name is empty that may not be. ``left``: which rows the job leaves out; there are no ``findings`` on them.
    """

    findings: list[RowFinding]
    orders: Orders
    tally: RowCounts
    left: LeftOut
    notes: tuple[str, ...]
    about: tuple[str, ...]
    declared: int | None
    guessed: str = ""
    told: tuple[Finding, ...] = ()
    noticed: tuple[Noticed, ...] = ()
    half_names: Lines = field(default_factory=lambda: np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Rows that were read together: ``frame`` as in :func:`provision.roster.checks.check.check`, and facts.

    ``keys``: their ``key_hashes``, of the names only the lowest, of which a sketch is made.
    """

    frame: pd.DataFrame
    keys: dict[str, Hashes]
    facts: RowFacts


def part_of(
    grid: Grid, mapping: Mapping, settings: RosterSettings, seen: Orders, today: str = ""
) -> RowBlock:
    """The rows of a grid. ``seen``: what dates elsewhere in the file prove of the order of day and month.

    ``today`` as in :func:`provision.roster.checks.leaving_rows.without_idle`.
    """
    footer = Footer(grid) if grid.more else without_footer(grid, mapping, settings.kind)
    grid = without_titles(footer.grid, mapping, settings.kind)
    picked = pick(grid, mapping)
    frame, normalised = _canonical(
        grid, mapping, settings, normalise(picked.cells, mapping.headers, seen, settings.words)
    )
    whole = np.ones(len(frame), np.bool_)
    whole[[fault.row for fault in grid.faults]] = False
    halves = _half_keys(picked.partial, mapping)
    findings = within([*normalised.findings, *halves, *check(frame, settings.authority)], whole)
    findings = without_idle(findings, frame, today)
    counted = tally(frame, [target.field for target in mapping.targets])
    left, untold = left_out(grid, mapping.conditions)
    faults = without_left_out([*_faults(grid, frame), *untold, *findings], frame, left.rows)
    noticed = tuple(
        replace(each, first=int(grid.lines[each.first])) for each in (*picked.noticed, *normalised.noticed)
    )
    about = tuple(_about(mapping, grid, noticed, frame["external_id"]))
    facts = RowFacts(
        faults,
        normalised.orders,
        counted,
        left,
        grid.notes,
        about,
        footer.declared,
        grid.guessed,
        (*grid.findings, *looks(grid, mapping)),
        noticed,
        grid.lines[picked.partial["name"] & ~left.rows] if "name" in picked.partial else grid.lines[:0],
    )
    keys = key_hashes(frame)
    return RowBlock(frame, {**keys, "name": lowest(keys["name"])}, facts)


def columns_of(mapping: Mapping) -> tuple[str, ...]:
    """The columns of a frame in order: FRAME_COLUMNS, then the other fields that are mapped."""
    return tuple(dict.fromkeys((*FRAME_COLUMNS, *(target.field for target in mapping.targets))))


def _canonical(
    grid: Grid, mapping: Mapping, settings: RosterSettings, read: Normalised
) -> tuple[pd.DataFrame, Normalised]:
    """All columns in order, and what could not be understood of them."""
    cells = read.cells
    empty = all_of("", len(cells))
    columns = {field: cells.get(field, empty) for field in columns_of(mapping)[1:]}
    columns["kind"], wrong = _kinds(columns["kind"], settings.kind)
    columns["action"] = _actions(columns["action"])
    frame = pd.DataFrame({"line": grid.lines, **columns}, copy=False)
    return frame, read._replace(findings=[*read.findings, *_number_keys(grid, mapping), *wrong])


def _half_keys(partial: dict[str, Mask], mapping: Mapping) -> list[RowFinding]:
    """A key of which a part is missing may be anybody's."""
    keys = [field for field in ("external_id", "login") if field in partial]
    return [
        finding
        for key in keys
        for finding in same(
            key, partial[key], f"a part of {mapping.label(key)} is empty, so it is no key", unreadable=True
        )
    ]


def _number_keys(grid: Grid, mapping: Mapping) -> list[RowFinding]:
    return [
        finding
        for place in mapping.places("external_id")
        if place in grid.numbers
        for finding in number_keys(text_column(grid.cells.column(place)), grid.numbers[place])
    ]


def _kinds(column: pd.Series, kind: RosterKind) -> tuple[pd.Series, list[RowFinding]]:
    """The kind of each row: the job's, or the roster's own column; a column that contradicts the job is an error."""
    if kind is RosterKind.COLUMN:
        return column, []
    filled = all_of(kind.value, len(column))
    if equals(column, "").all():
        return filled, []
    other = column.isin(list(UserKind)) & (column != kind.value)
    reason = f"the job is for {kind.value} users (roster.kind); with kind: column the roster decides"
    return filled, same("kind", other, reason)


def _actions(column: pd.Series) -> pd.Series:
    """What each row asks for; who asks for nothing is to be as the row says."""
    unsaid = equals(column, "")
    return (
        all_of(Action.UPSERT.value, len(column)) if unsaid.all() else column.mask(unsaid, Action.UPSERT.value)
    )


def _faults(grid: Grid, frame: pd.DataFrame) -> list[RowFinding]:
    """The rows that do not fit the header. No key is read where a cell before it may be missing: the login is no address."""
    logins = frame["login"].iloc[[fault.row for fault in grid.faults]]
    shifted = not_addresses(logins)
    return [
        RowFinding("", [fault.row], [fault.reason], unreadable=not fault.keys_safe or place in shifted)
        for place, fault in enumerate(grid.faults)
    ]


def _about(mapping: Mapping, grid: Grid, noticed: Iterable[Noticed], ids: pd.Series) -> list[str]:
    """Notes on what the file lacks or how it was understood."""
    notes = []
    if not mapping.label("name"):
        notes.append("no column gives the name, so nobody new can be created from this roster")
    if any(each.code is Code.ROLE_ADMIN for each in noticed):
        notes.append("the role admin can only be read: where a row says it, the role stays as it is")
    if next(iter(mapping.places("external_id")), None) in grid.numbers:
        notes.append(
            "the external ids of the workbook are stored as numbers; zeros in front of them would be lost"
        )
    if shown_as_numbers(ids):
        notes.append(
            "external ids are written as a spreadsheet shows numbers (1006.0 or 1,006); if they stand otherwise elsewhere, export the column as text "
            "before they are remembered"
        )
    return notes
