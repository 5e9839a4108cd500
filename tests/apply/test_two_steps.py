"""Operations of more than one request: a deletion looks before, a create may need a second call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from provision.journal.value import Noted, Outcome, noted
from provision.model import Status
from provision.operations.value import Change
from provision.report.sentences.notes import words_of
from tests.live import SEED, Live, Start

from .changes import DELETE, new_managed, parts
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

    assert (outcome.status, words_of(outcome), outcome.attempts) == (status, note, 0)
    assert live.asked("DELETE") == 0


@pytest.mark.parametrize("fault", ["503", "forbidden", "lost_request", "not_json"])
def test_whom_nobody_can_look_at_is_not_deleted(start: Start, begin: Begin, fault: str) -> None:
    live = start([{"match": {"method": "GET", "path": "/2.0/users/300"}, "do": fault}])
    outcome = begin(live).one(DELETE)

    assert outcome.status is Status.FAILED
    assert words_of(outcome) == "not sent: the account could not be looked at just before"
    assert live.asked("DELETE") == 0


def _both(wanted: Change, outcomes: Mapping[str, Outcome]) -> list[Outcome]:
    """What became of the create and of its second half."""
    return [outcomes[each.id] for each in parts(wanted)]


def test_a_notification_email_is_set_right_after_the_create(start: Start, begin: Begin) -> None:
    live = start()
    wanted = new_managed(notification_email="zoe@mail.example")
    made, completed = _both(wanted, begin(live).carry_out(parts(wanted)))

    [account] = [one for one in live.server.enterprise.accounts if one.login == wanted.login]
    assert (made.status, made.attempts, completed.status) == (Status.DONE, 1, Status.DONE)
    assert account.notification_email == "zoe@mail.example"
    assert (live.asked("POST", "/2.0/users"), live.asked("PUT", "/2.0/users")) == (1, 1)


@pytest.mark.parametrize("fault", ["503_written", "lost_answer", "lost_request", "429", "not_json"])
def test_a_notification_email_survives_a_fault(start: Start, begin: Begin, fault: str) -> None:
    live = start([{"match": {"method": "PUT", "nth": 1}, "do": fault}])
    wanted = new_managed(notification_email="zoe@mail.example")
    made, completed = _both(wanted, begin(live).carry_out(parts(wanted)))

    [account] = [one for one in live.server.enterprise.accounts if one.login == wanted.login]
    assert (made.status, completed.status) == (Status.DONE, Status.DONE)
    assert account.notification_email == "zoe@mail.example"


@pytest.mark.parametrize("fault", ["forbidden", "503"])
def test_an_account_without_its_notification_email_has_an_outcome_for_each_half(
    start: Start, begin: Begin, fault: str
) -> None:
    live = start([{"match": {"method": "PUT"}, "do": fault}])
    wanted = new_managed(notification_email="zoe@mail.example")
    made, completed = _both(wanted, begin(live).carry_out(parts(wanted)))

    assert made.status is Status.DONE
    assert completed.status in (Status.FAILED, Status.IN_DOUBT)
    assert made.box_id == completed.box_id == _made(live, wanted)


def test_the_second_half_of_a_create_that_failed_is_not_attempted(start: Start, begin: Begin) -> None:
    live = start([{"match": {"method": "POST", "path": "/2.0/users"}, "do": "forbidden"}])
    wanted = new_managed(notification_email="zoe@mail.example")
    made, completed = _both(wanted, begin(live).carry_out(parts(wanted)))

    assert (made.status, completed.status) == (Status.FAILED, Status.NOT_ATTEMPTED)
    assert completed.notes == noted(Noted.NEED_NOT_DONE, need=parts(wanted)[0].id, status="failed")
    assert live.asked("PUT", "/2.0/users") == 0


def test_an_account_found_late_gets_its_notification_email_too(start: Start, begin: Begin) -> None:
    late = {
        "match": {"method": "POST", "path": "/2.0/users", "nth": 1},
        "do": {"fault": "written_late", "delay": 900},
    }
    live = start([late, {"match": {"method": "POST", "path": "/2.0/users"}, "do": "503"}])
    run = begin(live)
    wanted = new_managed(notification_email="zoe@mail.example")
    outcomes = run.carry_out(parts(wanted))
    live.time.move(900)
    made, completed = _both(wanted, run.look_again(parts(wanted), outcomes))

    [account] = [one for one in live.server.enterprise.accounts if one.login == wanted.login]
    assert (made.status, completed.status) == (Status.DONE, Status.DONE)
    assert account.notification_email == "zoe@mail.example"


def test_a_second_half_in_doubt_is_looked_at_once_more_on_the_account_that_the_first_one_made(
    start: Start, begin: Begin
) -> None:
    live = start()
    wanted = new_managed(notification_email="zoe@mail.example")
    first, second = parts(wanted)
    run = begin(live)
    sent = run.carry_out(parts(wanted))
    doubt = replace(sent[second.id], status=Status.IN_DOUBT, box_id="", notes=noted(Noted.NO_ANSWER))
    found = run.look_again(parts(wanted), {**sent, second.id: doubt})

    assert found[second.id].status is Status.DONE
    assert found[second.id].box_id == sent[first.id].box_id
