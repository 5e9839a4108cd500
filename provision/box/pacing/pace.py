"""When the next call may leave: one budget of calls for all workers, and for all processes that share its cell.

Workers queue at a turnstile, and only the one at its head holds a moment of the budget. So two processes take turns
whatever the number of their workers, a process that dies leaves at most one moment unused, and a hold that begins
meanwhile is noticed by everybody before a call leaves. Nothing shared is locked while anybody sleeps.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from provision.box.pacing.budget import LONGEST_HOLD, Budget, Cell, OwnCell, Rate
from provision.box.pacing.timing import Timing

__all__ = ["LONGEST_HOLD", "EvenPace", "Pace", "Paces"]

#: a wait of so many seconds is told, and then none for the same reason for a while
_LONG, _TOLD_ENOUGH = 10.0, 60.0


class Pace(Protocol):
    """Says when the next call may leave. Room for a budget shared by several machines."""

    @property
    def per_second(self) -> float:
        """How many calls may leave a second, as far as is known here: fewer after a 429."""
        ...

    def wait(self) -> None:
        """Return when a call may leave."""
        ...

    def hold(self, seconds: float) -> None:
        """Box answered 429: let nobody call for so many seconds, counted from now, and more slowly afterwards."""
        ...


@dataclass(frozen=True, slots=True)
class Paces:
    """Which pace a request keeps: Box counts uploads apart from all other calls (developer.box.com, Rate limits).

    An upload is what goes to an address that begins with ``upload_address``. The picture of a user is none: it has no upload
    address (Box API reference, POST /users/{user_id}/avatar).
    """

    calls: Pace
    uploads: Pace
    upload_address: str

    def of(self, url: str) -> Pace:
        """The pace of a request to this address."""
        return self.uploads if url.startswith(self.upload_address) else self.calls


def _untold(_why: str, _wait: float) -> None:
    """Nobody is told."""


class EvenPace:
    """At most ``per_minute`` calls in any 60 seconds by all who share the ``cell``; alone without one.

    ``told`` hears of a long wait: why, and how many seconds. A hold that has more than ``patience`` seconds left, as one that
    an earlier run was given, is waited for by nobody here: the next call asks Box whether it still counts.
    """

    def __init__(
        self,
        per_minute: float,
        timing: Timing,
        cell: Cell | None = None,
        told: Callable[[str, float], None] = _untold,
        patience: float = math.inf,
    ) -> None:
        self._rate = Rate.of(per_minute)
        self._timing = timing
        self._cell = cell or OwnCell()
        self._told = told
        self._patience = patience
        self._said, self._quiet_until = "", 0.0
        self._seen = Budget()
        self._turnstile = threading.Lock()

    @property
    def per_second(self) -> float:
        """How many calls may leave a second, as of the last one that left from here; with everybody who shares it."""
        return self._seen.share_at(self._timing.clock()) / self._rate.interval

    def wait(self) -> None:
        """Take the next free moment and sleep until then; a hold that begins meanwhile means taking another."""
        with self._turnstile:
            budget = self._take()
            moment = budget.last
            while (left := moment - self._timing.clock()) > 0:
                self._tell(budget, left)
                self._timing.sleep(left)
                if moment < self._cell.change(_as_it_is).held_until:
                    budget = self._take()
                    moment = budget.last

    def hold(self, seconds: float) -> None:
        """Push every call that has not left behind the end of the hold, and lower the rate."""
        self._seen = self._cell.change(lambda budget: budget.held(seconds, self._timing.clock()))

    def _take(self) -> Budget:
        now = self._timing.clock()
        self._seen = self._cell.change(
            lambda budget: budget.at_most(self._patience, now).taken(self._rate, now)
        )
        return self._seen

    def _tell(self, budget: Budget, left: float) -> None:
        now = self._timing.clock()
        why = self._why(budget, now, left)
        if left < _LONG or (why == self._said and now < self._quiet_until):
            return
        self._said, self._quiet_until = why, now + max(left, _TOLD_ENOUGH)
        self._told(why, left)

    def _why(self, budget: Budget, now: float, left: float) -> str:
        if budget.held_until > now:
            return f"Box asks for a pause of {left:.0f} s (HTTP 429)"
        full, share = self._rate.per_minute, budget.share_at(now)
        if share < 1.0:
            return f"Calls leave at {full * share:,.0f} a minute instead of {full:,.0f} after an HTTP 429"
        return f"The next call is not due yet at {full:,.0f} a minute"


def _as_it_is(budget: Budget) -> Budget:
    return budget
