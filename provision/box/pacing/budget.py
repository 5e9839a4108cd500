"""The budget of calls as a value, and its rules: when the next call may leave, and what a 429 teaches.

Box counts about 1,000 calls a minute per acting user in a window that moves (developer.box.com, Rate limits). So calls
leave evenly, with a small burst after a lull. A 429 holds everybody as long as Box says, and lowers the rate: by a tenth if
it is a stray one, since burst and jitter may pass a short window; by a quarter if there was another within a minute, since
then others use the limit too, and nobody tells how much of it. The rate comes back along a cubic (RFC 8312): soon to near
where it was lowered, slowly around that, and faster beyond. No clock, no lock and no file here.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

#: the longest wait that is believed, in seconds: a broken header must not hold a run for ever
LONGEST_HOLD = 3600.0
#: the share of the allowed rate that is used: a sliding window at the server sees our jitter too
_MARGIN = 0.99
#: calls that may leave at once after a lull, besides the one that is due; fewer where the rate is small
_BURST = 4
#: what is left of the rate after a 429, and after a stray one; and the least it falls to: all shares
_CUT, STRAY, LEAST = 0.75, 0.9, 0.1
#: seconds without a 429 after which one is a stray one
_CALM = 60.0
#: how the rate comes back: what a 429 within a minute took is there again after half a minute without one
_GROWTH = (1 - _CUT) / 30.0**3
#: seconds in which further 429s tell of the same trouble: they answer calls that had left before
_ONE_EVENT = 5.0
_NEVER = -math.inf


@dataclass(frozen=True, slots=True)
class Rate:
    """What one job may use: seconds between two calls, and how many more may leave at once after a lull."""

    per_minute: float
    interval: float
    burst: int

    @classmethod
    def of(cls, per_minute: float) -> Rate:
        """The rate that sends at most so many calls in any 60 seconds, burst and jitter included."""
        burst = min(_BURST, int(per_minute * (1 - _MARGIN) + 1e-9))
        return cls(per_minute, 60.0 / ((per_minute - burst) * _MARGIN), burst)


@dataclass(frozen=True, slots=True)
class Budget:
    """What everybody who shares a budget knows. Times are seconds of one clock; long ago means never.

    ``last`` is the moment given to the latest call, ``held_until`` the end of the latest hold, ``share`` what part of the
    rate was left when it was lowered at ``lowered_at``, and ``peak`` what it was before.
    """

    last: float = _NEVER
    held_until: float = _NEVER
    share: float = 1.0
    lowered_at: float = _NEVER
    peak: float = 1.0

    def share_at(self, now: float) -> float:
        """The part of the rate that may be used now (LEAST to 1): it grows back after a hold."""
        if self.share >= 1.0:
            return 1.0
        back = math.cbrt(
            max(0.0, self.peak - self.share) / _GROWTH
        )  # seconds until it is where it was lowered
        grown = self.peak + _GROWTH * (self._calm(now) - back) ** 3
        return min(1.0, max(self.share, grown))

    def _calm(self, now: float) -> float:
        """Seconds without a 429, not counting the hold."""
        return max(0.0, now - max(self.lowered_at, self.held_until))

    def taken(self, rate: Rate, now: float) -> Budget:
        """The budget after one more call was given its moment, ``last``: not before it is due and not in a hold."""
        interval = rate.interval / self.share_at(now)
        return replace(self, last=max(self.last + interval, now - rate.burst * interval, self.held_until))

    def held(self, seconds: float, now: float) -> Budget:
        """The budget after a 429 that asks for a pause; one that tells of trouble already known does not lower the rate."""
        until = max(self.held_until, now + min(max(seconds, 0.0), LONGEST_HOLD))
        if now < max(self.lowered_at + _ONE_EVENT, self.held_until):
            return replace(self, held_until=until)
        peak = self.share_at(now)
        lowered = max(LEAST, peak * (STRAY if self._calm(now) >= _CALM else _CUT))
        return replace(self, held_until=until, share=lowered, lowered_at=now, peak=peak)

    def at_most(self, seconds: float, now: float) -> Budget:
        """The same budget, but without a hold that has more than so many seconds left."""
        if self.held_until - now <= seconds:
            return self
        return replace(self, held_until=now, last=min(self.last, now))

    def shifted(self, seconds: float) -> Budget:
        """The same budget by a clock that is so many seconds ahead."""
        moved = (each + seconds for each in (self.last, self.held_until, self.lowered_at))
        last, held_until, lowered_at = moved
        return Budget(last, held_until, self.share, lowered_at, self.peak)


Step = Callable[[Budget], Budget]


class Cell(Protocol):
    """Keeps one budget for all who share it: threads, processes, later machines. May be asked from any thread."""

    def change(self, step: Step) -> Budget:
        """Put ``step(budget)`` in the place of the budget, with nobody in between, and return it. Never sleeps long."""
        ...


class OwnCell:
    """A budget inside one process."""

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget or Budget()
        self._lock = threading.Lock()

    def change(self, step: Step) -> Budget:
        """Replace the budget and return it."""
        with self._lock:
            self._budget = step(self._budget)
            return self._budget
