"""Puts the parts together: valid rows, rejected rows with the keys that could be read, errors in the file's order."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from provision.batches import Held
from provision.model import UserKind
from provision.roster.addresses import not_addresses
from provision.roster.canonical import ADMIN
from provision.roster.find import Source
from provision.roster.finding import Finding
from provision.roster.grid import Grid, Mask
from provision.roster.mapping import Mapping
from provision.roster.value import REJECTED_COLUMNS, Roster, RowError

_KEYS = ("external_id", "login")


def assemble(
    source: Source, grid: Grid, mapping: Mapping, checked: tuple[pd.DataFrame, list[Finding]]
) -> Roster:
    """The roster of canonical rows and findings; every row ends either in ``frame`` or in ``rejected``."""
    frame, findings = checked
    bad = np.zeros(len(frame), np.bool_)
    for finding in findings:
        bad[list(finding.rows)] = True
    errors = _errors(frame, findings, mapping, grid.sheet)
    return Roster(
        path=str(source.path),
        sha256=source.sha256,
        sheet=grid.sheet,
        rows=len(frame),
        valid=int((~bad).sum()),
        people=Held(frame[~bad].reset_index(drop=True) if bad.any() else frame),
        rejected=_rejected(frame, bad, findings, grid),
        errors=errors,
        mapped=tuple(target.field for target in mapping.read),
        ignored=mapping.ignored,
        later=mapping.later,
        notes=(*source.notes, *grid.notes, *mapping.notes, *_about(mapping, grid)),
    )


def _errors(
    frame: pd.DataFrame, findings: Iterable[Finding], mapping: Mapping, sheet: str
) -> tuple[RowError, ...]:
    lines = frame["line"].to_numpy()
    order = {field: place for place, field in enumerate(frame.columns)}
    found = [
        (row, order.get(finding.field, -1), reason, finding.field)
        for finding in findings
        for row, reason in zip(finding.rows, finding.reasons, strict=True)
    ]
    labels = {field: mapping.label(field) for field in order}
    return tuple(
        RowError(int(lines[row]), labels.get(field, ""), field, reason, sheet)
        for row, _, reason, field in sorted(found)
    )


def _rejected(frame: pd.DataFrame, bad: Mask, findings: list[Finding], grid: Grid) -> pd.DataFrame:
    """REJECTED_COLUMNS of the bad rows; a key that may not be the person's own is ""."""
    rejected = frame.loc[bad, ["line", "external_id", "login", "name", "kind"]].copy()
    for key in _KEYS:
        rejected.loc[rejected.index.isin(_unreadable(findings, key)), key] = ""
    shifted = _shifted(frame, grid)
    rejected.loc[rejected.index.isin(shifted), list(_KEYS)] = ""
    rejected["kind"] = rejected["kind"].where(rejected["kind"].isin(list(UserKind)), "")
    reasons = _reasons(findings)
    rejected["reason"] = pd.Series([reasons[row] for row in rejected.index], rejected.index, dtype="str")
    return rejected[list(REJECTED_COLUMNS)].reset_index(drop=True)


def _unreadable(findings: list[Finding], key: str) -> set[int]:
    return {
        row
        for finding in findings
        if finding.unreadable and finding.field in (key, "")
        for row in finding.rows
    }


def _shifted(frame: pd.DataFrame, grid: Grid) -> set[int]:
    """Rows too short whose login is no address: a cell is missing before it, so no key stands in its own column."""
    rows = [fault.row for fault in grid.faults if fault.keys_safe]
    wrong = not_addresses(frame["login"].iloc[rows])
    return {rows[place] for place in wrong}


def _reasons(findings: list[Finding]) -> dict[int, str]:
    """All reasons of each bad row, by its position."""
    reasons: dict[int, str] = {}
    for finding in findings:
        for row, reason in zip(finding.rows, finding.reasons, strict=True):
            text = f"{finding.field}: {reason}" if finding.field else reason
            reasons[row] = f"{reasons[row]}; {text}" if row in reasons else text
    return reasons


def _says_admin(mapping: Mapping, grid: Grid) -> bool:
    places = [place for target in mapping.read if target.field == "role" for place in target.places]
    cells = (pc.utf8_lower(pc.utf8_trim_whitespace(grid.cells.column(place))) for place in places)
    return any(pc.any(pc.equal(column, ADMIN)).as_py() for column in cells)


def _about(mapping: Mapping, grid: Grid) -> list[str]:
    """Notes on what the file lacks or how it was understood."""
    notes = []
    if not mapping.label("name"):
        notes.append("no column gives the name, so nobody new can be created from this roster")
    if _says_admin(mapping, grid):
        notes.append("the role admin can only be read: where a row says it, the role stays as it is")
    place = next((target.places[0] for target in mapping.read if target.field == "external_id"), None)
    if place in grid.numbers:
        notes.append(
            "the external ids of the workbook are stored as numbers; zeros in front of them would be lost"
        )
    return notes
