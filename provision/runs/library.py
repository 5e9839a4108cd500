"""What a program calls instead of the commands; :mod:`provision` offers it. Each call is one run, in the thread that makes it.

What comes to an end is told by a result, also a bad end: ``result.exit_code`` is that of the command. What cannot even
begin, or is stopped before there is a plan, raises a :class:`~provision.errors.ProvisionError`, whose ``exit_code`` is that
of the command as well; a run folder that was begun by then says the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from provision.errors import UsageError
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.runs import run as runs
from provision.runs.check import check
from provision.runs.ending import RunResult
from provision.runs.observer import Observer, Unattended
from provision.runs.selection import Attempt, RunOptions, Selection, expect_kinds
from provision.runs.start import Begun
from provision.runs.undo import undo

_NOTHING: Mapping[str, int] = {}
_ALL = Selection()


def check_job(job: Job, *, roster: str | Path | None = None, observer: Observer | None = None) -> Summary:
    """Whether a job and its roster are sound, also beside the rosters accepted before; Box is not asked.

    Raises JobError, and RosterError or Refused for a roster that cannot be read.
    """
    begun = Begun(observer or Unattended(), _expected(job))
    with begun.accounted():
        return begun.timed(check(job, _options(roster), begun.observer))


def plan_job(
    job: Job,
    *,
    roster: str | Path | None = None,
    people: Sequence[str] = (),
    allow: Mapping[str, int] = _NOTHING,
    observer: Observer | None = None,
) -> RunResult:
    """Plan, change nothing, and leave the plan and its preview in a new run folder.

    ``roster`` instead of the job's; ``people``: only these of it, each by login, external id or Box id; ``allow`` is the
    exact number that a guard may reach, by its name. Raises InputError for
    a wrong job, roster or guard, BoxRefused where Box cannot be read, Interrupted if the observer stopped it.
    """
    begun = Begun(observer or Unattended(), _expected(job))
    with begun.accounted():
        return runs.plan(job, _options(roster, allow, people), begun)


def run_job(
    job: Job,
    *,
    roster: str | Path | None = None,
    people: Sequence[str] = (),
    allow: Mapping[str, int] = _NOTHING,
    observer: Observer | None = None,
) -> RunResult:
    """Plan and apply in one, in a new run folder. Raises as :func:`plan_job`, and Locked if another run is at work.

    Refused is raised if the observer's answer is no; a guard's no is a result.
    """
    begun = Begun(observer or Unattended(), _expected(job))
    with begun.accounted():
        return runs.run(job, _options(roster, allow, people), begun)


def verify_job(
    job: Job,
    *,
    roster: str | Path | None = None,
    people: Sequence[str] = (),
    observer: Observer | None = None,
) -> RunResult:
    """Read the enterprise again and tell what still differs from the roster; nothing is written. Raises as :func:`plan_job`."""
    begun = Begun(observer or Unattended(), _expected(job))
    with begun.accounted():
        return runs.verify(job, _options(roster, people=people), begun.observer)


def apply_run(
    run: str | Path | RunResult,
    *,
    job: Job | None = None,
    selection: Selection = _ALL,
    allow: Mapping[str, int] = _NOTHING,
    observer: Observer | None = None,
) -> RunResult:
    """Carry out a saved plan, and nothing but it: of the run in this folder, or of this result.

    ``job`` is the job as it is now, by default that of the result, or read from the file of the folder's job; ``selection`` says which kinds of operation, and of
    the plan of which digest. Raises
    PlanError for a plan that the job's key does not prove, applied already, overtaken, of a changed job or for another enterprise, UsageError
    for a kind there is not, and as :func:`run_job`.
    """
    expect_kinds((*selection.only, *selection.excepted))
    begun = Begun(observer or Unattended(), job or _job_of(run))
    with begun.accounted():
        return runs.apply(_name(run), Attempt(selection, allow=allow), begun)


def resume_run(
    run: str | Path | RunResult,
    *,
    job: Job | None = None,
    allow: Mapping[str, int] = _NOTHING,
    observer: Observer | None = None,
) -> RunResult:
    """Go on with a run that was interrupted or left failures, and finish it exactly once. Raises as :func:`apply_run`."""
    begun = Begun(observer or Unattended(), job or _job_of(run))
    with begun.accounted():
        return runs.resume(_name(run), allow, begun)


def undo_run(
    run: str | Path | RunResult,
    *,
    job: Job | None = None,
    allow: Mapping[str, int] = _NOTHING,
    observer: Observer | None = None,
    dry_run: bool = False,
) -> RunResult:
    """Take a run back by a run of its own, as far as that is possible; ``dry_run`` only plans it. Raises as :func:`apply_run`."""
    begun = Begun(observer or Unattended(), job or _job_of(run))
    with begun.accounted():
        return undo(_name(run), allow, begun, dry_run=dry_run)


def _options(
    roster: str | Path | None, allow: Mapping[str, int] = _NOTHING, people: Sequence[str] = ()
) -> RunOptions:
    if isinstance(people, str):
        raise UsageError(
            f"people is a list, not the text {people!r}.", remedy=f"write it as people=[{people!r}]"
        )
    return RunOptions(roster, allow, tuple(people))


def _expected(job: Job) -> Job:
    if not isinstance(job, Job):
        raise UsageError(f"A Job is needed, not {job!r}.", remedy="load it first: Job.load(PATH)")
    return job


def _job_of(run: str | Path | RunResult) -> Job | None:
    return run.job if isinstance(run, RunResult) else None


def _name(run: str | Path | RunResult) -> str:
    if not isinstance(run, RunResult):
        return str(run)
    if run.folder is None:
        raise UsageError(
            "A verification leaves no run folder, so there is nothing to go on with.",
            remedy="name a run folder, or the result of plan_job or run_job",
        )
    return str(run.folder)
