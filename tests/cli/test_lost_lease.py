"""A machine that was silent while another one took the enterprise over stops sending, and says so."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from datetime import UTC, datetime

import pytest

from provision.errors import Locked
from provision.job.load import load_job
from provision.ledger.store import open_ledger
from provision.ledger.value import Lease
from provision.runs.memory import lock
from provision.runs.memory.lock import only_run
from provision.runs.observer import Unattended

from .conftest import creates, logins, slow

NOW = datetime(2026, 3, 2, 1, 0, 7, tzinfo=UTC)
#: later than any sign of life of the run that is asked
FAR = "2999-01-01T00:00:00+00:00"
THEIRS = Lease("27335", "portal", "run-0", "elsewhere", 4711, FAR, FAR)
NEW = [f"new{number}@acme.example" for number in range(6)]
NEWCOMERS = "login,name\n" + "".join(f"{login},New Person {at}\n" for at, login in enumerate(NEW))
TOLD = (
    "This run has lost enterprise 27335 to another one, and sends nothing more. It is run-0 of job portal, process 4711 "
    f"on elsewhere, since {FAR}, with its last sign of life at {FAR}.\n"
    "  usual cause: this machine slept, or could not write to the ledger, for more than 120 seconds\n"
)


def take_over(state):
    """Another machine takes the enterprise, and the run has noticed when this returns: it gives no more signs of life."""
    with contextlib.closing(open_ledger(state)) as ledger:
        assert ledger.take_lease(THEIRS, FAR) is None
    for thread in threading.enumerate():
        if thread.name == "lease":
            thread.join(timeout=60)
            assert not thread.is_alive()


def give_back(state):
    with contextlib.closing(open_ledger(state)) as ledger:
        ledger.release_lease(THEIRS)


class TakenOver:
    """The sandbox's clock: during a call that is told to be slow, another machine takes the enterprise over."""

    def __init__(self):
        self.state = ""

    def now(self):
        return time.time()

    def wait(self, _seconds):
        take_over(self.state)


@pytest.fixture(autouse=True)
def _quick_signs_of_life(monkeypatch):
    monkeypatch.setattr(lock, "_BEAT", 0.01)


@pytest.fixture
def clock():
    return TakenOver()


@pytest.fixture
def job(make_job, tmp_path, clock):
    clock.state = f"sqlite:///{tmp_path}/state/provision.db"
    return make_job(NEWCOMERS, roster={"authority": "partial"}, apply={"workers": 1}, state=clock.state)


def test_who_has_lost_the_enterprise_sends_nothing_more_and_exits_with_six(box, provision, job, clock):
    server = box(rules=[slow(method="POST", path="^/2.0/users$", nth=3)], clock=clock)
    said = provision("run", job, "--json")

    assert (said.code, said.json["exit_code"], said.json["status"]) == (6, 6, "interrupted")
    assert (
        said.json["error"]
        == f"{TOLD}  do: wait until the other run has finished, then provision resume {said.folder}, or run the job again"
    )
    assert creates(server) == [201] * 3
    assert said.json["outcomes"]["done"] == 3
    assert provision("resume", said.folder).code == 6  # the other one is still at work

    give_back(clock.state)
    assert provision("resume", said.folder).code == 0
    assert creates(server) == [201] * 6
    assert set(NEW) <= set(logins(server))


def test_what_is_in_doubt_then_is_left_to_whoever_goes_on(box, provision, job, clock):
    """The look at the end of a run would remove an account that is there twice."""
    cut_off = {"fault": "stalled_body", "delay": 1}
    server = box(
        rules=[{"do": cut_off, "match": {"method": "POST", "path": "^/2.0/users$", "nth": 1}}], clock=clock
    )
    said = provision("run", job, "--json")

    assert (said.code, said.json["outcomes"]["in_doubt"]) == (6, 1)
    assert (server.log[-1].method, server.log[-1].path) == ("POST", "/2.0/users")

    give_back(clock.state)
    assert provision("resume", said.folder).code == 0
    assert sorted(login for login in logins(server) if login in NEW) == NEW


def test_who_loses_the_enterprise_while_reading_it_exits_with_six_too(box, provision, job, clock):
    listing = {"method": "GET", "path": "^/2.0/users$"}
    server = box(rules=[slow(**listing, nth=1), {"do": "503", "match": {**listing, "after": 1}}], clock=clock)
    said = provision("run", job, "--json")

    assert said.code == 6
    assert said.json["error"].startswith(TOLD)
    assert creates(server) == []


def test_the_loss_is_told_once_and_the_other_one_keeps_the_enterprise(job, said_where, clock):
    observer = Unattended(lambda: NOW)
    with only_run(load_job(job, os.environ), "27335", "run-1", observer):
        take_over(clock.state)

    assert isinstance(observer.halt.reason, Locked)
    assert str(observer.halt.reason).startswith(TOLD)
    with contextlib.closing(open_ledger(clock.state)) as ledger:
        assert ledger.leaseholder("27335") == THEIRS


def test_a_run_that_has_lost_the_enterprise_leaves_the_ledger_to_the_other_one(
    box, provision, job, clock, tmp_path
):
    """It may have learned since: a transfer that is on its way must not be forgotten, or it is sent twice."""
    box(rules=[slow(method="POST", path="^/2.0/users$", nth=3)], clock=clock)
    assert provision("run", job).code == 6
    with contextlib.closing(open_ledger(clock.state)) as ledger:
        memory = ledger.memory("27335", "nightly")

    assert memory.accounts.empty
