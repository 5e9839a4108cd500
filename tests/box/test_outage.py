"""When Box is away for everybody, and when it is one call's own trouble; with a clock that moves by what is slept."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from provision.box.pacing.outage import WAITS, Outage
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.errors import (
    Away,
    BoxAnswer,
    BoxFault,
    Expired,
    Interrupted,
    Lost,
    NotSent,
    Rejected,
    ServerTrouble,
    Throttled,
)


class Weather:
    """A Box that is away until a moment, for reads, writes or both; what is told; time that moves by sleeping."""

    def __init__(self, reads_until: float = 0.0, writes_until: float = 0.0, stopped_at: float = 1e9) -> None:
        self.now = 0.0
        self.told: list[tuple[str, float, float]] = []
        self.probes = 0
        self.made = 0
        self._reads_until, self._writes_until, self._stopped_at = reads_until, writes_until, stopped_at
        timing = Timing(lambda: self.now, self._sleep, Random(1))  # noqa: S311 - jitter
        self.outage = Outage(self._probe, timing, self)
        self._timing = timing

    def retry(self, give_up_after: float = 3600.0) -> Retry:
        return Retry(Patience(give_up_after=give_up_after), self._timing, outage=self.outage)

    def write(self) -> str:
        if self.now < self._writes_until:
            raise ServerTrouble(BoxAnswer(503))
        self.made += 1
        return "made"

    def retried(self, fault: BoxFault) -> None:
        raise AssertionError("told by the retry loop's own listener")

    def away(self, fault: BoxFault, wait: float, left: float) -> None:
        self.told.append(("away", wait, left))

    def back(self, after: float) -> None:
        self.told.append(("back", after, 0.0))

    def _probe(self) -> None:
        self.probes += 1
        if self.now < self._reads_until:
            raise NotSent

    def _sleep(self, seconds: float) -> None:
        if self.now >= self._stopped_at:
            raise Interrupted("stopped")
        self.now += seconds


def test_an_outage_is_waited_out_and_the_operation_done() -> None:
    weather = Weather(reads_until=600, writes_until=600)

    assert weather.retry().write(weather.write, lambda: None) == "made"
    assert weather.made == 1
    assert [wait for what, wait, _ in weather.told if what == "away"][:5] == list(WAITS)
    assert weather.told[-1][0] == "back"


def test_what_the_outage_hid_is_looked_for_before_it_is_sent_again() -> None:
    weather = Weather(reads_until=600, writes_until=600)

    assert weather.retry().write(weather.write, lambda: "found" if weather.now >= 600 else None) == "found"
    assert weather.made == 0


def test_an_outage_longer_than_the_patience_is_given_up() -> None:
    weather = Weather(reads_until=1e6, writes_until=1e6)
    with pytest.raises(Away) as caught:
        weather.retry(give_up_after=300).write(weather.write, lambda: None)

    assert caught.value.doubtful
    assert 300 <= weather.now <= 301
    assert [left for _, _, left in weather.told] == sorted(
        (left for _, _, left in weather.told), reverse=True
    )


def test_a_read_that_is_given_up_is_away_and_not_doubtful() -> None:
    weather = Weather(reads_until=1e6)
    with pytest.raises(Away) as caught:
        weather.retry(give_up_after=60).read(weather.outage._probe)

    assert not caught.value.doubtful


@pytest.mark.parametrize("fault", [lambda: ServerTrouble(BoxAnswer(500)), Lost, NotSent])
def test_a_call_that_fails_while_box_answers_others_is_its_own_trouble(fault: Callable[[], BoxFault]) -> None:
    weather = Weather()

    def poisoned() -> str:
        raise fault()

    with pytest.raises(type(fault())):
        weather.retry().write(poisoned, lambda: None)
    assert weather.probes == 1
    assert weather.told == []


def test_writes_that_fail_for_everybody_are_waited_out_too() -> None:
    weather = Weather(writes_until=2000)
    retry, outcomes = weather.retry(), []
    for _ in range(12):
        try:
            outcomes.append(retry.write(weather.write, lambda: None))
        except ServerTrouble as fault:
            outcomes.append(fault.answer.http_status)

    assert outcomes == [503] * 9 + ["made"] * 3
    assert weather.now >= 2000


def test_writes_that_never_work_again_end_the_patience() -> None:
    weather = Weather(writes_until=1e6)
    retry = weather.retry(give_up_after=900)
    with pytest.raises(Away):
        for _ in range(20):
            with pytest.raises(ServerTrouble):
                retry.write(weather.write, lambda: None)
            assert weather.now < 1000


def test_single_people_whose_writes_fail_among_others_never_make_an_outage() -> None:
    weather = Weather()
    retry = weather.retry()

    def poisoned() -> str:
        raise ServerTrouble(BoxAnswer(500))

    for _ in range(30):
        with pytest.raises(ServerTrouble):
            retry.write(poisoned, lambda: None)
        retry.write(weather.write, lambda: None)
    assert weather.told == []


@pytest.mark.parametrize(
    "answer", [Expired(BoxAnswer(401)), Rejected(BoxAnswer(403)), Throttled(BoxAnswer(429), 1.0)]
)
def test_any_answer_to_the_probe_says_that_box_is_there(answer: BoxFault) -> None:
    weather = Weather()
    weather.outage = Outage(_raising(answer), weather._timing, weather)

    def poisoned() -> str:
        raise Lost

    with pytest.raises(Lost):
        weather.retry().read(poisoned)
    assert weather.told == []


def test_a_stop_ends_the_wait() -> None:
    weather = Weather(reads_until=1e6, writes_until=1e6, stopped_at=100)
    with pytest.raises(Interrupted):
        weather.retry().write(weather.write, lambda: None)

    assert weather.now < 200


def _raising(fault: BoxFault) -> Callable[[], None]:
    def probe() -> None:
        raise fault

    return probe
