"""Files of the acting user: uploads, downloads, versions, changes, copies, conflicts, space."""

from __future__ import annotations

import base64
import hashlib

import pytest

MIA = "300"
UPLOADS = "/2.0/files/upload_sessions"


@pytest.fixture
def mia(small, connect, sign_in):
    """A connection with Mia's own token."""
    return connect(small, sign_in(small, MIA))


def sha1(content):
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()


def put(mia, name="a.txt", content=b"abc", **more):
    return mia.upload(name, content, **more).json["entries"][0]


def down(mia, file_id, query="", **headers):
    """The bytes of a file, by the address that a download is sent to."""
    reply = mia("GET", f"/2.0/files/{file_id}/content{query}")
    assert reply.status == 302
    return mia(
        "GET", reply.header("location").partition("127.0.0.1")[2].partition("/")[2].join(["/", ""]), **headers
    )


@pytest.mark.parametrize("part", ["file", "content", "contents"])
@pytest.mark.parametrize("path", ["/2.0/files/content", "/api/2.0/files/content/"])
def test_upload_is_taken_under_any_name_of_its_part(mia, part, path):
    """As from the SDKs, Box CLI and rclone."""
    content = b"\r\n--bor" + bytes(range(256)) * 9
    reply = mia.upload("a.txt", content, part=part, path=path)
    file = reply.json["entries"][0]

    assert (reply.status, reply.json["total_count"], file["size"]) == (201, 1, len(content))
    assert file["sha1"] == sha1(content)
    assert [one["name"] for one in file["path_collection"]["entries"]] == ["All Files"]
    assert down(mia, file["id"]).body == content


def test_large_upload_in_chunks_goes_through_a_file(small, mia, sign_in):
    import requests

    content = b"0123456789abcdef" * 131_072
    form = (
        b'--b\r\nContent-Disposition: form-data; name="attributes"\r\n\r\n{"name":"big","parent":{"id":"0"}}'
    )
    form += b'\r\n--b\r\nContent-Disposition: form-data; name="file"; filename=""\r\n\r\n' + content
    pieces = (form[at : at + 100_000] for at in range(0, len(form), 100_000))
    headers = {
        "Authorization": f"Bearer {sign_in(small, MIA)}",
        "Content-Type": "multipart/form-data; boundary=b",
    }

    def ended():
        yield from pieces
        yield b"\r\n--b--\r\n"

    with requests.post(
        f"{small.url}/api/2.0/files/content", data=ended(), headers=headers, timeout=20
    ) as reply:
        file = reply.json()["entries"][0]

    assert (reply.status_code, file["size"]) == (201, len(content))
    assert down(mia, file["id"], Range="bytes=16-31").body == b"0123456789abcdef"
    assert mia("GET", "/2.0/users/me").json["space_used"] == len(content)


def test_upload_that_is_wrong_is_refused(mia):
    put(mia)
    replies = [
        mia.upload("b.txt", b"abc", first="file"),
        mia.upload("b.txt", b"abc", content_md5="0" * 40),
        mia.upload("A.TXT", b"xyz"),
        mia.upload("b.txt", b"abc", parent="999"),
        mia.upload("", b"abc"),
        mia.upload("b.txt", b"abc", Content_Type="multipart/form-data; boundary=other"),
        mia.upload("b.txt", b"abc", Content_Type="application/json"),
    ]

    assert [(reply.status, reply.json["code"]) for reply in replies] == [
        (400, "metadata_after_file_contents"),
        (400, "bad_digest"),
        (409, "item_name_in_use"),
        (404, "not_found"),
        (400, "bad_request"),
        (400, "bad_request"),
        (400, "bad_request"),
    ]
    # an object for files, where folders have a list (Box guide, Common errors)
    assert replies[2].json["context_info"]["conflicts"]["name"] == "a.txt"
    assert mia.upload("b.txt", b"abc", content_md5=sha1(b"abc")).status == 201


