"""Time as the sandbox sees it: a clock is passed in, so that tests move it instead of sleeping."""

from __future__ import annotations

import time
from datetime import datetime
from email.utils import formatdate
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

_PACIFIC = ZoneInfo("America/Los_Angeles")


class Clock(Protocol):
    """Where the sandbox takes the time from."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        ...

    def wait(self, seconds: float) -> None:
        """Return when so many seconds of this clock have passed."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return time.time()

    def wait(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)


class Shifted:
    """Another clock, so many seconds ahead: to a client it is its own that is behind. `ahead` can be changed."""

    def __init__(self, clock: Clock, ahead: float) -> None:
        self._clock = clock
        self.ahead = ahead

    def now(self) -> float:
        """Seconds since 1970, UTC."""
        return self._clock.now() + self.ahead

    def wait(self, seconds: float) -> None:
        """Sleep."""
        self._clock.wait(seconds)


@lru_cache(maxsize=64)
def _stamp(second: int) -> str:
    return datetime.fromtimestamp(second, _PACIFIC).isoformat()


def stamp(moment: float) -> str:
    """A moment as Box writes it: whole seconds, numeric Pacific offset (Box guide, Types and formats)."""
    return _stamp(int(moment))


def has_come(text: str, now: float) -> bool:
    """Whether a moment in ISO 8601, as a body gave it, is here or over."""
    return datetime.fromisoformat(text).timestamp() <= now


@lru_cache(maxsize=8)
def _http_date(second: int) -> str:
    return formatdate(second, usegmt=True)


def http_date(moment: float) -> str:
    """A moment as the `date` header has it."""
    return _http_date(int(moment))
