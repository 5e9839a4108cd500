"""From decisions to operations: only people for whom something is done become values."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import CLEAR, Kind, UserKind, Verdict
from provision.plan.diff import codes_of_row, wanted_columns
from provision.plan.leavers import Leaving, Person, Terms, ways_out
from provision.plan.lifecycle import reached
from provision.plan.people import People
from provision.plan.rules import RULES, Decision, decide
from provision.plan.shield import shielded
from provision.plan.value import Change, FieldChange, Seen
from provision.plan.way import Way, after_looks, ways_of

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

#: decisions as numbers, which a whole column compares at once
_NUMBER = {decision: number for number, decision in enumerate(Decision)}

_NOTHING_SEEN = Seen()

_Objects = npt.NDArray[np.object_]
_Numbers = npt.NDArray[np.int8]


def made_changes(
    people: People, job: Job, memory: Memory, as_of: datetime, seen: Seen = _NOTHING_SEEN
) -> tuple[dict[int, Change], pd.DataFrame]:
    """The operations by position in the people frame, and ``verdict`` and ``reason`` (text) for everybody."""
    rule_at = decide(people.frame)
    decisions = np.array([_NUMBER[rule.decision] for rule in RULES], dtype=np.int8)[rule_at]
    verdicts = np.array([_VERDICTS.get(rule.decision, "") for rule in RULES], dtype=object)[rule_at]
    reasons = _reasons(people.frame, decisions, rule_at)
    terms = _terms(job, memory, as_of, seen)
    changes = _creates(people, decisions) | _updates(people, decisions, terms)
    for step in ways_out(_chosen(people, decisions, Decision.LEAVE), people, changes, terms):
        person = step.person
        verdicts[person.at] = Verdict.HELD if step.held else Verdict.UNCHANGED
        reasons[person.at] = step.reason
        if step.kind is not None:
            changes[person.at] = _leaving(person, step.kind, step)
    for at, why in shielded(changes, people, terms).items():
        del changes[at]
        verdicts[at], reasons[at] = Verdict.PROTECTED, why
    for at, change in changes.items():
        verdicts[at], reasons[at] = change.kind.value, change.reason
    return changes, pd.DataFrame({"verdict": verdicts, "reason": reasons}, dtype="str")


def _terms(job: Job, memory: Memory, as_of: datetime, seen: Seen) -> Terms:
    apart = timedelta(hours=job.lifecycle.evidence.empty_hours)
    ways = after_looks(ways_of(memory), seen.looks, as_of, apart)
    return Terms(job, memory, as_of, ways, seen.service_account)


def _reasons(frame: pd.DataFrame, decisions: _Numbers, rule_at: npt.NDArray[np.intp]) -> _Objects:
    reasons = np.array([rule.reason for rule in RULES], dtype=object)[rule_at]
    own_words = {
        Decision.HELD: "doubt", Decision.PROTECTED: "why_protected", Decision.REJECTED: "row_reason",
    }  # fmt: skip
    for decision, column in own_words.items():
        at = np.flatnonzero(decisions == _NUMBER[decision])
        reasons[at] = frame[column].iloc[at].to_numpy(object)
    return reasons


def _chosen(people: People, decisions: _Numbers, decision: Decision) -> list[Person]:
    at = np.flatnonzero(decisions == _NUMBER[decision])
    part = people.frame.iloc[at]
    columns = [
        at.tolist(), part["line"].tolist(), *(part[name].tolist() for name in ("box_id", "external_id", "login", "name")),
        [UserKind(kind) for kind in part["kind"]],
        *(part[name].tolist() for name in ("status", "row_action", "row_end_date", "spared")),
    ]  # fmt: skip
    return [Person(*cells) for cells in zip(*columns, strict=True)]


def _creates(people: People, decisions: _Numbers) -> dict[int, Change]:
    rows = people.rows.iloc[np.flatnonzero(decisions == _NUMBER[Decision.CREATE])].to_dict("records")
    names = wanted_columns(people.rows)
    created = {}
    for person, row in zip(_chosen(people, decisions, Decision.CREATE), rows, strict=True):
        # an app user's login is made by Box; Box ties external ids to app users, for others the ledger keeps them
        key = "external_id" if person.kind is UserKind.APP else "login"
        cells = {name: row[name] for name in (key, *names)}
        cells["tracking_codes"] = codes_of_row({str(name): cell for name, cell in row.items()})
        fields = tuple(FieldChange(name, "", cell) for name, cell in cells.items() if cell not in ("", CLEAR))
        created[person.at] = _change(Kind.CREATE, person, fields, "in the roster, not in Box")
    return created


def _updates(people: People, decisions: _Numbers, terms: Terms) -> dict[int, Change]:
    fields = defaultdict(list)
    cells = people.cells[(decisions == _NUMBER[Decision.CHANGE])[people.cells["at"].to_numpy()]]
    columns = (cells[name].tolist() for name in ("at", "field", "before", "after"))
    for at, name, before, after in zip(*columns, strict=True):
        fields[at].append(FieldChange(name, before, after))
    updated = {}
    for person in _chosen(people, decisions, Decision.CHANGE):
        kind, reason = _kind_of(fields[person.at])
        if kind is Kind.ACTIVATE:
            stays = reached(terms.ways.get(person.box_id, Way()), terms.job.lifecycle)
            reason = f"{reason}; {stays}" if stays else reason
        updated[person.at] = _change(kind, person, tuple(fields[person.at]), reason)
    return updated


def _kind_of(fields: list[FieldChange]) -> tuple[Kind, str]:
    """A change of status has a name of its own; other fields travel with it in the same call."""
    status = next((change for change in fields if change.field == "status"), None)
    if status is not None and status.after == "inactive":
        return Kind.DEACTIVATE, "the roster says inactive"
    if status is not None and status.before == "inactive":
        return Kind.ACTIVATE, "in the roster again, but inactive in Box"
    return Kind.UPDATE, f"differs from the roster in {', '.join(change.field for change in fields)}"


def _leaving(person: Person, kind: Kind, step: Leaving) -> Change:
    fields = (FieldChange("status", person.status, "inactive"),) if kind is Kind.DEACTIVATE else ()
    made = _change(kind, person, fields, step.reason)
    return replace(
        made, evidence=step.evidence, to=step.to, to_key=step.to_key,
        ends_sessions=step.ends_sessions, destroys=step.destroys, archive=step.archive,
    )  # fmt: skip


def _change(kind: Kind, person: Person, fields: tuple[FieldChange, ...], reason: str) -> Change:
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
        status=person.status,
    )
