"""Signing in to Box for a run, whose observer and log hear of every wait."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TypeVar

from provision.box.connect import Connection, Surroundings, connect, in_brief, unreachable
from provision.box.signin import ahead
from provision.errors import Away, BoxFault, LedElsewhere, Throttled
from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.ledger.budget import shared_by_machines
from provision.report.findings import sentence_of
from provision.runs.folder import RunFolder, runs_of, summary_of
from provision.runs.observer import Observer, Remark

T = TypeVar("T")

#: seconds of a pause that Box asks for which a person is told of
_LONG_PAUSE = 10.0


def sign_in(job: Job, observer: Observer, run: RunFolder | None = None) -> Connection:
    """A signed-in Box. Raises SignInRefused, BoxUnreachable, or JobError for an unusable credential file."""
    noted = WaitsNoted(observer, run)
    share = partial(shared_by_machines, job.state.url, observer.timing.clock)
    around = Surroundings(noted, lambda: _has_signed_in(job), share)
    connection = connect(job.box, job.apply, observer.timing, around)
    for found in clock_findings(connection):
        observer.note(Remark(sentence_of(found)))
    return connection


def clock_findings(connection: Connection) -> tuple[Finding, ...]:
    """What is to be told of this machine's clock, if the sign-in had to be made by Box's."""
    if not connection.skew:
        return ()
    sentence = f"this machine's clock is {ahead(connection.skew)} Box's; the sign-in was made by Box's time"
    return (Finding(Code.CLOCK_OFF, Level.WARNING, sentence, "set the clock (NTP)"),)


def _has_signed_in(job: Job) -> bool:
    """Whether a run of this job has reached Box before, so that its address is right."""
    return any(summary_of(path).get("enterprise_id") for path in runs_of(job))


@contextlib.contextmanager
def waited_for(job: Job) -> Iterator[None]:
    """Around reads before anything is changed. Raises BoxUnreachable where Box answers nobody for as long as the job waits.

    So it does where somebody else answers, who leads to another address.
    """
    try:
        yield
    except (Away, Throttled, LedElsewhere) as fault:
        raise unreachable(fault, job.box.base_url) from None


def tried(connection: Connection, call: Callable[[], T]) -> tuple[T | None, str]:
    """What Box answers, or its refusal in a few words. Raises Away and Throttled, which are about no right."""
    try:
        return connection.retry.read(call), ""
    except (Away, Throttled):
        raise
    except BoxFault as fault:
        return None, in_brief(fault)


class WaitsNoted:
    """Tells the observer, and the log of the run if there is one, why nothing leaves and until when."""

    def __init__(self, observer: Observer, run: RunFolder | None) -> None:
        self._observer = observer
        self._run = run
        self._clock = observer.timing.clock
        self._paused_until = 0.0

    def retried(self, fault: BoxFault) -> None:
        """A call to Box is tried again; a long pause is told to the person too."""
        answer = fault.answer
        pause = fault.retry_after if isinstance(fault, Throttled) else 0.0
        self._log(
            "retry", fault=type(fault).__name__, http_status=answer.http_status, code=answer.code,
            request_id=answer.request_id, retry_after=pause,
        )  # fmt: skip
        if pause >= _LONG_PAUSE and self._clock() >= self._paused_until:
            self._paused_until = self._clock() + pause
            self._say(f"Box asks for a pause of {pause:.0f} s (HTTP 429); going on at {self._at(pause)}.")

    def away(self, fault: BoxFault, wait: float, left: float) -> None:
        """Box answers nobody; when it is asked again, and until when."""
        answer = fault.answer
        why = f"HTTP {answer.http_status}" if answer.http_status else fault.silence
        self._log("away", http_status=answer.http_status, code=answer.code, wait=wait, left=left)
        self._say(
            f"Box does not answer ({why}). Asking again in {wait:.0f} s; giving up at {self._at(left)}."
        )

    def back(self, after: float) -> None:
        """Box answers again."""
        self._log("back", after=after)
        self._say(f"Box answers again after {after:.0f} s; going on.")

    def paced(self, why: str, wait: float) -> None:
        """No call leaves for so many seconds, and why; without a wait, what else there is to know of the budget."""
        self._log("paced", why=why, wait=wait)
        if self._clock() >= self._paused_until:
            self._paused_until = self._clock() + wait
            self._say(f"{why}; going on at {self._at(wait)}." if wait else f"{why}.")

    def _log(self, event: str, **facts: object) -> None:
        if self._run is not None:
            self._run.log(event, self._observer.now(), **facts)

    def _say(self, text: str) -> None:
        self._observer.note(Remark(text))

    def _at(self, seconds: float) -> str:
        return f"{self._observer.now() + timedelta(seconds=seconds):%H:%M:%S} UTC"
