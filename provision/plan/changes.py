"""From decisions to operations: only people for whom something is done become values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.because import Because, joined, reason
from provision.frames import equals, worded
from provision.job.settings import Job
from provision.ledger.progress import Progress, after_looks, progress_of
from provision.ledger.value import Memory
from provision.model import ADMIN, SUPERSEDED, Kind, PersonKey, UserKind, Verdict
from provision.operations.value import Change, FieldChange
from provision.plan.columns import Mask, lengthened, overlaid
from provision.plan.diff.contested import said_otherwise
from provision.plan.diff.three_way import drift_reasons
from provision.plan.first_fields import first_fields
from provision.plan.grants import with_grants
from provision.plan.groups.memberships import MembershipChanges, membership_changes, merged_reasons
from provision.plan.guards.otherwise import ToldOtherwise, told_otherwise
from provision.plan.halves import Parts
from provision.plan.leavers.leavers import LeaverContext, LeaverDecision, Person, leaver_decisions
from provision.plan.leavers.needed import shielded
from provision.plan.leavers.stages import reached
from provision.plan.match.doubts import waiting
from provision.plan.match.lookalikes import held_for_names, held_for_twins, held_for_zeros, unnamed
from provision.plan.moving import moving
from provision.plan.persons import persons_at
from provision.plan.rules import RULES, Decision, decide
from provision.plan.situations import Situations
from provision.plan.updates import change_of, update_of, waiting_fields
from provision.plan.value import LeaverLooks

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
    Decision.EXCLUDED: Verdict.EXCLUDED,
    Decision.CLAIMED: Verdict.CLAIMED,
    Decision.LATER: Verdict.STARTS_LATER,
}

#: decisions as numbers, which a whole column compares at once
_NUMBER = {decision: number for number, decision in enumerate(Decision)}

_NOTHING_SEEN = LeaverLooks()

_Numbers = npt.NDArray[np.int8]


def made_changes(
    people: Situations, job: Job, memory: Memory, as_of: datetime, seen: LeaverLooks = _NOTHING_SEEN
) -> tuple[dict[int, Parts], pd.DataFrame]:
    """The operations of each person by position in the people frame, and ``verdict``, ``because`` and ``groups`` for everybody.

    All are text; for reasons see :mod:`provision.because`, for groups :data:`provision.ledger.others.WANT_COLUMNS`.
    """
    rule_at = decide(people.frame)
    decisions = np.array([_NUMBER[rule.decision] for rule in RULES], dtype=np.int8)[rule_at]
    reasons = _reasons(people.frame, decisions, rule_at)
    drifted = drift_reasons(people.drift)
    own_reasons = _continued(reasons, drifted)
    own_verdicts, leaving = dict[int, str](), dict[int, LeaverDecision]()
    terms = _terms(job, memory, as_of, seen)
    otherwise = told_otherwise(memory)
    updates, apart = _updates(people, decisions == _NUMBER[Decision.CHANGE], drifted, otherwise)
    changes = _creates(people, decisions) | _walked_back(updates, terms)
    said, _beside = _updates(people, _said_gone(people.frame, decisions), drifted, otherwise)
    for step in leaver_decisions(_chosen(people, decisions, Decision.LEAVE), people, changes, terms):
        person = step.person
        own_verdicts[person.at] = Verdict.HELD if step.held else Verdict.UNCHANGED
        own_reasons[person.at] = step.because
        if step.kind is not None:
            leaving[person.at] = step
            changes[person.at] = _leaving(person, step.kind, step, said.get(person.at))
        elif person.at in said and not step.held:
            changes[person.at] = _as_said(said[person.at], step)
    joins = _memberships(people, decisions, job, memory)
    waits = merged_reasons(_waiting(people, decisions, job), joins.waits)
    changes |= {at: _while_waiting(changes[at], waits[at]) for at in waits if at in changes}
    for at, (verdict, because) in _without_others(joins, waits, changes).items():
        own_verdicts[at], own_reasons[at] = verdict, because
    own_reasons |= _beside_claims((joins, people), changes, own_reasons, reasons)
    needed_by = shielded(changes, people, terms)
    for at, needed in needed_by.items():
        del changes[at]
        apart.pop(at, None)
        own_verdicts[at], own_reasons[at] = Verdict.PROTECTED, needed
    for at, (verdict, because) in _told_of_protected(people.frame, decisions, needed_by, terms).items():
        own_verdicts[at], own_reasons[at] = verdict, because
    for at, change in changes.items():
        own_verdicts[at], own_reasons[at] = change.kind.value, change.because
    changes |= _held(people.frame, decisions, changes)
    verdicts = overlaid(worded(rule_at, [_VERDICTS.get(rule.decision, "") for rule in RULES]), own_verdicts)
    columns = {"verdict": verdicts, "because": overlaid(reasons, own_reasons)}
    told = pd.DataFrame(columns | {"groups": lengthened(joins.named, len(rule_at))}, copy=False)
    return with_grants(changes, leaving, apart, joins.changes), told


def _beside_claims(
    claims: tuple[MembershipChanges, Situations],
    changes: dict[int, Change],
    own: Mapping[int, str],
    reasons: pd.Series[str],
) -> dict[int, str]:
    """The reasons of people of whom something stays since another job claims it; what is done about them is told so, too."""
    stays = merged_reasons(claims[0].claimed, claims[1].kept_aliases)
    for at in stays.keys() & changes.keys():
        changes[at] = _while_waiting(changes[at], stays[at])
    others = stays.keys() - changes.keys()
    return {at: joined(own.get(at) or str(reasons.iat[at]), stays[at]) for at in others}


def _continued(reasons: pd.Series[str], more: Mapping[int, str]) -> dict[int, str]:
    """The reasons at these positions with others behind them."""
    there = reasons.iloc[list(more)].tolist()
    return {at: joined(before, behind) for before, (at, behind) in zip(there, more.items(), strict=True)}


def _waiting(people: Situations, decisions: _Numbers, job: Job) -> dict[int, str]:
    """Whose login has to be changed by a person, and of whom Box does not tell what the roster speaks of.

    Other fields are updated meanwhile, and this is said.
    """
    frame, changed = people.frame, decisions == _NUMBER[Decision.CHANGE]
    at = np.flatnonzero(changed & (frame["new_login"] != "").to_numpy(bool) & ~moving(frame, job))
    logins = zip(frame["login"].iloc[at].tolist(), frame["new_login"].iloc[at].tolist(), strict=True)
    waits = {place: waiting(*pair) for place, pair in zip(at.tolist(), logins, strict=True)}
    untold = people.untold[changed[people.untold["at"].to_numpy()]]
    for (place, why), fields in untold.groupby(["at", "because"])["field"].agg(", ".join).items():
        waits[place] = joined(waits.get(place, ""), reason(Because(why), fields=str(fields)))
    for place, told in said_otherwise(people.contested, changed):
        waits[place] = joined(waits.get(place, ""), told)
    creates = (decisions == _NUMBER[Decision.CREATE]) & equals(frame["row_role"], ADMIN)
    waits |= dict.fromkeys(np.flatnonzero(creates).tolist(), Because.ADMIN_ASKED.value)
    return waits


def _memberships(people: Situations, decisions: _Numbers, job: Job, memory: Memory) -> MembershipChanges:
    """What is done about groups: for people of the roster who stay or come, and about whom nothing is in doubt."""
    if people.groups is None:
        return MembershipChanges()
    frame = people.frame
    stays = np.isin(decisions, [_NUMBER[one] for one in (Decision.KEEP, Decision.CHANGE, Decision.CREATE)])
    left = frame["ignored"] | frame["leaving"] | ~frame["row"]
    return membership_changes(people, stays & ~left.to_numpy(bool), job, memory)


def _while_waiting(change: Change, waits: str) -> Change:
    """What is done about somebody, told with what waits."""
    return replace(change, because=joined(change.because, waits))


def _without_others(
    joins: MembershipChanges, waits: Mapping[int, str], changes: Mapping[int, Change]
) -> dict[int, tuple[str, str]]:
    """Verdict and reason for people of whom memberships alone change, or something waits and nothing else is done."""
    found = {}
    for at in {*joins.changes, *waits} - {*changes}:
        parts = joins.changes.get(at, ())
        verdict = parts[0].kind.value if parts else Verdict.HELD.value
        found[at] = (verdict, joined(*(each.because for each in parts), waits.get(at, "")))
    return found


def _protected(frame: pd.DataFrame, decisions: _Numbers, needed_by: Mapping[int, str]) -> dict[int, str]:
    """Whose row says that they leave while their account, still active, is protected or needed by others, and why."""
    left = frame["leaving"] | (frame["row_status"] == "inactive")
    says = (frame["row"] & left & (frame["status"] == "active")).to_numpy(bool)
    at = np.flatnonzero((decisions == _NUMBER[Decision.PROTECTED]) & says)
    why = dict(zip(at.tolist(), frame["why_protected"].iloc[at].tolist(), strict=True))
    return why | {at: told for at, told in needed_by.items() if says[at]}


def _told_of_protected(
    frame: pd.DataFrame, decisions: _Numbers, needed_by: Mapping[int, str], terms: LeaverContext
) -> dict[int, tuple[str, str]]:
    """Verdict and reason for protected accounts of which a person has to know, by position."""
    leaving = _told_of_leavers(frame, _protected(frame, decisions, needed_by), terms)
    return _unread(frame, decisions) | leaving


def _unread(frame: pd.DataFrame, decisions: _Numbers) -> dict[int, tuple[str, str]]:
    """Who is protected only because Box did not tell what is to be known, though the roster or this job is about them.

    Nobody decided that, so what the roster asks for them is not left out without a word.
    """
    not_read = [Because.KIND_UNKNOWN.value, Because.ROLE_UNKNOWN.value]
    ours = frame["row"] & ~frame["ignored"] | frame["owned"] & frame["full"]
    here = (ours & frame["why_protected"].isin(not_read)).to_numpy(bool)
    at = np.flatnonzero((decisions == _NUMBER[Decision.PROTECTED]) & here)
    why = zip(at.tolist(), frame["why_protected"].iloc[at].tolist(), strict=True)
    return {place: (Verdict.HELD.value, because) for place, because in why}


def _told_of_leavers(
    frame: pd.DataFrame, protected: Mapping[int, str], terms: LeaverContext
) -> dict[int, tuple[str, str]]:
    """Verdict and reason for the accounts at these positions, which are protected for a reason although their people leave.

    Nothing is done about them, so a person has to know of it; whose word about one still counts is told.
    """
    # the newest word first, which is to be told; that somebody knows is no approval, and one person is enough
    words = {
        one.hold_id: one for one in reversed(terms.memory.releases) if not one.aim and one.counts(terms.as_of)
    }
    found = {}
    for at, why in protected.items():
        key = PersonKey.of(frame.iloc[at].to_dict())
        word = words.get(key.hold_id)
        told = (
            reason(Because.ACKNOWLEDGED, by=word.said)
            if word
            else reason(Because.PROTECTED_LEAVES, key=key.written)
        )
        found[at] = ((Verdict.PROTECTED if word else Verdict.HELD).value, joined(told, why))
    return found


def _held(frame: pd.DataFrame, decisions: _Numbers, changes: Mapping[int, Change]) -> dict[int, Change]:
    """Who would be created and looks like somebody who is gone: neither goes on before a person has looked.

    Nor is a managed user created who has the name of an account in scope that no row of a full roster names, whosever it is.
    """
    theirs = (decisions == _NUMBER[Decision.CLAIMED]) & frame["owned"].to_numpy(bool)
    absent = ((decisions == _NUMBER[Decision.LEAVE]) | theirs) & (frame["line"] == 0).to_numpy(bool)
    strange = (decisions == _NUMBER[Decision.OUT_OF_SCOPE]) & (frame["row"] & ~frame["account"]).to_numpy(
        bool
    )
    creates = decisions == _NUMBER[Decision.CREATE]
    held = held_for_twins(frame, creates | strange, absent, changes)
    rest = {at: change for at, change in changes.items() if at not in held}
    held |= held_for_zeros(frame, creates, unnamed(frame), rest)
    if not frame["full"].all():
        return held
    managed = (frame["kind"] == UserKind.MANAGED.value).to_numpy(bool)
    others = {at: change for at, change in changes.items() if at not in held}
    return held | held_for_names(frame, creates & managed, unnamed(frame) & managed & ~absent, others)


def _terms(job: Job, memory: Memory, as_of: datetime, seen: LeaverLooks) -> LeaverContext:
    apart = timedelta(hours=job.lifecycle.evidence.empty_hours)
    progress_by_id = after_looks(progress_of(memory), seen.looks, as_of, apart)
    return LeaverContext(job, memory, as_of, progress_by_id, seen.service_account)


def _reasons(frame: pd.DataFrame, decisions: _Numbers, rule_at: npt.NDArray[np.intp]) -> pd.Series[str]:
    """What the rules say, or the person's own reason where there is one."""
    reasons = worded(rule_at, [rule.because.value for rule in RULES])
    for decision, column in (
        (Decision.HELD, "doubt"),
        (Decision.PROTECTED, "why_protected"),
        (Decision.EXCLUDED, "row_reason"),
        (Decision.CLAIMED, "claimed_by"),
    ):
        here = decisions == _NUMBER[decision]
        if here.any():
            reasons = reasons.mask(here, frame[column].astype("str"))
    rejected = np.flatnonzero(decisions == _NUMBER[Decision.REJECTED])
    errors = (
        reason(Because.ROW_ERROR, sentence=told) for told in frame["row_reason"].iloc[rejected].tolist()
    )
    reasons = reasons.mask(frame["row_action"] == SUPERSEDED, Because.SUPERSEDED.value)
    later = np.flatnonzero(decisions == _NUMBER[Decision.LATER])
    days = (reason(Because.STARTS_LATER, day=day) for day in frame["row_start_date"].iloc[later].tolist())
    told = dict(zip(rejected.tolist(), errors, strict=True))
    return overlaid(reasons, told | dict(zip(later.tolist(), days, strict=True)))


