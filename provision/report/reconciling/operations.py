"""One line an operation, beside the reconciliation's one line a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter

import numpy as np
import pandas as pd
import pyarrow as pa

from provision.frames import of_arrow
from provision.journal.value import Outcome
from provision.plan.value import Plan
from provision.report.value import NUMBERS, OPERATION_COLUMNS, no_operations

#: columns that say what is planned, and those that say what became of it
_PLANNED = ("id", "kind", "subject", "object", "line", "box_id", "because")
_ENDED = ("outcome", "error_code", "http_status", "attempts", "request_id", "at")
_NOT_YET = ("", "", 0, 0, "", "")


def operations_of(plan: Plan, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """What is planned and what became of it, operation by operation, in the order of the plan; see :class:`Reconciliation`."""
    if not plan.changes:
        return no_operations()
    columns: dict[str, Sequence[str | int]] = {
        name: list(map(attrgetter(name), plan.changes)) for name in _PLANNED
    }
    outcome_of = [outcomes.get(str(name)) for name in columns["id"]]
    ends = zip(*(_NOT_YET if outcome is None else _end(outcome) for outcome in outcome_of), strict=True)
    columns |= zip(_ENDED, ends, strict=True)
    if outcomes:
        made = ("" if outcome is None else outcome.box_id for outcome in outcome_of)
        columns["box_id"] = [planned or new for planned, new in zip(columns["box_id"], made, strict=True)]
    return pd.DataFrame(
        {
            name: np.array(columns[name], np.int64)
            if name in NUMBERS
            else of_arrow(pa.array(columns[name], pa.large_string()))
            for name in OPERATION_COLUMNS
        }
    )


def _end(outcome: Outcome) -> tuple[str | int, ...]:
    answer = outcome.answer
    return (
        outcome.status.value, answer.code, answer.http_status, outcome.attempts, answer.request_id, outcome.at,
    )  # fmt: skip
