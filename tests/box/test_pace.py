"""The budget shared by all workers: many of them simulated on one clock, and real threads for the locks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.box.pacing.budget import OwnCell
from provision.box.pacing.pace import LONGEST_HOLD, EvenPace
from provision.box.pacing.timing import Timing
from tests.examples import examples

from .crowd import Crowd


@given(
    per_minute=st.sampled_from([1, 2, 7, 60, 100, 333, 1000]),
    workers=st.integers(1, 24),
    pauses=st.lists(st.floats(0, 90), min_size=1, max_size=6),
)
@examples(60)
def test_never_more_than_the_rate_in_any_sixty_seconds(
    per_minute: int, workers: int, pauses: list[float]
) -> None:
    crowd = Crowd(per_minute, workers, lambda number: pauses[number % len(pauses)])

    sent = crowd.sent(min(3 * per_minute + 20, 400))

    assert max(_in_a_minute(sent)) <= per_minute


def _in_a_minute(sent: list[float]) -> Iterator[int]:
    first = 0
    for last, moment in enumerate(sent):
        while moment - sent[first] >= 60 - 1e-6:
            first += 1
        yield last - first + 1


@pytest.mark.parametrize(("per_minute", "share"), [(1000, 0.97), (600_000, 0.97), (60, 0.97)])
def test_most_of_the_rate_is_used(per_minute: int, share: float) -> None:
    sent = Crowd(per_minute, 12).sent(2000)

    assert len(sent) / (sent[-1] - sent[0]) * 60 >= per_minute * share


def test_calls_leave_evenly_with_a_small_burst_after_a_lull() -> None:
    crowd = Crowd(1000, 12)
    crowd.now = 500.0

    sent = crowd.sent(100)

    assert sum(moment == 500.0 for moment in sent) == 5
    gaps = [after - before for before, after in pairwise(sent[4:])]
    assert max(gaps) - min(gaps) < 1e-6


def test_a_hold_pushes_everybody_and_they_leave_evenly_after_it() -> None:
    crowd = Crowd(600, 20)
    crowd.after(10, lambda: crowd.pace.hold(30))

    sent = crowd.sent(200)

    held = sent[9]
    assert not [moment for moment in sent[10:] if moment < held + 30]
    later = sent[10:]
    assert later[0] == pytest.approx(held + 30)
    assert min(after - before for before, after in pairwise(later)) > 0.09


def test_a_hold_never_shortens_one_that_is_longer() -> None:
    crowd = Crowd(600, 4)
    crowd.pace.hold(100)
    crowd.pace.hold(1)

    assert crowd.sent(1)[0] >= 100


@pytest.mark.parametrize(("told", "held"), [(1e12, LONGEST_HOLD), (-5.0, 0.0), (0.0, 0.0)])
def test_a_silly_hold_is_clamped(told: float, held: float) -> None:
    crowd = Crowd(600, 1)
    crowd.pace.hold(told)

    assert crowd.sent(1)[0] == pytest.approx(held, abs=0.2)


def test_a_hold_that_outlasts_the_patience_is_asked_about_and_not_waited_for() -> None:
    """As of a run before, which Box told to come back in an hour, for a job that waits ten minutes."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    cell, timing = OwnCell(), Timing(lambda: now[0], sleep, Random(0))  # noqa: S311 - jitter
    patient, hasty = EvenPace(600, timing, cell), EvenPace(600, timing, cell, patience=600.0)
    patient.hold(3_000)
    hasty.wait()
    assert now[0] == 0

    hasty.hold(3_000)  # Box says no once more
    patient.wait()
    assert now[0] >= 3_000
    hasty.hold(500)
    hasty.wait()
    assert now[0] >= 3_500


def test_an_interrupted_sleep_lets_nobody_through() -> None:
    class Stop(Exception):
        """The run was stopped."""

    def stopped(_: float) -> None:
        raise Stop

    pace = EvenPace(60, Timing(lambda: 0.0, stopped, Random(0)))  # noqa: S311 - jitter
    pace.wait()

    with pytest.raises(Stop):
        pace.wait()


def test_threads_share_one_budget() -> None:
    now, lock, slots = [0.0], threading.Lock(), list[float]()

    def sleep(seconds: float) -> None:
        with lock:
            now[0] += seconds

    pace = EvenPace(600, Timing(lambda: now[0], sleep, Random(0)))  # noqa: S311 - jitter

    def work() -> None:
        for _ in range(50):
            pace.wait()
            with lock:
                slots.append(now[0])

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(work) for _ in range(16)]:
            done.result()

    assert len(slots) == 800
    assert now[0] >= 800 * 60 / 600 * 0.97
