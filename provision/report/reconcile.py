"""Planned × happened × now: one line for everybody, and the proof that nobody is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from provision.errors import OurFault
from provision.journal.value import Outcome
from provision.model import Status, Verdict
from provision.plan.columns import positions
from provision.plan.value import Change, GuardVerdict, Plan
from provision.report import fresh_listing as listing
from provision.report.balance import balance, statement
from provision.report.reasons import noted, words_of
from provision.report.value import COLUMNS, NEEDS_A_PERSON, OPERATIONS, Finding, Found, Mode, Reconciliation

_PLANNED = ("line", "external_id", "login", "name", "kind", "box_id", "verdict", "because", "changes")


def reconcile(
    plan: Plan, outcomes: Mapping[str, Outcome], now: pd.DataFrame | None, *, mode: Mode | None = None
) -> Reconciliation:
    """Join the plan, what became of its operations, and a fresh listing of Box.

    ``outcomes`` are by change id; an operation without one was not attempted. ``now`` has the shape told in
    :mod:`provision.report.fresh_listing`, None without a listing. ``mode`` follows from these two unless given: a run that
    ended before its first operation is ``applied``, not a preview. An operation called done that ``now`` does not
    show becomes in doubt.

    Raises:
        OurFault: the outcome does not balance, or belongs to another plan.
    """
    mode = mode or _mode(outcomes, now)
    doubts = listing.not_shown(plan.changes, outcomes, _sound(now)) if now is not None else {}
    told = _held(plan) if mode is Mode.PREVIEW else _corrected(outcomes, doubts)
    lines = _with_approvers(_lines(plan, told, mode), plan)
    if now is None:
        return _reconciliation(plan, lines, mode, (), None)
    table = listing.with_new_accounts(lines.table, now)
    found = listing.findings(table, doubts, now, plan.table)
    in_scope = now["box_id"][now["in_scope"].astype(bool)]
    return _reconciliation(plan, replace(lines, table=table), mode, found, in_scope)


def unconfirmed(plan: Plan, outcomes: Mapping[str, Outcome], now: pd.DataFrame) -> list[Change]:
    """The operations called done that ``now`` does not prove: read these accounts singly before reconciling."""
    doubts = listing.not_shown(plan.changes, outcomes, _sound(now))
    return [change for change in plan.changes if change.id in doubts]


def proven(outcomes: Mapping[str, Outcome], reconciliation: Reconciliation) -> dict[str, Outcome]:
    """The outcomes, without those called done that the reconciliation's listing contradicts: nothing untrue is learned."""
    said = reconciliation.table["outcome"]
    doubted = {change.id for at, change in reconciliation.changes.items() if said.iat[at] != Status.DONE}
    return {
        name: outcome
        for name, outcome in outcomes.items()
        if name not in doubted or outcome.status is not Status.DONE
    }


@dataclass(frozen=True, slots=True)
class _Lines:
    """The table so far, and at which position of it each change of the plan has its line."""

    table: pd.DataFrame
    at: Sequence[int]


def _mode(outcomes: Mapping[str, Outcome], now: pd.DataFrame | None) -> Mode:
    if now is not None:
        return Mode.VERIFIED
    return Mode.APPLIED if outcomes else Mode.PREVIEW


def _sound(now: pd.DataFrame) -> pd.DataFrame:
    if now["box_id"].duplicated().any():
        raise OurFault("The fresh listing names an account twice; nothing can be reconciled with it.")
    return now


def _held(plan: Plan) -> dict[str, Outcome]:
    """What a preview knows of outcomes: which operations will wait for a person."""
    return {name: Outcome(name, Status.HELD, note=why) for name, why in plan.holds.items()}


def _corrected(outcomes: Mapping[str, Outcome], doubts: Mapping[str, str]) -> Mapping[str, Outcome]:
    if not doubts:
        return outcomes
    changed = {
        name: replace(outcomes[name], status=Status.IN_DOUBT, note=reason) for name, reason in doubts.items()
    }
    return {**outcomes, **changed}


def _lines(plan: Plan, outcomes: Mapping[str, Outcome], mode: Mode) -> _Lines:
    at = _positions(plan, outcomes)
    empty = dict.fromkeys(("outcome", "error_code", "request_id", "at"), "")
    table = plan.table[list(_PLANNED)].reset_index(drop=True).assign(**empty, http_status=0, attempts=0)
    table = table.assign(reason=words_of(table["because"]))
    table = table[list(COLUMNS)].astype(dict.fromkeys(empty, "str"))
    if mode is Mode.PREVIEW:
        held = [place for place, one in zip(at, plan.changes, strict=True) if one.id in outcomes]
        waiting = [outcomes[one.id] for one in plan.changes if one.id in outcomes]
        return _Lines(_with_outcomes(table, held, waiting) if held else table, at)
    table.loc[table["verdict"] == Verdict.HELD.value, "outcome"] = Status.HELD.value
    return _Lines(_with_outcomes(table, at, [_outcome(change, outcomes) for change in plan.changes]), at)


