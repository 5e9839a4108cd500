"""The gate: no more operations begin than are of use, and all get through whatever happens."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from provision.apply.gate import Gate
from provision.apply.halt import interrupted
from provision.errors import RunFolderError
from provision.model import Status
from tests.live import Live, Start

from .changes import Run, new_app, showing
from .conftest import Begin


class _Counted:
    """How many are inside at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.inside = self.most = self.passed = 0

    def comes(self) -> None:
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)

    def goes(self) -> None:
        with self._lock:
            self.inside -= 1
            self.passed += 1


def _pass(gate: Gate, counted: _Counted, times: int) -> None:
    for _ in range(times):
        with gate:
            counted.comes()
            counted.goes()


@pytest.mark.parametrize("seed", range(4))
def test_everybody_gets_through_while_the_breadth_changes_all_the_time(seed: int) -> None:
    chance, counted = Random(seed), _Counted()  # noqa: S311 - chance is the point
    gate = Gate(lambda: chance.choice((-1, 0, 1, 2, 5)))
    with ThreadPoolExecutor(12) as pool:
        for done in [pool.submit(_pass, gate, counted, 200) for _ in range(12)]:
            done.result(60)

    assert counted.passed == 2400
    assert counted.most <= 5


def test_who_fails_inside_makes_room() -> None:
    gate = Gate(lambda: 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), gate:
            raise ZeroDivisionError

    with gate:
        pass


def _begins(run: Run) -> list[int]:
    """How many operations had begun and not ended, after each entry of the journal."""
    entries = run.journal._connection.execute("SELECT event FROM entries ORDER BY seq").fetchall()
    return list(itertools.accumulate(1 if event == "begin" else -1 for (event,) in entries))


def _narrow(run: Run, gate: Gate) -> None:
    run.context = replace(run.context, gate=gate)


def _shown(live: Live, seen: Any) -> None:
    """Have every create shown before it is carried out."""
    deliver = live.server.service.deliver

    def watched(request: Any) -> Any:
        if request.method == "POST" and request.path.startswith("/2.0/users"):
            seen()
        return deliver(request)

    live.server.service.deliver = watched


def test_as_many_begin_at_once_as_there_is_room_for_and_no_more(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live, workers=8)
    _narrow(run, Gate(lambda: 3))
    line = threading.Barrier(3, timeout=20)
    _shown(live, line.wait)
    outcomes = run.carry_out([new_app(number) for number in range(12)])

    assert [outcome.status for outcome in outcomes.values()] == [Status.DONE] * 12
    assert max(_begins(run)) == 3


def test_the_gate_opens_wider_as_soon_as_somebody_leaves(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live, workers=8)
    answers = itertools.count(1)
    room = [1]

    def widen() -> None:
        if next(answers) == 3:
            room[0] = 4
        elif room[0] == 4:
            line.wait()

    _narrow(run, Gate(lambda: room[0]))
    line = threading.Barrier(4, timeout=20)
    _shown(live, widen)
    run.carry_out([new_app(number) for number in range(11)])

    begun = _begins(run)
    assert begun[:5] == [1, 0, 1, 0, 1]
    assert max(begun) == 4


def test_a_stop_lets_nobody_begin_who_waits_in_front_of_it(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live, workers=8)
    _narrow(run, Gate(lambda: 2))
    # asked for before either goes on, or one of them might begin its next before the other has asked
    _shown(live, threading.Barrier(2, lambda: run.halt.request(interrupted()), timeout=20).wait)
    changes = [new_app(number) for number in range(30)]
    outcomes = run.carry_out(changes)

    assert [outcome.status for outcome in outcomes.values()].count(Status.DONE) == 2
    assert sum(showing(live, each) for each in changes) == 2
    assert len(outcomes) <= 4  # each of the two may have taken up its next one as the stop came


def test_an_error_inside_ends_the_run_for_those_who_wait(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live, workers=8)
    _narrow(run, Gate(lambda: 2))
    _shown(live, lambda: run.journal._connection.execute("PRAGMA query_only = ON"))

    with pytest.raises(RunFolderError, match="Cannot write"):
        run.carry_out([new_app(number) for number in range(40)])

    assert live.asked("POST", "/2.0/users") <= 2
    assert run.halt.wanted


def test_an_outage_is_waited_out_by_who_is_inside_and_nobody_else_begins(start: Start, begin: Begin) -> None:
    rule = {"match": {"path": "/2.0/users", "after": 6, "times": 60}, "do": {"status": 503}}
    live = start([rule])
    run = begin(live, workers=8)
    _narrow(run, Gate(lambda: 1))
    changes = [new_app(number) for number in range(12)]
    outcomes = run.look_again(changes, run.carry_out(changes))

    assert {outcome.status for outcome in outcomes.values()} == {Status.DONE}
    assert [showing(live, each) for each in changes] == [1] * 12
    assert max(_begins(run)) == 1
