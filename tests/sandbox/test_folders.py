"""Folders of the acting user: listing, making, moving, deleting."""

from __future__ import annotations

import pytest

MIA = "300"


@pytest.fixture
def mia(admin):
    """Calls as Mia."""

    def go(method, path, body=None):
        return admin(method, path, body, As_User=MIA)

    return go


def make(mia, name, parent="0"):
    return mia("POST", "/2.0/folders", {"name": name, "parent": {"id": parent}})


def inside(mia, folder="0", query=""):
    return mia("GET", f"/2.0/folders/{folder}/items{query}").json


def names(mia, folder="0"):
    return [one["name"] for one in inside(mia, folder)["entries"]]


def test_new_folder_is_empty_and_in_its_parent(mia):
    made = make(mia, "Archive")

    assert (made.status, made.json["name"], made.json["item_collection"]["total_count"]) == (
        201,
        "Archive",
        0,
    )
    assert names(mia) == ["Archive"]
    assert inside(mia, made.json["id"])["total_count"] == 0


def test_path_of_a_folder_begins_at_the_root(mia):
    lower = make(mia, "2026", make(mia, "Archive").json["id"]).json

    assert [one["name"] for one in lower["path_collection"]["entries"]] == ["All Files", "Archive"]
    assert lower["parent"]["name"] == "Archive"


def test_root_is_named_all_files_and_has_no_parent(mia):
    """Box guide, Folders: the root folder."""
    root = mia("GET", "/2.0/folders/0").json

    assert [root[name] for name in ("id", "name", "etag", "parent", "created_at")] == [
        "0",
        "All Files",
        None,
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"parent": {"id": "0"}}, 400, "bad_request"),
        ({"name": "A"}, 400, "bad_request"),
        ({"name": "", "parent": {"id": "0"}}, 400, "bad_request"),
        ({"name": "n" * 256, "parent": {"id": "0"}}, 400, "item_name_too_long"),
        *(({"name": name, "parent": {"id": "0"}}, 400, "item_name_invalid")
          for name in ("a/b", "a\\b", "a\tb", "a ", ".", "..")),
        ({"name": "A", "parent": {"id": "999"}}, 404, "not_found"),
    ],
)  # fmt: skip
def test_folder_that_cannot_be_is_refused(mia, body, status, code):
    """API reference, POST /folders."""
    reply = mia("POST", "/2.0/folders", body)

    assert (reply.status, reply.json["code"]) == (status, code)


def test_name_in_use_is_a_409_that_names_the_folder_in_the_way(mia):
    """Box guide, Common errors; letter case makes no other name (API reference, POST /folders)."""
    first = make(mia, "Archive").json["id"]
    again = make(mia, "ARCHIVE")

    assert (again.status, again.json["code"]) == (409, "item_name_in_use")
    assert again.json["context_info"]["conflicts"][0]["id"] == first


def test_folder_is_renamed_and_moved(mia):
    archive, leaver = make(mia, "Archive").json["id"], make(mia, "Leaver").json["id"]
    reply = mia("PUT", f"/2.0/folders/{leaver}", {"name": "Gone", "parent": {"id": archive}})

    assert (reply.status, reply.json["parent"]["id"], reply.json["etag"]) == (200, archive, "1")
    assert (names(mia), names(mia, archive)) == (["Archive"], ["Gone"])


def test_folder_moves_again_to_where_it_is(mia):
    leaver = make(mia, "Leaver").json["id"]

    assert mia("PUT", f"/2.0/folders/{leaver}", {"parent": {"id": "0"}}).status == 200


def test_folder_moves_neither_into_itself_nor_onto_a_name(mia):
    archive, leaver = make(mia, "Archive").json["id"], make(mia, "Leaver").json["id"]
    lower = make(mia, "leaver", archive).json["id"]
    into_itself = mia("PUT", f"/2.0/folders/{archive}", {"parent": {"id": lower}})
    onto_a_name = mia("PUT", f"/2.0/folders/{leaver}", {"parent": {"id": archive}})

    assert [into_itself.status, onto_a_name.status] == [400, 409]


def test_root_is_neither_moved_nor_deleted(mia):
    assert [
        mia("PUT", "/2.0/folders/0", {"name": "Mine"}).status,
        mia("DELETE", "/2.0/folders/0").status,
    ] == [403, 403]


