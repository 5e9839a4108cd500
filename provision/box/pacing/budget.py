"""The budget of calls as a value, and its rules: when the next call may leave, and what a 429 teaches.

Box counts about 1,000 calls a minute per acting user in a window that moves (developer.box.com, Rate limits). So calls
leave evenly, with a very small burst after a lull. A 429 holds everybody as long as Box says, and lowers the rate; what it
was is remembered as a *ceiling*, and the rate comes back along a cubic (RFC 8312): within seconds to the ceiling, where it
stays for a minute or two, and beyond it slower, then faster, until it is all there again. How much is taken and where the
ceiling is, three cases tell apart:

- a 429 out of the calm: a stray one, or the window is shorter than jitter allows. A little is taken.
- another one soon after, while most of the calls went through: others use the limit, now and then. A quarter is taken, and the
  ceiling is put above where it came, since they go again.
- another one soon after, while holds took more than half of the time: the limit is far below what the job asks for. What went
  through, holds counted, is the rate from now on, and its ceiling.

No clock, no lock and no file here.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

#: the longest wait that is believed, in seconds: a broken header must not hold a run for ever
LONGEST_HOLD = 3600.0
#: the share of the allowed rate that is used: a sliding window at the server sees our jitter too
_MARGIN = 0.99
#: calls that may leave at once after a lull, besides the one that is due; fewer where the rate is small
_BURST = 2
#: what is left of the rate after a 429, and after a stray one; and the least it falls to: all shares
_CUT, STRAY, LEAST = 0.75, 0.97, 0.1
#: seconds without a 429 after which one is a stray one
CALM = 20.0
#: the ceiling after a 429 that came at it, or above; after one that came below; and what still counts as at it: shares of the rate
_BELOW, _ABOVE, _AT = 0.98, 1.2, 0.985
#: of which part of the rate so little goes through, holds counted, that the limit is far lower
_FAR_LOWER = 0.5
#: how the rate comes back: seconds in which a quarter of it is there again, up to the ceiling and beyond it
_BACK, _BEYOND = 12.0, 300.0
_QUARTER = 0.25
#: seconds in which further 429s tell of the same trouble: they answer calls that had left before
_ONE_EVENT = 5.0
_NEVER = -math.inf
#: seconds by which a clock may be set back and still be believed
_SET_BACK = 1.0


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
    rate was left when it was lowered at ``lowered_at``, and ``peak`` the ceiling that was learnt then, as a part of the rate.
    ``used`` are the seconds since then in which calls left at the whole rate, or nobody wanted to call.
    """

    last: float = _NEVER
    held_until: float = _NEVER
    share: float = 1.0
    lowered_at: float = _NEVER
    peak: float = 1.0
    used: float = 0.0

    def share_at(self, now: float) -> float:
        """The part of the rate that may be used now (LEAST to 1): it grows back after a hold."""
        if self.share >= 1.0:
            return 1.0
        back = _BACK * math.cbrt(
            max(0.0, self.peak - self.share) / _QUARTER
        )  # seconds until it is at the ceiling
        beyond = self._calm(now) - back
        grown = self.peak + _QUARTER * (beyond / (_BEYOND if beyond > 0 else _BACK)) ** 3
        return min(1.0, max(self.share, grown))

    def _calm(self, now: float) -> float:
        """Seconds without a 429, not counting the hold."""
        return max(0.0, now - max(self.lowered_at, self.held_until))

    def taken(self, rate: Rate, now: float) -> Budget:
        """The budget after one more call was given its moment, ``last``: not before it is due and not in a hold."""
        interval = rate.interval / self.share_at(now)
        due = max(self.last + interval, self.held_until)
        moment = max(due, now - rate.burst * interval)
        return replace(self, last=moment, used=self.used + rate.interval + (moment - due))

    def held(self, seconds: float, now: float) -> Budget:
        """The budget after a 429 that asks for a pause; one that tells of trouble already known does not lower the rate."""
        until = max(self.held_until, now + min(max(seconds, 0.0), LONGEST_HOLD))
        if now < max(self.lowered_at + _ONE_EVENT, self.held_until):
            return replace(self, held_until=until)
        share, peak = self._lowered(now)
        share = max(LEAST, share)
        return replace(
            self, held_until=until, share=share, lowered_at=now, peak=min(1.0, max(peak, share)), used=0.0
        )

    def _lowered(self, now: float) -> tuple[float, float]:
        """What is left of the rate after a 429, and its ceiling."""
        share = self.share_at(now)
        ceiling = share * (_BELOW if share >= self.peak * _AT else _ABOVE)
        if self._calm(now) >= CALM:
            return share * STRAY, ceiling
        through = self.used / max(now - self.lowered_at, _ONE_EVENT)
        if through < share * _FAR_LOWER:
            return through, through
        return share * _CUT, ceiling

    def at_most(self, seconds: float, now: float) -> Budget:
        """The same budget, but without a hold that has more than so many seconds left."""
        if self.held_until - now <= seconds:
            return self
        return replace(self, held_until=now, last=min(self.last, now))

    def shifted(self, seconds: float) -> Budget:
        """The same budget by a clock that is so many seconds ahead."""
        moved = (each + seconds for each in (self.last, self.held_until, self.lowered_at))
        last, held_until, lowered_at = moved
        return replace(self, last=last, held_until=held_until, lowered_at=lowered_at)

    def by(self, ahead: float) -> tuple[float, ...]:
        """Its facts as they are kept for others, whose clock is so many seconds ahead, see :func:`kept`."""
        moved = self.shifted(ahead)
        return moved.last, moved.held_until, moved.share, moved.lowered_at, moved.peak, moved.used


def kept(facts: Sequence[float], written_at: float, now: float, ahead: float) -> Budget:
    """A budget from the facts that somebody wrote down, by a clock that the caller's is ``ahead`` seconds behind; it is ``now`` there.

    One that makes no sense is one that was used up just now.
    """
    last, held_until, share, lowered_at, peak, used = facts
    if any(map(math.isnan, (*facts, written_at))) or min(share, peak) < LEAST or max(share, peak) > 1.0:
        return Budget(last=now)
    if written_at - ahead > now + _SET_BACK:  # the clock was set back: its moments would be far ahead
        return Budget(now, share=share, lowered_at=now, peak=peak)
    budget = Budget(last, min(held_until, written_at + LONGEST_HOLD), share, lowered_at, peak, used)
    return budget.shifted(-ahead)


Step = Callable[[Budget], Budget]


class Cell(Protocol):
    """Keeps one budget for all who share it: threads, processes, machines. May be asked from any thread."""

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
