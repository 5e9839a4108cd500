"""Whether Box is away for everybody, and the wait until it is back.

A call that failed seven times may be unlucky, or Box may be gone. The difference is what else Box answers: a probe that
changes nothing, and what became of the other workers' writes meanwhile. While Box is away one worker probes, at growing
intervals, and the others wait for it; nobody's operation is given up for an outage.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from provision.box.pacing.timing import Timing
from provision.errors import Away, BoxFault, Lost, NotSent, ServerTrouble

#: seconds before the next probe; the last one is repeated
WAITS = (5.0, 10.0, 20.0, 30.0, 60.0)
#: seconds between two glances at somebody else's probing
_GLANCE = 1.0
#: so many writes in a row that fail while reading works are no longer the trouble of single people
_IN_VAIN = 10


class Watch(Protocol):
    """Who is told, so that nothing ever waits without saying why and until when. Called by any worker."""

    def retried(self, fault: BoxFault) -> None:
        """A call is tried again."""
        ...

    def away(self, fault: BoxFault, wait: float, left: float) -> None:
        """Box answers nobody: the next probe is in ``wait`` seconds, patience ends in ``left`` seconds."""
        ...

    def back(self, after: float) -> None:
        """Box answers again, so many seconds after the first failure."""
        ...

    def paced(self, why: str, wait: float) -> None:
        """The budget of calls: why no call leaves for the next ``wait`` seconds; 0 for something else about it."""
        ...


class Unwatched:
    """Nobody is told."""

    def retried(self, fault: BoxFault) -> None:
        """Not told."""

    def away(self, fault: BoxFault, wait: float, left: float) -> None:
        """Not told."""

    def back(self, after: float) -> None:
        """Not told."""

    def paced(self, why: str, wait: float) -> None:
        """Not told."""


@dataclass(frozen=True, slots=True)
class Failing:
    """One call that has failed so often that somebody should ask what the matter is.

    ``since`` is the clock's time of its first failure, ``give_up_after`` how many seconds from then are waited at most.
    """

    fault: BoxFault
    since: float
    writes: bool
    give_up_after: float


class Outage:
    """Shared by all workers. ``probe`` is one cheap request that changes nothing."""

    def __init__(self, probe: Callable[[], object], timing: Timing, watch: Watch) -> None:
        self._probe = probe
        self._clock = timing.clock
        self._sleep = timing.sleep
        self._watch = watch
        self._lock = threading.Lock()
        self._probing = False
        self._ended_at = -1.0
        self._wrote_at = -1.0
        self._in_vain: list[float] = []  # since when each of the last writes failed

    def wrote(self) -> None:
        """A write was answered, so Box takes writes."""
        with self._lock:
            self._wrote_at = self._clock()
            self._in_vain.clear()

    def passed(self, failing: Failing) -> bool:
        """Wait while Box is away; True if that is over and the call worth another go, False if the fault is its own.

        Raises Away when patience ends, and whatever the sleep raises to stop the run.
        """
        while not self._mine():
            self._sleep(_GLANCE)
            if self._ended_at >= failing.since:
                return True
        try:
            self._sleep(0.0)  # a run that is to stop does not begin to probe
            return self._ended_at >= failing.since or self._waited_out(failing)
        finally:
            self._probing = False

    def _mine(self) -> bool:
        """Take the probe if nobody has it."""
        with self._lock:
            if self._probing:
                return False
            self._probing = True
            return True

    def _waited_out(self, failing: Failing) -> bool:
        trouble = self._trouble()
        if trouble is None:
            return failing.writes and self._writes_pass(failing)
        waits = iter(WAITS)
        while trouble is not None:
            self._wait(trouble, next(waits, WAITS[-1]), failing)
            trouble = self._trouble()
        self._ended_at = self._clock()
        self._watch.back(self._ended_at - failing.since)
        return True

    def _writes_pass(self, failing: Failing) -> bool:
        """Reading works. Whether writing fails for everybody, and there was a wait for it to be tried again."""
        if self._wrote_at >= failing.since:
            return False
        with self._lock:
            self._in_vain.append(failing.since)
            spare, first = len(self._in_vain) - _IN_VAIN, self._in_vain[0]
        if spare < 0:
            return False
        self._wait(failing.fault, WAITS[min(spare, len(WAITS) - 1)], replace(failing, since=first))
        return True

    def _wait(self, fault: BoxFault, seconds: float, failing: Failing) -> None:
        left = failing.since + failing.give_up_after - self._clock()
        if left <= 0:
            away = Away(fault.answer)
            away.silence = fault.silence
            raise away
        seconds = min(seconds, left)
        self._watch.away(fault, seconds, left)
        self._sleep(seconds)

    def _trouble(self) -> BoxFault | None:
        """Why Box does not answer, None if it does: a refusal is an answer too."""
        try:
            self._probe()
        except (NotSent, Lost, ServerTrouble) as fault:
            return fault
        except BoxFault:
            return None
        return None
