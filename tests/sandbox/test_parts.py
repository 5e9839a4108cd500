"""Uploads in parts (Box guide, Chunked uploads)."""

from __future__ import annotations

import base64
import hashlib

import pytest

PATH = "/2.0/files/upload_sessions"
CONTENT = b"0123456789"


@pytest.fixture
def server(start, small_seed, tmp_path):
    return start(
        seed=small_seed, choices={"chunked_from": 5, "upload_part_size": 4}, state=tmp_path / "box.db"
    )


@pytest.fixture
def caller(server, connect):
    return connect(server)


def digest(content):
    return "sha=" + base64.b64encode(hashlib.sha1(content, usedforsecurity=False).digest()).decode()


def begun(caller, **more):
    body = {"folder_id": "0", "file_size": len(CONTENT), "file_name": "big", **more}
    return caller("POST", f"/api{PATH}", body)


def send(caller, upload, start, content=None, total=10, **headers):
    content = CONTENT[start : start + 4] if content is None else content
    told = {"Content_Range": f"bytes {start}-{start + len(content) - 1}/{total}", "Digest": digest(content)}
    return caller.raw("PUT", f"/api{PATH}/{upload}", content, **(told | headers))


def commit(caller, upload, parts, **headers):
    return caller(
        "POST", f"{PATH}/{upload}/commit", {"parts": parts}, **({"Digest": digest(CONTENT)} | headers)
    )


def test_parts_make_up_a_file(caller, server):
    told = begun(caller).json
    upload = told["id"]
    parts = [send(caller, upload, start).json["part"] for start in (8, 0, 4)]

    assert (told["part_size"], told["total_parts"], told["num_parts_processed"]) == (4, 3, 0)
    assert told["session_endpoints"]["commit"] == f"{server.url}/api{PATH}/{upload}/commit"
    assert caller("GET", f"{PATH}/{upload}").json["num_parts_processed"] == 3
    assert [one["offset"] for one in caller("GET", f"{PATH}/{upload}/parts").json["entries"]] == [0, 4, 8]
    done = commit(caller, upload, parts)
    file = done.json["entries"][0]
    assert (done.status, file["name"], file["size"]) == (201, "big", 10)
    assert file["sha1"] == hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest()
    assert commit(caller, upload, parts).status == 404
    assert caller("DELETE", f"{PATH}/{upload}").status == 204
    assert begun(caller).json["code"] == "item_name_in_use"


@pytest.mark.parametrize("header", ["Content_Range", "Digest"])
def test_a_part_without_one_of_its_headers_is_a_400(caller, header):
    upload = begun(caller).json["id"]

    assert send(caller, upload, 0, **{header: ""}).status == 400


def test_a_new_version_with_a_name_that_is_none_is_a_400(caller):
    file = caller.upload("a", b"abc").json["entries"][0]["id"]
    body = {"file_size": len(CONTENT), "file_name": 0}

    assert caller("POST", f"/2.0/files/{file}/upload_sessions", body).status == 400


def test_parts_may_be_put_together_later(start, small_seed, connect):
    """API reference, POST /files/upload_sessions/{id}/commit: 202 while the parts are not processed yet."""
    choices = {"chunked_from": 5, "upload_part_size": 4, "commits_answered_later": 1}
    caller = connect(start(seed=small_seed, choices=choices))
    upload = begun(caller).json["id"]
    parts = [send(caller, upload, at).json["part"] for at in (0, 4, 8)]
    first = commit(caller, upload, parts)
    shown = [one["name"] for one in caller("GET", "/2.0/folders/0/items").json["entries"]]
    second = commit(caller, upload, parts)

    assert (first.status, dict(first.headers)["retry-after"]) == (202, "1")
    assert "big" not in shown
    assert (second.status, second.json["entries"][0]["name"]) == (201, "big")


def test_parts_make_up_a_new_version_also_after_a_restart(caller, server, start, connect, tmp_path):
    file = caller.upload("a", b"abc").json["entries"][0]
    upload = caller("POST", f"/2.0/files/{file['id']}/upload_sessions", {"file_size": len(CONTENT)}).json[
        "id"
    ]
    parts = [send(caller, upload, 0).json["part"]]
    server.close()
    again = connect(start(state=tmp_path / "box.db"))
    parts += [send(again, upload, at).json["part"] for at in (4, 8)]
    assert send(again, upload, 0).json["part"] == parts[0]
    newer = commit(again, upload, parts).json["entries"][0]

    assert (newer["id"], newer["etag"], newer["size"]) == (file["id"], "1", 10)


def test_part_that_does_not_fit_is_refused(caller, connect, server, sign_in):
    upload = begun(caller).json["id"]
    send(caller, upload, 0)
    replies = [
        send(caller, upload, 4, Digest=digest(b"other")),
        send(caller, upload, 4, Digest="md5=x"),
        send(caller, upload, 0, b"abcd"),
        send(caller, upload, 4, b"456"),
        send(caller, upload, 3),
        send(caller, upload, 4, total=11),
        send(caller, upload, 12, b"x"),
        send(caller, upload, 4, Content_Range="all"),
        send(connect(server, sign_in(server, "300")), upload, 4),
        commit(caller, upload, caller("GET", f"{PATH}/{upload}/parts").json["entries"]),
        commit(caller, upload, []),
        commit(caller, upload, [{"part_id": {}}, 5]),
    ]

    assert [reply.status for reply in replies] == [400, 400, 409, 416, 416, 416, 416, 416, 404, 400, 400, 400]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"file_size": 4}, 400),
        ({"file_size": "x"}, 400),
        ({"folder_id": "9"}, 404),
        ({"file_size": 2**50}, 403),
    ],
)
def test_upload_that_cannot_begin_is_refused(caller, body, status):
    assert begun(caller, **body).status == status


def test_upload_expires(caller, clock):
    upload = begun(caller).json["id"]
    clock.move(8 * 86_400)

    assert caller("GET", f"{PATH}/{upload}").status == 404
