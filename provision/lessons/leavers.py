"""What a run teaches about the ways of leavers: which stages they have behind them, and whom the roster named beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from provision.because import Because, led_by
from provision.frames import equals
from provision.journal.value import Outcome
from provision.ledger.progress import Progress, after_looks, progress_of, rows_of, walked_back
from provision.ledger.value import MANAGER_COLUMNS, STAGE_COLUMNS, Memory
from provision.model import CLEAR, PERSON_FIELDS, Kind, Status, Verdict
from provision.operations.registry import operation_of
from provision.plan.columns import positions, taken
from provision.plan.value import Plan

#: how the proof that is a status stands within a reason
_SAID = f";{Because.SAYS_INACTIVE.value};"


def stages_after(
    plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory, apart: timedelta | None
) -> pd.DataFrame | None:
    """The ledger's stages after a run (STAGE_COLUMNS), None if nothing of them changed.

    ``apart`` is how far apart two looks have to be to prove that content has moved; None leaves the plan's looks out.
    """
    progress_by_id = progress_of(memory)
    if apart is not None:
        progress_by_id = after_looks(progress_by_id, plan.looks, datetime.fromisoformat(plan.as_of), apart)
    for change in plan.changes:
        # a second half that a run did not come to is as one that it did not do
        left = Outcome(change.id, Status.NOT_ATTEMPTED) if change.completes else None
        outcome = outcomes.get(change.id) or left
        if outcome is not None and change.box_id:
            progress_by_id[change.box_id] = operation_of(change).teach(
                progress_by_id.get(change.box_id, Progress()), change, outcome, plan.as_of
            )
    for box_id in _said_gone(plan):
        progress = progress_by_id.get(box_id, Progress())
        if not progress.gone_at:
            progress_by_id[box_id] = replace(
                progress, gone_at=plan.as_of, gone_for=Because.SAYS_INACTIVE.value
            )
    for box_id in _back(plan):
        progress_by_id[box_id] = walked_back(progress_by_id.get(box_id, Progress()))
    rows = rows_of(progress_by_id)
    if rows.empty and memory.stages.empty:
        return None
    before = memory.stages[list(STAGE_COLUMNS)].sort_values(["box_id", "stage"], ignore_index=True)
    return None if rows.equals(before.astype("str")) else rows


def _said_gone(plan: Plan) -> list[str]:
    """Whose row says that they have left, and for whom a stage is due later: the time counts from the first such row."""
    because = plan.table["because"]
    at = led_by(because, [Because.HAS_LEFT])
    if not at.any():
        return []
    at &= because.str.contains(_SAID, regex=False)
    return plan.table.loc[at & because.str.contains(f";{Because.DUE.value}:", regex=False), "box_id"].tolist()


def _back(plan: Plan) -> list[str]:
    """Who is in the roster and stays, or is claimed by another job: another way out would begin from its beginning."""
    table = plan.table
    stays = led_by(table["because"], [Because.IN_STEP]) | (table["verdict"] == Verdict.UPDATE.value)
    stays &= ~led_by(table["because"], [Because.HAS_LEFT])
    stays &= table["line"] > 0
    stays |= table["verdict"] == Verdict.CLAIMED.value
    return table.loc[stays & (table["box_id"] != ""), "box_id"].tolist()


def _has_account(outcome: Outcome | None) -> bool:
    """Whether a create has made its account, also one that failed afterwards."""
    return outcome is not None and outcome.status in (Status.DONE, Status.FAILED) and outcome.box_id != ""


def with_made(plan: Plan, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """The verdict table of a plan with the accounts that were made."""
    table = plan.table
    made = {
        change.line: outcomes[change.id].box_id
        for change in plan.changes
        if change.kind is Kind.CREATE and _has_account(outcomes.get(change.id))
    }
    if not made:
        return table
    return table.assign(box_id=table["box_id"].mask(table["line"].isin(made), table["line"].map(made)))


def managers_named(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory) -> pd.DataFrame | None:
    """Whom this roster names beside accounts, where that is new or other than known; an empty cell says nothing.

    An account that this run made counts too: its row may never name anybody again.
    """
    table = with_made(plan, outcomes)
    silent = np.logical_and.reduce([equals(table[name], "") for name in PERSON_FIELDS])
    says = ~silent & ~equals(table["box_id"], "")
    says &= ~equals(table["verdict"], Verdict.HELD.value) & ~equals(table["verdict"], Verdict.REJECTED.value)
    if not says.any():
        return None
    told: pd.DataFrame = table[says]
    known = memory.managers
    at = positions(told["box_id"], known["box_id"])
    last = {name: taken(known[name], at).set_axis(told.index) for name in PERSON_FIELDS}
    now = {name: told[name].where(told[name] != "", last[name]).replace(CLEAR, "") for name in PERSON_FIELDS}
    other = pd.concat([now[name] != last[name] for name in PERSON_FIELDS], axis=1).any(axis=1)
    return told.assign(**now).loc[other, list(MANAGER_COLUMNS)].reset_index(drop=True)
