"""How much of a limit is used whatever its window: played on a clock of its own, so the same numbers come out anywhere.

    python benchmarks/windows.py [--quick]

Creates at 150 ms a call, give or take a fifth, by 32 workers that queue for the budget as in a run: the pace is the program's own
(``provision/box/pacing/budget.py``), the limit that of the local Box, and nothing waits in earnest. Each line is played with
some seeds, of which the worst counts. Share: calls that were carried out, of what the limit allowed (less what another client took)
from the first to the last. Writes benchmarks/results/windows.md.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from measure import Measure, Part, at_least, at_most, chosen, keep, table

from provision.box.pacing.budget import Budget, Rate
from provision.sandbox.limits import Limiter

#: seconds that a call takes, by which share more or less, and the workers that make them
LATENCY, JITTER, WORKERS = 0.15, 0.2, 32
SEEDS = 5


class Limit(Protocol):
    """What refuses calls: the seconds to wait, 0 for a call that is carried out."""

    def charge(self, user_id: str, now: float) -> int:
        """Count one call."""
        ...


@dataclass(slots=True)
class Bucket:
    """Takes a call for each of its tokens, of which ``per_second`` come, up to ``most``."""

    per_second: float
    most: float
    _tokens: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        self._tokens = self.most

    def charge(self, _user_id: str, now: float) -> int:
        """Take a token."""
        self._tokens = min(self.most, self._tokens + (now - self._at) * self.per_second)
        self._at = now
        if self._tokens < 1:
            return max(1, round((1 - self._tokens) / self.per_second + 0.5))
        self._tokens -= 1
        return 0


@dataclass(slots=True)
class Turns:
    """A limit that begins anew at each full window, and tells how long that is away: nothing but Retry-After shows it."""

    most: int
    seconds: float
    _window: int = -1
    _calls: int = 0

    def charge(self, _user_id: str, now: float) -> int:
        """Count one call in its window."""
        window = int(now // self.seconds)
        if window != self._window:
            self._window, self._calls = window, 0
        self._calls += 1
        if self._calls <= self.most:
            return 0
        return max(1, round((window + 1) * self.seconds - now + 0.5))


@dataclass(frozen=True, slots=True)
class Played:
    """What became of it: calls carried out and refused, when the first and the last were, and what another client got meanwhile."""

    done: int
    refused: int
    seconds: float
    others: int

    def share(self, per_minute: float) -> float:
        """Of what the limit allowed and nobody else took, the part that was used."""
        return (self.done - 1) / (per_minute / 60 * self.seconds - self.others)

    @property
    def lost(self) -> float:
        """The part of the calls that was refused."""
        return self.refused / (self.done + self.refused)


class Play:
    """Workers, a budget and a limit on one clock; ``stray`` is the number of a call that is refused without a reason.

    ``other``: calls a second of another client while it is there, in every second minute.
    """

    def __init__(
        self, per_minute: float, limit: Limit, seed: int, stray: int = 0, other: float = 0.0
    ) -> None:
        self._rate, self._limit, self._stray = Rate.of(per_minute), limit, stray
        self._random = Random(seed)  # noqa: S311  a game
        self._budget, self._order = Budget(), itertools.count()
        self._events: list[tuple[float, int, Callable[[float], None]]] = []
        self._waiting: deque[int] = deque(range(WORKERS))
        self._busy = False
        self._other = other
        self._arrived = self._others = self._refused = 0
        self._done: list[float] = []
        self._others_at: list[float] = []

    def until(self, calls: int) -> Played:
        """Play until so many calls were carried out."""
        self._next(0.0)
        if self._other:
            self._at(0.0, self._stranger)
        while len(self._done) < calls:
            now, _, what = heapq.heappop(self._events)
            what(now)
        first, last = self._done[0], self._done[-1]
        others = sum(first <= at <= last for at in self._others_at)
        return Played(len(self._done), self._refused, last - first, others)

    def _at(self, moment: float, what: Callable[[float], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), what))

    def _next(self, now: float) -> None:
        """Whoever is first in the queue takes a moment of the budget, if nobody else holds one."""
        if self._busy or not self._waiting:
            return
        self._busy = True
        self._waiting.popleft()
        self._take(now)

    def _take(self, now: float) -> None:
        self._budget = self._budget.taken(self._rate, now)
        moment = self._budget.last
        if moment <= now:
            self._leave(now)
        else:
            self._at(moment, lambda at: self._woken(moment, at))

    def _woken(self, moment: float, now: float) -> None:
        """Somebody who slept until the moment: a hold that began meanwhile means taking another."""
        if moment < self._budget.held_until:
            self._take(now)
        else:
            self._leave(now)

    def _leave(self, now: float) -> None:
        self._busy = False
        took = LATENCY * self._random.uniform(1 - JITTER, 1 + JITTER)
        self._at(now + took / 2, lambda at: self._arrive(at, now + took))
        self._next(now)

    def _arrive(self, now: float, answered: float) -> None:
        self._arrived += 1
        seconds = 1 if self._arrived == self._stray else self._limit.charge("", now)
        if seconds:
            self._refused += 1
            self._at(answered, lambda at: self._hold(seconds, at))
        else:
            self._done.append(now)
            self._at(answered, self._free)

    def _hold(self, seconds: int, now: float) -> None:
        """A 429: everybody waits as told, and who met it as long before it queues again."""
        self._budget = self._budget.held(seconds, now)
        self._at(now + seconds, self._free)

    def _free(self, now: float) -> None:
        self._waiting.append(0)
        self._next(now)

    def _stranger(self, now: float) -> None:
        """One call of another client, which is told of no wait."""
        if int(now // 60) % 2:
            self._at((int(now // 60) + 1) * 60.0, self._stranger)
            return
        if not self._limit.charge("", now):
            self._others_at.append(now)
        self._at(now + 1 / self._other, self._stranger)


@dataclass(frozen=True, slots=True)
class Line:
    """One limit: its words, the key of its goal, calls a minute that it allows and that the job asks for, what is to be reached."""

    what: str
    key: str
    allows: float
    asks: float
    limit: Callable[[], Limit]
    calls: int = 6_000
    stray: int = 0
    other: float = 0.0
    goal: float = 0.95
    refused: float = 0.01

    def played(self, calls: int, seed: int) -> Played:
        """One game."""
        return Play(self.asks, self.limit(), seed, self.stray, self.other).until(calls)


def lines() -> Iterator[Line]:
    """All limits that are played."""
    for most, seconds in ((20, 1.0), (200, 10.0), (1_200, 60.0)):
        what = f"{most:,} calls in {seconds:.0f} s, the job at 1,200 a minute"
        yield Line(what, "windows", 1_200, 1_200, lambda most=most, seconds=seconds: Limiter((most, seconds)))
    yield Line(
        "a bucket of 20 tokens, 20 a second; 1,200 a minute", "windows", 1_200, 1_200, lambda: Bucket(20, 20)
    )
    what = "200 calls in 10 s, the job at 3,000 a minute, so that only Retry-After tells of it"
    yield Line(what, "windows", 1_200, 3_000, lambda: Limiter((200, 10.0)))
    what = "200 calls in each 10 s by the clock, the job at 3,000 a minute"
    yield Line(what, "windows", 1_200, 3_000, lambda: Turns(200, 10.0))
    what = "1,200 creates, 200 calls in 10 s, the job at 1,200, one stray 429"
    yield Line(
        what,
        "short window",
        1_200,
        1_200,
        lambda: Limiter((200, 10.0)),
        1_200,
        stray=400,
        goal=0.96,
        refused=0.005,
    )
    what = "12,000 creates, 1,000 calls in 60 s, another client takes a third of them in every second minute"
    yield Line(
        what,
        "another client",
        1_000,
        1_000,
        lambda: Limiter((1_000, 60.0)),
        12_000,
        other=1_000 / 180,
        goal=0.93,
    )


def main() -> None:
    """Play, print and write down."""
    told = chosen(__doc__)
    rows: list[list[str]] = []
    found: dict[str, list[Measure]] = {}
    for line in lines():
        games = [
            line.played(min(line.calls, 600) if told.quick else line.calls, seed) for seed in range(SEEDS)
        ]
        share, lost = min(game.share(line.allows) for game in games), max(game.lost for game in games)
        measured = [
            at_least(line.goal, share, "{:.1%} of the limit"),
            at_most(line.refused, lost, "{:.2%} answered 429"),
        ]
        rows.append([line.what, *(one.text for one in measured)])
        wanted = measured if line.key != "windows" else measured[:1]
        before = found.setdefault(line.key, wanted)
        found[line.key] = [max(pair, key=lambda one: one.share) for pair in zip(before, wanted, strict=True)]
    text = f"# What is used of limits of all kinds\n\n{table(['limit', 'used:', 'refused:'], rows)}\n"
    keep(Part("windows", text, found), quick=told.quick)


if __name__ == "__main__":
    main()
