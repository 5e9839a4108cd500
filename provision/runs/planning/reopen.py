"""A saved plan, opened to be applied or gone on with: whether it is whole and still wanted, and what has moved."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from pathlib import Path

from provision.apply.stale import moved_targets
from provision.directory.scope import WayOfReading
from provision.errors import DamagedFile, PlanError
from provision.job.fingerprint import fingerprint, same_job
from provision.job.settings import Authority, Job
from provision.journal.book import JOURNAL_NAME
from provision.journal.value import Outcome
from provision.operations.value import Change
from provision.plan.guards.again import Today, judged_again
from provision.plan.guards.allow_names import check_allowed
from provision.plan.guards.approvals import GivenWords, approved_since, expect_enough
from provision.plan.planfile import read_plan, read_recorded
from provision.plan.value import Plan
from provision.plan.warrant import Warrants, expect_warranted
from provision.report.findings import before_listing
from provision.report.kept import reopen
from provision.runs.folder import (
    BEFORE_SENDING,
    RunFolder,
    began_to_send,
    begun_runs,
    expect_of_today,
    summary_of,
)
from provision.runs.history import past_of, taken_over
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.memory.lock import only_run
from provision.runs.memory.memory_loss import expect_memory
from provision.runs.observer import Observer, Remark
from provision.runs.places.own_places import open_to_others
from provision.runs.planning.prepare import NoticedInRoster, Planned, read_directory
from provision.runs.reading.by_key import Tried, read_targets
from provision.runs.reading.connection import sign_in
from provision.runs.reading.rights import with_rights
from provision.runs.reading.unlisted import MOST_ASKED, keys_of, targets, with_unlisted
from provision.runs.seal.closing import own_journal, own_seal
from provision.runs.seal.seal import is_proven, sealed_plan
from provision.runs.selection import Attempt, identity, noted

_AGAIN = "make a new plan: provision plan JOB"
_Journal = tuple[dict[str, Outcome], dict[str, str]]


@contextlib.contextmanager
def reopened(
    run: RunFolder, job: Job, begun: Attempt, observer: Observer
) -> Iterator[tuple[Planned, Attempt]]:
    """A saved plan with everything to apply it, while the enterprise is locked; ``begun`` says what of it is wanted.

    Raises PlanError for a plan that is edited, applied already, of a changed job or for another enterprise.
    """
    _of_digest(run, begun.selection.digest)
    with _opened(run, job, begun.allow, observer) as (opened, _):
        _not_begun(run, opened)
        planned = _with_targets(opened, opened.plan.changes)
        attempt = replace(begun, skipped=moved_targets(planned.plan.changes, planned.directory))
        yield _judged(planned, attempt, run, observer), attempt


@contextlib.contextmanager
def resumed(
    run: RunFolder, job: Job, allow: Mapping[str, int], observer: Observer
) -> Iterator[tuple[Planned, Attempt]]:
    """The plan of an interrupted run, with what its journal tells, while the enterprise is locked.

    What is done stays done; what may have happened is looked at; what was chosen and allowed then still is. Raises PlanError
    as :func:`reopened` does, and for a run that was only planned.
    """
    with _opened(run, job, allow, observer) as (opened, (earlier, notes)):
        if not notes:
            _was_cut_off(run, job, observer)
        _not_taken_back(run, job)
        begun = noted(notes)
        attempt = replace(begun, earlier=earlier, allow={**begun.allow, **allow})
        expect_enough(attempt.allow, job.approvals.required)  # what a journal tells is not sealed
        left = attempt.left(opened.plan.changes)
        planned = _with_targets(opened, left)
        attempt = replace(attempt, skipped=moved_targets(left, planned.directory, opened.plan.changes))
        yield _judged(planned, attempt, run, observer), attempt


@contextlib.contextmanager
def _opened(
    run: RunFolder, job: Job, allow: Mapping[str, int], observer: Observer
) -> Iterator[tuple[Planned, _Journal]]:
    """The plan of a run and what its journal says and was begun with, each read once: somebody may exchange what lies there."""
    check_allowed(allow, job.roster.source_names)
    expect_enough(allow, job.approvals.required)
    plan = sealed_plan(run.path, job, read_plan)
    _of_this_job(plan, job)
    expect_of_today(plan)
    noticed = _noticed(run)
    connection = sign_in(job, observer, run)
    if connection.me.enterprise_id != plan.enterprise_id:
        raise PlanError(
            f"The plan is for enterprise {plan.enterprise_id}, the sign-in is for {connection.me.enterprise_id}.",
            cause="other credentials in the environment than when the plan was made",
            remedy=f"sign in to the plan's enterprise, or {_AGAIN}",
        )
    with only_run(job, plan.enterprise_id, run.about.run_id, observer):
        expect_memory(job, plan.enterprise_id)
        _not_overtaken(plan, run, job)
        earlier, notes = own_journal(run, job, identity(plan))
        may_look_up = bool(earlier or plan.roster.people) or plan.roster.authority == Authority.PARTIAL
        tried = read_targets(plan.changes, earlier, job, connection, observer) if may_look_up else Tried()
        directory = tried.directory or read_directory(job, connection, observer, counted=tried.counted)
        past = taken_over(run.about.run_id, job, connection, directory, observer)
        noticed = replace(noticed, findings=noticed.findings.beside((*past.found, *open_to_others(job))))
        settled = {name for name, outcome in earlier.items() if outcome.settled}
        expect_warranted(plan, Warrants(job, past.memory, cache(partial(past_of, job)), settled))
        planned = Planned(job, plan, noticed, past.directory, connection, past.memory, past.sent)
        yield planned, (earlier, notes)


def _with_targets(planned: Planned, changes: Sequence[Change]) -> Planned:
    """With the accounts of these operations that are there and not listed; of an unproven listing those to be created, too."""
    directory = planned.directory
    if directory.read is WayOfReading.LOOKUP:
        return planned  # these very accounts were asked for already
    wanted = targets(changes, directory)
    keys = keys_of(changes)
    if not directory.certainty.proven and len(keys) <= MOST_ASKED:
        wanted += keys
    directory = with_unlisted(wanted, directory, planned.job, planned.connection)
    return replace(planned, directory=directory)


def _judged(planned: Planned, attempt: Attempt, run: RunFolder, observer: Observer) -> Planned:
    """The plan with its guards judged again, under what is allowed and approved now."""
    with contextlib.closing(ledger_of(planned.job)) as ledger:
        known = run.about.run_id in ledger.runs_taught(planned.plan.enterprise_id, planned.job.name)
    done = {name for name, outcome in attempt.earlier.items() if outcome.settled}
    memory, required = planned.memory, planned.job.approvals.required
    words = GivenWords(memory.releases, observer.now(), required, memory.key)
    plan = approved_since(planned.plan, words, done)
    today = Today(planned.job, planned.memory, observer.now(), attempt.allow, done, known)
    plan = replace(plan, guards=judged_again(plan, today))
    left = replace(plan, changes=tuple(attempt.left(plan.changes)))
    rights = with_rights(left, planned.job, planned.connection, attempt.allow)
    return replace(planned, plan=replace(plan, guards=rights.guards))


def _of_this_job(plan: Plan, job: Job) -> None:
    if plan.job != job.name or not same_job(plan.job_fingerprint, fingerprint(job)):
        raise PlanError(
            f"The job {plan.job} was changed after this plan was made: it may want something else now.",
            cause="scope, mapping, lifecycle or guards were edited in the job file",
            remedy=_AGAIN,
        )


def _of_digest(run: RunFolder, wanted: str) -> None:
    """Somebody has looked at the plan of this digest, and at no other."""
    if wanted and wanted != (found := read_plan(run.path).digest):
        raise PlanError(
            f"The plan of run {run.about.run_id} has the digest {found}, not {wanted}.",
            cause="the preview of another run was looked at, or the digest was cut off",
            remedy=f"look at its preview, then: provision apply {run.path} --digest {found}",
        )


def _not_begun(run: RunFolder, opened: Planned) -> None:
    """Asked under the lock, so that two processes cannot both hear yes; a journal that was taken away is known to the ledger."""
    with contextlib.closing(ledger_of(opened.job)) as ledger:
        done = ledger.has_done(opened.plan.enterprise_id, opened.job.name, run.about.run_id)
    if done or (run.path / JOURNAL_NAME).exists() or _was_closed(run, opened.job):
        raise PlanError(
            f"The plan of run {run.about.run_id} was applied already, or its application was begun.",
            cause="apply was called twice, or the run was interrupted",
            remedy=f"look at its report; to finish what was interrupted: provision resume {run.path}; to release what it held: "
            f"provision approve {run.path}; else {_AGAIN}",
        )


def _was_closed(run: RunFolder, job: Job) -> bool:
    """Whether a run has had a journal, by its seal: somebody may have taken it away, and a ledger of before does not know of it."""
    return own_seal(run.path, job).journal is not None


def _noticed(run: RunFolder) -> NoticedInRoster:
    """What reading the roster brought up; a run that was killed right after its plan has not kept it. Raises DamagedFile."""
    try:
        facts = reopen(run.path)[1]
    except DamagedFile:
        raise
    except PlanError:
        return NoticedInRoster()
    return NoticedInRoster(facts.ignored, facts.row_errors, before_listing(facts.findings))


def _was_cut_off(run: RunFolder, job: Job, observer: Observer) -> None:
    """Without a journal nothing was sent: right for a run that ended before its first call, and for no other."""
    status = summary_of(run.path).get("status")
    if status in BEFORE_SENDING:
        raise PlanError(
            f"The run {run.about.run_id} was only planned; there is nothing to go on with.",
            cause="resume was meant for another run, or apply was meant",
            remedy=f"look at its preview, then: provision apply {run.path}",
        )
    begun = _was_closed(run, job) or began_to_send(run.path)
    if begun is False:
        observer.note(Remark("Nothing of this run was sent so far; it is carried out from its beginning."))
        return
    if begun or status != "interrupted":
        raise PlanError(
            f"The run {run.about.run_id} was applied, but its journal is missing: nobody knows what was sent.",
            cause="the run folder was copied incompletely",
            remedy=f"put {JOURNAL_NAME} back, or run the job again: it plans what is left",
        )


def _not_taken_back(run: RunFolder, job: Job) -> None:
    """A run that somebody has undone is not finished."""
    # by what they undo and not by their names: two runs of one second have no order
    for path in begun_runs(job):
        if _undoes(path, run.about.run_id) and is_proven(path, job):
            raise PlanError(
                f"The run {run.about.run_id} was taken back by run {path.name}, so there is nothing to go on with.",
                cause="somebody has undone it",
                remedy=_AGAIN,
            )


def _undoes(path: Path, run_id: str) -> bool:
    try:
        return read_recorded(path).roster.undoes == run_id
    except PlanError:
        return False


def _not_overtaken(plan: Plan, run: RunFolder, job: Job) -> None:
    """Asked under the lock, too."""
    with contextlib.closing(ledger_of(job)) as ledger:
        since = ledger.last_accepted(plan.enterprise_id, job.name, but=run.about.run_id)
    # a plan knows its time to the second
    if since and datetime.fromisoformat(since).replace(microsecond=0) > datetime.fromisoformat(plan.as_of):
        raise PlanError(
            f"The plan of run {run.about.run_id} was overtaken: the job was carried out again on {since[:16]}.",
            cause="the nightly run, or somebody else, applied a newer roster meanwhile",
            remedy=_AGAIN,
        )
