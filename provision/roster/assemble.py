"""Puts the parts together: valid rows, rejected rows with the keys that could be read, errors in the file's order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from provision.batches import picked, sifted
from provision.because import Because, reason
from provision.findings import MOST, Code, Finding, Level
from provision.model import UserKind
from provision.roster.files.grid import Lines
from provision.roster.files.locate import Source
from provision.roster.finding import RowFinding
from provision.roster.rows_of_grid import columns_of
from provision.roster.understand import Understood
from provision.roster.value import REJECTED_COLUMNS, Roster, RowError, no_rows
from provision.wording import counted

_KEYS = ("external_id", "login")


def assemble(source: Source, understood: Understood, findings: list[RowFinding]) -> Roster:
    """The roster of a file; every row ends in ``people`` or, if there is a finding on it, in ``rejected``, or in ``excluded``."""
    mapping = understood.mapping
    good = np.ones(understood.rows.rows, np.bool_)
    for finding in findings:
        good[list(finding.rows)] = False
    rejected = _rejected(understood, np.flatnonzero(~good), findings)
    left = understood.left.rows
    told = (*understood.told, *_half_names(understood, rejected["line"]))
    return Roster(
        path=source.place,
        sha256=source.sha256,
        sheet=understood.sheet,
        rows=len(good),
        valid=int((good & ~left).sum()),
        people=sifted(understood.rows, good & ~left),
        rejected=rejected.reset_index(drop=True),
        errors=_errors(understood, rejected["line"], findings),
        mapped=tuple(target.field for target in mapping.read),
        ignored=mapping.ignored,
        later=mapping.later,
        notes=(*source.notes, *understood.notes),
        findings=tuple(replace(each, file=source.name, sheet=understood.sheet) for each in told),
        addresses=understood.addresses,
        half_names=tuple(understood.half_names.tolist()),
        excluded=_excluded(understood, np.flatnonzero(left)),
    )


def _half_names(understood: Understood, bad: pd.Series) -> Iterator[Finding]:
    """A finding for each good row in which a part of the name is missing."""
    label, lines = understood.mapping.label("name"), understood.half_names
    lines = lines[~np.isin(lines, bad.to_numpy())]
    do = f"fill the part, or write {{…?}} in roster.columns for one that may be empty: {label}"
    for line in lines[:MOST].tolist():
        words = f"row {line}: a part of the name ({label}) is empty; the name in Box stays, somebody new gets what there is"
        yield Finding(Code.HALF_NAME, Level.WARNING, words, do, row=line, column=label)
    if len(lines) > MOST:
        more = counted(len(lines) - MOST, "more row", "more rows")
        yield Finding(Code.HALF_NAME, Level.WARNING, f"the same holds for {more}", do)


def _errors(understood: Understood, lines: pd.Series, findings: Iterable[RowFinding]) -> tuple[RowError, ...]:
    """``lines``: of the bad rows, by position."""
    line_of = lines.to_dict()
    order = {field: place for place, field in enumerate(columns_of(understood.mapping))}
    found = [
        (row, order.get(finding.field, -1), reason, finding.field)
        for finding in findings
        for row, reason in zip(finding.rows, finding.reasons, strict=True)
    ]
    labels = {field: understood.mapping.label(field) for field in order}
    return tuple(
        RowError(int(line_of[row]), labels.get(field, ""), field, reason, understood.sheet)
        for row, _, reason, field in sorted(found)
    )


def _rejected(understood: Understood, bad: Lines, findings: list[RowFinding]) -> pd.DataFrame:
    """REJECTED_COLUMNS of the bad rows, indexed by position; a key that may not be the person's own is ""."""
    if not len(bad):
        return no_rows()
    rejected = picked(understood.rows, bad, ["line", "external_id", "login", "name", "kind"]).set_index(bad)
    for key in (*_KEYS, "name"):
        rejected.loc[rejected.index.isin(_unreadable(findings, key)), key] = ""
    rejected["kind"] = rejected["kind"].where(rejected["kind"].isin(list(UserKind)), "")
    reasons = _reasons(findings)
    rejected["reason"] = pd.Series([reasons[row] for row in rejected.index], rejected.index, dtype="str")
    return rejected[list(REJECTED_COLUMNS)]


def _excluded(understood: Understood, left: Lines) -> pd.DataFrame:
    """REJECTED_COLUMNS of the rows that the job leaves out."""
    if not len(left):
        return no_rows()
    excluded = picked(understood.rows, left, list(REJECTED_COLUMNS[:-1]))
    by_condition = [
        reason(Because.EXCLUDED, key=each.key, column=each.header) for each in understood.mapping.conditions
    ]
    why = [by_condition[number] for number in understood.left.by[left].tolist()]
    return excluded.assign(reason=pd.Series(why, excluded.index, dtype="str"))


def _unreadable(findings: list[RowFinding], key: str) -> set[int]:
    return {
        row
        for finding in findings
        if finding.unreadable and finding.field in (key, "")
        for row in finding.rows
    }


def _reasons(findings: list[RowFinding]) -> dict[int, str]:
    """All reasons of each bad row, by its position."""
    reasons: dict[int, str] = {}
    for finding in findings:
        for row, why in zip(finding.rows, finding.reasons, strict=True):
            text = f"{finding.field}: {why}" if finding.field else why
            reasons[row] = f"{reasons[row]}; {text}" if row in reasons else text
    return reasons
