"""The calls of a leaver's stages: against the sandbox, and against servers that say odd things."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from provision.box.calls import ROOT
from provision.box.client import Box
from provision.box.holdings import Alias, FolderPage, Membership
from provision.box.leaving import landing_names
from provision.errors import BoxFault, Conflict, Garbled, Lost, NotFound, Rejected, ServerTrouble
from tests.live import SEED, WHO_AM_I, Canned, Live, Serve, Start

MIA, OTTO, INA, SERVICE = "300", "301", "302", "27999000000"
TRANSFER = {"method": "PUT", "path": "^/2.0/users/[0-9]+/folders/0$"}


@pytest.fixture
def leaving(start: Start) -> Callable[..., Live]:
    """Starts an enterprise in which Otto owns four things and is in two groups, and Mia has an alias."""
    seed = copy.deepcopy(SEED)
    people = {one["id"]: one for one in seed["users"]}
    people[OTTO] |= {"files": 3, "folders": ["Projects"], "space_used": 4096}
    people[MIA] |= {"aliases": ["mia.m@acme.example"]}
    seed["groups"] = [
        {"name": "Staff", "id": "900", "members": [OTTO, MIA]},
        {"name": "Buyers", "id": "907", "members": [{"user": OTTO, "role": "admin"}]},
    ]

    def go(*rules: dict[str, Any], **options: Any) -> Live:
        return start(rules=rules, seed=seed, **options)

    return go


def _things(live: Live, box_id: str) -> int:
    """How many things lie in an account's root."""
    account = live.server.enterprise.accounts.get(box_id)
    assert account is not None
    return account.files + len(live.server.enterprise.content.inside(box_id, ROOT))


def _holds(live: Live, box: Box, box_id: str) -> tuple[int | None, int]:
    return box.space_used(box_id), _things(live, box_id)


def test_sessions_end_for_everybody_named(leaving: Callable[..., Live]) -> None:
    live = leaving()
    live.connect().box.end_sessions([MIA, OTTO])

    assert {one.id for one in live.server.enterprise.accounts if one.sessions_ended_at} == {MIA, OTTO}


@pytest.mark.parametrize("answer", [Canned(202, "{}"), Canned(200, "<html>"), Canned(202, "")])
def test_a_page_that_promises_nothing_ended_no_sessions(canned: Serve, answer: Canned) -> None:
    box = canned(WHO_AM_I, answer).connect().box

    with pytest.raises(Garbled):
        box.end_sessions([MIA])


def test_content_goes_into_a_folder_of_the_other_account(leaving: Callable[..., Live]) -> None:
    live = leaving()
    box = live.connect().box
    before = _holds(live, box, OTTO)
    folder = box.transfer(OTTO, MIA)

    assert (before, _holds(live, box, OTTO), _holds(live, box, MIA)) == ((4096, 4), (0, 0), (4096, 1))
    assert box.find_folder(landing_names("otto@acme.example", "Otto Owner")[0], as_user=MIA) == FolderPage(
        folder, ""
    )
    assert box.delete(OTTO) == OTTO


def test_the_other_name_that_box_documents_is_known_too(leaving: Callable[..., Live]) -> None:
    box = leaving(choices={"transfer_folder_name": "name"}).connect().box
    folder = box.transfer(OTTO, MIA)

    assert (
        box.find_folder(landing_names("otto@acme.example", "Otto Owner")[1], as_user=MIA).folder_id == folder
    )


def test_a_transfer_that_succeeded_may_still_go_on(leaving: Callable[..., Live]) -> None:
    live = leaving(choices={"transfer_seconds": 900})
    box = live.connect().box
    box.transfer(OTTO, MIA)

    assert _holds(live, box, OTTO) == (4096, 4)
    with pytest.raises(Rejected):
        box.delete(OTTO)
    with pytest.raises(Rejected):
        box.transfer(OTTO, INA)

    live.time.move(900)
    assert _holds(live, box, OTTO) == (0, 0)
    assert box.delete(OTTO) == OTTO


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        ("lost_answer", Lost),
        ("503_written", ServerTrouble),
        ({"fault": "html_error", "status": 504, "written": True}, ServerTrouble),
        ({"fault": "not_json", "written": True}, Garbled),
        ({"fault": "written_late", "delay": 60}, ServerTrouble),
    ],
)
def test_a_transfer_that_seems_to_fail_is_doubtful_and_the_source_decides(
    leaving: Callable[..., Live], fault: Any, raised: type[BoxFault]
) -> None:
    live = leaving({"match": TRANSFER, "do": fault}, choices={"transfer_seconds": 900})
    box = live.connect().box
    with pytest.raises(raised) as caught:
        box.transfer(OTTO, MIA)

    assert caught.value.doubtful
    assert _holds(live, box, OTTO) == (4096, 4)
    for seconds in (60, 900):
        live.time.move(seconds)
        box.space_used(OTTO)
    assert _holds(live, box, OTTO) == (0, 0)


