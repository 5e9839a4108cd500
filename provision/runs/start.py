"""The beginning of a command, and its end if it fails: the job, the run folder, and what is left there of an error.

Apart from planning, so that a check need not load the vendor's SDK.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from provision.apply.halt import interrupted
from provision.errors import Interrupted, JobError, Locked, OurFault, ProvisionError, RunFolderError, naming
from provision.files import lasting_folder, whole
from provision.findings import NONE_FOUND, Findings
from provision.job.fingerprint import fingerprint
from provision.job.load import load_job
from provision.job.settings import Job
from provision.report.findings import of_error
from provision.report.summary import Files, Summary, files_of
from provision.report.write import write_summary
from provision.runs.ending import RunResult, concluded_by
from provision.runs.folder import RunFolder, find_run, new_run, told_its_end
from provision.runs.observer import Observer, Trouble
from provision.runs.places.own_places import expect_own_places
from provision.runs.places.owners import expect_group, share

#: tracebacks of commands without a run folder that are kept
_KEPT = 10


class Begun:
    """What a command has opened so far: a job, a run folder; so that its end can be told whatever happens."""

    def __init__(self, observer: Observer, job: Job | None = None) -> None:
        self.observer = observer
        self.job = job
        self.run: RunFolder | None = None
        self.found = NONE_FOUND  # what was noticed so far, for a command that does not come to its end
        self._mine = False  # whether this command made the run folder, so that its end is the folder's end
        # whether it only plans; None for a command whose end nobody is told of
        self._preview: bool | None = None
        # a job that somebody named, or that a proven run folder names
        self._believed: Job | None = None
        self._started_at = observer.now().isoformat(timespec="seconds")

    def load(self, job_path: Path, *, signs_in: bool = True) -> Job:
        """The job of a job file, with this process's environment; who does not sign in needs no secrets of Box."""
        self.job = load_job(job_path, os.environ, signs_in=signs_in)
        expect_own_places(self.job)
        return self.job

    def start(self, job: Job) -> RunFolder:
        """A new run folder for a job that was loaded from a file."""
        if job.path is None:
            raise JobError(
                f"The job {job.name} does not come from a job file, so no run folder can name it.",
                remedy="load it with Job.load(PATH)",
            )
        self.believe(job)
        expect_own_places(job)
        expect_group(job)
        now = self.observer.now()
        self.run = new_run(job, job.path, fingerprint(job), now, secrets.token_hex(2))
        self.run.log("started", now, job=job.name)
        self._mine = True
        return self.run

    def believe(self, job: Job) -> None:
        """From now on this job is told of the end: its programs are started, and its addresses get a message.

        Not before its run folder is proven: one from elsewhere may name a job file that came with it.
        """
        self.job = self._believed = job

    def open(self, name: str) -> RunFolder:
        """The run folder somebody named, for a command that begins now."""
        self.run = find_run(name)
        return self.run

    def notice(self, found: Findings) -> None:
        """Keep what was noticed, should the command end early."""
        self.found = found

    def ended(self, work: Callable[[], RunResult], *, preview: bool = False) -> RunResult:
        """The result of a command that makes a run or goes on with one, once all who want to know have been told of it.

        ``preview``: it was to change nothing. An error that ends the work is told by :meth:`accounted`.
        """
        self._preview = preview
        result = work()
        return self._seen_off(result.summary, result) or result

    def _seen_off(self, summary: Summary, result: RunResult | None = None) -> RunResult | None:
        """Programs, messages and metrics of the job, once; the result with what they brought up."""
        job, preview, self._preview = self._believed, self._preview, None
        if job is None or preview is None or not _wants_to_know(job):
            return result
        from provision.runs.afterwards.see_off import EndedRun, see_off

        own = self._mine or result is not None
        with self.observer.careful():  # a stop that comes now must not hide how the run ended
            ended = see_off(EndedRun(job, self.run, summary, result, own, preview), self.observer)
        if result is None:
            self.found = self.found.beside(ended.summary.findings)
        return ended.result

    def timed(self, summary: Summary) -> Summary:
        """A summary with the times of this command, for work that keeps none of its own."""
        finished = self.observer.now().isoformat(timespec="seconds")
        return replace(
            summary,
            started_at=summary.started_at or self._started_at,
            finished_at=summary.finished_at or finished,
        )

    def failed(self, error: ProvisionError) -> Summary:
        """The summary of a command that ended with an error."""
        summary = self.timed(failed(error))
        found = self.found.beside(summary.findings)
        return replace(
            summary,
            findings=found.told,
            findings_total=found.total,
            run_id=self.run.about.run_id if self.run else None,
            job=self.job.name if self.job else None,
            files=files_of(self.run.path, {}) if self.run else Files(),
        )

    @contextlib.contextmanager
    def accounted(self) -> Iterator[None]:
        """Whatever ends the work within is left in the run folder, and raised as a ProvisionError."""
        try:
            yield
        except OurFault as error:
            self.observer.note(Trouble(_kept_traceback(self, error)))
            self._leave(error)
            raise
        except Interrupted as error:  # whoever lost the enterprise is stopped likewise
            reason = self.observer.halt.reason
            ending = self._named(reason if isinstance(reason, Locked) else error)
            self._leave(ending)
            raise ending from None
        except ProvisionError as error:
            self._leave(error)
            raise
        except KeyboardInterrupt:
            stopped = self._named(interrupted())
            self._leave(stopped)
            raise stopped from None
        except Exception as error:
            if (stop := _stop_behind(error)) is not None:
                ending = self._named(stop)
                self._leave(ending)
                raise ending from None
            fault = _our_fault(self, error)
            if self.run is None or not told_its_end(self.run.path):
                self._leave(fault)  # or what was done and told already would be called a failure
            raise fault from error
        else:
            self._share()

    def _share(self) -> None:
        """The run folder goes to those who may read it, once all is in it; a job that is not believed may name any folder as its runs."""
        if self.run is not None and self._believed is not None:
            share(self.run.path, self._believed)

    def _named(self, error: Interrupted | Locked) -> Interrupted | Locked:
        return naming(error, self.run.path) if self.run else error

    def _leave(self, error: ProvisionError) -> None:
        with contextlib.suppress(
            ProvisionError
        ):  # the folder itself may be the trouble, and that is what is raised
            if self.run is not None and self._mine:
                summary = self.failed(error)
                write_summary(summary, self.run.path)
                told = {"status": summary.status, "exit_code": summary.exit_code}
                self.run.log("finished", self.observer.now(), **told)
        self._seen_off(self.failed(error))
        with contextlib.suppress(ProvisionError):
            self._share()


