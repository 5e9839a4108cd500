"""What operations are about: the groups and folders that are made, and groups that are let into folders, of which no line of the reconciliation tells."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.frames import equals, records
from provision.model import Kind, Status
from provision.operations.value import OF_GROUP, Change, about_nobody
from provision.report.kind_words import KIND_WORDS
from provision.report.sentences.notes import words_of
from provision.report.sentences.reasons import words
from provision.report.value import Reconciliation, no_operations

#: headings of ATTENTION below which they are told
_TOLD = (Status.FAILED.value, Status.IN_DOUBT.value, Status.SKIPPED.value, Status.HELD.value)


def ended_so(reconciliation: Reconciliation, group: str) -> pd.DataFrame:
    """Those below a heading of ATTENTION: OPERATION_COLUMNS, and as texts ``who``, ``reason`` and ``verdict``, as lines have them."""
    rows = reconciliation.operations
    if group not in _TOLD or not len(rows):
        return _none()
    ended = rows[equals(rows["outcome"], group)]
    rows = ended[of_nobody(ended)]
    if not len(rows):
        return _none()
    told = list(records(rows))
    return rows.assign(
        who=[doing(Kind(row["kind"]), row["subject"], row["object"]) for row in told],
        reason=[_became(reconciliation, row) for row in told],
        verdict=rows["kind"],
    )


@cache
def _none() -> pd.DataFrame:
    """No operation below a heading, made once: most headings have none."""
    return no_operations().assign(who="", reason="", verdict="")


def of_nobody(rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Of each operation, OPERATION_COLUMNS, whether it is about no person."""
    told = list(zip(rows["kind"].tolist(), rows["object"].tolist(), strict=True))
    found = {
        pair: about_nobody(Kind(pair[0]), pair[1]) for pair in {*told}
    }  # nearly all have one object, none
    return np.array([found[pair] for pair in told], bool)


def doing(kind: Kind, subject: str, about: str) -> str:
    """What is done, of an operation that is about no person: create the group Sales, give the group Sales access to /Clients."""
    folder = about.partition(OF_GROUP)[0]
    if kind is Kind.COLLABORATION_ADD:
        return f"give the group {subject} access to {folder}"
    if kind is Kind.COLLABORATION_REMOVE:
        return f"remove the access of the group {subject} to {folder}"
    return f"{KIND_WORDS[kind].infinitive} {subject}"


def whose(change: Change) -> str:
    """Whom an operation is about, and which group, address or folder, since somebody can have several of a kind."""
    return change.key if change.of_nobody or not change.object else f"{change.key} ({change.object})"


def _became(reconciliation: Reconciliation, operation: Mapping[Hashable, Any]) -> str:
    """Why it was wanted, and how it ended; a copy that was kept knows only why."""
    outcome = reconciliation.outcomes.get(operation["id"])
    parts = (words(operation["because"]), words_of(outcome) if outcome is not None else "")
    return "; ".join(part for part in parts if part)