def _chosen(people: Situations, decisions: _Numbers, decision: Decision) -> list[Person]:
    return persons_at(people, np.flatnonzero(decisions == _NUMBER[decision]))


def _said_gone(frame: pd.DataFrame, decisions: _Numbers) -> Mask:
    """Leavers by the status of their row, in which other cells are said as well."""
    found: Mask = (decisions == _NUMBER[Decision.LEAVE]) & frame["said_gone"].to_numpy(bool)
    return found


def _creates(people: Situations, decisions: _Numbers) -> dict[int, Change]:
    new = np.flatnonzero(decisions == _NUMBER[Decision.CREATE])
    if not len(new):
        return {}
    persons = persons_at(people, new)
    fields = first_fields(people.rows.iloc[new], [person.kind is UserKind.APP for person in persons])
    return {
        person.at: change_of(Kind.CREATE, person, each, Because.NOT_IN_BOX.value)
        for person, each in zip(persons, fields, strict=True)
    }


def _updates(
    people: Situations, wanted: Mask, drifted: Mapping[int, str], otherwise: ToldOtherwise
) -> tuple[dict[int, Change], dict[int, Change]]:
    """The changes of attributes, and what of somebody's waits while the others go on."""
    fields = defaultdict(list)
    cells = people.cells[wanted[people.cells["at"].to_numpy()]]
    columns = (cells[name].tolist() for name in ("at", "field", "before", "after"))
    for at, name, before, after in zip(*columns, strict=True):
        fields[at].append(FieldChange(name, before, after))
    updated, apart = {}, {}
    # who is wanted and has no fields differs in the login only
    for person in persons_at(people, np.array(sorted(fields), np.intp)):
        waits = waiting_fields(person.box_id, fields[person.at], otherwise)
        main, beside = update_of(person, fields[person.at], waits, drifted.get(person.at, ""))
        updated[person.at] = main
        if beside is not None:
            apart[person.at] = beside
    return updated, apart


