"""One budget of calls for all workers of this process.

Box counts about 1,000 calls a minute per acting user (developer.box.com, Rate limits); one service account is one user,
so all workers share one budget. Calls leave evenly spaced, with a small burst after a lull; a 429 holds everybody.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

#: the share of the allowed rate that is used: a sliding window at the server sees our jitter too
_MARGIN = 0.99
#: calls that may leave at once after a lull, besides the one that is due; fewer where the rate is small
_BURST = 4
#: the longest wait that is believed, in seconds: a broken header must not hold a run for ever
LONGEST_HOLD = 3600.0


class Pace(Protocol):
    """Says when the next call may leave. Room for a budget shared by several processes or machines."""

    def wait(self) -> None:
        """Return when a call may leave."""
        ...

    def hold(self, seconds: float) -> None:
        """Let nobody call for so many seconds, counted from now."""
        ...


class EvenPace:
    """A budget inside one process: at most ``per_minute`` calls in any 60 seconds. ``clock`` and ``sleep`` in seconds."""

    def __init__(self, per_minute: float, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._burst = min(_BURST, int(per_minute * (1 - _MARGIN) + 1e-9))
        self._interval = 60.0 / ((per_minute - self._burst) * _MARGIN)
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0
        self._held_until = 0.0

    def wait(self) -> None:
        """Take the next free moment and sleep until then; a hold that begins meanwhile means queueing again."""
        moment = self._take()
        while (left := moment - self._clock()) > 0:
            self._sleep(left)
            if moment < self._held_until:
                moment = self._take()

    def hold(self, seconds: float) -> None:
        """Push every call that has not left behind the end of the hold."""
        with self._lock:
            until = self._clock() + min(max(seconds, 0.0), LONGEST_HOLD)
            self._held_until = max(self._held_until, until)
            self._next = max(self._next, until)

    def _take(self) -> float:
        with self._lock:
            earliest = self._clock() - self._burst * self._interval
            moment = max(self._next, earliest)
            self._next = moment + self._interval
            return moment
