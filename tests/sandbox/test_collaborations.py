"""Collaborations: who is in at once and who waits, what a role lets one do, other owners, lists."""

from __future__ import annotations

import pytest

MIA, OTTO, CLIENT = "300", "301", "400"
PATH = "/2.0/collaborations"


@pytest.fixture
def people(start, small_seed, connect, sign_in):
    """Connections of Mia, Otto and an app user to an enterprise where the app user is in a group."""
    small_seed["groups"] = [{"name": "Buyers", "id": "700", "members": ["client-1"]}]
    server = start(seed=small_seed)
    mia, otto, client, admin = (connect(server, sign_in(server, one)) for one in (MIA, OTTO, CLIENT, "100"))
    return {"mia": mia, "otto": otto, "client": client, "admin": admin, "server": server}


@pytest.fixture
def folder(people):
    """A folder of Mia's, with a file in it."""
    made = people["mia"]("POST", "/2.0/folders", {"name": "Shared", "parent": {"id": "0"}}).json["id"]
    people["mia"].upload("a.txt", b"abc", parent=made)
    return made


def share(caller, item, role="editor", kind="folder", **grantee):
    body = {"item": {"type": kind, "id": item}, "accessible_by": {"type": "user", **grantee}, "role": role}
    return caller("POST", PATH, body)


def names(caller, folder="0"):
    return [one["name"] for one in caller("GET", f"/2.0/folders/{folder}/items").json["entries"]]


def test_member_is_in_at_once_and_sees_the_folder(people, folder):
    """github.com/box/box-python-sdk, test/user_collaborations.py."""
    otto = people["otto"]
    before = otto("GET", f"/2.0/folders/{folder}").status
    made = share(people["mia"], folder, login="OTTO@acme.example")
    seen = otto(
        "GET", f"/2.0/folders/{folder}?fields=path_collection,permissions,owned_by,has_collaborations"
    ).json

    assert (before, made.status) == (404, 201)
    assert [made.json[one] for one in ("status", "role", "invite_email")] == ["accepted", "editor", None]
    assert (made.json["item"]["id"], made.json["accessible_by"]["id"]) == (folder, OTTO)
    assert "Shared" in names(otto)
    assert names(otto, folder) == ["a.txt"]
    assert [one["name"] for one in seen["path_collection"]["entries"]] == ["All Files"]
    assert (seen["permissions"]["can_upload"], seen["owned_by"]["id"]) == (True, MIA)
    assert seen["has_collaborations"] is True
    file = otto.upload("b.txt", b"b", parent=folder).json["entries"][0]
    assert (file["owned_by"]["id"], file["created_by"]["id"]) == (MIA, OTTO)
    people["mia"]("DELETE", f"{PATH}/{made.json['id']}")
    assert otto("GET", f"/2.0/folders/{folder}").status == 404


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("previewer", [200, 403, 403, 403, 403]),
        ("viewer", [200, 302, 403, 403, 403]),
        ("uploader", [403, 403, 201, 403, 403]),
        ("previewer uploader", [200, 403, 201, 403, 403]),
        ("viewer uploader", [200, 302, 201, 403, 403]),
        ("editor", [200, 302, 201, 200, 201]),
        ("co-owner", [200, 302, 201, 200, 201]),
    ],
)
def test_role_says_what_may_be_done(people, folder, role, statuses):
    """Box help centre, Understanding Collaborator Permission Levels."""
    file = people["mia"]("GET", f"/2.0/folders/{folder}/items").json["entries"][0]["id"]
    share(people["mia"], folder, role, id=OTTO)
    otto = people["otto"]
    done = [
        otto("GET", f"/2.0/files/{file}").status,
        otto("GET", f"/2.0/files/{file}/content").status,
        otto.upload("b.txt", b"b", parent=folder).status,
        otto("PUT", f"/2.0/files/{file}", {"name": "c.txt"}).status,
        share(otto, folder, "viewer", id=CLIENT).status,
    ]

    assert done == statuses


def test_group_lets_its_members_in(people, folder):
    body = {"item": {"type": "folder", "id": folder}, "accessible_by": {"type": "group", "id": "700"}}
    made = people["mia"]("POST", PATH, {**body, "role": "viewer"}).json
    listed = people["admin"]("GET", "/2.0/groups/700/collaborations").json

    assert (made["accessible_by"]["name"], names(people["client"])) == ("Buyers", ["Shared"])
    assert (listed["total_count"], listed["entries"][0]["id"]) == (1, made["id"])
    assert people["client"]("GET", "/2.0/groups/700/collaborations").status == 403
    people["admin"]("DELETE", "/2.0/groups/700")
    assert (names(people["client"]), people["mia"]("GET", f"{PATH}/{made['id']}").status) == ([], 404)


