"""Events: the streams of admins and of users, made of what happens here."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

MIA = "300"
ADMIN = "/2.0/events?stream_type=admin_logs"


def types(caller, query=""):
    return [one["event_type"] for one in caller("GET", f"{ADMIN}{query}").json["entries"]]


def live(caller):
    """Somebody comes, is edited, shares a folder, and goes; what is refused makes no event."""
    caller("POST", "/2.0/users", {"name": "N", "login": "n@acme.example"})
    caller("POST", "/2.0/users", {"name": "N", "login": "n@acme.example"})
    caller("PUT", f"/2.0/users/{MIA}?fields=name", {"job_title": "Boss"})
    folder = caller("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    caller.upload("a.txt", b"abc", parent=folder)
    grantee = {"type": "user", "id": MIA}
    body = {"item": {"type": "folder", "id": folder}, "accessible_by": grantee, "role": "editor"}
    made = caller("POST", "/2.0/collaborations", body).json["id"]
    caller("DELETE", f"/2.0/collaborations/{made}")
    caller("DELETE", "/2.0/users/303")


LIVED = [
    "NEW_USER",
    "EDIT_USER",
    "UPLOAD",
    "UPLOAD",
    "COLLABORATION_INVITE",
    "COLLABORATION_REMOVE",
    "DELETE_USER",
]


def test_admin_stream_tells_all_in_its_order(admin):
    live(admin)
    first = admin("GET", ADMIN).json
    position = first["next_stream_position"]
    entries = first["entries"]

    assert (first["chunk_size"], [one["event_type"] for one in entries]) == (7, LIVED)
    assert [entries[number]["source"]["id"] for number in (1, 6)] == [MIA, "303"]
    assert (entries[3]["source"]["item_name"], entries[3]["additional_details"]["size"]) == ("a.txt", 3)
    assert {one["created_by"]["id"] for one in entries} == {"100"}
    assert len({one["event_id"] for one in entries}) == 7
    assert admin("GET", f"{ADMIN}&stream_position={position}").json == {
        "chunk_size": 0,
        "next_stream_position": position,
        "entries": [],
    }
    assert admin("GET", f"{ADMIN}&stream_position=now").json["next_stream_position"] == position


def test_admin_stream_comes_in_pages_by_type_and_by_time(admin, clock):
    live(admin)
    seen, position = [], "0"
    while True:
        page = admin("GET", f"{ADMIN}&limit=3&stream_position={position}").json
        seen += [one["event_type"] for one in page["entries"]]
        if page["next_stream_position"] == position:
            break
        position = page["next_stream_position"]
    between = datetime.fromtimestamp(clock.now() + 30, UTC).isoformat().replace("+", "%2B")
    clock.move(60)
    admin("PUT", f"/2.0/users/{MIA}", {"job_title": "Chief"})

    assert seen == LIVED
    assert types(admin, "&event_type=NEW_USER,DELETE_USER") == ["NEW_USER", "DELETE_USER"]
    assert types(admin, f"&created_after={between}") == ["EDIT_USER"]
    assert types(admin, f"&created_before={between}") == LIVED


def test_own_stream_has_what_concerns_somebody(small, admin, connect, sign_in):
    live(admin)
    mia = connect(small, sign_in(small, MIA))
    mine = mia("GET", "/2.0/events").json["entries"]

    assert [one["event_type"] for one in mine] == ["COLLAB_ADD_COLLABORATOR", "COLLAB_REMOVE_COLLABORATOR"]
    assert len(admin("GET", "/2.0/events?stream_type=changes").json["entries"]) == 4
    assert mia("GET", ADMIN).status == 403


def test_who_waits_for_news_is_told_where(admin):
    entry = admin("OPTIONS", "/2.0/events").json["entries"][0]
    path = "/realtime" + entry["url"].partition("/realtime")[2]
    before = admin("GET", path).json["message"]
    live(admin)

    assert (entry["type"], before, admin("GET", path).json["message"]) == (
        "realtime_server",
        "reconnect",
        "new_change",
    )


@pytest.mark.parametrize(
    "query", ["stream_type=x", "stream_position=x", "limit=x", "stream_type=admin_logs&created_after=x"]
)
def test_stream_that_is_asked_wrongly_is_refused(admin, query):
    assert admin("GET", f"/2.0/events?{query}").status == 400


def test_events_come_late_twice_and_in_disorder_where_wanted(start, small_seed, connect, clock, tmp_path):
    choices = {"admin_logs_delay": 60, "streaming_repeats": True}
    server = start(seed=small_seed, choices=choices, state=tmp_path / "box.db")
    caller = connect(server)
    live(caller)
    early = types(caller)
    streaming = caller("GET", f"{ADMIN}_streaming").json["entries"]
    clock.move(61)

    assert (early, types(caller)) == ([], LIVED)
    assert [one["event_type"] for one in streaming] == ["NEW_USER", *reversed(LIVED)]
    server.close()
    assert types(connect(start(state=tmp_path / "box.db"))) == LIVED


def test_groups_and_who_is_in_them_are_told(admin):
    group = admin("POST", "/2.0/groups", {"name": "Buyers"}).json["id"]
    admin("PUT", f"/2.0/groups/{group}", {"name": "Purchase"})
    member = admin("POST", "/2.0/group_memberships", {"user": {"id": MIA}, "group": {"id": group}}).json["id"]
    admin("DELETE", f"/2.0/group_memberships/{member}")
    admin("DELETE", f"/2.0/groups/{group}")
    entries = admin("GET", ADMIN).json["entries"]

    assert [one["event_type"] for one in entries] == [
        "GROUP_CREATION",
        "GROUP_EDITED",
        "GROUP_ADD_USER",
        "GROUP_REMOVE_USER",
        "GROUP_DELETION",
    ]
    assert [entries[number]["source"]["id"] for number in (2, 4)] == [MIA, group]
    assert entries[3]["additional_details"] == {"group_id": group, "group_name": "Purchase", "role": "member"}


def test_changes_of_files_are_told_by_what_changed(admin):
    file = admin.upload("a.txt", b"abc").json["entries"][0]["id"]
    admin("PUT", f"/2.0/files/{file}", {"name": "b.txt", "shared_link": {}})
    copy = admin("POST", f"/2.0/files/{file}/copy", {"parent": {"id": "0"}, "name": "c.txt"}).json["id"]
    admin("PUT", f"/2.0/files/{file}", {"name": "c.txt"})
    entries = admin("GET", ADMIN).json["entries"]

    assert [one["event_type"] for one in entries] == ["UPLOAD", "RENAME", "SHARE", "COPY"]
    assert entries[3]["source"]["item_id"] == copy


def test_end_of_an_alias_is_told_of_its_user(admin):
    alias = admin("GET", "/2.0/users/303/email_aliases").json["entries"][0]["id"]
    admin("DELETE", f"/2.0/users/303/email_aliases/{alias}")
    [entry] = admin("GET", ADMIN).json["entries"]

    assert (entry["event_type"], entry["source"]["id"]) == ("EMAIL_ALIAS_REMOVE", "303")
