"""The one retry loop, with a clock that moves by what is slept."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.errors import (
    BoxAnswer,
    BoxFault,
    Conflict,
    Expired,
    Garbled,
    Interrupted,
    Lost,
    NotFound,
    NotSent,
    Rejected,
    ServerTrouble,
    Throttled,
)
from tests.examples import examples


class Scene:
    """A call that fails as told and then succeeds, a look that finds as told, and time that moves by sleeping."""

    def __init__(self, *faults: BoxFault, finds: tuple[str | BoxFault | None, ...] = ()) -> None:
        self._faults = list(faults)
        self._finds = list(finds)
        self.now = 1000.0
        self.slept: list[float] = []
        self.told: list[BoxFault] = []
        self.calls = 0
        self.looks = 0

    def retry(self, patience: Patience | None = None, seed: int = 1) -> Retry:
        timing = Timing(lambda: self.now, self._sleep, Random(seed))  # noqa: S311 - jitter
        return Retry(patience or Patience(), timing, self.told.append)

    def call(self) -> str:
        self.calls += 1
        if self._faults:
            raise self._faults.pop(0)
        return "made"

    def look(self) -> str | None:
        self.looks += 1
        found = self._finds.pop(0) if self._finds else None
        if isinstance(found, BoxFault):
            raise found
        return found

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def _throttled(seconds: float) -> Throttled:
    return Throttled(BoxAnswer(429), seconds)


def _trouble(seconds: float = 0.0) -> ServerTrouble:
    return ServerTrouble(BoxAnswer(503), seconds)


@pytest.mark.parametrize("fault", [_throttled(2), NotSent(), Lost(), Garbled(), _trouble(), Expired()])
def test_a_read_is_tried_again(fault: BoxFault) -> None:
    scene = Scene(fault, fault)

    assert scene.retry().read(scene.call) == "made"
    assert scene.calls == 3
    assert scene.told == [fault, fault]


@pytest.mark.parametrize("fault", [NotFound(), Conflict(BoxAnswer(409)), Rejected(BoxAnswer(400))])
def test_a_refusal_is_not_tried_again(fault: BoxFault) -> None:
    scene = Scene(fault)

    with pytest.raises(type(fault)):
        scene.retry().read(scene.call)

    assert (scene.calls, scene.slept) == (1, [])


@pytest.mark.parametrize("fault", [Lost(), Garbled(), _trouble()])
def test_a_doubtful_write_is_looked_for_and_not_sent_again_when_found(fault: BoxFault) -> None:
    scene = Scene(fault, finds=("found",))

    assert scene.retry().write(scene.call, scene.look) == "found"
    assert (scene.calls, scene.looks) == (1, 1)


def test_a_doubtful_write_that_is_not_found_is_sent_again_after_each_look() -> None:
    scene = Scene(Lost(), _trouble(), finds=(None, None))

    assert scene.retry().write(scene.call, scene.look) == "made"
    assert (scene.calls, scene.looks) == (3, 2)


@pytest.mark.parametrize("fault", [NotSent(), _throttled(1), Expired()])
def test_a_write_that_surely_did_not_happen_is_sent_again_without_a_look(fault: BoxFault) -> None:
    scene = Scene(fault)

    assert scene.retry().write(scene.call, scene.look) == "made"
    assert (scene.calls, scene.looks) == (2, 0)


def test_one_doubtful_try_means_looking_ever_after() -> None:
    scene = Scene(Lost(), NotSent(), NotSent(), finds=(None, None, "found late"))

    assert scene.retry().write(scene.call, scene.look) == "found late"
    assert scene.calls == 3


def test_a_write_is_not_sent_while_the_look_fails() -> None:
    scene = Scene(Lost(), finds=(_trouble(), NotSent(), "found"))

    assert scene.retry().write(scene.call, scene.look) == "found"
    assert scene.calls == 1


@pytest.mark.parametrize(
    "last", [NotSent(), Rejected(BoxAnswer(400)), Conflict(BoxAnswer(409)), _throttled(9e9)]
)
def test_the_fault_that_comes_out_is_doubtful_if_any_try_was(last: BoxFault) -> None:
    scene = Scene(Lost(), *[last] * 9)

    with pytest.raises(type(last)) as failed:
        scene.retry().write(scene.call, scene.look)

    assert failed.value.doubtful


def test_a_refusal_after_sure_failures_is_not_doubtful() -> None:
    scene = Scene(NotSent(), _throttled(1), Rejected(BoxAnswer(400)))

    with pytest.raises(Rejected) as failed:
        scene.retry().write(scene.call, scene.look)

    assert not failed.value.doubtful


@pytest.mark.parametrize("tries", [1, 4, 7])
def test_a_call_is_tried_so_often_and_not_more(tries: int) -> None:
    scene = Scene(*[Lost()] * 20)

    with pytest.raises(Lost):
        scene.retry(Patience(tries=tries)).read(scene.call)

    assert scene.calls == tries
    assert len(scene.told) == tries - 1


def test_429_waits_exactly_as_told_and_is_no_try() -> None:
    scene = Scene(*[_throttled(seconds) for seconds in (2, 30, 1.5, 1, 1, 1, 1, 1, 1, 1)])

    assert scene.retry(Patience(tries=2)).read(scene.call) == "made"
    assert scene.slept == [2, 30, 1.5, 1, 1, 1, 1, 1, 1, 1]


def test_429_without_a_wait_does_not_hammer_and_ends_some_time() -> None:
    scene = Scene(*[_throttled(0)] * 5000)

    with pytest.raises(Throttled):
        scene.retry(Patience(first_wait=0.5, longest_wait=1.0, give_up_after=1500)).read(scene.call)

    assert 1000 < scene.calls < 4000
    assert scene.now - 1000 <= 1500


def test_no_wait_is_begun_that_would_end_after_giving_up() -> None:
    scene = Scene(*[_throttled(50)] * 5)

    with pytest.raises(Throttled):
        scene.retry(Patience(give_up_after=120)).read(scene.call)

    assert scene.slept == [50, 50]


def test_a_503_that_says_how_long_is_waited_for_so_long_at_least() -> None:
    scene = Scene(_trouble(15), _trouble(0.001))

    scene.retry().read(scene.call)

    assert scene.slept[0] == 15
    assert scene.slept[1] >= 0.5


@given(st.integers(0, 2**32), st.integers(2, 40))
@examples()
def test_waits_double_with_jitter_up_to_a_bound(seed: int, tries: int) -> None:
    scene = Scene(*[Lost()] * tries)
    patience = Patience(tries=tries, first_wait=0.5, longest_wait=20.0)

    with pytest.raises(Lost):
        scene.retry(patience, seed).read(scene.call)

    for number, slept in enumerate(scene.slept):
        middle = min(0.5 * 2**number, 20.0)
        assert middle * 0.5 <= slept <= middle * 1.5


def test_waits_of_different_workers_differ() -> None:
    slept = []
    for seed in (1, 2):
        scene = Scene(Lost())
        scene.retry(seed=seed).read(scene.call)
        slept.append(scene.slept)

    assert slept[0] != slept[1]


def test_an_interrupted_sleep_ends_it() -> None:
    scene = Scene(Lost())

    def stopped(_: float) -> None:
        raise Interrupted("stopped")

    retry = Retry(Patience(), Timing(lambda: 0.0, stopped, Random(1)))  # noqa: S311 - jitter

    with pytest.raises(Interrupted):
        retry.write(scene.call, scene.look)

    assert (scene.calls, scene.looks) == (1, 0)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, Interrupted])
def test_what_is_no_fault_passes_untouched(error: Callable[[str], BaseException]) -> None:
    def call() -> str:
        raise error("untouched")

    scene = Scene()

    with pytest.raises(BaseException, match="untouched") as failed:
        scene.retry().read(call)

    assert type(failed.value) is error
    assert not scene.slept
