"""Many workers on one clock, one at a time: whoever's sleep ends first goes on, so every run is the same."""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable

from provision.box.pace import EvenPace


class _Over(Exception):
    """Enough calls have left."""


class Crowd:
    """``workers`` that call as fast as the pace lets them; ``pause`` is what one does after its n-th call, in seconds."""

    def __init__(
        self, per_minute: float, workers: int, pause: Callable[[int], float] = lambda _: 0.0
    ) -> None:
        self.now = 0.0
        self.pace = EvenPace(per_minute, lambda: self.now, self._sleep)
        self._workers = workers
        self._pause = pause
        self._asleep: list[tuple[float, int, threading.Event]] = []
        self._order = itertools.count()
        self._sent: list[float] = []
        self._wanted = 0
        self._afterwards: dict[int, Callable[[], None]] = {}

    def after(self, calls: int, do: Callable[[], None]) -> None:
        """Do something when so many calls have left."""
        self._afterwards[calls] = do

    def sent(self, calls: int) -> list[float]:
        """When each of so many calls left."""
        self._wanted = calls
        alarms = [self._alarm(self.now) for _ in range(self._workers)]
        crew = [threading.Thread(target=self._work, args=(alarm,)) for alarm in alarms]
        for worker in crew:
            worker.start()
        self._wake()
        for worker in crew:
            worker.join()
        return self._sent

    def _work(self, alarm: threading.Event) -> None:
        alarm.wait()
        try:
            while len(self._sent) < self._wanted:
                self._call()
        except _Over:
            pass
        self._wake()

    def _call(self) -> None:
        self.pace.wait()
        self._sent.append(self.now)
        self._afterwards.get(len(self._sent), lambda: None)()
        if (pause := self._pause(len(self._sent))) > 0:
            self._sleep(pause)

    def _sleep(self, seconds: float) -> None:
        alarm = self._alarm(self.now + seconds)
        self._wake()
        alarm.wait()
        if len(self._sent) >= self._wanted:
            raise _Over

    def _alarm(self, moment: float) -> threading.Event:
        alarm = threading.Event()
        heapq.heappush(self._asleep, (moment, next(self._order), alarm))
        return alarm

    def _wake(self) -> None:
        if self._asleep:
            moment, _, alarm = heapq.heappop(self._asleep)
            self.now = max(self.now, moment)
            alarm.set()
