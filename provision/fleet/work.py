"""What a worker does: one job of one enterprise, begun, or gone on with where an earlier worker was cut off.

Called by reference on any machine that has this program; a stop reaches it in the same process.
"""

from __future__ import annotations

import contextlib
import os
import platform
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from provision import __version__
from provision.errors import ExitCode, InputError, PlanError, ProvisionError, SignInRefused
from provision.fleet.folder import Taken, Taking, note_taken, taken
from provision.fleet.reading import job_of
from provision.fleet.value import Again, Ended, Task
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.report.summary import Summary
from provision.runs import run as runs
from provision.runs.folder import (
    SUMMARY_NAME,
    RunFolder,
    came_to_its_end,
    has_learned,
    summary_of,
    told_its_end,
)
from provision.runs.observer import Unattended, stopped_early
from provision.runs.places.own_places import expect_own_places
from provision.runs.selection import RunOptions
from provision.runs.start import Begun, failed

T = TypeVar("T")

_AGAIN = {
    ExitCode.LOCKED: Again.LOCKED,
    ExitCode.BOX_REFUSED: Again.UNREACHABLE,
    ExitCode.INTERRUPTED: Again.CUT_OFF,
}


class _Watch(Unattended):
    """Who follows one run, and knows whether it was stopped on purpose."""

    asked = False

    def stop(self) -> None:
        """Have the run end in good order."""
        self.asked = True
        super().stop()


class _Desk:
    """The runs under way in this process, by session, and the sessions whose night is over."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # a signal may ask in the middle of a question
        self._runs: list[tuple[str, _Watch]] = []
        self._over: set[str] = set()

    @contextlib.contextmanager
    def at_work(self, session: str, observer: _Watch) -> Iterator[bool]:
        """Around a run: whether its night goes on."""
        with self._lock:
            goes_on = session not in self._over
            self._runs.append((session, observer))
        try:
            yield goes_on
        finally:
            with self._lock:
                self._runs.remove((session, observer))

    def stop(self, session: str | None) -> int:
        """End the night of a session, or of all: what is under way ends in good order. How many that are."""
        with self._lock:
            found = [(of, observer) for of, observer in self._runs if session in (None, of)]
            self._over |= {session} if session is not None else {of for of, _ in found}
        for _, observer in found:
            observer.stop()
        return len(found)


_DESK = _Desk()


def stop(session: str | None = None) -> int:
    """End a night in this process, from any thread; how many runs are under way."""
    return _DESK.stop(session)


def carry(task: Task) -> Ended:
    """Do one job. Whatever happens is told by what it returns; only the death of the process leaves nothing."""
    observer = _Watch()
    with _DESK.at_work(task.session, observer) as goes_on:
        if not goes_on:
            return Ended(task.name, failed(stopped_early()).to_json(), begun=False)
        try:
            return _ended(task, observer, _done(task, observer))
        except _Failed as end:
            known = None if isinstance(end.error, SignInRefused) else _ended(task, observer, end.summary)
            return known or Ended(task.name, end.summary.to_json())


def _ended(task: Task, observer: _Watch, summary: Summary) -> Ended:
    """With what another try is worth; none where somebody wanted this end."""
    code = ExitCode(summary.exit_code)
    wanted = observer.asked and code is ExitCode.INTERRUPTED
    return Ended(task.name, summary.to_json(), None if wanted else _AGAIN.get(code))


class _Failed(Exception):
    """A job that an error ended, with its summary."""

    def __init__(self, error: ProvisionError, summary: Summary) -> None:
        super().__init__()
        self.error, self.summary = error, summary


def _done(task: Task, observer: _Watch) -> Summary:
    """The summary of the job, by whichever way it comes to its end. Raises _Failed."""
    job, earlier = _begun(Begun(observer), lambda begun: _taken_up(task, begun))
    last = Path(earlier.run) if earlier.run else None
    if last is not None and earlier.run != task.go_on and (summary := _told_by(last)) is not None:
        return summary
    if last is not None and (last / JOURNAL_NAME).exists():
        with contextlib.suppress(_NotToBeResumed):
            return _resumed(last, job, observer)
    return _begun(_Noting(observer, job, task), lambda begun: runs.run(job, RunOptions(), begun).summary)


def _taken_up(task: Task, begun: Begun) -> tuple[Job, Taken]:
    """The job, and who had it before; from now on this process has it."""
    if task.version != __version__:
        raise InputError(
            f"This worker has release {__version__} of the program, and the fleet is led by {task.version}.",
            cause="an image or an environment of the workers that was not renewed",
            remedy="install the same release on all machines of the fleet",
        )
    earlier = taken(task.folder, task.name)
    at = begun.observer.now().isoformat(timespec="seconds")
    now = Taking(platform.node(), os.getpid(), at)
    note_taken(task.folder, task.name, replace(earlier, by=(*earlier.by, now)))
    begun.job = job = job_of(task.given, os.environ)
    expect_own_places(job)
    return job, earlier


def _told_by(run: Path) -> Summary | None:
    """The summary of a run that came to its end and taught its ledger, so that only word of it was lost; None for any other."""
    if not (told_its_end(run) and came_to_its_end(summary_of(run)) and has_learned(run)):
        return None
    with contextlib.suppress(OSError, ValueError):
        return Summary.from_json((run / SUMMARY_NAME).read_text(encoding="utf-8"))
    return None


class _NotToBeResumed(Exception):
    """A run that cannot be gone on with; a new one learns from its journal."""


def _resumed(run: Path, job: Job, observer: _Watch) -> Summary:
    """Go on with a run that an earlier worker began. Raises _NotToBeResumed for one that cannot be, as of a job that has changed."""
    try:
        return _begun(Begun(observer, job), lambda begun: runs.resume(str(run), {}, begun).summary)
    except _Failed as end:
        if isinstance(end.error, PlanError):
            raise _NotToBeResumed from None
        raise


class _Noting(Begun):
    """As any beginning; and where its run folder lies is noted before anything is in it."""

    def __init__(self, observer: _Watch, job: Job, task: Task) -> None:
        super().__init__(observer, job)
        self._task = task

    def start(self, job: Job) -> RunFolder:
        """A new run folder."""
        run = super().start(job)
        folder, name = self._task.folder, self._task.name
        note_taken(folder, name, replace(taken(folder, name), run=str(run.path)))
        return run


def _begun(begun: Begun, work: Callable[[Begun], T]) -> T:
    """What the work brings. Raises _Failed for every end that is none."""
    try:
        with begun.accounted():
            return work(begun)
    except ProvisionError as error:
        raise _Failed(error, begun.failed(error)) from None
