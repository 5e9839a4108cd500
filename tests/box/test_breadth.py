"""How many operations are begun at once: the rule alone, on a simulated clock, and as a connection learns it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.box.connect import Connection
from provision.box.pacing.budget import Budget, Rate
from provision.box.pacing.concurrency import LEAST, Latency, breadth
from provision.errors import BoxFault
from tests.examples import examples
from tests.live import Live, Start

MOST = 64
SECONDS = st.floats(0, 3600)
RATES = st.floats(0.001, 10_000)


@given(per_second=RATES, seconds=SECONDS, most=st.integers(1, MOST))
def test_never_more_than_the_workers_and_never_fewer_than_two(
    per_second: float, seconds: float, most: int
) -> None:
    assert min(LEAST, most) <= breadth(per_second, Latency(seconds), most) <= most


@given(per_second=RATES, seconds=SECONDS)
def test_always_more_than_are_under_way_at_that_rate_unless_the_workers_are_too_few(
    per_second: float, seconds: float
) -> None:
    busy = per_second * seconds
    begun = breadth(per_second, Latency(seconds), MOST)

    assert begun >= min(MOST, busy + 1)
    assert begun <= max(LEAST, 1.25 * busy + 2)


@given(rates=st.tuples(RATES, RATES), waits=st.tuples(SECONDS, SECONDS))
def test_a_higher_rate_or_a_slower_box_never_narrows_it(
    rates: tuple[float, float], waits: tuple[float, float]
) -> None:
    few = breadth(min(rates), Latency(min(waits)), MOST)

    assert few <= breadth(max(rates), Latency(min(waits)), MOST)
    assert few <= breadth(min(rates), Latency(max(waits)), MOST)


@given(heard=st.lists(SECONDS, min_size=1, max_size=60))
def test_the_estimate_stays_between_the_shortest_and_the_longest_call(heard: list[float]) -> None:
    assert max(min(heard), 0.001) - 1e-9 <= _after(heard).seconds <= max(*heard, 0.001) + 1e-9


@given(usual=st.floats(0.001, 10), outlier=st.floats(0, 1e6))
def test_one_call_alone_moves_it_by_three_eighths_at_most(usual: float, outlier: float) -> None:
    assert _after([usual] * 20 + [outlier]).seconds == pytest.approx(usual, rel=0.376)


@given(before=st.floats(0.001, 1), times=st.floats(0.1, 10))
def test_a_box_that_turns_slower_or_faster_is_known_after_a_few_dozen_calls(
    before: float, times: float
) -> None:
    later = max(before * times, 0.001)

    assert _after([before] * 20 + [later] * 12).seconds >= 0.75 * later
    assert _after([before] * 20 + [later] * 36).seconds == pytest.approx(later, rel=0.1)


def _after(heard: list[float]) -> Latency:
    latency = Latency()
    for seconds in heard:
        latency = latency.heard(seconds)
    return latency


# --- a crew on one clock -----------------------------------------------------------------------------------


class _Crew:
    """Operations of one call each, begun as broadly as the rule says, at the pace of a budget; no thread.

    ``sent`` is when each call left, ``begun`` how many operations had begun and not ended at each of these moments.
    """

    def __init__(self, per_minute: float, takes: Iterator[float], latency: Latency) -> None:
        self._rate, self._takes, self._latency = Rate.of(per_minute), takes, latency
        self._budget = Budget()
        self._answers: list[tuple[float, float]] = []
        self._queueing = 0
        self.now = 0.0
        self.sent: list[float] = []
        self.begun: list[int] = []

    def send(self, calls: int) -> None:
        while len(self.sent) < calls:
            self._queueing = max(0, self._room()) + self._queueing
            due = self._budget.taken(self._rate, self.now)
            if self._queueing and (not self._answers or max(due.last, self.now) <= self._answers[0][0]):
                self._leave(due)
            else:
                self._end()

    def _room(self) -> int:
        share = self._budget.share_at(self.now)
        return breadth(share / self._rate.interval, self._latency, MOST) - self._inside

    @property
    def _inside(self) -> int:
        return self._queueing + len(self._answers)

    def _leave(self, budget: Budget) -> None:
        self._budget, self.now = budget, max(budget.last, self.now)
        self.begun.append(self._inside)
        self.sent.append(self.now)
        took = next(self._takes)
        self._queueing -= 1
        heapq.heappush(self._answers, (self.now + took, took))

    def _end(self) -> None:
        self.now, took = heapq.heappop(self._answers)
        self._latency = self._latency.heard(took)


@given(
    per_minute=st.sampled_from([60, 600, 1000]),
    usual=st.floats(0.01, 2.0),
    spread=st.lists(st.floats(0.5, 1.5), min_size=1, max_size=9),
)
@examples(60)
def test_the_budget_is_kept_busy_however_long_answers_take(
    per_minute: float, usual: float, spread: list[float]
) -> None:
    crew = _Crew(per_minute, cycle([usual * each for each in spread]), Latency())
    crew.send(1200)
    warm = crew.sent[200:]

    assert (len(warm) - 1) / (warm[-1] - warm[0]) * 60 >= 0.97 * per_minute


@pytest.mark.parametrize(("seconds", "most"), [(0.15, 5), (0.6, 15), (1.5, 34)])
def test_no_more_are_begun_than_that_takes(seconds: float, most: int) -> None:
    crew = _Crew(1000, cycle([seconds]), Latency(seconds))
    crew.send(500)

    assert max(crew.begun) <= most


@pytest.mark.parametrize("seconds", [0.15, 0.6])
def test_a_box_ten_times_slower_than_at_the_door_costs_less_than_two_answers(seconds: float) -> None:
    crew = _Crew(1000, cycle([seconds]), Latency(seconds / 10))
    crew.send(500)
    undisturbed = 499 * Rate.of(1000).interval

    assert crew.sent[-1] <= undisturbed + 2 * seconds


# --- a connection ------------------------------------------------------------------------------------------


def _slow(live: Live, seconds: Callable[[Any], float]) -> None:
    """Have every request take some time before it is answered."""
    deliver = live.server.service.deliver

    def slowly(request: Any) -> Any:
        live.time.move(seconds(request))
        return deliver(request)

    live.server.service.deliver = slowly


def _connected(live: Live, per_minute: float = 1000) -> Connection:
    return live.connect(requests_per_minute=per_minute, workers=40)


@pytest.mark.parametrize(("seconds", "begun"), [(0.0, 2), (0.15, 5), (0.6, 14), (1.5, 32), (60.0, 40)])
def test_a_connection_learns_from_the_first_call_on(start: Start, seconds: float, begun: int) -> None:
    live = start()
    _slow(live, lambda _: seconds)

    assert _connected(live).box.breadth == begun


def test_waiting_for_the_pace_is_not_taken_for_a_slow_box(start: Start) -> None:
    live = start()
    _slow(live, lambda _: 0.6)
    box = _connected(live, 60).box
    for _ in range(20):
        box.total()

    assert box.breadth == 2


def test_after_a_429_fewer_are_begun(start: Start) -> None:
    live = start([{"match": {"path": "/2.0/users/300"}, "do": {"status": 429, "retry_after": 3}}])
    _slow(live, lambda _: 0.6)
    box = _connected(live).box
    before = box.breadth
    with pytest.raises(BoxFault, match="Throttled"):
        box.get("300")

    assert (before, box.breadth) == (14, 13)


@pytest.mark.parametrize("answer", ["forbidden", "lost_answer", {"status": 503}])
def test_a_refusal_or_silence_tells_nothing_of_how_long_answers_take(start: Start, answer: object) -> None:
    live = start([{"match": {"path": "/2.0/users/300"}, "do": answer}])
    _slow(live, lambda request: 0.0 if request.path.endswith("/300") else 0.6)
    box = _connected(live).box
    for _ in range(10):
        with pytest.raises(BoxFault):
            box.get("300")

    assert box.breadth == 14
