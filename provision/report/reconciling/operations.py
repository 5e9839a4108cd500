"""One line an operation, beside the reconciliation's one line a person."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa

from provision.frames import of_arrow
from provision.journal.value import Outcome
from provision.operations.value import Change
from provision.plan.value import Plan
from provision.report.value import NUMBERS, OPERATION_COLUMNS, no_operations


def operations_of(plan: Plan, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """What is planned and what became of it, operation by operation, in the order of the plan; see :class:`Reconciliation`."""
    if not plan.changes:
        return no_operations()
    rows = [_row(change, outcomes.get(change.id)) for change in plan.changes]
    columns = zip(OPERATION_COLUMNS, zip(*rows, strict=True), strict=True)
    return pd.DataFrame(
        {
            name: np.array(cells, np.int64)
            if name in NUMBERS
            else of_arrow(pa.array(cells, pa.large_string()))
            for name, cells in columns
        }
    )


def _row(change: Change, outcome: Outcome | None) -> tuple[str | int, ...]:
    planned = (change.id, change.kind.value, change.subject, change.object, change.line)
    if outcome is None:
        return (*planned, change.box_id, change.because, "", "", 0, 0, "", "")
    answer, box_id = outcome.answer, change.box_id or outcome.box_id
    return (
        *planned, box_id, change.because, outcome.status.value, answer.code, answer.http_status, outcome.attempts,
        answer.request_id, outcome.at,
    )  # fmt: skip
