"""Operations that no line of the reconciliation tells of, as the groups and folders that are made, where they went wrong."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from provision.frames import equals, records
from provision.model import OF_NOBODY, Kind, Status
from provision.report.kind_words import KIND_WORDS
from provision.report.sentences.notes import words_of
from provision.report.sentences.reasons import words
from provision.report.value import Reconciliation

#: headings of ATTENTION below which they are told
_BAD = (Status.FAILED.value, Status.IN_DOUBT.value)


def ended_so(reconciliation: Reconciliation, group: str) -> pd.DataFrame:
    """Those below a heading of ATTENTION: OPERATION_COLUMNS, and as texts ``who``, ``reason`` and ``verdict``, as lines have them."""
    rows = reconciliation.operations
    if group not in _BAD or rows.empty:
        return rows.iloc[:0].assign(who="", reason="", verdict="")
    rows = rows[rows["kind"].isin(OF_NOBODY) & equals(rows["outcome"], group)]
    told = list(records(rows))
    return rows.assign(
        who=[f"{KIND_WORDS[Kind(row['kind'])].infinitive} {row['subject']}" for row in told],
        reason=[_became(reconciliation, row) for row in told],
        verdict=rows["kind"],
    )


def _became(reconciliation: Reconciliation, operation: Mapping[Hashable, Any]) -> str:
    """Why it was wanted, and how it ended; a copy that was kept knows only why."""
    outcome = reconciliation.outcomes.get(operation["id"])
    parts = (words(operation["because"]), words_of(outcome) if outcome is not None else "")
    return "; ".join(part for part in parts if part)
