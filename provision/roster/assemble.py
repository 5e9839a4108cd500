"""Puts the parts together: valid rows, rejected rows with the keys that could be read, errors in the file's order."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from provision.batches import picked, sifted
from provision.because import Because, reason
from provision.findings import MOST, Code, Finding, Level
from provision.model import UserKind
from provision.roster.files.grid import Lines, Mask
from provision.roster.files.locate import Source
from provision.roster.finding import TOLD, RowFinding
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
        untold=_untold(understood, findings),
        mapped=tuple(target.field for target in mapping.targets),
        ignored=mapping.ignored,
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
        words = f"row {line}: a part of the name ({label}) is empty; the name in Box is kept; a new account gets the parts that are there"
        yield Finding(Code.HALF_NAME, Level.WARNING, words, do, row=line, column=label)
    if len(lines) > MOST:
        more = counted(len(lines) - MOST, "more row", "more rows")
        yield Finding(Code.HALF_NAME, Level.WARNING, f"the same holds for {more}", do)


def _errors(understood: Understood, lines: pd.Series, findings: Iterable[RowFinding]) -> tuple[RowError, ...]:
    """The first of each field. ``lines``: of the bad rows, by position."""
    order = {field: place for place, field in enumerate(columns_of(understood.mapping))}
    by_field: dict[str, list[tuple[int, str]]] = {}
    for finding in findings:
        first = heapq.nsmallest(TOLD, zip(finding.rows, finding.reasons, strict=True))
        by_field.setdefault(finding.field, []).extend(first)
    found = [
        (row, order.get(field, -1), reason, field)
        for field, each in by_field.items()
        for row, reason in heapq.nsmallest(TOLD, each)
    ]
    labels = {field: understood.mapping.label(field) for field in order}
    return tuple(
        RowError(int(lines[row]), labels.get(field, ""), field, reason, understood.sheet)
        for row, _, reason, field in sorted(found)
    )


def _untold(understood: Understood, findings: Iterable[RowFinding]) -> dict[tuple[str, str], int]:
    """How many errors of each column and field are not told one by one."""
    counts = Counter[str]()
    for finding in findings:
        counts[finding.field] += len(finding.rows)
    return {
        (understood.mapping.label(field), field): count - TOLD
        for field, count in counts.items()
        if count > TOLD
    }


def _rejected(understood: Understood, bad: Lines, findings: list[RowFinding]) -> pd.DataFrame:
    """REJECTED_COLUMNS of the bad rows, indexed by position; a key that may not be the person's own is ""."""
    if not len(bad):
        return no_rows()
    rejected = picked(understood.rows, bad, ["line", "external_id", "login", "name", "kind"]).set_index(bad)
    for key in (*_KEYS, "name"):
        rejected.loc[_unreadable(findings, key, understood.rows.rows)[bad], key] = ""
    rejected["kind"] = rejected["kind"].where(rejected["kind"].isin(list(UserKind)), "")
    reasons = _reasons(findings)
    # each text once: as a list of them, a million are there twice for a while
    codes, each = pd.factorize(np.array([reasons[row] for row in bad.tolist()], dtype=object))
    rejected["reason"] = pd.Series(pd.array(each, dtype="str").take(codes), rejected.index)
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


def _unreadable(findings: list[RowFinding], key: str, rows: int) -> Mask:
    found = np.zeros(rows, np.bool_)
    for finding in findings:
        if finding.unreadable and finding.field in (key, ""):
            found[list(finding.rows)] = True
    return found


def _reasons(findings: list[RowFinding]) -> dict[int, str]:
    """All reasons of each bad row, by its position."""
    reasons: dict[int, str] = {}
    joined: dict[tuple[str, str, str], str] = {}  # of a million rows with the same wrong, all have one text
    for finding in findings:
        for row, why in zip(finding.rows, finding.reasons, strict=True):
            told = (reasons.get(row, ""), finding.field, why)
            reasons[row] = joined.get(told) or joined.setdefault(told, _joined(*told))
    return reasons


def _joined(before: str, field: str, why: str) -> str:
    text = f"{field}: {why}" if field else why
    return f"{before}; {text}" if before else text
