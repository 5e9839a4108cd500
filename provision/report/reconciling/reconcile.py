"""Planned × happened × now: one line for everybody, and the proof that nobody is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import PurePath
from typing import Any

import numpy as np
import pandas as pd

from provision.errors import BoxAnswer, OurFault
from provision.frames import equals, worded
from provision.journal.value import Note, Noted, Outcome, noted
from provision.model import Kind, Status, Verdict
from provision.operations.value import Change, wholes
from provision.plan.columns import nothing, positions
from provision.plan.groups.warrant import OF_MEMBERSHIPS
from provision.plan.guards.approvals import decisions
from provision.plan.undo.collaborations import BACK
from provision.plan.value import GuardVerdict, Plan
from provision.report.reconciling import fresh_listing as listing
from provision.report.reconciling.balance import balance, statement
from provision.report.reconciling.fresh_folders import folders_not_shown
from provision.report.reconciling.fresh_groups import groups_not_shown
from provision.report.reconciling.operations import operations_of
from provision.report.sentences.codes import SHOWN_OTHERWISE
from provision.report.sentences.notes import words_of_all
from provision.report.sentences.reasons import reason_words
from provision.report.value import (
    COLUMNS,
    GRAVEST,
    NEEDS_A_PERSON,
    NOTHING_BESIDE,
    OPERATION_KINDS,
    Beside,
    ListingFinding,
    ListingFindingCode,
    Mode,
    Reconciliation,
)

#: the operations of one person with what became of them
_Parts = Sequence[tuple[Change, Outcome]]


_PLANNED = ("line", "external_id", "login", "name", "kind", "box_id", "verdict", "because", "changes")


def reconcile(
    plan: Plan,
    outcomes: Mapping[str, Outcome],
    now: pd.DataFrame | None,
    *,
    mode: Mode | None = None,
    beside: Beside = NOTHING_BESIDE,
) -> Reconciliation:
    """Join the plan, what became of its operations, and a fresh listing of Box.

    ``outcomes`` are by change id; an operation without one was not attempted. ``now`` has the shape told in
    :mod:`provision.report.reconciling.fresh_listing`, None without a listing. ``mode`` follows from these two unless given: a run that
    ended before its first operation is ``applied``, not a preview. An operation called done that ``now`` does not
    show becomes in doubt, one that it shows with other values has failed. ``beside`` is what else is known of ``now``.

    Raises:
        OurFault: the outcome does not balance, or belongs to another plan.
    """
    mode = mode or _mode(outcomes, now)
    doubts = listing.not_shown(plan.changes, outcomes, _sound(now)) if now is not None else {}
    if beside.groups is not None:
        doubts = {**groups_not_shown(plan.changes, outcomes, beside.groups), **doubts}
    if beside.folders is not None:
        doubts = {**folders_not_shown(plan.changes, outcomes, beside.folders), **doubts}
    told = _held(plan) if mode is Mode.PREVIEW else _corrected(outcomes, doubts)
    lines = _with_approvers(_lines(plan, told, mode), plan)
    if now is None:
        return _reconciliation(plan, lines, mode, (), None)
    table = listing.with_new_accounts(lines.table, now)
    before = plan.table if beside.whole else None
    found = (*listing.findings(table, doubts, now, before), *beside.findings)
    in_scope = now["box_id"][now["in_scope"].astype(bool)]
    return _reconciliation(plan, replace(lines, table=table), mode, found, in_scope)


def unconfirmed(plan: Plan, outcomes: Mapping[str, Outcome], now: pd.DataFrame) -> list[Change]:
    """The operations called done that ``now`` does not prove: read these accounts singly before reconciling."""
    doubts = listing.not_shown(plan.changes, outcomes, _sound(now))
    return [change for change in plan.changes if change.id in doubts]


def proven(outcomes: Mapping[str, Outcome], reconciliation: Reconciliation) -> dict[str, Outcome]:
    """The outcomes as far as the reconciliation's listing does not contradict them: nothing untrue is learned.

    What is called done and shown otherwise has failed; what is not shown at all is left out.
    """
    told = reconciliation.outcomes
    kept = {}
    for name, outcome in outcomes.items():
        if outcome.status is not Status.DONE or told[name].status is Status.DONE:
            kept[name] = outcome
        elif told[name].status is Status.FAILED:
            kept[name] = replace(outcome, status=Status.FAILED, notes=told[name].notes)
    return kept


@dataclass(frozen=True, slots=True)
class _Lines:
    """The table so far, at which position of it each change of the plan has its line, by id, and its outcome, if any."""

    table: pd.DataFrame
    at: Mapping[str, int]
    outcomes: Mapping[str, Outcome]


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
    return {
        name: Outcome(name, Status.HELD, notes=noted(Noted.WAITS, why=why))
        for name, why in plan.holds.items()
    }


def _corrected(
    outcomes: Mapping[str, Outcome], doubts: Mapping[str, tuple[Note, ...]]
) -> Mapping[str, Outcome]:
    if not doubts:
        return outcomes
    return {**outcomes, **{name: _doubted(outcomes[name], notes) for name, notes in doubts.items()}}


def _doubted(outcome: Outcome, notes: tuple[Note, ...]) -> Outcome:
    """One that Box said yes to: another value is not what was asked for, and what is not seen may still come."""
    otherwise = any(note.code is Noted.LISTED_OTHERWISE for note in notes)
    answer = BoxAnswer(HTTPStatus.OK, SHOWN_OTHERWISE if otherwise else "", outcome.answer.request_id)
    return replace(
        outcome, status=Status.FAILED if otherwise else Status.IN_DOUBT, notes=notes, answer=answer
    )


def _lines(plan: Plan, outcomes: Mapping[str, Outcome], mode: Mode) -> _Lines:
    _expect_planned(plan, outcomes)
    at = lines_of(plan)
    table = _planned_lines(plan)
    if mode is not Mode.PREVIEW:
        outcomes = {change.id: _outcome(change, outcomes) for change in plan.changes}
    people: dict[int, list[tuple[Change, Outcome]]] = {}
    for change in plan.changes:
        if change.id in outcomes and change.id in at:
            people.setdefault(at[change.id], []).append((change, outcomes[change.id]))
    table = _with_outcomes(table, people) if people else table
    return _Lines(_with_decisions(table, plan, preview=mode is Mode.PREVIEW), at, outcomes)


def _planned_lines(plan: Plan) -> pd.DataFrame:
    """A line for everybody in the plan, of which nothing has become yet."""
    table = plan.table.reset_index(drop=True)
    columns: dict[str, Any] = {name: table[name].array for name in _PLANNED}
    columns |= {name: nothing(len(table)).array for name in ("outcome", "error_code", "request_id", "at")}
    columns |= {name: np.zeros(len(table), np.int64) for name in ("http_status", "attempts")}
    columns |= {"reason": reason_words(table["because"]).array, "source": _sources(plan, table).array}
    return pd.DataFrame({name: columns[name] for name in COLUMNS}, index=table.index)


def _sources(plan: Plan, table: pd.DataFrame) -> pd.Series[str]:
    """Where the roster names each person: the sources by name, its own first, or the file; where it did last, if that is known."""
    path = plan.roster.path
    if plan.roster.sources:
        return table["named_by"].str.replace(" ", ", ", regex=False)
    name = "standard input" if path == "-" else PurePath(path).name
    return worded((table["line"] > 0).to_numpy().astype(np.int8), ["", name])


def _with_decisions(table: pd.DataFrame, plan: Plan, *, preview: bool) -> pd.DataFrame:
    """The table with what waits for a person, unless something graver is told of the same one; a preview knows no outcomes."""
    graver = GRAVEST[: GRAVEST.index(Status.HELD)]
    waits = (
        decisions(plan.table).to_numpy(bool)
        & ~table["outcome"].isin([each.value for each in graver]).to_numpy()
    )
    if preview:
        waits &= ~equals(table["verdict"], Verdict.HELD.value)
    if not waits.any():
        return table
    return table.assign(outcome=table["outcome"].mask(waits, Status.HELD.value))


def _with_approvers(lines: _Lines, plan: Plan) -> _Lines:
    """The reasons, with who has approved an operation."""
    approved = [
        (lines.at[one.id], one.approved)
        for one in plan.changes
        if one.approved and not one.completes and one.id in lines.at
    ]
    if not approved:
        return lines
    places = [place for place, _ in approved]
    reasons = [f"{lines.table['reason'].iat[place]}; approved by {who}" for place, who in approved]
    return replace(lines, table=lines.table.assign(reason=_placed(lines.table["reason"], places, reasons)))


def lines_of(plan: Plan) -> dict[str, int]:
    """At which line of the plan's table each operation is, by id: that of its account, or of its roster row where it has none.

    What is about nobody has no line.
    """
    table = plan.table
    operations = np.flatnonzero(table["verdict"].isin(OPERATION_KINDS))
    by_account = dict(zip(table["box_id"].iloc[operations].tolist(), operations.tolist(), strict=True))
    by_row = dict(zip(table["line"].iloc[operations].tolist(), operations.tolist(), strict=True))
    about = [one for one in plan.changes if not one.of_nobody]
    at = {one.id: by_account.get(one.box_id) if one.box_id else by_row.get(one.line) for one in about}
    found = {name: place for name, place in at.items() if place is not None}
    if len(found) < len(about) or len(set(found.values())) != len(operations):
        raise OurFault(
            f"The plan's {len(about):,} operations and its {len(operations):,} lines do not match."
        )
    return found


def _expect_planned(plan: Plan, outcomes: Iterable[str]) -> None:
    planned = [change.id for change in plan.changes]
    if len(set(planned)) < len(planned):
        raise OurFault("The plan has two operations of one name.")
    if strange := set(outcomes) - set(planned):
        raise OurFault(f"The journal tells of {len(strange):,} operations that the plan does not have.")


def _outcome(change: Change, outcomes: Mapping[str, Outcome]) -> Outcome:
    return outcomes.get(change.id) or Outcome(change.id, Status.NOT_ATTEMPTED)


def _with_outcomes(table: pd.DataFrame, people: Mapping[int, _Parts]) -> pd.DataFrame:
    """The table with what became of each person's operations: the worst of it, and all that is to be said."""
    at, parts = list(people), list(people.values())
    worst = [_worst(each) for each in parts]
    told: dict[str, Sequence[object]] = {
        "outcome": [outcome.status.value for outcome in worst],
        "error_code": [outcome.answer.code for outcome in worst],
        "request_id": [outcome.answer.request_id for outcome in worst],
        "at": [outcome.at for outcome in worst],
        "http_status": [outcome.answer.http_status for outcome in worst],
        "attempts": [sum(outcome.attempts for _, outcome in each) for each in parts],
    }
    columns = {name: _placed(table[name], at, values) for name, values in told.items()}
    firsts = [each[0][1] for each in parts]
    known = _there(table["box_id"], firsts)
    made = [outcome.box_id if _is_ours(outcome, known) else "" for outcome in firsts]
    notes = _placed(pd.Series("", table.index, dtype="str"), at, [words_of_all(each) for each in parts])
    box_ids = _placed(pd.Series("", table.index, dtype="str"), at, made)
    return table.assign(
        **columns,
        box_id=table["box_id"].where((table["box_id"] != "") | (box_ids == ""), box_ids),
        reason=table["reason"].where(notes == "", (table["reason"] + "; " + notes).str.removeprefix("; ")),
    )


