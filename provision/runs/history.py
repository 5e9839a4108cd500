"""Runs of a job that did not come to their end: what their journals still teach, and the offer to go on with one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from provision.apply.halt import LastTime
from provision.box.connect import Connection
from provision.directory.scope import Directory
from provision.errors import DamagedFile, PlanError, RunFolderError
from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME, read_outcomes
from provision.journal.value import Noted, Outcome
from provision.ledger.value import Memory, Taught
from provision.lessons.interrupted import after, contradicted, salvaged
from provision.model import Kind, Status
from provision.operations.value import Change
from provision.plan.planfile import can_be_applied, read_recorded
from provision.plan.undo.past import Past
from provision.plan.value import Plan
from provision.report.kept import reopen
from provision.report.reconciling.reconcile import reconcile
from provision.report.value import Mode, Reconciliation, RunFacts, RunStatus
from provision.runs.approving.hear import heard
from provision.runs.ending import CUT_OFF
from provision.runs.folder import RunFolder, begun_runs, find_run, summary_of
from provision.runs.memory.job_ledger import known_ledger_of, ledger_of
from provision.runs.observer import Observer
from provision.runs.places.owners import share
from provision.runs.reading.unlisted import keys_of, targets, with_unlisted
from provision.runs.seal.closing import close_journal, has_grown, outcomes_that_count, proven_seal
from provision.runs.seal.seal import doubt_about, is_proven, sealed_plan
from provision.runs.selection import identity


@dataclass(frozen=True, slots=True)
class Unfinished:
    """One run that was cut off: its plan and the last word on each operation."""

    run: RunFolder
    plan: Plan
    outcomes: dict[str, Outcome]

    @property
    def left(self) -> int:
        """How many operations are not done, those that wait for a person left out."""
        ended = sum(one.settled or one.status is Status.HELD for one in self.outcomes.values())
        return len(self.plan.changes) - ended

    @property
    def doubtful(self) -> list[Change]:
        """The operations of which nobody knows whether they happened."""
        outcomes = self.outcomes
        known = (change for change in self.plan.changes if change.id in outcomes)
        return [change for change in known if outcomes[change.id].status is Status.IN_DOUBT]

    @property
    def sent(self) -> dict[str, int]:
        """By how many requests each doubtful create may have been sent; one that was cut off by one at least."""
        creates = (change.id for change in self.doubtful if change.kind is Kind.CREATE)
        return {name: max(self.outcomes[name].attempts, 1) for name in creates}


@dataclass(frozen=True, slots=True)
class Recalled:
    """What earlier runs of a job left, the unfinished ones included, and what is to be said of each of those.

    ``directory`` is the enterprise with what was found of them singly. ``sent``: the creates that may have been sent and are not
    accounted for, by id of the operation: by how many requests.
    """

    memory: Memory
    directory: Directory
    found: tuple[Finding, ...] = ()
    sent: Mapping[str, int] = field(default_factory=dict)


def recalled(
    job: Job, connection: Connection, directory: Directory, observer: Observer, *, teach: bool
) -> Recalled:
    """Recall the earlier runs of this job.

    ``directory`` was read now. ``teach``: what unfinished runs still say is written into the ledger; the
    caller holds the enterprise's lock then.
    """
    return _recalled(_Asking(job, connection, observer), directory, teach=teach)


def taken_over(
    but: str, job: Job, connection: Connection, directory: Directory, observer: Observer
) -> Recalled:
    """The same before a saved plan is carried out, and the ledger is taught: of all runs ``but`` that one.

    Where people only plan and apply, no run would come that learns from one that was killed. The plan has told of them.
    """
    past = _recalled(_Asking(job, connection, observer, but), directory, teach=True)
    return replace(past, found=tuple(one for one in past.found if one.code is not Code.UNFINISHED_RUN))


class _Asking(NamedTuple):
    """Who recalls the runs of a job, ``but`` one."""

    job: Job
    connection: Connection
    observer: Observer
    but: str = ""


def _recalled(asking: _Asking, directory: Directory, *, teach: bool) -> Recalled:
    job, connection, observer, but = asking
    enterprise_id = connection.me.enterprise_id
    said = heard(job, enterprise_id, observer, teach=teach)
    found = list(said.found)
    sent: dict[str, int] = {}
    opened = ledger_of if teach else known_ledger_of
    with contextlib.closing(opened(job)) as ledger:
        memory = ledger.memory(enterprise_id, job.name)
        memory = replace(memory, releases=(*said.words, *memory.releases))
        taught = ledger.runs_taught(enterprise_id, job.name)
        others = [
            one for one in _unfinished(job, enterprise_id, taught, found) if one.run.about.run_id != but
        ]
        for unfinished in reversed(others):
            doubtful = unfinished.doubtful
            wanted = targets(doubtful, directory) + keys_of(doubtful)
            directory = with_unlisted(wanted, directory, job, connection)
            sent |= unfinished.sent
            lessons = salvaged(unfinished.plan, unfinished.outcomes, directory, memory)
            memory = after(memory, lessons)
            if teach:
                run_id, at = unfinished.run.about.run_id, observer.now().isoformat()
                ledger.learn(enterprise_id, job.name, lessons, Taught(run_id, unfinished.plan.as_of, at))
                _closed(unfinished, directory, job)
            if unfinished.left and can_be_applied(unfinished.run.path):
                found.append(_offer(unfinished))
    return Recalled(memory, directory, tuple(found), sent)


def _closed(unfinished: Unfinished, directory: Directory, job: Job) -> None:
    """From now on its journal is proven, unless Box contradicts it; where that cannot be kept, it is as before."""
    if not contradicted(unfinished.plan, unfinished.outcomes, directory):
        with contextlib.suppress(RunFolderError):
            close_journal(unfinished.run, job, ended=False)
            share(unfinished.run.path, job)


def last_time(job: Job, enterprise_id: str, but: str) -> LastTime:
    """What the last run of this job that sent something, ``but`` this one, tells of refusals; nothing where it cannot be read."""
    last = next((path for path in begun_runs(job) if path.name != but), None)
    if last is None or not is_proven(last, job):
        return LastTime()
    with contextlib.suppress(PlanError, RunFolderError):
        return _refusals_in(outcomes_that_count(last, job, {"enterprise": enterprise_id}))
    return LastTime()


def _refusals_in(outcomes: Mapping[str, Outcome]) -> LastTime:
    done = {name.partition(":")[0] for name, one in outcomes.items() if one.status is Status.DONE}
    refused = (
        name
        for name, one in outcomes.items()
        if one.answer.http_status == HTTPStatus.FORBIDDEN
        and (name.partition(":")[0] in done or one.says(Noted.REFUSED_AGAIN))
    )
    return LastTime(frozenset(kind for kind in Kind if kind.value in done), frozenset(refused))


def past_of(job: Job, run_id: str) -> Past | None:
    """What a run of this job recorded; None for one that is not there, cannot be read or is not believed."""
    path = next((path for path in begun_runs(job) if path.name == run_id), None)
    if path is None or not is_proven(path, job):
        return None
    with contextlib.suppress(PlanError, RunFolderError):
        plan = sealed_plan(path, job)
        return Past(run_id, plan, outcomes_that_count(path, job, identity(plan)))
    return None


def told_so_far(run: RunFolder, job: Job | None) -> tuple[Reconciliation, RunFacts]:
    """The reconciliation of a run as it was kept; of one that did not come to its end, as its journal tells.

    ``job`` is the run's, None where it cannot be had. Raises PlanError where the folder holds neither.
    """
    kept, facts = reopen(run.path)
    journal = run.path / JOURNAL_NAME
    if facts.status not in (RunStatus.PLANNED, RunStatus.INTERRUPTED) or not journal.exists():
        return kept, facts
    plan = read_recorded(run.path)
    whose = identity(plan)
    outcomes = outcomes_that_count(run.path, job, whose) if job else read_outcomes(journal, whose)
    reconciliation = reconcile(plan, outcomes, None, mode=Mode.APPLIED)
    error = facts.error or f"The run has not come to its end.\n  do: provision resume {run.path}"
    return reconciliation, replace(
        facts, status=CUT_OFF.status, exit_code=int(CUT_OFF.exit_code), error=error
    )


def _unfinished(
    job: Job, enterprise_id: str, taught: AbstractSet[str], found: list[Finding]
) -> Iterator[Unfinished]:
    """Newest first: runs the ledger has not learned from, and the last one if it was interrupted, also while it was gone on with, or left doubts."""
    newest = True
    for path in begun_runs(job):
        if path.name not in taught or (newest and (_left_open(path) or _gone_on_with(path, job))):
            with contextlib.suppress(_Elsewhere):
                yield _opened(path, enterprise_id, job, found)
        newest = False


def _left_open(path: Path) -> bool:
    summary = summary_of(path)
    outcomes = summary.get("outcomes")
    doubts = outcomes.get("in_doubt", 0) if isinstance(outcomes, dict) else 0
    return summary.get("status") == "interrupted" or bool(doubts)


def _gone_on_with(path: Path, job: Job) -> bool:
    """Whether a process that resumed a run was cut off before it had told how that ended."""
    seal = proven_seal(path, job)
    with contextlib.suppress(DamagedFile, RunFolderError):  # told by whoever wants to learn from it
        return seal is not None and has_grown(path, seal)
    return False


class _Elsewhere(Exception):
    """A run that says nothing about this enterprise."""


def _opened(path: Path, enterprise_id: str, job: Job, found: list[Finding]) -> Unfinished:
    try:
        plan = read_recorded(path)
        if plan.enterprise_id != enterprise_id:
            raise _Elsewhere
        if (doubt := doubt_about(path, job)) is not None:
            raise doubt
        plan = sealed_plan(path, job)
        return Unfinished(find_run(str(path)), plan, read_outcomes(path / JOURNAL_NAME, identity(plan)))
    except PlanError as error:
        sentence = f"Nothing can be learned from the unfinished run {path.name}: {error.what}"
        found.append(Finding(Code.UNFINISHED_RUN, Level.WARNING, sentence, error.remedy))
        raise _Elsewhere from None


def _offer(unfinished: Unfinished) -> Finding:
    run, left = unfinished.run, unfinished.left
    sentence = (
        f"Run {run.about.run_id} was not finished: {left:,} of {len(unfinished.plan.changes):,} operations are left. "
        "This run plans them afresh"
    )
    return Finding(
        Code.UNFINISHED_RUN,
        Level.WARNING,
        sentence,
        f"nothing, or to finish that very run instead: provision resume {run.path}",
    )
