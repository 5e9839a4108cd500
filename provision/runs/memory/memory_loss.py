"""A ledger that is lost, or older than the run folders beside it: whoever judges people by it would judge wrongly.

A ledger may also be begun anew, by somebody's word: then the runs of before are known and teach nothing.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from provision.errors import ExitCode, InputError, LostLedger, PlanError
from provision.job.settings import Job
from provision.ledger.value import ACCOUNT_COLUMNS, Lessons, Memory, Taught
from provision.plan.planfile import can_be_applied, read_recorded
from provision.records import write_record
from provision.report.summary import Summary, files_of
from provision.report.value import RunStatus
from provision.report.write import write_summary
from provision.runs.folder import NEW_LEDGER_NAME, begun_runs, came_to_its_end, has_learned, summary_of
from provision.runs.memory.job_ledger import known_ledger_of, ledger_of
from provision.runs.memory.lock import locked
from provision.runs.observer import Remark
from provision.runs.seal.key import known_key
from provision.runs.seal.seal import is_proven, seal
from provision.runs.start import Begun
from provision.runs.who_decides import who_decides
from provision.wording import counted, plural


def expect_memory(job: Job, enterprise_id: str = "") -> None:
    """Raise LostLedger if the ledger lacks what the run folders of this job tell; without an enterprise those of any."""
    if (loss := memory_loss(job, enterprise_id)) is not None:
        raise loss


def memory_loss(job: Job, enterprise_id: str = "") -> LostLedger | None:
    """What the ledger lacks beside the run folders of this job, in this enterprise or in any; None for nothing."""
    if not any(begun_runs(job)):
        return None
    with contextlib.closing(known_ledger_of(job)) as known:
        taught = known.runs_taught("", job.name)
        for each, missing in _ended_runs(job, enterprise_id, but=taught).items():
            missed = [path for path in missing if _was_learned(path) and _counts(path, job)]
            if missed and not known.runs_taught(each, job.name):
                return _lost(job, missed)
            if missed:
                return _behind(job, missed)
    return None


def begin_anew(job: Job, by: str, begun: Begun) -> Summary:
    """Let the ledger of a job begin anew, in somebody's name: what earlier runs knew is forgotten for good.

    Raises InputError for a ledger that lacks nothing.
    """
    if memory_loss(job) is None:
        raise InputError(
            f"The ledger of job {job.name} lacks nothing that its run folders tell, so it is not begun anew.",
            cause="it was made anew already, or another job was meant",
            remedy="provision holds JOB shows what it knows; to forget it all the same, move its file away first",
        )
    observer, run = begun.observer, begun.start(job)
    at = observer.now().isoformat(timespec="seconds")
    known = {each: [path.name for path in paths] for each, paths in _ended_runs(job, "", every=True).items()}
    who = who_decides(by)
    write_record(run.path / NEW_LEDGER_NAME, {"at": at, **who.row, "runs": known})
    seal(run, job)
    run.log("new_ledger", observer.now(), **who.row)
    with contextlib.ExitStack() as held:
        for enterprise_id in known:
            held.enter_context(locked(job, enterprise_id))
        ledger = held.enter_context(contextlib.closing(ledger_of(job)))
        for enterprise_id, names in known.items():
            ledger.relearn(enterprise_id, job.name, [_Nothing(name, at) for name in names])
    observer.note(
        Remark(
            f"The ledger of job {job.name} begins anew, by decision of {who.told}: nobody is owned until a run has matched them. "
            f"Recorded in {run.path / NEW_LEDGER_NAME}"
        )
    )
    summary = Summary(
        run_id=run.about.run_id, job=job.name, status=RunStatus.NO_CHANGES, exit_code=int(ExitCode.DONE),
        files=files_of(run.path, {}),
    )  # fmt: skip
    write_summary(summary, run.path)
    return summary


class _Nothing:
    """What a run teaches that is known and forgotten."""

    def __init__(self, run_id: str, at: str) -> None:
        self._taught = Taught(run_id, at, at)

    def __call__(self, _memory: Memory) -> tuple[Lessons, Taught]:
        nobody = pd.DataFrame(columns=list(ACCOUNT_COLUMNS), dtype="str")
        return Lessons(nobody, (), None, "", 0, complete=False), self._taught


def _ended_runs(
    job: Job, enterprise_id: str, *, but: Collection[str] = (), every: bool = False
) -> dict[str, list[Path]]:
    """The runs that came to their end, newest first, by enterprise, ``but`` these; with ``every`` those cut off, too."""
    found = defaultdict(list)
    for path in begun_runs(job):
        if path.name in but:
            continue
        summary = summary_of(path)
        of_run = str(summary.get("enterprise_id") or "")
        if of_run and enterprise_id in ("", of_run) and (every or came_to_its_end(summary)):
            found[of_run].append(path)
    return found


def _counts(path: Path, job: Job) -> bool:
    """Whether a folder can tell of a loss: one that the key proves; without a key, which is lost with its ledger, any."""
    return known_key(job) is None or is_proven(path, job)


def _was_learned(path: Path) -> bool:
    """Whether a ledger took this run over, and can do so again. Runs of version 3 do not say, and nearly all were."""
    try:
        read_recorded(path)
    except PlanError:
        return False
    return has_learned(path) or not can_be_applied(path)


def _lost(job: Job, runs: list[Path]) -> LostLedger:
    return LostLedger(
        f"The ledger knows nothing of job {job.name}, though {counted(len(runs), 'run folder')} in {job.runs} "
        f"{plural(len(runs), 'tells', 'tell')} of runs that were carried out, last {runs[0].name}: who is owned, absent or held "
        "is forgotten. Nothing was changed.",
        cause="a state folder that was not kept (a container without a volume), or another 'state' in the job file",
        remedy=_remedy(job),
    )


def _behind(job: Job, runs: list[Path]) -> LostLedger:
    return LostLedger(
        f"The ledger of job {job.name} is older than its run folders: it has forgotten {counted(len(runs), 'run')}, last "
        f"{runs[0].name}. Whoever was absent would be counted wrongly. Nothing was changed.",
        cause="the ledger was restored from a backup, or two machines have ledgers of their own and share the run folders",
        remedy=_remedy(job),
    )


def _remedy(job: Job) -> str:
    path = job.path or "JOB"
    # the key may be lost with the ledger: then somebody has to say whose the folders are
    trust = " --trust '*'" if known_key(job) is None else ""
    return (
        f"make it anew from the run folders: provision runs {path} --rebuild{trust}; or, if these are not to count any more: "
        f"provision runs {path} --new-ledger --by NAME"
    )