@pytest.mark.parametrize(
    ("source", "to", "raised"),
    [
        (OTTO, OTTO, Rejected),
        (OTTO, "999", NotFound),
        ("999", OTTO, NotFound),
        (OTTO, "500", NotFound),
        ("100", OTTO, Rejected),
        (OTTO, "200", Rejected),
    ],
)
def test_a_transfer_that_cannot_be_is_refused(
    leaving: Callable[..., Live], source: str, to: str, raised: type[BoxFault]
) -> None:
    live = leaving()
    box = live.connect().box
    with pytest.raises(raised) as caught:
        box.transfer(source, to)

    assert not caught.value.doubtful
    assert _holds(live, box, OTTO) == (4096, 4)


def test_the_service_account_takes_content(leaving: Callable[..., Live]) -> None:
    connection = leaving().connect()
    folder = connection.box.transfer(OTTO, connection.me.box_id)

    assert connection.box.find_folder(landing_names("otto@acme.example", "Otto Owner")[0]).folder_id == folder


def test_a_missing_scope_is_no_missing_folder(start: Start) -> None:
    box = start(seed={**SEED, "app": {"scopes": ["manage_managed_users"]}}).connect().box

    with pytest.raises(Rejected) as caught:
        box.find_folder("Archive", as_user=OTTO)

    assert caught.value.scope_missing


def test_who_is_rolled_out_is_of_the_enterprise_no_more(leaving: Callable[..., Live]) -> None:
    live = leaving()
    box = live.connect().box

    assert box.roll_out(OTTO) == OTTO
    gone = box.get(OTTO)
    assert gone is not None
    assert gone.cells["enterprise_id"] == ""
    assert OTTO not in box.page("").columns["box_id"]
    with pytest.raises(NotFound):
        box.roll_out(OTTO)


def test_neither_a_mail_nor_anything_else_is_asked_for_in_a_roll_out(canned: Serve) -> None:
    server = canned(WHO_AM_I, Canned(body='{"type": "user", "id": "301"}'))
    server.connect().box.roll_out(OTTO)

    assert json.loads(server.asked[-1][2]) == {"enterprise": None, "notify": False}


def test_memberships_are_read_page_by_page(leaving: Callable[..., Live]) -> None:
    box = leaving().connect().box
    page = box.memberships(OTTO)

    assert [(one.group_id, one.group, one.role) for one in page.rows] == [
        ("900", "Staff", "member"),
        ("907", "Buyers", "admin"),
    ]
    assert page.following is None
    assert box.memberships(OTTO, 1).rows == page.rows[1:]
    assert box.memberships(INA).rows == ()


@pytest.mark.parametrize(
    ("offset", "told", "following"),
    [
        (0, {"total_count": 3, "limit": 2}, 2),
        (2, {"total_count": 3, "limit": 2}, None),
        (0, {"total_count": 1000}, None),
        (0, {"total_count": 1001}, 1000),
    ],
)
def test_the_next_page_of_memberships_begins_where_the_limit_ends(
    canned: Serve, offset: int, told: dict[str, int], following: int | None
) -> None:
    rows = [{"id": 1, "group": {"id": "9"}, "role": None}]
    box = canned(WHO_AM_I, Canned(body=json.dumps({"entries": rows, **told}))).connect().box

    page = box.memberships(OTTO, offset)
    assert (page.rows, page.following) == ((Membership("1", "9", "", ""),), following)


def test_an_alias_is_added_found_and_removed(leaving: Callable[..., Live]) -> None:
    box = leaving().connect().box
    made = box.add_alias(OTTO, "otto.o@acme.example")

    assert made == Alias(made.alias_id, "otto.o@acme.example", confirmed=True)
    assert box.aliases(OTTO) == (made,)
    with pytest.raises(Conflict):
        box.add_alias(MIA, "Otto.O@acme.example")

    box.remove_alias(OTTO, made.alias_id)

    assert box.aliases(OTTO) == ()
    with pytest.raises(NotFound):
        box.remove_alias(OTTO, made.alias_id)


def test_aliases_are_read(leaving: Callable[..., Live]) -> None:
    box = leaving().connect().box
    [alias] = box.aliases(MIA)

    assert alias == Alias(alias.alias_id, "mia.m@acme.example", confirmed=True)
    assert box.aliases(OTTO) == ()


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        '{"entries": null, "total_count": 0}',
        '{"entries": []}',
        '{"entries": [], "total_count": 1}',
        "<html>",
    ],
)
def test_a_snapshot_has_no_hole(canned: Serve, body: str) -> None:
    box = canned(WHO_AM_I, Canned(body=body)).connect().box

    with pytest.raises(Garbled):
        box.aliases(MIA)


@pytest.mark.parametrize("body", ["{}", '{"entries": null, "total_count": 0}', '{"entries": []}', "<html>"])
def test_memberships_have_no_hole(canned: Serve, body: str) -> None:
    box = canned(WHO_AM_I, Canned(body=body)).connect().box

    with pytest.raises(Garbled):
        box.memberships(MIA)


