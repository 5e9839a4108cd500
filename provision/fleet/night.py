"""One night of a fleet: which job is whose turn, what is tried again and when, and how it is stopped.

Jobs of one enterprise follow each other. All others are given to the pool at once, which has them begin as workers are free.
"""

from __future__ import annotations

import contextlib
import itertools
import random
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from provision.errors import Interrupted, RunFolderError
from provision.fleet.cluster import LostTry, Pool
from provision.fleet.folder import FleetFolder, taken
from provision.fleet.reading import Fleet
from provision.fleet.rows import Row
from provision.fleet.settings import Retries
from provision.fleet.value import Again, Ended, Task
from provision.report.fleet.value import FleetLine, JobEnd
from provision.report.fleet.words import ended_words
from provision.report.summary import Summary
from provision.runs.observer import Observer, Remark
from provision.runs.start import failed
from provision.wording import counted, moment

#: seconds between two looks at the clock and at the stop button
_LOOK = 0.25
#: between two words to workers that the night is over: one that was just started has not heard it
_REMIND = 1.0
#: the longest wait before another try
_LONGEST = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a night is about: rows, and the tasks that carry them out, by name; ``kept`` jobs an earlier process was done with.

    ``session`` is the word by which workers are told that the night is over.
    """

    fleet: Fleet
    rows: tuple[Row, ...]
    tasks: Mapping[str, Task]
    session: str
    kept: int = 0


@dataclass(slots=True)
class _Job:
    """One job on its way through the night."""

    row: Row
    task: Task
    before: int  # workers that took it before this process
    tries: int = 0
    heard: int = 0  # tries of which word came back
    not_before: datetime | None = None
    last: Ended | None = None


@dataclass(slots=True)
class _Turns:
    """The jobs of each enterprise that are still to come; the first of each has its turn, or is under way."""

    waiting: dict[str, deque[_Job]] = field(default_factory=dict)
    under_way: dict[str, _Job] = field(default_factory=dict)

    def next(self, now: datetime) -> Iterator[_Job]:
        """The jobs that may begin now, larger priorities first; each is under way from then on."""
        ready = [
            jobs[0]
            for jobs in self.waiting.values()
            if jobs[0].row.name not in self.under_way and (jobs[0].not_before or now) <= now
        ]
        for job in sorted(ready, key=lambda job: -job.row.priority):
            self.under_way[job.row.name] = job
            yield job

    def back(self, name: str) -> _Job:
        """A job that is not under way any more; it has its turn still."""
        return self.under_way.pop(name)

    def done(self, job: _Job) -> None:
        """The next job of its enterprise has its turn."""
        jobs = self.waiting[job.row.identity.enterprise]
        jobs.popleft()
        if not jobs:
            del self.waiting[job.row.identity.enterprise]

    @property
    def left(self) -> Iterator[_Job]:
        """All that have not been done."""
        return itertools.chain.from_iterable(self.waiting.values())


class Lead:
    """Whoever leads the night, in the thread that calls it."""

    def __init__(self, plan: Agenda, pool: Pool, folder: FleetFolder, observer: Observer) -> None:
        self._plan, self._pool, self._folder, self._observer = plan, pool, folder, observer
        self._turns = _Turns()
        for row in plan.rows:
            job = _Job(row, plan.tasks[row.name], len(taken(folder.path, row.name).by))
            self._turns.waiting.setdefault(row.identity.enterprise, deque()).append(job)
        self._lines: dict[str, FleetLine] = {}
        self._ends_at = plan.fleet.settings.ends_at(observer.now())
        self._over: Interrupted | None = None
        self._reminded: datetime | None = None
        self._chance = random.Random()  # noqa: S311 - jitter

    def through(self) -> dict[str, FleetLine]:
        """Lead it to its end; how each job of the plan ended, by name."""
        while self._turns.waiting:
            if self._over is None:
                self._look_at_the_clock()
                self._give_out()
            if self._over is not None:
                self._remind()
                if not self._turns.under_way:
                    break
            for end in self._pool.ended(_LOOK):
                self._settle(end)
        for job in list(self._turns.left):
            self._keep(job, JobEnd.NOT_BEGUN, failed(self._over or _stopped()))
        return self._lines

    def _give_out(self) -> None:
        for job in self._turns.next(self._observer.now()):
            job.tries += 1
            key = f"{job.row.name}-{self._plan.session}-{job.tries}"
            self._pool.submit(job.task, key, job.row.priority)

    def _look_at_the_clock(self) -> None:
        now = self._observer.now()
        if self._observer.halt.wanted:
            self._over = _stopped()
        elif self._ends_at is not None and now >= self._ends_at:
            self._over = _too_late(self._ends_at)
        if self._over is not None:
            count = counted(len(self._turns.under_way), "job")
            self._observer.note(
                Remark(
                    f"The night is over: what is under way ({count}) ends in good order, nothing new begins"
                )
            )

    def _remind(self) -> None:
        """Tell every worker that the night is over; who has come since the last time hears it now."""
        now = self._observer.now()
        if self._reminded is not None and (now - self._reminded).total_seconds() < _REMIND:
            return
        self._reminded = now
        for name in self._pool.stop(self._plan.session):
            self._turns.back(name).tries -= 1

    def _settle(self, end: Ended | LostTry) -> None:
        job = self._turns.back(end.name)
        retries = self._plan.fleet.settings.retries
        again = Again.WORKER_LOST if isinstance(end, LostTry) else end.again
        if isinstance(end, Ended) and not end.begun:
            job.tries -= 1
            return
        if isinstance(end, Ended):
            job.last, job.heard = end, job.heard + 1
        if again is None or job.tries > retries.count or self._over is not None:
            self._finish(job)
        else:
            job.not_before = self._observer.now() + self._wait(job.tries, retries, again)

    def _wait(self, tries: int, retries: Retries, again: Again) -> timedelta:
        """Longer each time, and not the same for all; a job whose worker died goes on at once elsewhere."""
        if again is Again.WORKER_LOST and tries == 1:
            return timedelta()
        longest = max(retries.wait, _LONGEST)
        wait = min(retries.wait * int(2 ** min(tries - 1, 16)), longest)
        share: float = self._chance.uniform(0.8, 1.2)
        return wait * share

    def _finish(self, job: _Job) -> None:
        self._turns.done(job)
        if job.last is None:
            self._keep(job, JobEnd.LOST, failed(_died(job.row.name, job.tries)))
        else:
            self._keep(job, JobEnd.ENDED, Summary.from_json(job.last.summary))

    def _keep(self, job: _Job, end: JobEnd, summary: Summary) -> None:
        if end is JobEnd.NOT_BEGUN and job.last is not None:  # tried, and to be tried again
            end, summary = JobEnd.ENDED, Summary.from_json(job.last.summary)
        named = replace(summary, job=summary.job or job.row.identity.job)
        taken_by = len(taken(self._folder.path, job.row.name).by)
        line = FleetLine(job.row.name, end, named, job.tries, max(taken_by - job.before - job.heard, 0))
        self._lines[line.name] = line
        with contextlib.suppress(RunFolderError):  # told in the summary of all just the same
            self._folder.keep(line)
        if end is not JobEnd.NOT_BEGUN:
            done, total = len(self._lines) + self._plan.kept, len(self._plan.rows) + self._plan.kept
            self._observer.note(Remark(ended_words(line, done, total)))


def _stopped() -> Interrupted:
    return Interrupted("The fleet was stopped before the turn of this job; nothing of it was begun.")


def _too_late(at: datetime) -> Interrupted:
    return Interrupted(
        f"The night was over ({moment(at.astimezone())}) before the turn of this job; nothing of it was begun.",
        cause="too few workers for so many enterprises, or a deadline that is too early",
    )


def _died(name: str, tries: int) -> Interrupted:
    return Interrupted(
        f"The workers that had {name} died or were lost from sight, {counted(tries, 'time')}; what they did is in its journal.",
        cause="too little memory for its enterprise, or machines that were taken away",
        remedy="look at the logs of the workers, then go on with the fleet's run: --resume",
    )
