"""Operations of more than one request: a deletion looks before, a create may need a second call."""

from __future__ import annotations

import pytest

from provision.model import Status
from provision.plan.value import Change
from tests.live import SEED, Live, Start

from .changes import DELETE, new_managed
from .conftest import Begin


def _made(live: Live, wanted: Change) -> str:
    found = live.server.enterprise.accounts.with_login(wanted.login)
    return found.id if found else ""


@pytest.mark.parametrize(
    ("spoilt", "status", "note"),
    [
        ({"login": "other@acme.example"}, Status.SKIPPED, "moved: the account has another login now"),
        ({"role": "coadmin"}, Status.SKIPPED, "moved: the account is coadmin now"),
    ],
)
def test_a_deletion_looks_at_its_target_once_more(
    start: Start, begin: Begin, spoilt: dict[str, str], status: Status, note: str
) -> None:
    people = [{**user, **spoilt} if user["id"] == "300" else user for user in SEED["users"]]
    live = start(seed={**SEED, "users": people})
    outcome = begin(live).one(DELETE)

    assert (outcome.status, outcome.note, outcome.attempts) == (status, note, 0)
    assert live.asked("DELETE") == 0


@pytest.mark.parametrize("fault", ["503", "forbidden", "lost_request", "not_json"])
def test_whom_nobody_can_look_at_is_not_deleted(start: Start, begin: Begin, fault: str) -> None:
    live = start([{"match": {"method": "GET", "path": "/2.0/users/300"}, "do": fault}])
    outcome = begin(live).one(DELETE)

    assert outcome.status is Status.FAILED
    assert outcome.note == "not sent: the account could not be looked at just before"
    assert live.asked("DELETE") == 0


def test_a_notification_email_is_set_right_after_the_create(start: Start, begin: Begin) -> None:
    live = start()
    wanted = new_managed(notification_email="zoe@mail.example")
    outcome = begin(live).one(wanted)

    [made] = [one for one in live.server.enterprise.accounts if one.login == wanted.login]
    assert (outcome.status, outcome.attempts) == (Status.DONE, 1)
    assert made.notification_email == "zoe@mail.example"
    assert (live.asked("POST", "/2.0/users"), live.asked("PUT", "/2.0/users")) == (1, 1)


@pytest.mark.parametrize("fault", ["503_written", "lost_answer", "lost_request", "429", "not_json"])
def test_a_notification_email_survives_a_fault(start: Start, begin: Begin, fault: str) -> None:
    live = start([{"match": {"method": "PUT", "nth": 1}, "do": fault}])
    wanted = new_managed(notification_email="zoe@mail.example")
    outcome = begin(live).one(wanted)

    [made] = [one for one in live.server.enterprise.accounts if one.login == wanted.login]
    assert outcome.status is Status.DONE
    assert made.notification_email == "zoe@mail.example"


@pytest.mark.parametrize("fault", ["forbidden", "503"])
def test_an_account_without_its_notification_email_is_not_done(
    start: Start, begin: Begin, fault: str
) -> None:
    live = start([{"match": {"method": "PUT"}, "do": fault}])
    wanted = new_managed(notification_email="zoe@mail.example")
    outcome = begin(live).one(wanted)

    assert outcome.status is Status.FAILED
    assert outcome.note == "the account was made, but not its notification_email; the next run sets that"
    assert outcome.box_id == _made(live, wanted)


def test_an_account_found_late_gets_its_notification_email_too(start: Start, begin: Begin) -> None:
    late = {
        "match": {"method": "POST", "path": "/2.0/users", "nth": 1},
        "do": {"fault": "written_late", "delay": 900},
    }
    live = start([late, {"match": {"method": "POST", "path": "/2.0/users"}, "do": "503"}])
    run = begin(live)
    wanted = new_managed(notification_email="zoe@mail.example")
    outcomes = run.carry_out([wanted])
    live.time.move(900)
    decided = run.look_again([wanted], outcomes)

    [made] = [one for one in live.server.enterprise.accounts if one.login == wanted.login]
    assert decided[wanted.id].status is Status.DONE
    assert made.notification_email == "zoe@mail.example"
