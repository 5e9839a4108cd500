"""Whose turn it is, what is tried again and when, and how a night ends: with workers that do as they are told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from provision.fleet.cluster import LostTry
from provision.fleet.folder import FleetAbout, FleetFolder
from provision.fleet.night import Agenda, Lead
from provision.fleet.reading import Fleet, assignment_of, load_fleet
from provision.fleet.value import Again, Ended, Task
from provision.report.fleet.value import FleetLine, JobEnd
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.observer import Unattended

GOOD = Summary(job="j", status=RunStatus.APPLIED, exit_code=0).to_json()
LOCKED = Summary(job="j", status=RunStatus.FAILED, exit_code=6).to_json()
STOPPED = Summary(job="j", status=RunStatus.INTERRUPTED, exit_code=5).to_json()
BEGAN = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


class Workers:
    """Workers on a clock that moves when nothing is under way. ``answers`` of a job in turn, then GOOD."""

    def __init__(self, answers: dict[str, list[Any]], free: int = 99) -> None:
        self.now, self.answers, self.free = BEGAN, answers, free
        self.order: list[str] = []
        self.at: list[tuple[str, timedelta]] = []
        self.queue: list[tuple[int, int, str]] = []
        self.keys: set[str] = set()
        self.stopped = False
        self.each = timedelta(minutes=1)

    def submit(self, task: Task, key: str, priority: int) -> None:
        assert key not in self.keys
        assert task.name not in [name for *_, name in self.queue], "it is under way already"
        self.keys.add(key)
        self.queue.append((-priority, len(self.keys), task.name))
        self.at.append((task.name, self.now - BEGAN))

    def ended(self, wait: float) -> list[Ended | LostTry]:
        if not self.queue:
            self.now += timedelta(seconds=wait)
            return []
        self.queue.sort()
        some, self.queue = self.queue[: self.free], self.queue[self.free :]
        self.now += self.each
        self.order += [name for *_, name in some]
        return [self._answer(name) for *_, name in some]

    def _answer(self, name: str) -> Ended | LostTry:
        if self.stopped:
            return Ended(name, STOPPED)
        left = self.answers.get(name)
        said = left.pop(0) if left else GOOD
        return said(name) if callable(said) else Ended(name, said)

    def stop(self, session: str) -> list[str]:
        assert session == "5e55"
        self.stopped = True
        taken_back = [name for *_, name in self.queue[self.free :]]
        self.queue = self.queue[: self.free]
        return taken_back


def again(why: Again) -> Callable[[str], Ended]:
    return lambda name: Ended(name, LOCKED, why)


JOB = """
version: 1
name: {name}
box: {{auth: {{method: ccg, client_id: a, client_secret: "${{S}}", enterprise_id: "{enterprise}"}}}}
roster: {{path: staff.csv}}
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Callable[..., Fleet]:
    """Writes and reads a fleet: `fleet({"a": "1", "b": "2"}, deadline="1h")`, jobs with the ids of their enterprises."""

    def write(jobs: dict[str, str], priorities: dict[str, int] | None = None, **keys: Any) -> Fleet:
        for name, enterprise in jobs.items():
            (tmp_path / f"{name}.yaml").write_text(JOB.format(name=name, enterprise=enterprise))
        rows = [{"job": f"{name}.yaml", "priority": str((priorities or {}).get(name, 0))} for name in jobs]
        (tmp_path / "fleet.yaml").write_text(yaml.safe_dump({"version": 1, "jobs": rows, **keys}))
        return load_fleet(tmp_path / "fleet.yaml", {})

    return write


def lived(fleet: Fleet, pool: Workers, stop_at: int | None = None) -> dict[str, FleetLine]:
    folder = fleet.path.parent / "runs" / "fleet-x"
    folder.mkdir(parents=True)
    observer = Unattended(now=lambda: pool.now)
    tasks = {row.name: Task(row.name, folder, assignment_of(row, fleet), "5e55", "1") for row in fleet.rows}
    about = FleetAbout("fleet-x", "fleet", str(fleet.path), "")
    if stop_at is not None:
        pool_ended, turns = pool.ended, iter(range(1000))

        def ended(wait: float) -> list[Ended | LostTry]:
            if next(turns) == stop_at:
                observer.stop()
            return pool_ended(wait)

        pool.ended = ended  # type: ignore[method-assign]  # a hand on the button
    return Lead(
        Agenda(fleet, fleet.rows, tasks, "5e55"), pool, FleetFolder(folder, about), observer
    ).through()


def test_jobs_of_one_enterprise_follow_each_other_and_those_of_others_go_beside(fleet):
    pool = Workers({}, free=1)
    lines = lived(fleet({"a": "1", "b": "1", "c": "2", "d": "1"}), pool)

    assert [name for name, at in pool.at if not at] == ["a", "c"]
    assert [name for name, _ in pool.at] == ["a", "c", "b", "d"]
    assert {line.end for line in lines.values()} == {JobEnd.ENDED}


