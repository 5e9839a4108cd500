"""Who works on an enterprise where machines share a ledger on a server: they may lose each other, and must not work at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from random import Random

import pytest

from provision.box.pacing.timing import Timing
from provision.errors import Interrupted, Locked
from provision.job.settings import Job
from provision.ledger.store import open_ledger
from provision.ledger.value import Lease
from provision.runs.memory import lock
from provision.runs.memory.lock import FRESH, only_run
from provision.runs.observer import Remark, Unattended
from tests.postgres import Server

NOW = datetime(2026, 3, 2, 1, 0, 7, tzinfo=UTC)


class Watch(Unattended):
    """An observer whose clock is moved by hand, and who keeps what it was told and how long it slept."""

    def __init__(self) -> None:
        self.at, self.slept, self.told = NOW, [], []
        super().__init__(lambda: self.at, Timing(time.monotonic, self.slept.append, Random(0)))  # noqa: S311 - no secret

    def note(self, note: object) -> None:
        self.told.append(note)


@pytest.fixture
def job(server: Server, tmp_path: Path) -> Iterator[Callable[[], Job]]:
    """The job as a machine loads it, whose ledger all of them share."""
    url = server.ledger()

    def one() -> Job:
        told = {
            "version": 1, "name": "nightly", "box": {"auth": {"method": "token", "token": "t"}},
            "roster": {"path": str(tmp_path / "people.csv")}, "scope": {"domains": ["acme.example"]},
            "state": {"url": url, "key": "ab" * 32}, "runs": str(tmp_path / "runs"), "apply": {"timeout_seconds": 45},
        }  # fmt: skip
        return Job.model_validate(told)

    yield one


def left_by(job: Job, host: str, ago: timedelta) -> Lease:
    """Somebody has the enterprise whose last sign of life was so long ago."""
    at = (NOW - ago).isoformat()
    lease = Lease("777", "nightly", "run-0", host, 4711, at, at)
    with closing(open_ledger(job.state.url)) as ledger:
        assert ledger.take_lease(lease, at) is None
    return lease


def test_who_takes_over_what_another_machine_left_waits_for_its_last_call(job: Callable[[], Job]) -> None:
    left_by(job(), "elsewhere", timedelta(seconds=121))
    watch = Watch()

    with only_run(job(), "777", "run-1", watch):
        assert watch.slept == [45.0]
        [told] = watch.told
    assert isinstance(told, Remark)
    assert "run-0 on elsewhere" in told.text


def test_nobody_waits_for_a_run_that_gave_the_enterprise_back(job: Callable[[], Job]) -> None:
    first, second = Watch(), Watch()
    with only_run(job(), "777", "run-1", first):
        pass
    with only_run(job(), "777", "run-2", second):
        pass

    assert (first.slept, second.slept) == ([], [])


@pytest.mark.parametrize("ago", [0, 120])
def test_a_machine_of_the_same_name_is_another_one(
    job: Callable[[], Job], monkeypatch: pytest.MonkeyPatch, ago: int
) -> None:
    with only_run(job(), "777", "run-1", Watch()), closing(open_ledger(job().state.url)) as ledger:
        mine = ledger.leaseholder("777")
    assert mine is not None
    left_by(job(), mine.host, timedelta(seconds=ago))
    monkeypatch.setattr(lock, "_boot", lambda: "another")

    with pytest.raises(Locked, match=r"run-0 of job nightly"), only_run(job(), "777", "run-2", Watch()):
        raise AssertionError


def test_a_run_of_this_boot_that_was_killed_is_no_hindrance(job: Callable[[], Job]) -> None:
    with only_run(job(), "777", "run-1", Watch()), closing(open_ledger(job().state.url)) as ledger:
        mine = ledger.leaseholder("777")
    assert mine is not None
    left_by(job(), mine.host, timedelta(seconds=1))
    watch = Watch()

    with only_run(job(), "777", "run-2", watch):
        assert watch.slept == []


def test_who_cannot_give_a_sign_of_life_begins_nothing_more(job: Callable[[], Job]) -> None:
    watch = Watch()
    with only_run(job(), "777", "run-1", watch):
        watch.at = NOW + FRESH
        assert not watch.halt.wanted
        watch.at += timedelta(seconds=1)
        assert watch.halt.wanted
    assert isinstance(watch.halt.reason, Locked)
    assert "could not say since 2026-03-02T01:00:07+00:00" in str(watch.halt.reason)


def test_a_machine_that_slept_within_a_wait_begins_nothing_after_it(job: Callable[[], Job]) -> None:
    watch = Watch()
    with only_run(job(), "777", "run-1", watch):
        watch.halt.sleep(0)
        watch.at = NOW + FRESH + timedelta(seconds=1)
        with pytest.raises(Interrupted):
            watch.halt.sleep(0)


def test_signs_of_life_keep_a_run_at_work(job: Callable[[], Job], monkeypatch: pytest.MonkeyPatch) -> None:
    watch, signs, give = Watch(), SimpleQueue[datetime](), lock.renew

    def counted(state: str, lease: Lease, now: Callable[[], datetime]) -> bool | None:
        given = give(state, lease, now)
        signs.put(now())
        return given

    monkeypatch.setattr(lock, "renew", counted)
    monkeypatch.setattr(lock, "_BEAT", 0.01)
    with only_run(job(), "777", "run-1", watch):
        for _ in range(3):
            watch.at += timedelta(seconds=40)
            given = 0
            while given < 3:  # the first may have begun before, and the last is not taken down yet
                given += signs.get(timeout=60) == watch.at
            assert not watch.halt.wanted
