"""The few calls of this program, through the real SDK: against the sandbox, and against servers that say odd things."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest

from provision.box.accounts import COLUMNS
from provision.box.client import Box
from provision.errors import Conflict, Rejected
from provision.model import UserKind
from tests.live import WHO_AM_I, Canned, Serve, Start

EVERYTHING = {
    "login": "Zoe.Weiss@acme.example",
    "name": "Zoë Weiß",
    "role": "coadmin",
    "status": "inactive",
    "language": "de",
    "timezone": "Europe/Berlin",
    "job_title": "Einkäuferin",
    "phone": "+49 30 1",
    "address": "Weg 1\n10115 Berlin",
    "space_amount": "-1",
    "is_sync_enabled": "false",
    "can_see_managed_users": "false",
    "is_external_collab_restricted": "true",
    "is_exempt_from_device_limits": "true",
    "is_exempt_from_login_verification": "true",
    "tracking_codes": '{"Cost Center":"42","Team":"A"}',
}


def test_a_managed_user_is_made_with_every_attribute_as_written(start: Start) -> None:
    box = start().connect().box

    made = box.get(box.create(UserKind.MANAGED, EVERYTHING))

    assert made is not None
    assert {name: made.cells[name] for name in EVERYTHING} == EVERYTHING
    assert (made.cells["kind"], made.cells["enterprise_id"]) == ("managed", "27335")


def test_an_app_user_is_made_as_one_and_keeps_its_external_id(start: Start) -> None:
    box = start().connect().box

    box_id = box.create(UserKind.APP, {"external_id": "client-007", "name": "Client", "phone": "1"})

    [made] = box.find_app("client-007")
    assert (made.box_id, made.cells["kind"], made.cells["external_id"]) == (box_id, "app", "client-007")
    assert made.cells["phone"] == "1"


def test_attributes_are_changed_and_emptied(start: Start) -> None:
    box = start().connect().box
    box.update(
        "300", {"job_title": "", "notification_email": "mia@mail.example", "tracking_codes": '{"T":"1"}'}
    )
    before = box.get("300")
    box.update("300", {"notification_email": "", "tracking_codes": "", "name": "Mia"})
    after = box.get("300")

    assert before is not None
    assert after is not None
    names = ("job_title", "notification_email", "tracking_codes", "name")
    assert [before.cells[name] for name in names] == ["", "mia@mail.example", '{"T":"1"}', "Mia Managed"]
    assert [after.cells[name] for name in names] == ["", "", "", "Mia"]


def test_a_deleted_user_is_gone(start: Start) -> None:
    box = start().connect().box

    assert box.delete("300") == "300"
    assert box.get("300") is None


def test_nobody_who_owns_something_is_deleted(start: Start) -> None:
    box = start().connect().box

    with pytest.raises(Rejected):
        box.delete("301")

    assert box.get("301") is not None


@pytest.mark.parametrize(
    ("login", "box_id"),
    [
        ("mia@acme.example", "300"),
        ("MIA@acme.example", "300"),
        ("guest@partner.example", "500"),
        ("mia@acme.exampl", ""),
        ("Mia Managed", ""),
        ("private@mail.example", ""),
    ],
)
def test_somebody_is_found_by_the_whole_login_only(start: Start, login: str, box_id: str) -> None:
    found = start().connect().box.find_login(login)

    assert (found.box_id if found else "") == box_id


def test_an_external_user_is_not_taken_for_ours(start: Start) -> None:
    found = start().connect().box.find_login("guest@partner.example")

    assert found is not None
    assert found.cells["enterprise_id"] != "27335"


@pytest.mark.parametrize(("external_id", "found"), [("client-1", ["400"]), ("client-", []), ("CLIENT-1", [])])
def test_app_users_are_found_by_the_exact_external_id(
    start: Start, external_id: str, found: list[str]
) -> None:
    box = start().connect().box

    assert [user.box_id for user in box.find_app(external_id)] == found


def test_a_filter_that_box_ignores_finds_nobody_else(canned: Serve) -> None:
    keys = ("other", "wanted", "wanted-1", "un-wanted")
    users = [{"id": str(at), "external_app_user_id": key} for at, key in enumerate(keys, 1)]
    box = canned(WHO_AM_I, Canned(body=json.dumps({"entries": users}))).connect().box

    assert [user.box_id for user in box.find_app("wanted")] == ["2"]


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (UserKind.MANAGED, {"login": "MIA@acme.example"}),
        (UserKind.MANAGED, {"login": "private@mail.example"}),
        (UserKind.APP, {"external_id": "client-1"}),
    ],
)
def test_a_key_that_is_taken_is_a_conflict(start: Start, kind: UserKind, key: dict[str, str]) -> None:
    box = start().connect().box

    with pytest.raises(Conflict) as refused:
        box.create(kind, {"name": "Somebody", **key})

    assert refused.value.box_id == ("400" if kind is UserKind.APP else "")


def test_a_listing_and_a_single_account_give_the_same_cells(start: Start) -> None:
    box = start(users=60).connect("token").box
    page = box.page("")

    for at, box_id in enumerate(page.columns["box_id"]):
        single = box.get(box_id)
        assert single is not None
        assert {name: page.columns[name][at] for name in COLUMNS} == single.cells


def test_a_page_size_beyond_the_largest_is_lowered_and_told(start: Start) -> None:
    assert start(users=3).connect().box.page("", 5000).limit == 1000


def test_what_is_asked_of_a_listing(canned: Serve) -> None:
    server = canned(WHO_AM_I, Canned(body='{"entries": [], "total_count": 3}'))
    box = server.connect().box
    box.page("next", 7)
    box.total()

    (_, marked, _), (_, counted, _) = server.asked[1:]
    assert "usemarker=true" in marked
    assert "limit=7" in marked
    assert "marker=next" in marked
    assert "user_type=managed" in marked
    assert "filter_term" not in marked + counted
    assert "marker" not in counted


def test_a_packed_answer_is_unpacked(canned: Serve) -> None:
    packed = gzip.compress(b'{"id": "7", "login": "a@b.example"}')
    box = canned(WHO_AM_I, Canned(body=packed, headers={"content-encoding": "gzip"})).connect().box

    found = box.get("7")

    assert found is not None
    assert found.login == "a@b.example"


def test_a_connection_that_was_closed_while_idle_is_replaced(canned: Serve) -> None:
    first, second = (Canned(201, f'{{"id": "{box_id}", "type": "user"}}', closes=True) for box_id in "67")
    server = canned(WHO_AM_I, first, second)
    box = server.connect().box
    ids = []
    for key in ("a", "b"):
        server.hung_up.clear()
        ids.append(box.create(UserKind.APP, {"external_id": key, "name": "N"}))
        server.hung_up.wait(5)

    assert ids == ["6", "7"]
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "call",
    [
        lambda box: box.create(UserKind.MANAGED, {"login": "a@b.example", "name": "N"}),
        lambda box: box.update("1", {"name": "N"}),
        lambda box: box.delete("1"),
        lambda box: box.get("1"),
    ],
)
def test_the_sdk_itself_tries_nothing_twice(canned: Serve, call: Callable[[Box], Any]) -> None:
    server = canned(WHO_AM_I, Canned(503, ""))
    box = server.connect().box

    with pytest.raises(Exception, match="ServerTrouble 503"):
        call(box)

    assert len(server.asked) == 2


def test_traffic_counts_requests_retries_and_rate_limits(canned: Serve) -> None:
    throttled = Canned(429, "", {"retry-after": "3"})
    connection = canned(WHO_AM_I, throttled, Canned(503, ""), WHO_AM_I).connect()
    connection.retry.read(lambda: connection.box.get("1"))
    traffic = connection.box.traffic

    assert (traffic.requests, traffic.retries, traffic.rate_limited) == (4, 2, 1)


def test_429_holds_every_worker_for_as_long_as_told(canned: Serve) -> None:
    server = canned(WHO_AM_I, Canned(429, "", {"retry-after": "30"}), WHO_AM_I)
    connection = server.connect()
    with pytest.raises(Exception, match="Throttled"):
        connection.box.get("1")
    before = server.time.now()
    connection.box.get("2")

    assert server.time.now() - before >= 30
