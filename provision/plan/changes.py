"""From decisions to operations: only people for whom something is done become values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import CLEAR, IDENTITY_FIELDS, Action, Kind, UserKind, Verdict
from provision.plan.diff import codes_of_row, wanted_columns
from provision.plan.lifecycle import (
    Absence,
    Step,
    next_step,
    proof_of_absence,
    proof_of_action,
    proof_of_end_date,
    told_step,
)
from provision.plan.people import People
from provision.plan.rules import RULES, Decision, decide
from provision.plan.value import Change, FieldChange

_VERDICTS = {
    Decision.KEEP: Verdict.UNCHANGED,
    Decision.CREATE: Verdict.CREATE,
    Decision.CHANGE: Verdict.UPDATE,
    Decision.LEAVE: Verdict.UNCHANGED,
    Decision.PROTECTED: Verdict.PROTECTED,
    Decision.UNOWNED: Verdict.UNOWNED,
    Decision.HELD: Verdict.HELD,
    Decision.OUT_OF_SCOPE: Verdict.OUT_OF_SCOPE,
    Decision.REJECTED: Verdict.REJECTED,
}


_Objects = npt.NDArray[np.object_]


class _Person(NamedTuple):
    """One person of the people frame, taken out because something may be done."""

    at: int
    line: int
    box_id: str
    external_id: str
    login: str
    name: str
    kind: UserKind
    status: str
    action: str
    end_date: str
    spared: bool


def made_changes(
    people: People, job: Job, memory: Memory, as_of: datetime
) -> tuple[dict[int, Change], pd.DataFrame]:
    """The operations by position in the people frame, and ``verdict`` and ``reason`` (text) for everybody."""
    rule_at = decide(people.frame)
    decisions = np.array([rule.decision for rule in RULES], dtype=object)[rule_at]
    verdicts = pd.DataFrame(
        {
            "verdict": np.array([_VERDICTS.get(rule.decision, "") for rule in RULES], dtype=object)[rule_at],
            "reason": _reasons(people.frame, decisions, rule_at),
        }
    )
    changes = _creates(people, decisions) | _updates(people, decisions)
    steps = _leavers(people, decisions, job, memory, as_of)
    for person, step in steps:
        if step.kind is not None:
            changes[person.at] = _leaving(person, step)
        verdicts.iloc[person.at, :] = [_verdict_of(step), step.reason]
    for at, change in changes.items():
        verdicts.iloc[at, :] = [change.kind.value, change.reason]
    return changes, verdicts.astype("str")


def _verdict_of(step: Step) -> str:
    if step.kind is not None:
        return step.kind.value
    return Verdict.HELD if step.held else Verdict.UNCHANGED


def _reasons(frame: pd.DataFrame, decisions: _Objects, rule_at: npt.NDArray[np.intp]) -> _Objects:
    reasons = np.array([rule.reason for rule in RULES], dtype=object)[rule_at]
    own_words = {
        Decision.HELD: "doubt", Decision.PROTECTED: "why_protected", Decision.REJECTED: "row_reason",
    }  # fmt: skip
    for decision, column in own_words.items():
        reasons = np.where(decisions == decision, frame[column].to_numpy(object), reasons)
    return np.asarray(reasons, dtype=object)


def _chosen(people: People, decisions: _Objects, decision: Decision) -> list[_Person]:
    at = np.flatnonzero(decisions == decision)
    part = people.frame.iloc[at]
    columns = [
        at.tolist(), part["line"].tolist(), *(part[name].tolist() for name in ("box_id", "external_id", "login", "name")),
        [UserKind(kind) for kind in part["kind"]],
        *(part[name].tolist() for name in ("status", "row_action", "row_end_date", "spared")),
    ]  # fmt: skip
    return [_Person(*cells) for cells in zip(*columns, strict=True)]


def _creates(people: People, decisions: _Objects) -> dict[int, Change]:
    names = wanted_columns(people.rows)
    created = {}
    for person in _chosen(people, decisions, Decision.CREATE):
        row = people.rows.iloc[person.at]
        cells = {name: row[name] for name in (*IDENTITY_FIELDS[:2], *names) if row[name] not in ("", CLEAR)}
        if person.kind is UserKind.APP:
            cells.pop("login", None)  # an app user's login is made by Box
        if codes := codes_of_row(row):
            cells["tracking_codes"] = codes
        if person.kind is UserKind.MANAGED:
            cells.pop("external_id", None)  # kept in the ledger; Box ties external ids to app users
        fields = tuple(FieldChange(name, "", value) for name, value in cells.items())
        created[person.at] = _change(Kind.CREATE, person, fields, "in the roster, not in Box")
    return created


def _updates(people: People, decisions: _Objects) -> dict[int, Change]:
    fields = defaultdict(list)
    cells = people.cells[np.isin(people.cells["at"], np.flatnonzero(decisions == Decision.CHANGE))]
    for at, name, before, after in zip(
        *(cells[c].tolist() for c in ("at", "field", "before", "after")), strict=True
    ):
        fields[at].append(FieldChange(name, before, after))
    updated = {}
    for person in _chosen(people, decisions, Decision.CHANGE):
        kind, reason = _kind_of(fields[person.at])
        updated[person.at] = _change(kind, person, tuple(fields[person.at]), reason)
    return updated


def _kind_of(fields: list[FieldChange]) -> tuple[Kind, str]:
    """A change of status has a name of its own; other fields travel with it in the same call."""
    status = next((change for change in fields if change.field == "status"), None)
    if status is None:
        return Kind.UPDATE, f"differs from the roster in {', '.join(change.field for change in fields)}"
    if status.after == "inactive":
        return Kind.DEACTIVATE, "the roster says inactive"
    if status.before == "inactive":
        return Kind.ACTIVATE, "in the roster again, but inactive in Box"
    return Kind.UPDATE, "differs from the roster in status"


def _leavers(
    people: People, decisions: _Objects, job: Job, memory: Memory, as_of: datetime
) -> list[tuple[_Person, Step]]:
    absences = _absences(memory)
    steps = []
    for person in _chosen(people, decisions, Decision.LEAVE):
        if person.line:
            steps.append((person, _told(person, job, as_of)))
            continue
        proof = proof_of_absence(absences.get(person.box_id, Absence()), job.lifecycle.evidence, as_of)
        step = next_step(proof, job.lifecycle.leavers, person.status, as_of)
        steps.append((person, _unless_doubtful(step, person, people.unreadable)))
    return steps


def _told(person: _Person, job: Job, as_of: datetime) -> Step:
    """A step for somebody whose own row says so."""
    if person.action in (Action.DEACTIVATE, Action.DELETE):
        action = Action(person.action)
        return told_step(action, person.status, proof_of_action(action, person.line))
    proof = proof_of_end_date(person.end_date, job.lifecycle)
    return next_step(proof, job.lifecycle.leavers, person.status, as_of)


def _unless_doubtful(step: Step, person: _Person, unreadable: int) -> Step:
    """A row whose key cannot be read may be anybody who is absent."""
    if person.spared:
        return Step(None, "a row of the roster may mean this account; nothing is done about it")
    if step.kind is not None and unreadable:
        rows = "row" if unreadable == 1 else "rows"
        return Step(
            None,
            f"{step.reason}, but {unreadable} {rows} without a readable key may mean this person",
            held=True,
        )
    return step


def _absences(memory: Memory) -> dict[str, Absence]:
    frame = memory.absences
    columns = (frame[name].tolist() for name in ("box_id", "missed_runs", "first_missed", "last_missed"))
    return {
        box_id: Absence(int(missed), first, last)
        for box_id, missed, first, last in zip(*columns, strict=True)
    }


def _leaving(person: _Person, step: Step) -> Change:
    assert step.kind is not None  # noqa: S101 - the caller asked
    fields = (FieldChange("status", person.status, "inactive"),) if step.kind is Kind.DEACTIVATE else ()
    return replace(_change(step.kind, person, fields, step.reason), evidence=step.reason)


def _change(kind: Kind, person: _Person, fields: tuple[FieldChange, ...], reason: str) -> Change:
    return Change(
        kind=kind,
        user_kind=person.kind,
        line=person.line,
        box_id=person.box_id,
        external_id=person.external_id,
        login=person.login,
        name=person.name,
        fields=fields,
        reason=reason,
    )