def _walked_back(changes: dict[int, Change], terms: LeaverContext) -> dict[int, Change]:
    """Whoever comes back is told how far the way out had gone."""
    for at, change in changes.items():
        if change.kind is Kind.ACTIVATE:
            stays = reached(terms.progress_by_id.get(change.box_id, Progress()), terms.job.lifecycle)
            changes[at] = replace(change, because=joined(change.because, stays)) if stays else change
    return changes


def _leaving(person: Person, kind: Kind, step: LeaverDecision, said: Change | None) -> Change:
    """A stage of leaving; what else the row says travels with a deactivation."""
    fields: tuple[FieldChange, ...] = ()
    if kind is Kind.DEACTIVATE:
        others = said.fields if said and not said.hold else ()
        locked = FieldChange("status", person.status, "inactive")
        fields = (*(each for each in others if each.field != "status"), locked)
    made = change_of(kind, person, fields, step.because)
    return replace(made, evidence=step.evidence, to=step.to, to_key=step.to_key, destroys=step.destroys)


def _as_said(said: Change, step: LeaverDecision) -> Change:
    """What the row of somebody who has left says beside that, while no stage is due; a status counts at once."""
    evidence = step.because if said.kind is Kind.DEACTIVATE else ""
    return replace(said, because=joined(step.because, said.because), evidence=evidence)
