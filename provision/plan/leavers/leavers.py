"""What is done in this run with each person who leaves: the stage that is due, and who gets their content."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from provision.because import Because, joined, leading, reason
from provision.job.settings import Job
from provision.ledger.progress import Progress
from provision.ledger.value import Memory
from provision.model import Action, Kind, UserKind
from provision.operations.value import Change
from provision.plan.leavers.recipients import Receivers, Wish
from provision.plan.leavers.stages import (
    Absence,
    DepartureProof,
    Step,
    absences_of,
    next_step,
    proof_of_absence,
    proof_of_end_date,
    proof_of_status,
    told_step,
)
from provision.plan.match.unreadable_rows import Unread
from provision.plan.situations import Situations


class Person(NamedTuple):
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
    zone: str
    said_gone: bool
    spared: bool
    segment: str
    coadmin: bool


@dataclass(frozen=True, slots=True)
class LeaverContext:
    """On what is decided: the job, what it remembers, the moment, and the ways of leavers with what was seen just now.

    ``service_account`` is the Box id of the service account, "" if that is not known.
    """

    job: Job
    memory: Memory
    as_of: datetime
    progress_by_id: Mapping[str, Progress]
    service_account: str = ""


@dataclass(frozen=True, slots=True)
class LeaverDecision:
    """What is done about one leaver: an operation, or None; ``because`` says why, ``held`` asks a person.

    The others are as in :class:`provision.operations.value.Change`.
    """

    person: Person
    kind: Kind | None
    because: str
    held: bool = False
    evidence: str = ""
    to: str = ""
    to_key: str = ""
    ends_sessions: bool = False
    destroys: bool = False
    archive: str = ""


def leaver_decisions(
    leavers: Iterable[Person], people: Situations, changes: Mapping[int, Change], terms: LeaverContext
) -> list[LeaverDecision]:
    """What is done about each of these people. ``changes`` are the operations on others that are planned already."""
    persons = tuple(leavers)
    absences = absences_of(terms.memory)
    steps = [(person, _step(person, people, absences, terms)) for person in persons]
    wishes = [
        Wish(person.at, person.box_id, step.stage.to or "")
        for person, step in steps
        if step.kind is Kind.TRANSFER and step.stage is not None
    ]
    if not wishes:
        return [_leaving(person, step) for person, step in steps]
    gone = {person.box_id for person in persons} | {
        change.box_id for change in changes.values() if change.kind is Kind.DEACTIVATE
    }
    receivers = Receivers.among(people, wishes, (gone, terms.memory, terms.service_account))
    return [_handed_over(_leaving(person, step), receivers, terms) for person, step in steps]


def _step(person: Person, people: Situations, absences: Mapping[str, Absence], terms: LeaverContext) -> Step:
    progress, lifecycle = (
        terms.progress_by_id.get(person.box_id, Progress()),
        terms.job.lifecycle.of(person.segment),
    )
    if person.line:
        return _told(person, terms, progress)
    absence = absences.get(person.box_id, Absence())
    proof = proof_of_absence(absence, lifecycle, terms.as_of, fresh=people.fresh.of(person.box_id))
    step = next_step(proof, lifecycle, person.status, terms.as_of, progress)
    if proof.since is None and people.fresh.missing:
        away = reason(Because.SOURCE_MISSING, names=", ".join(people.fresh.missing))
        step = replace(step, because=joined(step.because, away))
    return _unless_doubtful(step, person, people.unread)


def _told(person: Person, terms: LeaverContext, progress: Progress) -> Step:
    """A step for somebody whose own row says so."""
    if person.action in (Action.DEACTIVATE, Action.DELETE):
        return told_step(Action(person.action), person.status, person.line, progress)
    lifecycle = terms.job.lifecycle.of(person.segment)
    return next_step(_proof(person, terms, progress), lifecycle, person.status, terms.as_of, progress)


def _proof(person: Person, terms: LeaverContext, progress: Progress) -> DepartureProof:
    """What the row proves: an end date that has passed, a status, or both."""
    zone = terms.job.lifecycle.zone(person.zone)
    ended = proof_of_end_date(person.end_date, zone) if person.end_date else None
    if not person.said_gone and ended is not None:
        return ended
    return proof_of_status(progress, terms.as_of, ended)


def _unless_doubtful(step: Step, person: Person, unread: Unread) -> Step:
    """A row whose key cannot be read may be anybody who is absent."""
    if person.spared:
        return Step(None, Because.MAY_BE_MEANT.value, held=True)
    rows = unread.may_be(person.external_id, person.name)
    if not rows or not (step.kind or leading(step.because) is Because.NOT_YET):
        return step
    unproven = joined(step.because, reason(Because.UNREADABLE_ROWS, rows=len(rows)))
    return Step(None, unproven, held=step.kind is not None)


def _leaving(person: Person, step: Step) -> LeaverDecision:
    if step.kind is Kind.ROLL_OUT and person.kind is UserKind.APP:
        return LeaverDecision(person, None, joined(step.because, Because.NO_ROLL_OUT), held=True)
    evidence = step.because if step.kind is not None else ""
    destroys = step.stage is not None and step.stage.content == "destroy"
    because = joined(step.because, Because.SESSIONS_TOO) if step.ends_sessions else step.because
    return LeaverDecision(
        person, step.kind, because, step.held, evidence, ends_sessions=step.ends_sessions, destroys=destroys
    )


def _handed_over(leaving: LeaverDecision, receivers: Receivers, terms: LeaverContext) -> LeaverDecision:
    """A transfer with its receiver; without one a person has to name somebody."""
    if leaving.kind is not Kind.TRANSFER:
        return leaving
    found = receivers.of(leaving.person.at)
    if found.why_not:
        because = joined(leaving.because, Because.NO_RECEIVER, found.why_not)
        return replace(leaving, kind=None, held=True, because=because, evidence="")
    goes = reason(Because.GOES_TO, key=found.key, named_by=found.named_by)
    place = _place(leaving.person, terms)
    return replace(
        leaving, because=joined(leaving.because, goes), to=found.box_id, to_key=found.key, archive=place
    )


def _place(person: Person, terms: LeaverContext) -> str:
    """The folders of the archive for one leaver, "" for a job without one."""
    archive = terms.job.lifecycle.archive
    if archive is None:
        return ""
    today = terms.as_of.astimezone(terms.job.lifecycle.zone())
    shards = {"month": f"{today:%Y-%m}", "letter": person.login[:1].upper(), "none": ""}
    return "/".join(name for name in (archive.folder, shards[archive.by]) if name)
