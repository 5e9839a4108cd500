"""What is wrong with cells of a frame, found a whole column at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from provision.roster.files.grid import Lines, Mask

#: rows with something wrong in a field that are told one by one, with what stands there; of more it is said what is wrong
TOLD = 10_000


@dataclass(frozen=True, slots=True)
class RowFinding:
    """Some rows with something wrong in one field.

    ``rows``: positions in the frame, from 0. ``field``: the roster field, "" for the row as a whole. ``reasons``: one
    sentence for each row. ``unreadable``: the cell is a key, and what stands there cannot be trusted to be it.
    """

    field: str
    rows: Sequence[int]
    reasons: Sequence[str]
    unreadable: bool = False


def rows_in(findings: Iterable[RowFinding]) -> Lines:
    """The rows of findings, each once, in order."""
    each = [np.asarray(finding.rows, np.int64) for finding in findings]
    return np.unique(np.concatenate(each)) if each else np.empty(0, np.int64)


def worded(rows: Sequence[int], words: Callable[[int], str], others: Sequence[str]) -> list[str]:
    """A sentence for each row: ``words`` of the place in ``rows`` for the first, of the ``others`` the one in its place."""
    return [*map(words, range(min(TOLD, len(rows)))), *others[TOLD:]]


def same(field: str, mask: Mask | pd.Series, reason: str, *, unreadable: bool = False) -> list[RowFinding]:
    """One finding with one reason for all rows that the mask marks; none if it marks none."""
    rows = np.flatnonzero(np.asarray(mask)).tolist()
    return [RowFinding(field, rows, [reason] * len(rows), unreadable)] if rows else []


def moved(finding: RowFinding, by: int) -> RowFinding:
    """The finding on rows that so many others go before."""
    return replace(finding, rows=[row + by for row in finding.rows]) if by else finding


def within(findings: list[RowFinding], whole: Mask) -> list[RowFinding]:
    """The findings on rows that the mask marks."""
    if whole.all():
        return findings
    kept: list[RowFinding] = []
    for finding in findings:
        pairs = [
            (row, reason) for row, reason in zip(finding.rows, finding.reasons, strict=True) if whole[row]
        ]
        if len(pairs) == len(finding.rows):
            kept.append(finding)
        elif pairs:
            rows, reasons = zip(*pairs, strict=True)
            kept.append(RowFinding(finding.field, rows, reasons, finding.unreadable))
    return kept


def told_of_readable(doubles: Iterable[RowFinding], findings: Iterable[RowFinding]) -> list[RowFinding]:
    """What is wrong with keys beside others, without the cells that are no keys anyway: formulas, rounded numbers."""
    spoilt: dict[str, set[int]] = {}
    for finding in findings:
        if finding.unreadable:
            spoilt.setdefault(finding.field, set()).update(finding.rows)
    kept: list[RowFinding] = []
    for finding in doubles:
        out = spoilt.get(finding.field)
        pairs = [
            each for each in zip(finding.rows, finding.reasons, strict=True) if not out or each[0] not in out
        ]
        if len(pairs) == len(finding.rows):
            kept.append(finding)
        elif pairs:
            rows, reasons = zip(*pairs, strict=True)
            kept.append(replace(finding, rows=rows, reasons=reasons))
    return kept
