"""HTTP: header names, request ids, keep-alive, paths and verbs that do not exist, many clients at once."""

from __future__ import annotations

import concurrent.futures
import socket

import pytest
import requests


def test_header_names_are_lower_case(admin):
    """github.com/cburnette/boxr, issues 99 and 103: since May 2021."""
    reply = admin("GET", "/2.0/users/me")

    assert all(name == name.lower() for name, _ in reply.headers)
    assert {"date", "content-type", "box-request-id", "cache-control", "strict-transport-security"} <= {
        name for name, _ in reply.headers
    }


def test_refusal_carries_the_id_of_its_request(admin):
    first, second = (admin("GET", "/2.0/users/999") for _ in range(2))

    assert first.json["request_id"] == first.header("box-request-id")
    assert first.json["request_id"] != second.json["request_id"]


def test_date_is_the_clocks(admin, clock):
    from email.utils import parsedate_to_datetime

    assert parsedate_to_datetime(admin("GET", "/2.0/users/me").header("date")).timestamp() == clock.now()


def test_unknown_path_is_a_404(admin):
    """Box guide, Common errors."""
    reply = admin("GET", "/2.0/nothing")

    assert (reply.status, reply.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PATCH", "/2.0/users"),
        ("DELETE", "/2.0/users/me"),
        ("GET", "/2.0/files/content"),
        ("POST", "/2.0/users/300"),
        ("GET", "/oauth2/token"),
    ],
)
def test_wrong_verb_is_a_405(admin, method, path):
    """Box guide, Common errors."""
    reply = admin(method, path)

    assert (reply.status, reply.json["code"]) == (405, "method_not_allowed")


def test_body_may_come_in_chunks(small):
    """As from clients that stream, rclone among them."""
    headers = {"Authorization": f"Bearer {small.announcement['developer_token']}"}
    parts = iter([b'{"name": "N", ', b'"login": "n@acme.example"}'])
    with requests.post(f"{small.url}/2.0/users", data=parts, headers=headers) as reply:
        assert reply.status_code == 201


@pytest.mark.parametrize(
    ("head", "body", "status"),
    [
        (b"transfer-encoding: chunked", b"2;note=x\r\n{}\r\n0\r\nTrailer: 1\r\n\r\n", 401),
        (b"transfer-encoding: chunked", b"zz\r\n", 400),
        (b"transfer-encoding: chunked", b"2\r\n{}xx", 400),
        (b"transfer-encoding: chunked", b"fffffffff\r\n", 413),
        (b"transfer-encoding: gzip", b"", 501),
        (b"content-length: many", b"", 400),
        (b"content-length: 99999999999", b"", 413),
    ],
)
def test_body_that_cannot_be_read_is_told(small, head, body, status):
    reply = spoken(small, b"POST /2.0/users HTTP/1.1\r\nhost: x\r\n" + head + b"\r\n\r\n" + body)

    assert reply.startswith(f"HTTP/1.1 {status} ".encode())
    assert status == 401 or b'"type":"error"' in reply


@pytest.mark.parametrize("line", [b"nonsense", b"GET /2.0/users HTTP/9.9", b"GET //[::1 HTTP/1.1"])
def test_request_line_that_is_none_has_the_envelope_too(small, line):
    reply = spoken(small, line + b"\r\nhost: x\r\n\r\n")

    assert reply.startswith(b"HTTP/1.1 ")
    assert b'"type":"error"' in reply


def spoken(small, sent):
    with socket.create_connection(("127.0.0.1", int(small.url.rpartition(":")[2])), timeout=5) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(4096), b""))


def test_large_body_is_read_all_the_same(small, admin):
    body = {"name": "N", "login": "n@acme.example", "ignored": "x" * 3_000_000}

    assert admin("POST", "/2.0/users", body).status == 201


@pytest.mark.parametrize("method", ["TRACE", "QUERY", "FOO"])
def test_verb_nobody_knows_is_a_405_that_names_the_others(admin, method):
    reply = admin(method, "/2.0/users")

    assert (reply.status, reply.json["code"], reply.header("allow")) == (
        405,
        "method_not_allowed",
        "GET, POST",
    )


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/2.0/webhooks"), ("POST", "/2.0/comments"), ("GET", "/2.0/files/1/tasks")]
)
def test_what_box_has_and_the_sandbox_has_not_is_told(admin, method, path):
    reply = admin(method, path)

    assert (reply.status, reply.header("x-sandbox-not-built")) == (501, f"{method} {path}")


def test_fault_of_the_sandbox_is_a_500_and_a_line(small, admin, monkeypatch, capsys):
    def fail(*_):
        raise ZeroDivisionError("a fault made by a test")

    monkeypatch.setattr(small.service.world.fields, "user", fail)
    reply = admin("GET", "/2.0/users/me")

    assert (reply.status, reply.json["code"]) == (500, "internal_server_error")
    assert small.log[-1].status == 500
    assert "a fault made by a test" in capsys.readouterr().err


@pytest.mark.parametrize("path", ["/2.0/users/me/", "/api/2.0/users/me", "/upload.box.com/api/2.0/users/me"])
def test_path_of_an_upload_host_or_with_a_slash_is_the_same(admin, path):
    assert admin("GET", path).status == 200


def test_unknown_version_of_the_api_is_refused(admin):
    """Box guide, Versioning errors."""
    assert admin("GET", "/2.0/users/me", box_version="2030.0").json["code"] == "invalid_api_version"
    assert admin("GET", "/2.0/users/me", box_version="2025.0").status == 200


def test_content_type_on_a_call_without_a_body_is_fine(admin):
    """The Python SDK sends application/json on GET and DELETE too."""
    assert admin("GET", "/2.0/users/me", Content_Type="application/json").status == 200


def test_request_that_breaks_off_changes_nothing(small):
    token, port = small.announcement["developer_token"], int(small.url.rpartition(":")[2])
    head = (
        f"POST /2.0/users HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-length: 500\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(head.encode() + b'{"name": "N", "login": "n@acme.example"}')
        client.shutdown(socket.SHUT_WR)
        answer = client.recv(1)

    assert answer == b""
    assert small.enterprise.changes == 0


def test_many_clients_at_once_lose_and_double_nothing(small, connect):
    callers = [connect(small) for _ in range(8)]

    def create(number):
        body = {
            "name": f"P {number}",
            "is_platform_access_only": True,
            "external_app_user_id": f"p-{number // 2}",
        }
        return [callers[number % 8]("POST", "/2.0/users", body).status]

    def chain(client):
        return [status for number in range(client, 320, 8) for status in create(number)]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = [status for part in pool.map(chain, range(8)) for status in part]

    assert (statuses.count(201), statuses.count(409)) == (160, 160)
    assert small.enterprise.changes == 160
    assert len({line.at for line in small.log}) == 1
    assert len(small.log) == 320


def test_log_knows_path_status_and_who_but_no_body(small, admin):
    admin("POST", "/2.0/users?fields=role", {"name": "Nia Secret", "login": "nia@acme.example"})

    line = small.log[-1]
    assert (line.method, line.path, line.status, line.written) == ("POST", "/2.0/users", 201, "yes")
    assert line.user_id == small.announcement["admin_user_id"]
    assert "Secret" not in repr(small.log)