def test_an_archive_is_made_once_and_filled(leaving: Callable[..., Live]) -> None:
    live = leaving()
    box = live.connect().box
    archive = box.create_folder("Archive", as_user=MIA)
    shard = box.create_folder("2026-11", archive, MIA)
    folder = box.transfer(OTTO, MIA)
    moved = [box.move_folder(folder, shard, MIA) for _ in range(2)]

    assert moved == [folder, folder]
    assert _things(live, MIA) == 1
    assert box.find_folder("ARCHIVE", as_user=MIA).folder_id == archive
    with pytest.raises(Conflict) as caught:
        box.create_folder("archive", as_user=MIA)
    assert caught.value.box_id == archive


def test_a_folder_whose_making_is_doubtful_is_named_by_the_conflict(leaving: Callable[..., Live]) -> None:
    rule = {"match": {"method": "POST", "path": "/2.0/folders", "nth": 1}, "do": "lost_answer"}
    box = leaving(rule).connect().box
    with pytest.raises(Lost):
        box.create_folder("Archive")
    with pytest.raises(Conflict) as caught:
        box.create_folder("Archive")

    assert caught.value.box_id == box.find_folder("Archive").folder_id != ""


def test_a_folder_on_its_way_is_not_moved_yet(leaving: Callable[..., Live]) -> None:
    box = leaving(choices={"transfer_seconds": 900}).connect().box
    archive, folder = box.create_folder("Archive", as_user=MIA), box.transfer(OTTO, MIA)

    with pytest.raises(Conflict) as caught:
        box.move_folder(folder, archive, MIA)

    assert (caught.value.answer.code, caught.value.box_id) == ("operation_blocked_temporary", "")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"entries": []}, FolderPage("", "")),
        ({"entries": [{"id": "1", "type": "file", "name": "Archive"}]}, FolderPage("", "")),
        (
            {"entries": [{"id": "1", "type": "folder", "name": "Archives"}], "next_marker": "m"},
            FolderPage("", "m"),
        ),
        (
            {"entries": [{"id": 1, "type": "folder", "name": "archive"}], "next_marker": None},
            FolderPage("1", ""),
        ),
        ({"entries": [{"id": "1", "type": "folder"}], "next_marker": ""}, FolderPage("", "")),
    ],
)
def test_a_folder_is_found_by_its_whole_name(canned: Serve, body: dict[str, Any], found: FolderPage) -> None:
    server = canned(WHO_AM_I, Canned(body=json.dumps(body)))
    box = server.connect().box

    assert box.find_folder("Archive", "77", marker="before") == found
    assert server.asked[-1][1].startswith("/2.0/folders/77/items?")
    assert "marker=before" in server.asked[-1][1]


@pytest.mark.parametrize("body", ["{}", '{"entries": null}', "<html>"])
def test_a_page_that_is_none_does_not_say_that_a_folder_is_missing(canned: Serve, body: str) -> None:
    box = canned(WHO_AM_I, Canned(body=body)).connect().box

    with pytest.raises(Garbled):
        box.find_folder("Archive")


CALLS: dict[str, Callable[[Box], object]] = {
    "end_sessions": lambda box: box.end_sessions([OTTO]),
    "transfer": lambda box: box.transfer(OTTO, MIA),
    "roll_out": lambda box: box.roll_out(OTTO),
    "memberships": lambda box: box.memberships(OTTO),
    "aliases": lambda box: box.aliases(OTTO),
    "find_folder": lambda box: box.find_folder("Private name", as_user=OTTO),
    "create_folder": lambda box: box.create_folder("Private name", as_user=OTTO),
    "move_folder": lambda box: box.move_folder("1", "0", OTTO),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_call_is_one_request_and_its_error_tells_nothing_personal(
    canned: Serve, call: Callable[[Box], object]
) -> None:
    said = json.dumps(
        {"code": "conflict", "message": "Private name of otto@acme.example", "request_id": "r1"}
    )
    server = canned(WHO_AM_I, Canned(409, said))
    box = server.connect().box
    with pytest.raises(Conflict) as caught:
        call(box)

    assert len(server.asked) == 2
    assert str(caught.value) == "Conflict 409 conflict"
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


WRITES = [
    name for name in CALLS if name in {"end_sessions", "transfer", "roll_out", "create_folder", "move_folder"}
]


@pytest.mark.parametrize("name", WRITES)
def test_a_write_that_answers_a_page_of_html_is_doubtful(canned: Serve, name: str) -> None:
    box = canned(WHO_AM_I, Canned(200, "<html>Private name</html>")).connect().box

    with pytest.raises(Garbled) as caught:
        CALLS[name](box)

    assert caught.value.doubtful
    assert caught.value.__context__ is None


def test_looks_as_somebody_use_up_that_accounts_limit(leaving: Callable[..., Live]) -> None:
    live = leaving(rate_limit=(3, 60))
    box = live.connect().box
    looks = [box.find_folder("Projects", as_user=OTTO).folder_id for _ in range(3)]

    assert all(looks)
    with pytest.raises(BoxFault, match="Throttled 429"):
        box.find_folder("Projects", as_user=OTTO)