def _worst(parts: _Parts) -> Outcome:
    """The worst outcome of a person's operations, the first one of several."""
    return min((outcome for _, outcome in parts), key=lambda outcome: GRAVEST.index(outcome.status))


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
    plan: Plan, lines: _Lines, mode: Mode, found: tuple[ListingFinding, ...], in_scope: pd.Series | None
) -> Reconciliation:
    table = lines.table
    totals = balance(table, plan, lines.outcomes, in_scope)
    return Reconciliation(
        table=table,
        mode=mode,
        totals=totals,
        attention=_attention(table, found),
        refused=() if any(map(_was_tried, lines.outcomes.values())) else plan.refused or _all_stopped(plan),
        findings=found,
        statement=statement(totals, preview=mode is Mode.PREVIEW),
        changes=_by_line(plan, lines.at),
        outcomes=lines.outcomes,
        operations=operations_of(plan, lines.outcomes),
    )


#: what is told with the first operation of a person, field by field
_GO_ON = (Kind.UPDATE, Kind.LOGIN_CHANGE, Kind.ALIAS_ADD, Kind.ALIAS_REMOVE, *OF_MEMBERSHIPS, *BACK)


def _by_line(plan: Plan, at: Mapping[str, int]) -> dict[int, Change]:
    """What is done at each line, taken as a whole: the first of several operations, with the fields of all that go on with it."""
    found: dict[int, Change] = {}
    for change in wholes(plan.changes):
        if change.id not in at:
            continue
        first = found.setdefault(at[change.id], change)
        if first is not change and not change.hold and change.kind in _GO_ON:
            found[at[change.id]] = replace(first, fields=first.fields + change.fields)
    return found


def _was_tried(outcome: Outcome) -> bool:
    return outcome.status not in (Status.HELD, Status.NOT_ATTEMPTED)


def _all_stopped(plan: Plan) -> tuple[GuardVerdict, ...]:
    """The guards that refused, if they leave nothing that could go on."""
    held = plan.holds
    return plan.stopped if all(change.whole in held for change in plan.changes) else ()


def _attention(table: pd.DataFrame, found: Iterable[ListingFinding]) -> pd.DataFrame:
    """The lines that need a person, in the order of the table; its index keeps the position there."""
    double = [
        box_id for finding in found if finding.code is ListingFindingCode.DOUBLE for box_id in finding.box_ids
    ]
    wanted = table["outcome"].isin([status.value for status in NEEDS_A_PERSON])
    wanted |= table["verdict"].isin((Verdict.REJECTED.value, Verdict.HELD.value))
    wanted |= table["box_id"].isin(double)
    return table[wanted] if wanted.any() else table.iloc[:0]
