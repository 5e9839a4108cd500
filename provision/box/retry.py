"""The one retry loop of the process (tenacity); the SDK's own is switched off.

What is tried again: 429 (the pace holds everybody as told), no connection, 5xx, lost answers, ended tokens. A call
that writes is never sent again before a *look* has shown that the doubtful try did not write: after a 503 a write may
still persist (developer.box.com, Common errors).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

import tenacity

from provision.errors import BoxFault, ServerTrouble, Throttled

T = TypeVar("T")

#: waits double so often; a call that is throttled for an hour is tried more often than a float can be doubled
_DOUBLINGS = 16


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to insist. Times in seconds, each spread by half to both sides.

    429 does not count as a try, only against ``give_up_after``; no wait is begun that would end after that.
    """

    tries: int = 7
    first_wait: float = 0.5
    longest_wait: float = 20.0
    give_up_after: float = 3600.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Time and chance, passed in: a monotonic clock and a sleep in seconds, and a source of jitter."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    random: Random


class Retry:
    """Runs one call until it succeeds, is refused, or patience ends; then the last fault is raised.

    The fault raised is ``doubtful`` if any try may have written. ``sleep`` takes seconds and may raise to stop the run;
    ``noticed`` is told of every fault that is tried again.
    """

    def __init__(
        self, patience: Patience, timing: Timing, noticed: Callable[[BoxFault], None] = lambda _: None
    ) -> None:
        self._patience = patience
        self._clock = timing.clock
        self._sleep = timing.sleep
        self._random = timing.random
        self._noticed = noticed

    def read(self, call: Callable[[], T]) -> T:
        """A call that changes nothing."""
        return self.write(call, _nothing_to_see)

    def write(self, call: Callable[[], T], look: Callable[[], T | None]) -> T:
        """A call that changes something. After a doubtful try ``look`` decides: its answer, unless None, is the result."""
        tries = _Tries(self._patience, self._clock)

        def one_try() -> T:
            found = look() if tries.doubtful else None
            return found if found is not None else call()

        try:
            return self._loop(tries)(one_try)
        except BoxFault as fault:
            fault.doubtful = fault.doubtful or tries.doubtful
            raise

    def pause(self, seconds: float) -> None:
        """Let some time pass on purpose; raises if the run is to stop."""
        self._sleep(seconds)

    def _loop(self, tries: _Tries) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(_transient),
            stop=tries.enough,
            wait=self._wait,
            sleep=self._sleep,
            before_sleep=self._tell,
            reraise=True,
        )

    def _tell(self, state: tenacity.RetryCallState) -> None:
        self._noticed(_fault(state))

    def _wait(self, state: tenacity.RetryCallState) -> float:
        fault = _fault(state)
        if isinstance(fault, Throttled) and fault.retry_after:
            return fault.retry_after  # as told; the pace holds everybody else until then
        grown = self._patience.first_wait * 2.0 ** min(state.attempt_number - 1, _DOUBLINGS)
        wait: float = min(grown, self._patience.longest_wait) * (0.5 + self._random.random())
        return max(wait, fault.retry_after) if isinstance(fault, ServerTrouble) else wait


class _Tries:
    """What happened to one call so far."""

    def __init__(self, patience: Patience, clock: Callable[[], float]) -> None:
        self._patience = patience
        self._clock = clock
        self._began = clock()
        self._counted = 0
        self.doubtful = False

    def enough(self, state: tenacity.RetryCallState) -> bool:
        fault = _fault(state)
        self.doubtful = self.doubtful or fault.doubtful
        self._counted += not isinstance(fault, Throttled)
        waited = self._clock() - self._began + state.upcoming_sleep
        return self._counted >= self._patience.tries or waited >= self._patience.give_up_after


def _fault(state: tenacity.RetryCallState) -> BoxFault:
    fault = state.outcome.exception() if state.outcome else None
    assert isinstance(fault, BoxFault)  # noqa: S101 - only faults are retried
    return fault


def _transient(error: BaseException) -> bool:
    return isinstance(error, BoxFault) and error.transient


def _nothing_to_see() -> None:
    return None
