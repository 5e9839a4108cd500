"""Rebuilding: the ledger of a job made anew from what its run folders recorded, without Box."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from provision.errors import InputError, PlanError
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.ledger.address import shown
from provision.ledger.repair import set_aside_if_damaged
from provision.ledger.store import Ledger
from provision.ledger.value import IdentityAnswer, Lessons, Memory, Release, Taught
from provision.lessons.finished import lessons
from provision.lessons.interrupted import salvaged, without_doubts
from provision.plan.planfile import read_recorded
from provision.records import damaged
from provision.report.summary import Summary
from provision.runs.adopt import adopted_in, adoption
from provision.runs.approving.approvals import answers_in, recorded, stops_in
from provision.runs.ending import Course, Fact, conclude
from provision.runs.folder import ADOPTION_NAME, APPROVALS_NAME, came_to_its_end, job_of, runs_in
from provision.runs.memory.job_ledger import keys_of, ledger_of
from provision.runs.memory.lock import locked
from provision.runs.observer import Observer, Remark, Trouble
from provision.runs.past.applied import AppliedRun, expect_believed, read_applied
from provision.runs.seal.closing import not_believed, own_seal, proven_seal
from provision.runs.seal.seal import is_proven
from provision.wording import counted


@dataclass(frozen=True, slots=True)
class Rebuilt(Summary):
    """What came of a rebuild, in a form of its own: how many runs taught, which could not, what was moved aside."""

    ledger: str = ""
    moved_aside: str | None = None
    taught: int = 0
    only_planned: int = 0
    left_out: tuple[Mapping[str, str], ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        names = ("job", "ledger", "moved_aside", "taught", "only_planned", "left_out", "exit_code", "error")
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Adopted:
    """One recorded adoption."""

    run_id: str
    enterprise_id: str
    at: str
    lessons: Lessons

    def teach(self, _memory: Memory) -> tuple[Lessons, Taught]:
        """What it adds, whatever was known before."""
        return self.lessons, Taught(self.run_id, self.at, self.at)


@dataclass(frozen=True, slots=True)
class RunsFound:
    """The run folders of a job: runs that teach, oldest plan first, adoptions, unreadable folders, mere plans."""

    applied: tuple[AppliedRun, ...]
    adopted: tuple[_Adopted, ...]
    left_out: tuple[Mapping[str, str], ...]
    only_planned: int


def rebuild(job: Job, observer: Observer) -> Rebuilt:
    """Make the ledger of a job anew from the runs that its key proves.

    Raises InputError where nothing can be learned or something would be lost, and Locked.
    """
    found = runs_found(job)
    for each in found.left_out:
        remedy = f"\n  do: {each['do']}" if each["do"] else ""
        observer.note(Trouble(f"{each['run_dir']} was left out: {each['why']}{remedy}"))
    if not found.applied and not found.adopted:
        raise InputError(
            f"There is no run in {job.runs} that the ledger of job {job.name} could be made from.",
            cause="the run folders lie elsewhere, or no run was applied yet, or its key was lost with the ledger",
            remedy="correct 'runs' in the job file, or put the run folders back; those that are yours and not believed: "
            f"provision runs {job.path or 'JOB'} --rebuild --trust RUN (or --trust '*')",
        )
    _tell_unclosed(found, observer)
    aside = _made_anew(job, found, observer)
    end = conclude(Course.REBUILD, frozenset({Fact.UNREAD} if found.left_out else ()))
    return Rebuilt(
        job=job.name,
        status=end.status,
        exit_code=int(end.exit_code),
        error=_unread(found),
        ledger=shown(job.state.url),
        moved_aside=str(aside) if aside else None,
        taught=len(found.applied) + len(found.adopted),
        only_planned=found.only_planned,
        left_out=found.left_out,
    )


def _tell_unclosed(found: RunsFound, observer: Observer) -> None:
    before = sum(not past.seal.closes for past in found.applied)
    if before:
        observer.note(
            Remark(
                f"{counted(before, 'run')} of an earlier release, whose journals nobody closed: what they say was done is believed as it "
                "lies there."
            )
        )


def _unread(found: RunsFound) -> str | None:
    """What is said of run folders that could not be read."""
    if not found.left_out:
        return None
    folders = counted(len(found.left_out), "run folder")
    return (
        f"The ledger was made anew without {folders} that cannot be read or is not believed.\n"
        "  do: put back what is missing there, or name those that are yours with --trust RUN, and rebuild again"
    )


def runs_found(job: Job) -> RunsFound:
    """The run folders of a job as a ledger made anew would learn from them."""
    applied, adopted, left_out, only_planned = [], [], [], 0
    for path in runs_in(job.runs):
        if job_of(path) != job.name:
            continue
        try:
            if adoption(path) is not None:  # what is wrong with it is said first
                expect_believed(path, job)
                told = adoption(path, own_seal(path, job).expected(ADOPTION_NAME))
                adopted += [_Adopted(path.name, *adopted_in(told))] if told is not None else []
            elif (path / JOURNAL_NAME).exists():
                applied.append(read_applied(path, job))
            else:
                _expect_no_journal(path, job)
                only_planned += 1
            recorded(path / APPROVALS_NAME)  # whose answers are learned later
        except InputError as error:
            left_out.append({"run_dir": str(path), "why": error.what, "do": error.remedy})
    applied.sort(key=lambda past: (past.plan.as_of, past.path.name))
    last = {past.plan.enterprise_id: past for past in applied}
    believed = []
    for past in applied:
        why = _unbelieved(past, is_last=past is last[past.plan.enterprise_id])
        if why:
            doubt = not_believed(past.path, job, why, "")
            left_out.append({"run_dir": str(past.path), "why": doubt.what, "do": doubt.remedy})
        if not why or past.grown:
            believed.append(past)
    return RunsFound(tuple(believed), tuple(adopted), tuple(left_out), only_planned)


def _unbelieved(past: AppliedRun, *, is_last: bool) -> str:
    """What of a journal is not believed, since nobody asks Box here; "" for nothing, or where the next run asks.

    Journals of a release that closed none are as ever.
    """
    if past.grown:
        return (
            "" if is_last else "what was written into its journal after the run was closed counts for nothing"
        )
    if past.seal.closes and past.seal.journal is None and not (is_last and not came_to_its_end(past.summary)):
        return "its journal was never closed, and other runs came after it"
    return ""


def _expect_no_journal(path: Path, job: Job) -> None:
    """Raise DamagedFile for a run that has sent something, and whose journal is gone."""
    seal = proven_seal(path, job)
    if seal is not None and seal.journal is not None:
        raise damaged(path / JOURNAL_NAME, "it is not there any more", "put it back from a backup")


def _made_anew(job: Job, found: RunsFound, observer: Observer) -> Path | None:
    """Learn all runs again, enterprise by enterprise; where a damaged ledger was moved to."""
    enterprises = sorted(
        {past.plan.enterprise_id for past in found.applied} | {one.enterprise_id for one in found.adopted}
    )
    with contextlib.ExitStack() as held:
        for enterprise_id in enterprises:
            held.enter_context(locked(job, enterprise_id))
        aside = set_aside_if_damaged(job.state.url, observer.now(), keys_of(job))
        ledger = held.enter_context(contextlib.closing(ledger_of(job)))
        for enterprise_id in enterprises:
            _nothing_lost(ledger, enterprise_id, job)
            ledger.relearn(enterprise_id, job.name, _lessons(found, enterprise_id, job))
        for enterprise_id, answer in _answers(job):
            ledger.answer(enterprise_id, job.name, answer)
        for enterprise_id, stops in _held_by_name(job, observer.now()):
            ledger.release(enterprise_id, job.name, stops)
    return aside


def _answers(job: Job) -> Iterator[tuple[str, IdentityAnswer]]:
    """What people answered about who is who, the oldest first, with the enterprise it is about."""
    said = []
    for path in runs_in(job.runs):
        with contextlib.suppress(PlanError):  # an unreadable folder has been named already
            answers = answers_in(path, job) if job_of(path) == job.name and is_proven(path, job) else ()
            said += [(read_recorded(path).enterprise_id, answer) for answer in answers]
    yield from sorted(said, key=lambda one: one[1].at)


def _held_by_name(job: Job, now: datetime) -> Iterator[tuple[str, list[Release]]]:
    """What people hold, and nobody has approved since: an operation that somebody stopped does not go on for a lost ledger."""
    for path in runs_in(job.runs):
        with contextlib.suppress(PlanError):
            if job_of(path) == job.name and is_proven(path, job) and (stops := stops_in(path, job, now)):
                yield read_recorded(path).enterprise_id, stops


def _nothing_lost(ledger: Ledger, enterprise_id: str, job: Job) -> None:
    """A sound ledger may know more than the folders that are left; it is not made poorer."""
    gone = sorted(ledger.runs_taught(enterprise_id, job.name) - {path.name for path in runs_in(job.runs)})
    if gone:
        raise InputError(
            f"The ledger has learned from {len(gone):,} runs that have no folder in {job.runs}, as {gone[-1]}.",
            cause="old run folders were cleared away, and the ledger is sound",
            remedy="keep the ledger as it is; to make it from the other runs alone, move its file away first",
        )


def _lessons(
    found: RunsFound, enterprise_id: str, job: Job
) -> Iterator[Callable[[Memory], tuple[Lessons, Taught]]]:
    """What each run teaches, in order. One that was cut off last of all is left to the next run, which asks Box about it."""
    applied = [past for past in found.applied if past.plan.enterprise_id == enterprise_id]
    runs: list[tuple[str, Callable[[Memory], tuple[Lessons, Taught]]]] = [
        (past.plan.as_of, partial(_lesson, past, job))
        for past in applied
        if past.ended or past is not applied[-1]
    ]
    runs += [(one.at, one.teach) for one in found.adopted if one.enterprise_id == enterprise_id]
    yield from (teach for _, teach in sorted(runs, key=lambda run: run[0]))


def _lesson(past: AppliedRun, job: Job, memory: Memory) -> tuple[Lessons, Taught]:
    taught = Taught(past.path.name, past.plan.as_of, _finished(past))
    plan = past.whole_plan()
    if past.ended:
        learned = lessons(plan, past.outcomes, memory, job.lifecycle.evidence)
        # what was approved since is not for an old run to use up
        return replace(learned, calls=_calls(past), spent=()), taught
    sure = without_doubts(plan, past.outcomes)
    return replace(salvaged(plan, sure, None, memory), calls=_calls(past)), taught


def _calls(past: AppliedRun) -> int:
    """Calls of the run's last process, 0 if its folder does not tell."""
    api = past.summary.get("api")
    made = api.get("requests") if isinstance(api, Mapping) else None
    return made if isinstance(made, int) else 0


def _finished(past: AppliedRun) -> str:
    try:
        at = str(past.summary.get("finished_at"))
        return datetime.fromisoformat(at).isoformat()
    except ValueError:
        return past.plan.as_of