def _wants_to_know(job: Job) -> bool:
    """Whether somebody or something of the job has to do with the end of a run."""
    return bool(job.notify or job.hooks.after_run or job.metrics.textfile or job.report.copy_to)


def failed(error: ProvisionError) -> Summary:
    """The summary of a command that ended with an error, before anything else is known of it."""
    end, found = concluded_by(error), of_error(error)
    return Summary(
        status=end.status,
        exit_code=int(end.exit_code),
        error=str(error),
        findings=found,
        findings_total=len(found),
    )


def _stop_behind(error: Exception) -> Interrupted | None:
    """The stop that a signal raised in the middle of letting go of a lock, of which Python then says that it is not held."""
    behind: BaseException | None = error if isinstance(error, RuntimeError) else None
    while behind is not None and not isinstance(behind, Interrupted):
        behind = behind.__context__
    return behind


def _our_fault(begun: Begun, error: Exception) -> OurFault:
    """A fault nobody foresaw, told in a sentence."""
    return OurFault(
        f"This program made a mistake ({type(error).__name__}); it is not your input. {_kept_traceback(begun, error)}",
        remedy="report it with these details, after a look that they hold nothing confidential",
    )


def _kept_traceback(begun: Begun, error: Exception) -> str:
    """Put the details where support finds them, and nowhere that others clear away or read; a sentence that says where."""
    text = "".join(traceback.format_exception(error))
    for place in (_in_run, _in_own_folder):
        with contextlib.suppress(OSError, RunFolderError):
            path = place(begun)
            whole(path, lambda part: part.write_text(text, encoding="utf-8"))
            return f"The details are in {path}."
    begun.observer.note(Trouble(text))
    return "The details stand above, since no folder takes them."


def _in_run(begun: Begun) -> Path:
    if begun.run is None:
        raise FileNotFoundError
    return begun.run.path / "traceback.txt"


def _in_own_folder(begun: Begun) -> Path:
    """A new file, with room made for it: a program that is started every minute must not fill a disk with its faults."""
    folder = lasting_folder("tracebacks")
    for old in sorted(folder.glob("*.txt"), reverse=True)[_KEPT - 1 :]:
        old.unlink(missing_ok=True)
    return folder / f"{begun.observer.now():%Y%m%dT%H%M%S%fZ}-{secrets.token_hex(2)}.txt"