def test_address_without_an_account_waits_until_it_has_one(people, folder):
    made = share(people["mia"], folder, login="new@acme.example").json

    assert [made[one] for one in ("status", "invite_email", "item", "accessible_by")] == [
        "pending",
        "new@acme.example",
        None,
        None,
    ]
    people["admin"]("POST", "/2.0/users", {"name": "New", "login": "New@acme.example"})
    now = people["mia"]("GET", f"{PATH}/{made['id']}").json
    assert (now["status"], now["invite_email"], now["accessible_by"]["name"]) == ("accepted", None, "New")


def test_account_outside_waits_unless_that_is_forbidden(people, folder):
    made = share(people["mia"], folder, id="500").json
    people["mia"]("PUT", f"/2.0/folders/{folder}", {"is_collaboration_restricted_to_enterprise": True})
    refused = share(people["mia"], folder, login="other@partner.example")

    assert (made["status"], made["accessible_by"]["id"], made["accessible_by"]["name"]) == (
        "pending",
        "500",
        "",
    )
    assert (refused.status, refused.json["code"]) == (403, "forbidden_by_policy")


def test_owner_changes_and_stays_as_co_owner(people, folder):
    """github.com/box/box-python-sdk, test/user_collaborations.py: 204 without a body."""
    made = share(people["mia"], folder, id=CLIENT).json["id"]
    by_other = people["client"]("PUT", f"{PATH}/{made}", {"role": "owner"}).status
    reply = people["mia"]("PUT", f"{PATH}/{made}", {"role": "owner"})
    left = people["client"]("GET", f"/2.0/folders/{folder}/collaborations").json["entries"]

    assert (by_other, reply.status, reply.body) == (403, 204, b"")
    assert [(one["role"], one["accessible_by"]["id"]) for one in left] == [("co-owner", MIA)]
    assert people["mia"]("GET", f"{PATH}/{made}").status == 404
    assert people["client"]("GET", f"/2.0/folders/{folder}?fields=owned_by").json["owned_by"]["id"] == CLIENT
    assert [people[one]("GET", "/2.0/users/me").json["space_used"] for one in ("mia", "client")] == [0, 3]


def test_collaboration_of_a_file_is_changed_and_ended_by_who_may(people, folder):
    file = people["mia"]("GET", f"/2.0/folders/{folder}/items").json["entries"][0]["id"]
    made = share(people["mia"], file, "viewer", "file", id=OTTO).json["id"]
    path = f"{PATH}/{made}"

    assert names(people["otto"])[-1:] != []
    assert people["otto"]("PUT", path, {"role": "editor"}).status == 403
    assert people["mia"]("PUT", path, {"role": "previewer"}).json["role"] == "previewer"
    assert people["mia"]("GET", f"/2.0/files/{file}/collaborations").json["entries"][0]["id"] == made
    assert people["client"]("GET", path).status == 404
    assert people["otto"]("DELETE", path).status == 204
    assert people["otto"]("GET", f"/2.0/files/{file}").status == 404


def test_end_of_a_collaboration_comes_by_itself(people, folder, clock):
    from datetime import UTC, datetime

    ends = datetime.fromtimestamp(clock.now() + 60, UTC).isoformat()
    made = share(people["mia"], folder, id=OTTO).json["id"]
    people["mia"]("PUT", f"{PATH}/{made}", {"expires_at": ends})
    before = people["otto"]("GET", f"/2.0/folders/{folder}").status
    clock.move(61)

    assert (before, people["otto"]("GET", f"/2.0/folders/{folder}").status) == (200, 404)


WRONG = [
    ({"item": {"type": "folder", "id": "0"}}, 400, "collaborations_not_available_on_root_folder"),
    ({"item": {"type": "folder", "id": "999"}}, 404, "not_found"),
    ({"item": None}, 400, "bad_request"),
    ({"role": "owner"}, 400, "bad_request"),
    ({"role": "viewer_uploader"}, 400, "bad_request"),
    ({"accessible_by": {"type": "user", "id": "999"}}, 404, "not_found"),
    ({"accessible_by": {"type": "group", "id": "999"}}, 404, "not_found"),
    ({"accessible_by": {"type": "user", "login": "nobody"}}, 400, "bad_request"),
    ({"accessible_by": {"type": "user", "id": MIA}}, 400, "user_already_collaborator"),
    ({"expires_at": "tomorrow"}, 400, "bad_request"),
]


