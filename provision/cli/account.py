"""Every command ends here: its summary, its errors in words, its exit code, and never a traceback for bad input."""

from __future__ import annotations

import tempfile
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec

from provision.apply.halt import interrupted
from provision.cli.desk import Desk
from provision.cli.opening import load, start_run
from provision.cli.runfolder import RunFolder, find_run
from provision.errors import ExitCode, Interrupted, Locked, OurFault, ProvisionError
from provision.job.settings import Job
from provision.report.summary import Files, Summary, files_of
from provision.report.value import RunStatus
from provision.report.write import write_summary

_STATUSES = {ExitCode.HELD: RunStatus.REFUSED, ExitCode.INTERRUPTED: RunStatus.INTERRUPTED}


def run_command(job_path: Path, desk: Desk, work: Callable[[Job, RunFolder], Summary]) -> int:
    """Load the job, open a run folder and do the work in it; print the summary and return the exit code."""
    return _accounted(desk, lambda case: work(case.load(job_path), case.start(job_path)))


def job_command(job_path: Path, desk: Desk, work: Callable[[Job], Summary]) -> int:
    """The same for commands that leave no run behind."""
    return _accounted(desk, lambda case: work(case.load(job_path)))


def folder_command(desk: Desk, work: Callable[[Case], Summary]) -> int:
    """The same for commands on an existing run folder."""
    return _accounted(desk, work)


class Case:
    """What is known so far, for an error's summary."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.job: Job | None = None
        self.run: RunFolder | None = None
        self.mine = False  # whether this command made the run folder, so that its end is the folder's end
        self.started_at = desk.now().isoformat(timespec="seconds")

    def told(self, summary: Summary) -> Summary:
        """A summary with the times of this command, for work that keeps none of its own."""
        finished = self._desk.now().isoformat(timespec="seconds")
        return replace(
            summary,
            started_at=summary.started_at or self.started_at,
            finished_at=summary.finished_at or finished,
        )

    def load(self, job_path: Path) -> Job:
        """The job."""
        self.job = load(job_path)
        return self.job

    def start(self, job_path: Path) -> RunFolder:
        """A new run folder for it."""
        assert self.job is not None  # noqa: S101 - loaded before
        self.run = start_run(self.job, job_path, self._desk)
        self._desk.log = self.run.log
        self.mine = True
        return self.run

    def open(self, name: str) -> RunFolder:
        """The run folder somebody named."""
        self.run = find_run(name)
        self._desk.log = self.run.log
        return self.run


def _accounted(desk: Desk, work: Callable[[Case], Summary]) -> int:
    case = Case(desk)
    try:
        with desk.stoppable():
            summary = case.told(work(case))
    except OurFault as error:
        _keep_traceback(case.run, error)
        summary = _failed(case, error, desk)
    except Interrupted as error:  # whoever lost the enterprise is stopped likewise
        reason = desk.halt.reason
        summary = _failed(case, reason if isinstance(reason, Locked) else error, desk)
    except ProvisionError as error:
        summary = _failed(case, error, desk)
    except KeyboardInterrupt:
        summary = _failed(case, interrupted(), desk)
    except Exception as error:  # noqa: BLE001 - the last door: our own faults become a sentence
        summary = _failed(case, _our_fault(case.run, error), desk)
    if desk.terms.json:
        desk.answer(msgspec.json.decode(summary.to_json()))
    return int(summary.exit_code)


def failed(error: ProvisionError, code: ExitCode) -> Summary:
    """The summary of a command that ended with an error."""
    return Summary(status=_STATUSES.get(code, RunStatus.FAILED), exit_code=int(code), error=str(error))


def _failed(case: Case, error: ProvisionError, desk: Desk) -> Summary:
    """Say what went wrong, and leave it in the run folder too."""
    desk.complain(str(error))
    summary = replace(
        case.told(failed(error, error.exit_code)),
        run_id=case.run.about.run_id if case.run else None,
        job=case.job.name if case.job else None,
        files=files_of(case.run.path, {}) if case.run else Files(),
    )
    if case.run is not None and case.mine:
        _leave(summary, case.run, desk)
    return summary


def _leave(summary: Summary, run: RunFolder, desk: Desk) -> None:
    try:
        write_summary(summary, run.path)
        run.log("finished", desk.now(), status=summary.status, exit_code=summary.exit_code)
    except ProvisionError:
        return  # the folder itself is the trouble, and that has been said


def _our_fault(run: RunFolder | None, error: Exception) -> OurFault:
    """A fault nobody foresaw, told in a sentence."""
    path = _keep_traceback(run, error)
    return OurFault(
        f"This program made a mistake ({type(error).__name__}); it is not your input. The details are in {path}.",
        remedy="report it with that file, after a look that it holds nothing confidential",
    )


def _keep_traceback(run: RunFolder | None, error: Exception) -> Path:
    """Where support finds it."""
    path = (
        run.path / "traceback.txt" if run else Path(tempfile.mkstemp(prefix="provision-", suffix=".txt")[1])
    )
    try:
        path.touch(mode=0o600)
        path.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
    except OSError:
        path = Path("(nowhere: it could not be written)")
    return path