def test_folder_that_is_not_empty_goes_only_with_recursive(mia):
    """github.com/box/box-openapi, issue 221."""
    archive = make(mia, "Archive").json["id"]
    lower = make(mia, "2026", archive).json["id"]
    refused = mia("DELETE", f"/2.0/folders/{archive}")

    assert (refused.status, refused.json["code"]) == (400, "folder_not_empty")
    assert mia("DELETE", f"/2.0/folders/{archive}?recursive=True").status == 204
    assert [mia("GET", f"/2.0/folders/{one}").status for one in (archive, lower)] == [404, 404]


def test_somebody_elses_folder_is_not_found(mia, admin):
    archive = make(mia, "Archive").json["id"]
    methods = [("GET", ""), ("GET", "/items"), ("PUT", ""), ("DELETE", "")]

    assert {admin(method, f"/2.0/folders/{archive}{rest}", {}).status for method, rest in methods} == {404}


@pytest.mark.parametrize("mode", ["offset", "marker"])
def test_pages_lead_to_the_end(start, small_seed, connect, mode):
    small_seed["users"][2] |= {"files": 5, "folders": ["A", "B"]}
    caller = connect(start(seed=small_seed))
    found, query = [], "offset=0" if mode == "offset" else "usemarker=true"
    while query:
        page = caller("GET", f"/2.0/folders/0/items?limit=3&{query}", As_User=MIA).json
        found += [one["name"] for one in page["entries"]]
        if mode == "offset":
            query = f"offset={page['offset'] + 3}" if page["offset"] + 3 < page["total_count"] else ""
        else:
            query = f"usemarker=true&marker={page['next_marker']}" if page["next_marker"] else ""

    assert found == ["A", "B", *(f"Document {number}.txt" for number in range(1, 6))]


def test_folder_frees_its_space_when_it_leaves_the_trash(start, small_seed, connect):
    small_seed["users"][3] |= {"space_used": 4096}
    caller = connect(start(seed=small_seed))
    folder = caller("PUT", "/2.0/users/301/folders/0", {"owned_by": {"id": MIA}}).json["id"]
    before = caller("GET", f"/2.0/users/{MIA}").json["space_used"]
    caller("DELETE", f"/2.0/folders/{folder}?recursive=true", As_User=MIA)
    thrown_away = caller("GET", f"/2.0/users/{MIA}").json["space_used"]
    caller("DELETE", f"/2.0/folders/{folder}/trash", As_User=MIA)

    assert (before, thrown_away, caller("GET", f"/2.0/users/{MIA}").json["space_used"]) == (4096, 4096, 0)


@pytest.mark.parametrize(
    ("fault", "status"), [("503_written", 503), ("503_not_written", 503), (429, 429), ("forbidden", 403)]
)
def test_faults_meet_folders_as_well(seeded, connect, fault, status):
    server = seeded(rules=[{"match": {"method": "POST", "path": "/2.0/folders"}, "do": fault}])
    caller = connect(server)
    reply = caller("POST", "/2.0/folders", {"name": "Archive", "parent": {"id": "0"}})

    assert reply.status == status
    assert inside(caller)["total_count"] == (fault == "503_written")


def test_listing_faults_meet_folders_as_well(seeded, connect):
    server = seeded(rules=[{"match": {"path": "/2.0/folders/0/items"}, "do": "entries_null"}])

    assert inside(connect(server))["entries"] is None


def test_fields_gives_type_id_and_what_was_named(start, small_seed, connect):
    """Box guide, Request extra fields."""
    small_seed["users"][3] |= {"space_used": 4096, "files": 2, "folders": ["Projects"]}
    caller = connect(start(seed=small_seed))
    folder, first, _ = caller("GET", "/2.0/folders/0/items?fields=size,nothing", As_User="301").json[
        "entries"
    ]

    assert set(folder) == set(first) == {"type", "id", "size"}
    assert first["size"] == 2048
    assert set(caller("GET", "/2.0/folders/0?fields=name", As_User="301").json) == {"type", "id", "name"}


