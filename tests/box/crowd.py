"""Many workers on one clock, one at a time: whoever's sleep ends first goes on, so every run is the same.

Workers of one process queue at its turnstile, so a process is one thread here, which calls for its workers in turn.
"""

from __future__ import annotations

import heapq
import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from provision.box.pacing.budget import Cell, OwnCell
from provision.box.pacing.pace import EvenPace
from provision.box.pacing.timing import Timing


class _Over(Exception):
    """Enough calls have left, or this process was killed."""


@dataclass(frozen=True)
class Call:
    """One call that left: when, and from which process."""

    moment: float
    process: int


class Crowd:
    """``workers`` of each process call as fast as the pace lets them; ``pause`` is how long the n-th call takes, in seconds.

    ``cells``: one for each process; by default there is one process with a budget of its own.
    """

    def __init__(
        self,
        per_minute: float,
        workers: int | Sequence[int],
        pause: Callable[[int], float] = lambda _: 0.0,
        cells: Sequence[Callable[[Callable[[], float]], Cell]] = (lambda _: OwnCell(),),
    ) -> None:
        self.now = 0.0
        self.told: list[tuple[str, float]] = []
        self._dead: set[int] = set()
        self.paces = [self._pace(per_minute, cell, process) for process, cell in enumerate(cells)]
        self._workers = [workers] * len(cells) if isinstance(workers, int) else workers
        self._pause = pause
        self._asleep: list[tuple[float, int, threading.Event]] = []
        self._order = itertools.count()
        self._sent: list[Call] = []
        self._wanted = 0
        self._afterwards: dict[int, Callable[[], None]] = {}

    @property
    def pace(self) -> EvenPace:
        """The pace of the first process."""
        return self.paces[0]

    def after(self, calls: int, do: Callable[[], None]) -> None:
        """Do something when so many calls have left."""
        self._afterwards[calls] = do

    def at_each(self, do: Callable[[Call], None]) -> None:
        """Do something with each call that leaves."""
        self._each = do

    def kill(self, process: int) -> None:
        """Let a process end where it is: it keeps its moment, and never calls again."""
        self._dead.add(process)

    def sent(self, calls: int) -> list[float]:
        """When each of so many calls left."""
        return [call.moment for call in self.calls(calls)]

    def calls(self, calls: int) -> list[Call]:
        """So many calls, in order."""
        self._wanted = calls
        alarms = [self._alarm(self.now) for _ in self.paces]
        context = [
            threading.Thread(target=self._live, args=(process, alarm)) for process, alarm in enumerate(alarms)
        ]
        for process in context:
            process.start()
        self._wake()
        for process in context:
            process.join()
        if self._failure is not None:
            raise self._failure
        return self._sent

    _failure: Exception | None = None
    _each: Callable[[Call], None] = staticmethod(lambda _: None)

    def _pace(self, per_minute: float, cell: Callable[[Callable[[], float]], Cell], process: int) -> EvenPace:
        def clock() -> float:
            return self.now

        def sleep(seconds: float) -> None:
            self._sleep(seconds)
            self._go_on(process)

        def told(why: str, wait: float) -> None:
            self.told.append((why, wait))

        return EvenPace(per_minute, Timing(clock, sleep, Random(0)), cell(clock), told)  # noqa: S311 - jitter

    def _live(self, process: int, alarm: threading.Event) -> None:
        alarm.wait()
        free = [0.0] * self._workers[process]
        try:
            while True:
                if (left := heapq.heappop(free) - self.now) > 0:
                    self._sleep(left)
                self._go_on(process)
                heapq.heappush(free, self._call(process))
        except _Over:
            pass
        except Exception as error:  # noqa: BLE001 - raised by calls(), so that the others do not wait for ever
            self._failure = error
            self._wanted = 0
        self._wake()

    def _call(self, process: int) -> float:
        """One call; when its answer comes."""
        self.paces[process].wait()
        self._go_on(process)
        self._sent.append(Call(self.now, process))
        number = len(self._sent)
        self._afterwards.get(number, lambda: None)()
        self._each(self._sent[-1])
        return self.now + self._pause(number)

    def _go_on(self, process: int) -> None:
        if len(self._sent) >= self._wanted or process in self._dead:
            raise _Over

    def _sleep(self, seconds: float) -> None:
        alarm = self._alarm(self.now + seconds)
        self._wake()
        alarm.wait()

    def _alarm(self, moment: float) -> threading.Event:
        alarm = threading.Event()
        heapq.heappush(self._asleep, (moment, next(self._order), alarm))
        return alarm

    def _wake(self) -> None:
        if self._asleep:
            moment, _, alarm = heapq.heappop(self._asleep)
            self.now = max(self.now, moment)
            alarm.set()
