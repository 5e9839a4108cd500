"""Time and chance, passed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Timing:
    """A monotonic clock and a sleep in seconds, and a source of jitter. The sleep may raise to stop the run."""

    clock: Callable[[], float]
    sleep: Callable[[float], None]
    random: Random
