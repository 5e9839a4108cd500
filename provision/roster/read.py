"""From a file to a Roster: the one way through this room."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from provision.errors import RosterError
from provision.job.settings import RosterKind, RosterSettings
from provision.model import Action, UserKind
from provision.roster.assemble import assemble
from provision.roster.check import check, key_hashes
from provision.roster.find import Form, Source, locate
from provision.roster.finding import Finding, same, within
from provision.roster.grid import Grid
from provision.roster.mapping import Mapping, map_columns
from provision.roster.normalise import normalise
from provision.roster.number_keys import number_keys
from provision.roster.parquet import read_parquet
from provision.roster.pick import filled_rows, pick, text_column
from provision.roster.profile import Counted, profile_of
from provision.roster.text import read_text
from provision.roster.totals import declared_rows, without_totals
from provision.roster.value import FRAME_COLUMNS, Roster
from provision.roster.workbook import read_workbook


def read_roster(settings: RosterSettings, path: Path | None = None) -> Roster:
    """The roster file as a value: who ought to exist, which rows are bad and why.

    ``path`` overrides ``settings.path``, which may be a pattern (the newest match is taken). Raises RosterError for
    trouble with the file as a whole; a bad row never raises, it is in ``rejected`` with all its reasons in ``errors``.
    """
    source = locate(settings.path, path)
    grid = filled_rows(_grid(source, settings))
    mapping = map_columns(grid, settings, _where(source, grid))
    _refuse_empty(source, grid)
    declared = declared_rows(grid)
    grid = without_totals(grid, mapping, settings.kind)
    frame, findings = _canonical(grid, mapping, settings)
    whole = np.ones(len(frame), np.bool_)
    whole[[fault.row for fault in grid.faults]] = False
    keys = key_hashes(frame)
    found = within([*findings, *check(frame, settings.authority, keys)], whole)
    roster = assemble(source, grid, mapping, (frame, [*_faults(grid), *found]))
    counted = Counted(
        roster.valid, len(roster.rejected), _twice(found), keys, declared, settings.encoding or ""
    )
    return replace(roster, profile=profile_of(source, grid, mapping, frame, counted))


def _twice(findings: list[Finding]) -> int:
    """How many rows have a key that stands in another row too."""
    return len({row for finding in findings if finding.lasting for row in finding.rows})


def _grid(source: Source, settings: RosterSettings) -> Grid:
    match source.form:
        case Form.TEXT:
            return read_text(source, settings)
        case Form.WORKBOOK:
            return read_workbook(source, settings)
        case Form.PARQUET:
            return read_parquet(source)


def _where(source: Source, grid: Grid) -> str:
    sheet = f', sheet "{grid.sheet}"' if grid.sheet else ""
    return f"{source.name}{sheet} (header in row {grid.header_line})" if grid.header_line else source.name


def _refuse_empty(source: Source, grid: Grid) -> None:
    if not len(grid.lines):
        raise RosterError(
            f"{_where(source, grid)} has a header and not one row.",
            cause="the export found nobody, or was interrupted.",
            remedy="export the roster again; an empty roster is never taken as everybody having left.",
        )


def _canonical(grid: Grid, mapping: Mapping, settings: RosterSettings) -> tuple[pd.DataFrame, list[Finding]]:
    """All columns of the roster's frame in order, cells canonical, and what could not be understood."""
    cells, findings = normalise(pick(grid, mapping), mapping.headers)
    findings += _number_keys(grid, mapping)
    empty = pd.Series("", index=cells.index, dtype="str")
    columns = {field: cells.get(field, empty) for field in (*FRAME_COLUMNS[1:], *cells)}
    columns["kind"], wrong = _kinds(columns["kind"], settings.kind)
    columns["action"] = columns["action"].mask(columns["action"] == "", Action.UPSERT.value)
    return pd.DataFrame({"line": grid.lines, **columns}), [*findings, *wrong]


def _number_keys(grid: Grid, mapping: Mapping) -> list[Finding]:
    places = [place for target in mapping.read if target.field == "external_id" for place in target.places]
    return [
        finding
        for place in places
        if place in grid.numbers
        for finding in number_keys(text_column(grid.cells.column(place)), grid.numbers[place])
    ]


def _kinds(column: pd.Series, kind: RosterKind) -> tuple[pd.Series, list[Finding]]:
    """The kind of each row: the job's, or the roster's own column; a column that contradicts the job is an error."""
    if kind is RosterKind.COLUMN:
        return column, []
    other = column.isin(list(UserKind)) & (column != kind.value)
    reason = f"the job is for {kind.value} users (roster.kind); with kind: column the roster decides"
    filled = pd.Series(kind.value, index=column.index, dtype="str")
    return filled, same("kind", other, reason)


def _faults(grid: Grid) -> list[Finding]:
    return [Finding("", [fault.row], [fault.reason], not fault.keys_safe) for fault in grid.faults]
