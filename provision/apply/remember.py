"""What a run teaches the ledger: who is owned now, who is gone, and who was absent how often."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pandas as pd

from provision.job.settings import Authority, Evidence
from provision.journal.value import Outcome
from provision.ledger.value import ABSENCE_COLUMNS, ACCOUNT_COLUMNS, Lessons, Memory
from provision.model import Kind, Status, Verdict
from provision.plan.lifecycle import Absence, streak
from provision.plan.value import Change, Plan

#: verdicts that say: this account and this row are one person, and it is ours to look after
_MATCHED = (
    Verdict.UNCHANGED, Verdict.CREATE, Verdict.UPDATE, Verdict.ACTIVATE, Verdict.DEACTIVATE, Verdict.DELETE,
)  # fmt: skip


def lessons(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory, evidence: Evidence) -> Lessons:
    """What this run adds to the memory; only what is new or different is in it."""
    done = [change for change in plan.changes if _done(outcomes.get(change.id))]
    return Lessons(
        accounts=_owned(plan, done, outcomes, memory),
        gone=tuple(change.box_id for change in done if change.kind is Kind.DELETE),
        absences=_absences(plan, done, memory, evidence) if plan.roster.authority == Authority.FULL else None,
        roster_sha256=plan.roster.sha256,
        roster_rows=plan.roster.rows,
        complete=plan.roster.authority == Authority.FULL,
    )


def _done(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.status is Status.DONE


def _owned(plan: Plan, done: list[Change], outcomes: Mapping[str, Outcome], memory: Memory) -> pd.DataFrame:
    """Accounts matched with a row or created by this run, where that is news, and those that left or came back."""
    table = plan.table
    matched = table[(table["line"] > 0) & table["verdict"].isin(_MATCHED) & (table["box_id"] != "")]
    matched = matched[["box_id", "kind", "external_id", "login"]]
    created = [
        (outcomes[change.id].box_id, change.user_kind.value, change.external_id, change.login)
        for change in done
        if change.kind is Kind.CREATE
    ]
    now = pd.concat([matched, pd.DataFrame(created, columns=matched.columns, dtype="str")], ignore_index=True)
    before = memory.accounts.set_index("box_id")
    now["left_at"] = before["left_at"].reindex(now["box_id"]).fillna("").to_numpy()
    now = pd.concat([now, _absent_leavers(done, now, memory)], ignore_index=True)[
        list(ACCOUNT_COLUMNS)
    ].astype("str")
    _mark_left(now, plan, done)
    deleted = [change.box_id for change in done if change.kind is Kind.DELETE]
    now = now[~now["box_id"].isin(deleted)]
    return now[_is_news(now, memory.accounts)].reset_index(drop=True)


def _absent_leavers(done: list[Change], now: pd.DataFrame, memory: Memory) -> pd.DataFrame:
    """Owned accounts without a row that this run did something to."""
    ids = {change.box_id for change in done} - set(now["box_id"])
    return memory.accounts[memory.accounts["box_id"].isin(ids)]


def _mark_left(now: pd.DataFrame, plan: Plan, done: list[Change]) -> None:
    left = [change.box_id for change in done if change.kind is Kind.DEACTIVATE and change.evidence]
    back = [change.box_id for change in done if change.kind is Kind.ACTIVATE]
    now.loc[now["box_id"].isin(left), "left_at"] = plan.as_of
    now.loc[now["box_id"].isin(back), "left_at"] = ""


def _is_news(now: pd.DataFrame, before: pd.DataFrame) -> pd.Series[bool]:
    known = pd.MultiIndex.from_frame(before[list(ACCOUNT_COLUMNS)])
    rows = pd.MultiIndex.from_frame(now[list(ACCOUNT_COLUMNS)])
    return pd.Series(~rows.isin(known), index=now.index)


def _absences(plan: Plan, done: list[Change], memory: Memory, evidence: Evidence) -> pd.DataFrame:
    """Owned accounts that this complete roster does not name, and how often in a row that was so."""
    table = plan.table
    deleted = [change.box_id for change in done if change.kind is Kind.DELETE]
    unnamed = (table["line"] == 0) & table["owned"] & (table["verdict"] != Verdict.PROTECTED)
    absent = table.loc[unnamed & ~table["box_id"].isin(deleted), "box_id"]
    earlier = memory.absences.set_index("box_id")
    as_of = datetime.fromisoformat(plan.as_of)
    rows = [_one_more(box_id, earlier, evidence, as_of) for box_id in absent.tolist()]
    frame = pd.DataFrame(rows, columns=list(ABSENCE_COLUMNS))
    return frame.astype({"missed_runs": np.int64})


def _one_more(
    box_id: str, earlier: pd.DataFrame, evidence: Evidence, as_of: datetime
) -> tuple[str, int, str, str]:
    stamp = as_of.isoformat()
    if box_id not in earlier.index:
        return (box_id, 1, stamp, stamp)
    found = earlier.loc[box_id]
    absence = Absence(int(str(found["missed_runs"])), str(found["first_missed"]), str(found["last_missed"]))
    missed = streak(absence, evidence, as_of)
    last = stamp if missed > absence.missed_runs else absence.last_missed
    return (box_id, missed, absence.first_missed, last)