def test_invitation_that_is_wrong_is_refused(people, folder):
    body = {
        "item": {"type": "folder", "id": folder},
        "accessible_by": {"type": "user", "id": OTTO},
        "role": "viewer",
    }
    replies = [people["mia"]("POST", PATH, body | change) for change, _, _ in WRONG]

    assert [(reply.status, reply.json["code"]) for reply in replies] == [one[1:] for one in WRONG]


@pytest.mark.parametrize("choice", [400, 409])
def test_second_invitation_is_refused(start, small_seed, connect, choice):
    caller = connect(start(seed=small_seed, choices={"collaboration_twice_status": choice}))
    folder = caller("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    replies = [share(caller, folder, login="x@mail.example") for _ in range(2)]

    assert [reply.status for reply in replies] == [201, choice]


def test_pending_ones_are_listed_for_who_is_invited(people):
    assert people["mia"]("GET", f"{PATH}?status=pending").json == {
        "total_count": 0,
        "entries": [],
        "limit": 100,
        "offset": 0,
    }
    assert people["mia"]("GET", PATH).status == 400


def test_state_file_keeps_who_collaborates(start, small_seed, connect, tmp_path):
    first = start(seed=small_seed, state=tmp_path / "box.db")
    caller = connect(first)
    folder = caller("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    made = share(caller, folder, id=MIA).json
    first.close()
    again = connect(start(state=tmp_path / "box.db"))

    assert again("GET", f"{PATH}/{made['id']}").json == made
    assert again("GET", f"/2.0/folders/{folder}", As_User=MIA).status == 200


def test_accounts_outside_lose_all_that_is_shared_with_them(people, folder):
    """API reference, version 2025.0."""
    made = share(people["mia"], folder, id="500").json["id"]

    def remove(*ids, version="2025.0"):
        body = {"external_users": [{"id": one} for one in ids]}
        return people["admin"]("POST", "/2.0/external_users/submit_delete_job", body, box_version=version)

    reply = remove("500", "999")
    assert (reply.status, [one["status"] for one in reply.json["entries"]]) == (207, [202, 404])
    assert people["mia"]("GET", f"{PATH}/{made}").status == 404
    assert [remove().status, remove("500", version="2024.0").status, remove(5).status] == [400, 400, 400]


def test_who_is_deleted_takes_along_what_was_shared(people, folder):
    made = share(people["mia"], folder, id=OTTO).json["id"]
    assert people["admin"]("DELETE", f"/2.0/users/{MIA}?force=true").status == 204

    assert people["otto"]("GET", f"{PATH}/{made}").status == 404
    assert list(people["server"].enterprise.collaborations) == []


def test_what_is_restored_into_somebody_elses_folder_is_theirs(people, folder):
    share(people["mia"], folder, id=OTTO)
    mia, otto = people["mia"], people["otto"]
    file = otto.upload("b.txt", b"bb").json["entries"][0]
    otto("DELETE", f"/2.0/files/{file['id']}")
    assert otto("POST", f"/2.0/files/{file['id']}", {"parent": 0}).status == 400
    restored = otto("POST", f"/2.0/files/{file['id']}", {"parent": {"id": folder}})

    assert (restored.status, restored.json["owned_by"]["id"]) == (201, MIA)
    assert restored.json["etag"] == file["etag"]
    assert (names(otto, folder), "b.txt" in names(otto)) == (["a.txt", "b.txt"], False)
    assert [one("GET", "/2.0/users/me").json["space_used"] for one in (mia, otto)] == [5, 0]


def test_access_alone_lets_somebody_copy_a_folder_that_no_list_shows(people, folder):
    """API reference, POST /collaborations, `is_access_only`."""
    otto, mia = people["otto"], people["mia"]
    body = {"item": {"type": "folder", "id": folder}, "accessible_by": {"type": "user", "id": OTTO}}
    made = mia("POST", PATH, {**body, "role": "viewer", "is_access_only": True})
    shown = names(otto)
    copied = otto("POST", f"/2.0/folders/{folder}/copy", {"parent": {"id": "0"}})
    again = otto("POST", f"/2.0/folders/{folder}/copy", {"parent": {"id": "0"}})

    assert (made.status, made.json["is_access_only"]) == (201, True)
    assert "Shared" not in shown
    assert (copied.status, names(otto, copied.json["id"])) == (201, ["a.txt"])
    assert (again.status, again.json["code"]) == (409, "item_name_in_use")
    assert again.json["context_info"]["conflicts"][0]["id"] == copied.json["id"]
