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
    ("method", "path"), [("PATCH", "/2.0/users"), ("POST", "/2.0/users/300"), ("GET", "/oauth2/token")]
)
def test_wrong_verb_is_a_405(admin, method, path):
    """Box guide, Common errors."""
    reply = admin(method, path)

    assert (reply.status, reply.json["code"]) == (405, "method_not_allowed")


def test_body_is_needed_with_a_length(small):
    headers = {"Authorization": f"Bearer {small.announcement['developer_token']}"}
    with requests.post(f"{small.url}/2.0/users", data=iter([b"{}"]), headers=headers) as reply:
        assert reply.status_code == 411


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