def test_new_version_keeps_the_old_one(mia):
    file = put(mia, content=b"one")
    path = f"/2.0/files/{file['id']}"
    newer = mia.upload("b.txt", b"three", path=f"/api{path}/content", If_Match=file["etag"]).json["entries"][
        0
    ]
    stale = mia.upload("b.txt", b"x", path=f"/api{path}/content", If_Match=file["etag"])
    old = mia("GET", f"{path}/versions").json["entries"]
    late = mia.upload("b.txt", b"x", path=f"/api{path}/content", first="file")

    assert (newer["id"], newer["etag"], newer["name"], newer["size"]) == (file["id"], "1", "b.txt", 5)
    assert late.json["code"] == "metadata_after_file_contents"
    assert (stale.status, stale.json["code"]) == (412, "precondition_failed")
    assert [(one["name"], one["size"]) for one in old] == [("a.txt", 3)]
    assert down(mia, file["id"], f"?version={old[0]['id']}").body == b"one"
    assert mia("GET", f"{path}/versions/{old[0]['id']}").json["sha1"] == file["sha1"]
    assert mia("POST", f"{path}/versions/current", {"id": old[0]["id"]}).status == 201
    assert (down(mia, file["id"]).body, mia("GET", path).json["name"]) == (b"one", "a.txt")
    one = f"{path}/versions/{old[0]['id']}"
    assert (mia("DELETE", one).status, mia("GET", one).json["trashed_at"] is None) == (204, False)
    assert mia("POST", f"{path}/versions/current", {"id": old[0]["id"]}).json["code"] == "trashed"
    assert [mia("PUT", one, body).status for body in ({}, {"trashed_at": None})] == [400, 200]
    assert mia("GET", one).json["trashed_at"] is None
    assert mia("GET", "/2.0/users/me").json["space_used"] == 3


def test_new_version_needs_no_attributes(mia):
    """As the Node SDK sends it."""
    path = f"/api/2.0/files/{put(mia)['id']}/content"
    form = b'--b\r\nContent-Disposition: form-data; name="content"; filename="x"\r\n\r\nabcd\r\n--b--\r\n'
    newer = mia.raw("POST", path, form, Content_Type="multipart/form-data; boundary=b")

    assert (newer.status, newer.json["entries"][0]["size"], newer.json["entries"][0]["name"]) == (
        201,
        4,
        "a.txt",
    )