def test_folder_keeps_what_it_is_told(mia):
    """No 200 for what is not done."""
    folder = make(mia, "A").json["id"]
    body = {
        "description": "d",
        "tags": ["x", "y", "x"],
        "sync_state": "synced",
        "can_non_owners_invite": False,
        "folder_upload_email": {"access": "open"},
        "shared_link": {"access": "open", "permissions": {"can_download": False}},
    }
    told = mia(
        "PUT", f"/2.0/folders/{folder}?fields={','.join(body)},has_collaborations,permissions", body
    ).json

    assert {key: told[key] for key in ("description", "sync_state", "can_non_owners_invite")} == {
        key: body[key] for key in ("description", "sync_state", "can_non_owners_invite")
    }
    assert (told["tags"], told["has_collaborations"]) == (["x", "y"], False)
    assert (told["permissions"]["can_delete"], told["permissions"]["can_upload"]) == (True, True)
    assert (told["shared_link"]["access"], told["shared_link"]["effective_permission"]) == (
        "open",
        "can_preview",
    )
    url = told["shared_link"]["url"]
    again = mia("PUT", f"/2.0/folders/{folder}", {"shared_link": {"access": "company"}}).json["shared_link"]
    assert (again["url"], again["access"]) == (url, "company")
    assert mia("PUT", f"/2.0/folders/{folder}", {"shared_link": None}).json["shared_link"] is None


def test_link_lets_somebody_in_who_has_nothing_else(mia, admin):
    """Box guide, Shared links: the header `boxapi`."""
    folder = make(mia, "A").json["id"]
    file = admin.upload("a.txt", b"abc", parent=folder, As_User=MIA).json["entries"][0]["id"]
    link = {"access": "open", "password": "long enough", "vanity_name": "mine"}
    told = mia("PUT", f"/2.0/folders/{folder}", {"shared_link": link}).json["shared_link"]

    def look(path, url=told["url"], password="long enough"):
        header = f"shared_link={url}&shared_link_password={password}"
        return admin("GET", f"/2.0/{path}", As_User="301", boxapi=header)

    assert look(f"files/{file}").json["name"] == "a.txt"
    assert look("shared_items", told["vanity_url"]).json["id"] == folder
    assert [look(f"files/{file}", password="x").status, look("shared_items", "x").status] == [404, 404]
    assert admin("GET", "/2.0/shared_items", As_User="301").status == 400
    mia("PUT", f"/2.0/folders/{folder}", {"shared_link": {"permissions": {"can_download": False}}})
    assert (look(f"files/{file}").status, look(f"files/{file}/content").status) == (200, 403)
    mia("PUT", f"/2.0/folders/{folder}", {"shared_link": {"access": "collaborators"}})
    assert look(f"files/{file}").status == 404


@pytest.mark.parametrize(
    "body",
    [
        {"shared_link": {"password": "short"}},
        {"sync_state": "bogus"},
        {"tags": "x"},
        {"description": 5},
        {"shared_link": {"access": "everybody"}},
        {"folder_upload_email": {"access": "x"}},
        {"can_non_owners_invite": "yes"},
    ],
)
def test_what_a_folder_cannot_be_told_is_refused(mia, body):
    folder = make(mia, "A").json["id"]

    assert mia("PUT", f"/2.0/folders/{folder}", body).status == 400


def test_what_is_not_built_of_a_folder_is_told(mia):
    folder = make(mia, "A").json["id"]

    for body in ({"collections": []}, {"owned_by": {"id": "301"}}):
        assert mia("PUT", f"/2.0/folders/{folder}", body).header("x-sandbox-not-built")


def test_folder_listing_is_sorted_as_asked(mia, admin):
    for name in ("b", "C", "a"):
        make(mia, name)
    admin.upload("z.txt", b"123", As_User=MIA)
    admin.upload("y.txt", b"1", As_User=MIA)

    def order(query):
        return [one["name"] for one in inside(mia, query=f"?{query}")["entries"]]

    assert order("sort=name&direction=DESC") == ["C", "b", "a", "z.txt", "y.txt"]
    assert order("sort=id&direction=ASC") == ["b", "C", "a", "z.txt", "y.txt"]
    assert order("sort=size&direction=ASC&offset=3") == ["y.txt", "z.txt"]
    assert inside(mia, query="?sort=date")["order"][1] == {"by": "date", "direction": "ASC"}
    assert mia("GET", "/2.0/folders/0/items?sort=colour").status == 400
    whole = mia("GET", "/2.0/folders/0?sort=name&direction=DESC&limit=2").json["item_collection"]
    assert ([one["name"] for one in whole["entries"]], whole["total_count"]) == (["C", "b"], 5)


def test_root_cannot_be_copied(mia):
    """API reference, POST /folders/{id}/copy: 500."""
    assert mia("POST", "/2.0/folders/0/copy", {"parent": {"id": "0"}}).status == 500
    assert mia("PUT", "/2.0/folders/0", {"name": "x"}).status == 403