def test_larger_priorities_begin_first(fleet):
    pool = Workers({}, free=1)
    lived(fleet({"a": "1", "b": "2", "c": "3"}, {"c": 5, "b": -1}), pool)

    assert pool.order == ["c", "a", "b"]


def test_an_enterprise_that_is_locked_is_tried_again_after_longer_and_longer_waits(fleet):
    pool = Workers({"a": [again(Again.LOCKED)] * 3})
    lines = lived(fleet({"a": "1", "b": "2"}, retries={"count": 3, "wait": "60s"}), pool)

    tries = [at for name, at in pool.at if name == "a"]
    waits = [later - sooner - pool.each for sooner, later in pairwise(tries)]
    assert [
        0.8 < wait / timedelta(minutes=usual) < 1.3 for wait, usual in zip(waits, (1, 2, 4), strict=True)
    ] == [True] * 3
    assert (lines["a"].tries, lines["a"].summary.exit_code) == (4, 0)


def test_what_is_locked_to_the_end_ends_so(fleet):
    pool = Workers({"a": [again(Again.LOCKED)] * 9})
    lines = lived(fleet({"a": "1"}, retries={"count": 2, "wait": "1s"}), pool)

    assert (lines["a"].tries, lines["a"].summary.exit_code) == (3, 6)


def test_a_job_whose_worker_dies_goes_on_at_once_and_the_next_time_after_a_wait(fleet):
    pool = Workers({"a": [LostTry, LostTry]})
    lines = lived(fleet({"a": "1"}), pool)

    first, second, third = (at for _, at in pool.at)
    assert second - first == pool.each
    assert third - second > pool.each + timedelta(seconds=20)
    assert (lines["a"].end, lines["a"].summary.exit_code) == (JobEnd.ENDED, 0)


def test_a_job_that_kills_every_worker_is_given_up_and_keeps_nobody_from_his_turn(fleet):
    pool = Workers({"a": [LostTry] * 9})
    lines = lived(fleet({"a": "1", "b": "1"}, retries={"count": 2, "wait": "1s"}), pool)

    assert (lines["a"].end, lines["a"].summary.exit_code, lines["a"].tries) == (JobEnd.LOST, 5, 3)
    assert "died or were lost from sight, 3 times" in (lines["a"].summary.error or "")
    assert lines["b"].summary.exit_code == 0


def test_at_the_deadline_what_is_under_way_is_stopped_and_nothing_begins(fleet):
    pool = Workers({}, free=1)
    lines = lived(fleet({"a": "1", "b": "2", "c": "3", "d": "4"}, deadline="90s"), pool)

    assert [lines[name].summary.exit_code for name in "abcd"] == [0, 0, 5, 5]
    assert [lines[name].end for name in "cd"] == [JobEnd.ENDED, JobEnd.NOT_BEGUN]
    assert "The night was over" in (lines["d"].summary.error or "")


def test_a_stop_ends_what_is_under_way_and_begins_nothing(fleet):
    pool = Workers({}, free=1)
    lines = lived(fleet({"a": "1", "b": "2", "c": "2"}), pool, stop_at=0)

    assert pool.order == ["a", "b"]
    assert pool.stopped
    assert [(lines[name].end, lines[name].summary.exit_code) for name in "abc"] == [
        (JobEnd.ENDED, 0),
        (JobEnd.ENDED, 5),
        (JobEnd.NOT_BEGUN, 5),
    ]


def test_a_job_that_waits_for_another_try_when_the_night_ends_tells_its_last_end(fleet):
    pool = Workers({"a": [again(Again.LOCKED)] * 9})
    lines = lived(fleet({"a": "1"}, deadline="2m", retries={"count": 9, "wait": "10m"}), pool)

    assert (lines["a"].end, lines["a"].summary.exit_code) == (JobEnd.ENDED, 6)


@pytest.mark.parametrize(
    ("deadline", "ends"),
    [("5h", BEGAN + timedelta(hours=5)), (None, None)],
)
def test_a_night_ends_after_so_long(fleet, deadline, ends):
    keys = {"deadline": deadline} if deadline else {}

    assert fleet({"a": "1"}, **keys).settings.ends_at(BEGAN) == ends


def test_a_time_of_day_is_the_next_one_by_the_clock_of_the_machine(fleet):
    settings = fleet({"a": "1"}, deadline="06:00").settings
    ends = settings.ends_at(BEGAN)

    assert ends is not None
    assert ends.strftime("%H:%M") == "06:00"
    assert timedelta() < ends - BEGAN <= timedelta(days=1)