def test_file_is_changed_moved_locked_and_copied(mia):
    folder = mia("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    file, other = put(mia), put(mia, "other.txt")
    path = f"/2.0/files/{file['id']}"
    body = {"name": "b.txt", "parent": {"id": folder}, "description": "d", "tags": ["t"]}
    changed = mia("PUT", f"{path}?fields=name,parent,description,tags,etag,extension", body).json
    locked = mia("PUT", f"{path}?fields=lock", {"lock": {"access": "lock"}}).json["lock"]

    assert [changed[one] for one in ("name", "description", "tags", "etag")] == ["b.txt", "d", ["t"], "1"]
    assert (changed["parent"]["id"], changed["extension"], locked["created_by"]["id"]) == (folder, "txt", MIA)
    assert mia("PUT", f"{path}?fields=lock", {"lock": None}).json["lock"] is None
    assert mia("PUT", f"/2.0/files/{other['id']}", {"name": "B.txt", "parent": {"id": folder}}).status == 409
    copied = mia("POST", f"{path}/copy", {"parent": {"id": "0"}, "name": "c.txt"})
    assert (copied.status, down(mia, copied.json["id"]).body, copied.json["etag"]) == (201, b"abc", "0")
    assert mia("POST", f"{path}/copy", {"parent": {"id": folder}}).json["code"] == "item_name_in_use"
    assert mia("GET", f"{path}/thumbnail.png").header("location").endswith("/download/thumbnail.png")
    assert mia("GET", "/download/thumbnail.png").body.startswith(b"\x89PNG")
    again = mia("POST", f"/2.0/folders/{folder}/copy", {"parent": {"id": "0"}, "name": "G"}).json
    assert [one["name"] for one in again["item_collection"]["entries"]] == ["b.txt"]
    assert (again["size"], mia("GET", "/2.0/users/me").json["space_used"]) == (3, 12)


def test_unchanged_file_is_not_sent_again(mia):
    file = put(mia)
    path = f"/2.0/files/{file['id']}"

    assert mia("GET", path, If_None_Match=file["etag"]).status == 304
    assert mia("GET", path, If_None_Match="7").status == 200
    assert mia("PUT", path, {"name": "x"}, If_Match="7").status == 412
    assert mia("DELETE", path, If_Match="7").status == 412


def test_upload_is_asked_for_before_it_is_sent(mia):
    put(mia)

    def ask(**given):
        return mia("OPTIONS", "/2.0/files/content", {"name": "n.txt", "parent": {"id": "0"}, **given})

    assert ask(size=5).json["upload_url"].endswith("/api/2.0/files/content")
    assert [ask(**given).status for given in ({"size": -1}, {"name": "a.txt"}, {"size": 2**40})] == [
        400,
        409,
        403,
    ]


@pytest.mark.parametrize("choice", [403, 409])
def test_what_does_not_fit_is_refused(start, small_seed, connect, choice):
    small_seed["users"][2]["space_amount"] = 5
    caller = connect(start(seed=small_seed, choices={"storage_full_status": choice}))
    first, second = (caller.upload(name, b"abc", As_User=MIA) for name in ("a", "b"))

    assert (first.status, second.status, second.json["code"]) == (201, choice, "storage_limit_exceeded")


@pytest.mark.parametrize("status", ["cannot_delete_edit", "cannot_delete_edit_upload"])
def test_status_of_a_user_limits_what_may_be_done(start, small_seed, connect, status):
    """API reference, PUT /users/{user_id}."""
    caller = connect(start(seed=small_seed))
    file = caller.upload("a", b"abc", As_User=MIA).json["entries"][0]["id"]
    caller("PUT", f"/2.0/users/{MIA}", {"status": status})
    upload = caller.upload("b", b"abc", As_User=MIA).status

    assert upload == (201 if status == "cannot_delete_edit" else 403)
    assert caller("PUT", f"/2.0/files/{file}", {"name": "c"}, As_User=MIA).status == 403
    assert caller("DELETE", f"/2.0/files/{file}", As_User=MIA).status == 403


def test_thrown_away_file_comes_back_or_goes_for_good(mia):
    """What the SDK's tests want: a file in the trash is still shown, a folder is not."""
    file = put(mia)
    path = f"/2.0/files/{file['id']}"
    assert mia("DELETE", path).status == 204
    assert mia("GET", path).json["item_status"] == "trashed"
    assert mia("GET", f"{path}/content").json["code"] == "trashed"
    assert [one["id"] for one in mia("GET", "/2.0/folders/trash/items").json["entries"]] == [file["id"]]
    assert mia("GET", f"{path}/trash").json["path_collection"]["entries"][0]["name"] == "Trash"
    put(mia)
    assert mia("POST", path).json["code"] == "item_name_in_use"
    assert mia("POST", path, {"name": "back.txt"}).status == 201
    assert mia("GET", path).json["item_status"] == "active"
    mia("DELETE", path)
    assert mia("DELETE", f"{path}/trash").status == 204
    assert [mia("GET", one).status for one in (path, f"{path}/trash")] == [404, 404]
    assert mia("GET", "/2.0/users/me").json["space_used"] == 3


def test_thrown_away_folder_takes_its_files_along(mia):
    folder = mia("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    file = put(mia, parent=folder)
    assert mia("DELETE", f"/2.0/folders/{folder}").json["code"] == "folder_not_empty"
    mia("DELETE", f"/2.0/folders/{folder}?recursive=true")

    assert mia("GET", f"/2.0/folders/{folder}").json["code"] == "trashed"
    assert mia("GET", f"/2.0/files/{file['id']}").json["item_status"] == "trashed"
    page = mia("GET", "/2.0/folders/trash/items?usemarker=true").json
    assert ([one["id"] for one in page["entries"]], page["next_marker"]) == ([folder], None)
    assert mia("POST", f"/2.0/folders/{folder}").status == 201
    assert mia("GET", f"/2.0/folders/{folder}/items").json["total_count"] == 1


def test_files_go_along_with_a_transfer_and_with_their_owner(small, mia, admin):
    put(mia)
    assert admin("DELETE", f"/2.0/users/{MIA}").status == 403
    folder = admin("PUT", f"/2.0/users/{MIA}/folders/0", {"owned_by": {"id": "100"}}).json
    inside = admin("GET", f"/2.0/folders/{folder['id']}/items").json["entries"]

    assert [one["name"] for one in inside] == ["a.txt"]
    assert admin("GET", f"/2.0/folders/{folder['id']}").json["size"] == 3
    assert admin("DELETE", f"/2.0/users/{MIA}").status == 204
    assert down(admin, inside[0]["id"]).body == b"abc"


def test_state_file_keeps_files_and_their_bytes(start, small_seed, connect, tmp_path):
    first = start(seed=small_seed, state=tmp_path / "box.db")
    file = connect(first).upload("a.txt", b"abc").json["entries"][0]
    folder = connect(first)("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    connect(first)("DELETE", f"/2.0/folders/{folder}")
    first.close()
    again = connect(start(state=tmp_path / "box.db"))

    assert again("GET", f"/2.0/files/{file['id']}").json == file
    assert down(again, file["id"]).body == b"abc"
    assert [one["id"] for one in again("GET", "/2.0/folders/trash/items").json["entries"]] == [folder]
    assert int(again.upload("b.txt", b"b").json["entries"][0]["id"]) > int(folder)


def test_start_removes_bytes_that_nothing_needs(start, small_seed, connect, tmp_path):
    kept, state = tmp_path / "box.db.content", tmp_path / "box.db"
    first = start(seed=small_seed, state=state, choices={"chunked_from": 3, "upload_part_size": 4})
    caller = connect(first)
    file, thrown, gone = (
        caller.upload(one, one.encode()).json["entries"][0]["id"] for one in ("ab", "c", "d")
    )
    caller.upload("ab", b"ef", path=f"/2.0/files/{file}/content")
    caller.upload("", b"\x89PNG", path="/2.0/users/300/avatar")
    for one, size in (("open", 8), ("over", 4)):
        upload = caller("POST", UPLOADS, {"folder_id": "0", "file_name": one, "file_size": size}).json["id"]
        digest = base64.b64encode(bytes.fromhex(sha1(one.encode()))).decode()
        told = {"Content_Range": f"bytes 0-3/{size}", "Digest": f"sha={digest}"}
        assert caller.raw("PUT", f"{UPLOADS}/{upload}", one.encode(), **told).status == 200
    caller("DELETE", f"{UPLOADS}/{upload}")
    for path in (f"/2.0/files/{thrown}", f"/2.0/files/{gone}", f"/2.0/files/{gone}/trash"):
        assert caller("DELETE", path).status == 204
    (kept / "a note").write_text("not ours")
    needed = {sha1(one) for one in (b"ab", b"ef", b"c", b"\x89PNG", b"open")}
    before = {one.name for one in kept.iterdir()}
    first.close()
    start(state=state)

    assert before == needed | {"a note", sha1(b"d"), sha1(b"over")}
    assert {one.name for one in kept.iterdir()} == needed | {"a note"}


@pytest.mark.parametrize(("do", "found"), [("503_written", 1), ("lost_answer", 1), ("503_not_written", 0)])
def test_faults_meet_uploads(start, small_seed, connect, do, found):
    caller = connect(start(seed=small_seed, rules=[{"match": {"path": "/2.0/files/content"}, "do": do}]))
    if do == "lost_answer":
        with pytest.raises(OSError):
            caller.upload("a.txt", b"abc", path="/2.0/files/content")
    else:
        assert caller.upload("a.txt", b"abc", path="/2.0/files/content").status == 503

    assert caller("GET", "/2.0/folders/0/items").json["total_count"] == found


def test_large_upload_may_land_later(start, small_seed, connect, clock):
    rule = {"match": {"path": "/2.0/files/content"}, "do": {"fault": "written_late", "delay": 5}}
    caller = connect(start(seed=small_seed, rules=[rule]))
    content = b"0123456789abcdef" * 100_000
    refused = caller.upload("a.txt", content, path="/2.0/files/content").status
    early = caller("GET", "/2.0/folders/0/items").json["total_count"]
    clock.move(6)
    [entry] = caller("GET", "/2.0/folders/0/items").json["entries"]

    assert (refused, early) == (503, 0)
    assert down(caller, entry["id"]).body == content
