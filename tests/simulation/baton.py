"""Threads that run one at a time: whoever holds the baton runs, and chance says who gets it next.

The program waits for Box, for its journal and for time. At each of these places a lane hands the baton on, so the order of
the lanes is a matter of the seed and of nothing else. Time is simulated: when all lanes sleep it jumps to the first alarm.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from random import Random
from typing import Any

from tests.apply.village import Killed


class _Lane:
    """One thread. ``turn`` is open while it may run, ``wakes_at`` the time until which it sleeps."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.turn = threading.Semaphore(0)
        self.wakes_at = 0.0


class Baton:
    """Who runs, and what time it is: ``now`` in seconds, only ever forward.

    ``mishap`` is asked at every point and may kill the process, ask for its stop, or let the clocks jump. ``hurry`` tells that
    nobody sleeps any longer. ``dead``: our process was killed; all its lanes end without doing anything more.
    """

    def __init__(self, random: Random) -> None:
        self.now = 0.0
        self.dead = False
        self.mishap: Callable[[str], None] = lambda _: None
        self.hurry: Callable[[], bool] = lambda: False
        self._random = random
        self._lanes: list[_Lane] = []
        self._running: _Lane | None = None
        self._over = threading.Semaphore(0)

    @property
    def lane(self) -> int:
        """The number of the lane that runs, 0 for the main thread."""
        return self._running.number if self._running else 0

    def point(self, where: str, wait: float = 0.0) -> None:
        """A place where anything may happen: another lane goes on, time passes, or the process ends (Killed)."""
        self.check()
        self.mishap(where)
        lane = self._running
        if lane is None:
            self.now += wait
            return
        lane.wakes_at = self.now + wait
        self._hand_on(self._chosen())
        if self._running is not lane:
            lane.turn.acquire()
        self.check()

    def kill(self) -> None:
        """The process ends here and now."""
        self.dead = True
        raise Killed

    def check(self) -> None:
        """Raise Killed in a process that was killed."""
        if self.dead:
            raise Killed

    def run(self, work: Callable[[], None], lanes: int) -> None:
        """Do the same work in so many lanes; returns when all have ended."""
        self._lanes = [_Lane(number) for number in range(1, lanes + 1)]
        threads = [
            threading.Thread(target=self._live, args=(lane, work), daemon=True) for lane in self._lanes
        ]
        for thread in threads:
            thread.start()
        self._hand_on(self._chosen())
        self._over.acquire()
        for thread in threads:
            thread.join()

    def _live(self, lane: _Lane, work: Callable[[], None]) -> None:
        lane.turn.acquire()
        work()
        self._lanes.remove(lane)
        if self._lanes:
            self._hand_on(self._chosen())
        else:
            self._running = None
            self._over.release()

    def _chosen(self) -> _Lane:
        ready = [lane for lane in self._lanes if self.dead or self.hurry() or lane.wakes_at <= self.now]
        if not ready:
            self.now = min(lane.wakes_at for lane in self._lanes)
            ready = [lane for lane in self._lanes if lane.wakes_at <= self.now]
        return self._random.choice(ready)

    def _hand_on(self, lane: _Lane) -> None:
        if lane is not self._running:
            self._running = lane
            lane.turn.release()


class Lanes(Executor):
    """A pool whose threads run under a baton. It begins when all its ``tasks`` are there, and ends before anybody asks."""

    def __init__(self, baton: Baton, workers: int, tasks: int) -> None:
        self._baton = baton
        self._workers = min(workers, tasks)
        self._missing = tasks
        self._queue: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._ended: list[Callable[[], None]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Take a task in; the last one starts them all."""
        future: Future[Any] = Future()
        self._queue.append((future, partial(fn, *args, **kwargs)))
        self._missing -= 1
        if not self._missing:
            self._baton.run(self._work, self._workers)
            for tell in self._ended:
                tell()
        return future

    def _work(self) -> None:
        while self._queue:
            future, call = self._queue.popleft()
            try:
                self._baton.point("next")
                self._ended.append(partial(future.set_result, call()))
            except BaseException as error:  # noqa: BLE001 - a pool keeps every error for whoever asks for the result
                self._ended.append(partial(future.set_exception, error))