def _with_approvers(lines: _Lines, plan: Plan) -> _Lines:
    """The reasons, with who has approved an operation."""
    approved = [
        (place, one.approved) for place, one in zip(lines.at, plan.changes, strict=True) if one.approved
    ]
    if not approved:
        return lines
    places = [place for place, _ in approved]
    reasons = [f"{lines.table['reason'].iat[place]}; approved by {who}" for place, who in approved]
    return replace(lines, table=lines.table.assign(reason=_placed(lines.table["reason"], places, reasons)))


def _positions(plan: Plan, outcomes: Iterable[str]) -> list[int]:
    """At which line each change is. The ids of lines are put together as :attr:`Change.id` does."""
    operations = plan.table.reset_index(drop=True)
    operations = operations[operations["verdict"].isin(OPERATIONS)]
    names = operations["external_id"].where(operations["external_id"] != "", operations["login"])
    names = operations["box_id"].where(operations["box_id"] != "", names)
    known = pd.Index(operations["verdict"] + ":" + names, dtype="str")
    planned = [change.id for change in plan.changes]
    if not known.is_unique or sorted(known) != sorted(planned):
        raise OurFault(f"The plan's {len(planned):,} operations and its {len(known):,} lines do not match.")
    if strange := set(outcomes) - set(planned):
        raise OurFault(f"The journal tells of {len(strange):,} operations that the plan does not have.")
    found = known.get_indexer(pd.Index(planned, dtype="str"))
    return [int(position) for position in operations.index.to_numpy()[found]]


def _outcome(change: Change, outcomes: Mapping[str, Outcome]) -> Outcome:
    return outcomes.get(change.id) or Outcome(change.id, Status.NOT_ATTEMPTED)


def _with_outcomes(table: pd.DataFrame, at: Sequence[int], outcomes: Sequence[Outcome]) -> pd.DataFrame:
    told: dict[str, Sequence[object]] = {
        "outcome": [outcome.status.value for outcome in outcomes],
        "error_code": [outcome.answer.code for outcome in outcomes],
        "request_id": [outcome.answer.request_id for outcome in outcomes],
        "at": [outcome.at for outcome in outcomes],
        "http_status": [outcome.answer.http_status for outcome in outcomes],
        "attempts": [outcome.attempts for outcome in outcomes],
    }
    columns = {name: _placed(table[name], at, values) for name, values in told.items()}
    known = _there(table["box_id"], outcomes)
    made = [outcome.box_id if _is_ours(outcome, known) else "" for outcome in outcomes]
    notes = _placed(pd.Series("", table.index, dtype="str"), at, [noted(outcome) for outcome in outcomes])
    box_ids = _placed(pd.Series("", table.index, dtype="str"), at, made)
    return table.assign(
        **columns,
        box_id=table["box_id"].where((table["box_id"] != "") | (box_ids == ""), box_ids),
        reason=table["reason"].where(notes == "", (table["reason"] + "; " + notes).str.removeprefix("; ")),
    )


def _there(box_ids: pd.Series[str], outcomes: Iterable[Outcome]) -> set[str]:
    """Which accounts of the outcomes have a line of their own."""
    named = pd.Series(sorted({outcome.box_id for outcome in outcomes}), dtype="str")
    return set(named[positions(named, box_ids) >= 0])


def _is_ours(outcome: Outcome, known: set[str]) -> bool:
    """Whether the outcome's account is the one of its line: a refused create may name the account in its way."""
    return outcome.status is Status.DONE or (
        outcome.status is Status.IN_DOUBT and outcome.box_id not in known
    )


def _placed(column: pd.Series, at: Sequence[int], values: Sequence[object]) -> pd.Series:
    """The column with the values at those positions; a column keeps its dtype."""
    cells = column.to_numpy(dtype=object, copy=True)
    cells[np.asarray(at, dtype=int)] = values
    return pd.Series(cells, index=column.index, dtype=column.dtype)


def _reconciliation(
    plan: Plan, lines: _Lines, mode: Mode, found: tuple[Finding, ...], in_scope: pd.Series | None
) -> Reconciliation:
    table = lines.table
    totals = balance(table, plan, in_scope)
    return Reconciliation(
        table=table,
        mode=mode,
        totals=totals,
        attention=_attention(table, found),
        refused=plan.refused or _all_stopped(plan),
        findings=found,
        statement=statement(totals, preview=mode is Mode.PREVIEW),
        changes=dict(zip(lines.at, plan.changes, strict=True)),
    )


def _all_stopped(plan: Plan) -> tuple[GuardVerdict, ...]:
    """The guards that refused, if they leave nothing that could go on."""
    held = plan.holds
    return plan.stopped if all(change.id in held for change in plan.changes) else ()


def _attention(table: pd.DataFrame, found: Iterable[Finding]) -> pd.DataFrame:
    """The lines that need a person, in the order of the table; its index keeps the position there."""
    double = [box_id for finding in found if finding.code is Found.DOUBLE for box_id in finding.box_ids]
    wanted = table["outcome"].isin([status.value for status in NEEDS_A_PERSON])
    wanted |= table["verdict"].isin((Verdict.REJECTED.value, Verdict.HELD.value))
    return table[wanted | table["box_id"].isin(double)]
