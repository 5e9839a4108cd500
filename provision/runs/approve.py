"""Approvals: a person's word that lets what waits go on, kept with the run it is about."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import msgspec

from provision.errors import ExitCode, PlanError, UsageError
from provision.files import whole
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME, read_outcomes
from provision.ledger.store import Ledger
from provision.ledger.value import IdentityAnswer, Release
from provision.model import fold, made_by_box
from provision.operations.value import Change, wholes
from provision.plan.guards.approvals import with_approvals
from provision.plan.value import Plan, Question
from provision.records import read_record, sound
from provision.report.reasons import same_person
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.folder import APPROVALS_NAME, RunFolder, plan_of
from provision.runs.job_ledger import ledger_of
from provision.runs.memory_loss import expect_memory
from provision.runs.observer import Remark
from provision.runs.seal import is_sealed_row, load_proven, sealed_rows
from provision.runs.selection import identity
from provision.runs.start import Begun
from provision.wording import counted, moment, nearest

#: what stands in the place of a kind for an answer who is who
SAME_PERSON = "same_person"
#: likewise, for somebody's word that a protected person who leaves is known of
KNOWN = "known"
#: how long an approval counts that names no date
_USUAL = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class ApprovalChoice:
    """What to approve: everything that waits, whole kinds, or people by login, external id or Box id.

    ``by`` is who decides, ``until`` the last day (ISO, in the job's time zone) on which that counts, "" for the usual week.
    """

    everything: bool = False
    kinds: Sequence[str] = ()
    people: Sequence[str] = ()
    by: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Approved(Summary):
    """What somebody has approved; as JSON it is nothing but that."""

    approved: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        names = ("run_id", "job", "exit_code", "error", "approved")
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)


def answers_in(folder: Path, job: Job) -> tuple[IdentityAnswer, ...]:
    """What people have answered in a run folder about who is who, by its record; what the job's key does not prove is no answer.

    Raises PlanError for a record that cannot be read.
    """
    return tuple(
        IdentityAnswer(one["external_id"], one["login"], one["box_id"], one["by"], one["at"])
        for one in recorded(folder / APPROVALS_NAME)
        if one["kind"] == SAME_PERSON and is_sealed_row(one, folder.name, job)
    )


@dataclass(frozen=True, slots=True)
class _Open:
    """What of a run a person can settle with a word: operations that wait, and questions who is who."""

    operations: tuple[Change, ...] = ()
    questions: tuple[Question, ...] = ()

    def __len__(self) -> int:
        return len(self.operations) + len(self.questions)


def approve(name: str, choice: ApprovalChoice, begun: Begun) -> Approved:
    """Release what waits in the run of this name. Raises UsageError for what does not wait, PlanError for an old question."""
    run, observer = begun.open(name), begun.observer
    job, now = load_proven(run, begun, signs_in=False), observer.now()
    until = _until(choice.until, job, now)
    expect_memory(job)
    plan = plan_of(run, job, "name a run of this job; see them with: provision runs JOB")
    with contextlib.closing(ledger_of(job)) as ledger:
        waiting = _waiting(plan, run, ledger.releases(plan.enterprise_id, job.name), now)
        chosen = _chosen(waiting, choice, run)
        if chosen.questions:
            _expect_newest(plan, run, ledger)
        word = Release("", "", choice.by, _iso(now), _iso(until), run.about.run_id)
        rows = _rows(chosen, word)
        _record(
            run, sealed_rows(rows, run.about.run_id, job)
        )  # first the proof of who said so, then its effect
        _let_go(chosen, word, plan, ledger)
    run.log("approved", now, by=choice.by, count=len(chosen), until=word.until)
    observer.note(Remark(_done(chosen, choice, until, run)))
    return Approved(
        run_id=run.about.run_id,
        job=job.name,
        status=RunStatus.NO_CHANGES,
        exit_code=int(ExitCode.DONE),
        approved=rows,
    )


def _expect_newest(plan: Plan, run: RunFolder, ledger: Ledger) -> None:
    """Who is who may have been settled since; an old question is not answered for good."""
    since = ledger.last_accepted(plan.enterprise_id, plan.job, but=run.about.run_id)
    if since and datetime.fromisoformat(since) > datetime.fromisoformat(plan.as_of) + timedelta(seconds=1):
        raise PlanError(
            f"Run {run.about.run_id} is not the last one of its job, which was carried out again on {since[:16]}.",
            cause="the question was asked again, or settled, by a newer run",
            remedy="see what still waits, and in which run: provision holds JOB",
        )


def _let_go(chosen: _Open, word: Release, plan: Plan, ledger: Ledger) -> None:
    releases = [replace(word, hold_id=change.hold_id, aim=change.aim) for change in chosen.operations]
    ledger.release(plan.enterprise_id, plan.job, releases)
    known = [asked for asked in chosen.questions if asked.to_be_known]
    ledger.release(plan.enterprise_id, plan.job, [replace(word, hold_id=one.person.hold_id) for one in known])
    for asked in (one for one in chosen.questions if not one.to_be_known):
        same = IdentityAnswer(asked.external_id, asked.login, asked.box_id, word.by, word.at)
        ledger.answer(plan.enterprise_id, plan.job, same)


def _done(chosen: _Open, choice: ApprovalChoice, until: datetime, run: RunFolder) -> str:
    said = []
    if chosen.operations:
        number = counted(len(chosen.operations), "operation")
        said.append(f"{choice.by} approves {number} until {moment(until)}.")
    said += [
        f"{choice.by} knows of {asked.key} until {moment(until)}; nothing is done about the account."
        if asked.to_be_known
        else f"{choice.by} says: {same_person(asked)}."
        for asked in chosen.questions
    ]
    if not chosen.operations and all(asked.to_be_known for asked in chosen.questions):
        return " ".join(said)
    return f"{' '.join(said)} It is carried out by: {_next_command(run, chosen)}"


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _next_command(run: RunFolder, chosen: _Open) -> str:
    if chosen.questions or (run.path / JOURNAL_NAME).exists():
        return f"provision run {run.about.job_path}, which plans afresh"
    return (
        f"provision apply {run.path}, just as that plan says; or the next run of the job, which plans afresh"
    )


def _until(text: str, job: Job, now: datetime) -> datetime:
    """The end of the last day on which an approval counts."""
    if not text:
        return now.astimezone(UTC) + _USUAL
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--until {text} is not a date.", remedy="write it as 2026-12-31") from None
    end = datetime.combine(day + timedelta(days=1), time(), job.lifecycle.zone())
    if end <= now:
        raise UsageError(f"--until {text} is over already.", remedy="name today or a later day")
    return end


def _waiting(plan: Plan, run: RunFolder, releases: Iterable[Release], now: datetime) -> _Open:
    """What of a run waits, operations left out that are approved or were done all the same."""
    journal = run.path / JOURNAL_NAME
    outcomes = read_outcomes(journal, identity(plan)) if journal.exists() else {}
    settled = {name for name, outcome in outcomes.items() if outcome.settled}
    holds = replace(plan, changes=with_approvals(plan.changes, releases, now)).holds
    operations = (
        change for change in wholes(plan.changes) if change.id in holds and change.id not in settled
    )
    return _Open(tuple(operations), plan.questions)


def _chosen(waiting: _Open, choice: ApprovalChoice, run: RunFolder) -> _Open:
    """What the person means. Who is who is only settled one by one, never for all at once."""
    if not waiting or (choice.everything and not waiting.operations):
        raise UsageError(
            f"No operation of run {run.about.run_id} waits to be approved.",
            cause="it was approved already, or what waits needs an answer about one person (--person), another roster or a "
            "change in Box",
            remedy="see what waits: provision holds JOB, or the preview of the run",
        )
    if choice.everything:
        return _Open(waiting.operations)
    for kind in choice.kinds:
        _expect_kind(kind, waiting, run)
    meant = [_of_person(name, waiting) for name in choice.people]
    kinds = {change.id for change in waiting.operations if change.kind in choice.kinds}
    operations = kinds.union(*({change.id for change in each.operations} for each in meant))
    asked = {question for each in meant for question in each.questions}
    return _Open(
        tuple(change for change in waiting.operations if change.id in operations),
        tuple(question for question in waiting.questions if question in asked),
    )


def _expect_kind(kind: str, waiting: _Open, run: RunFolder) -> None:
    kinds = sorted({change.kind.value for change in waiting.operations})
    if kind not in kinds:
        raise UsageError(
            f"No operation of the kind {kind} waits in run {run.about.run_id}.",
            remedy=f"there are: {', '.join(kinds) or 'only questions about single people (--person)'}",
        )


def _of_person(name: str, waiting: _Open) -> _Open:
    keys: dict[str, list[Change | Question]] = {}
    everything: list[Change | Question] = [*waiting.operations, *waiting.questions]
    for each in everything:
        for key in {each.box_id, each.external_id, fold(each.login)} - {""}:
            keys.setdefault(key, []).append(each)
    found = keys.get(name) or keys.get(fold(name))
    if found and len({each.person.anchor for each in found}) > 1:
        raise UsageError(
            f"--person {name} may be several people: an id of the roster that is somebody else's Box id, or a shared one.",
            remedy="name the person by the login, or by the Box id",
        )
    if found:
        operations = tuple(each for each in found if isinstance(each, Change))
        return _Open(operations, tuple(each for each in found if isinstance(each, Question)))
    close = nearest(fold(name), {key for key in keys if not made_by_box(key)})
    raise UsageError(
        f"--person {name}: nothing about anybody of that name waits"
        + (f"; did you mean {close}?" if close else "."),
        cause="a typing error, or another run",
        remedy="see who waits: provision holds JOB",
    )


def _rows(chosen: _Open, word: Release) -> tuple[Mapping[str, Any], ...]:
    """What is kept of it in the run folder."""
    said = {"by": word.by, "at": word.at}
    names = ("box_id", "external_id", "login")
    operations = (
        {
            "kind": each.kind.value,
            **{name: getattr(each, name) for name in names},
            **said,
            "until": word.until,
        }
        for each in chosen.operations
    )
    answers = (
        {
            "kind": KNOWN if each.to_be_known else SAME_PERSON,
            **{name: getattr(each, name) for name in names},
            **said,
            "until": word.until if each.to_be_known else "",
        }
        for each in chosen.questions
    )
    return (*operations, *answers)


def _record(run: RunFolder, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add to the run folder's own record who approved what."""
    path = run.path / APPROVALS_NAME
    text = json.dumps([*recorded(path), *rows], ensure_ascii=False, indent=1)
    whole(path, lambda part: part.write_text(f"{text}\n", encoding="utf-8"))


class _Row(msgspec.Struct):
    """What every row of the record says; a row may say more."""

    kind: str
    box_id: str
    external_id: str
    login: str
    by: str
    at: str
    until: str


def recorded(path: Path) -> list[dict[str, Any]]:
    """The rows of a record of approvals, none where there is none. Raises DamagedFile."""
    remedy = (
        f"put {path.name} back from a backup, or move it away: what it says is lost then, and asked for again"
    )
    try:
        rows = read_record(path, list[dict[str, Any]], remedy)
    except FileNotFoundError:
        return []
    told = sound(path, lambda: msgspec.convert(rows, list[_Row]), remedy)
    sound(path, lambda: [datetime.fromisoformat(one.at) for one in told], remedy)
    return rows
