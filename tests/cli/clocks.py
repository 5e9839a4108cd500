"""Clocks for the sandbox: one at which calls wait until a test lets them on, one that is off."""

from __future__ import annotations

import queue
import threading
import time


class Gate:
    """A sandbox's clock at which calls told to be slow stay until they are let on."""

    def __init__(self) -> None:
        self._arrivals: queue.Queue[float] = queue.Queue()
        self._passes = threading.Semaphore(0)

    def now(self) -> float:
        return time.time()

    def wait(self, seconds: float) -> None:
        self._arrivals.put(seconds)
        assert self._passes.acquire(timeout=60)

    def arrival(self) -> None:
        """Returns when a slow call is there."""
        self._arrivals.get(timeout=60)

    def open(self, times: int = 1) -> None:
        """Lets calls on, also some that are still to come."""
        self._passes.release(times)


class ShiftedClock:
    """The sandbox's time, so many seconds from this machine's."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def now(self) -> float:
        return time.time() + self._seconds

    def wait(self, seconds: float) -> None:
        raise AssertionError(f"nobody was told to wait {seconds} s")
