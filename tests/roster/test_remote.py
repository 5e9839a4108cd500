"""Rosters at addresses: read through the disk, shown without credentials, refused where others could read along."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from provision.errors import RosterError
from provision.job.settings import RosterSettings
from provision.plan.guards.roster.age import judge_age
from provision.roster.files import spool
from provision.roster.read import read_roster
from provision.roster.value import Roster
from tests.plan.builders import NOW

ROSTER = b"external_id,login,name\nE1,mia@x.example,Mia\n"
WRITTEN = "Mon, 02 Mar 2026 00:00:07 GMT"


class _Files(BaseHTTPRequestHandler):
    """Some files, one of them behind a password."""

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/moved.csv":
            self.send_response(404)
        elif path == "/locked.csv" and self.headers["Authorization"] != "Basic aHI6b3Blbg==":
            self.send_response(403)
        else:
            self.send_response(200)
            if path != "/undated.csv":
                self.send_header("Last-Modified", WRITTEN)
            body = b"" if path == "/empty.csv" else ROSTER
            self.send_header("Content-Length", str(len(body) + (9 if path == "/short.csv" else 0)))
            self.end_headers()
            self.wfile.write(body if self.command == "GET" else b"")
            return
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_HEAD = do_GET  # noqa: N815 - what the library calls

    def log_message(self, *_: object) -> None:
        """Nothing is told."""


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Files)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _not_installed(_scheme: str) -> None:
    raise ImportError


def read(address: str) -> Roster:
    return read_roster(RosterSettings(path=address))


def test_an_address_is_read_and_shown_without_credentials(host: str) -> None:
    found = read(f"http://hr:open@{host}/locked.csv?sig=s3cret#part")

    assert found.frame["login"].tolist() == ["mia@x.example"]
    assert found.path == f"http://{host}/locked.csv"
    assert found.profile is not None
    assert found.profile.modified_ns == 1772409607 * 10**9
    assert found.reading is not None
    assert found.reading.file == "locked.csv"
    assert "s3cret" not in repr(found)
    assert "open@" not in repr(found)


def test_a_time_that_the_server_does_not_tell_is_too_old_for_a_limit(host: str) -> None:
    profile = read(f"http://{host}/undated.csv").profile
    limit = RosterSettings(path="x", max_age="36h").max_age
    refused = judge_age(profile, limit, NOW, {})

    assert refused.refused
    assert "the server does not tell" in refused.lines[0].sentence
    assert not judge_age(profile, None, NOW, {}).refused
    assert not judge_age(read(f"http://{host}/dated.csv").profile, limit, NOW, {}).refused


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://hr:open@HOST/moved.csv?sig=s3cret", "there is no such file"),
        ("http://hr:shut@HOST/locked.csv?sig=s3cret", "HTTP 403"),
        ("http://HOST/short.csv?sig=s3cret", "cannot be read"),
        ("http://HOST/empty.csv?sig=s3cret", "empty"),
        ("http://127.0.0.1:1/dated.csv?sig=s3cret", "the server cannot be reached"),
        ("http://hr:open@x.example/a.csv?sig=s3cret", "over http://"),
        ("ftp://hr:open@x.example/a.csv?sig=s3cret", "of a kind that is not read"),
        ("s3://hr:open@bucket/a.csv?sig=s3cret", "pip install 'box-provision[s3]'"),
        ("https://hr:open@x.example/a.csv::s3://b/c?sig=s3cret", "of a kind that is not read"),
    ],
)
def test_what_cannot_be_read_is_told_without_credentials(
    host: str, address: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if address.startswith("s3"):
        monkeypatch.setattr("fsspec.get_filesystem_class", _not_installed)
    with pytest.raises(RosterError) as caught:
        read(address.replace("HOST", host))

    assert told in str(caught.value)
    assert not any(secret in str(caught.value) for secret in ("s3cret", "open@", "shut"))
    assert "\n  do: " in str(caught.value)


def test_one_for_which_there_is_no_memory_is_told_without_credentials(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_much(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("provision.roster.read_file.assemble", too_much)
    with pytest.raises(RosterError, match=r"locked\.csv needs more memory") as caught:
        read(f"http://hr:open@{host}/locked.csv?sig=s3cret")

    assert "s3cret" not in str(caught.value)


def test_a_server_that_falls_silent_is_given_up(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "PATIENCE", 0.0)
    with pytest.raises(RosterError, match="Nothing came from http://"):
        read(f"http://{host}/dated.csv?sig=s3cret")


def test_an_sftp_server_has_to_be_a_known_host(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Client:
        def load_system_host_keys(self) -> None:
            asked.append("known hosts")

        def set_missing_host_key_policy(self, policy: object) -> None:
            asked.append(str(policy))

        def connect(self, host: str, **how: object) -> None:
            asked.append(f"{host} {sorted(how)}")
            raise ConnectionRefusedError(111, "hr:open@")

    policies = dict.fromkeys(("AutoAddPolicy", "WarningPolicy"), str)
    library = SimpleNamespace(SSHClient=Client, RejectPolicy=lambda: "reject", **policies)
    monkeypatch.setitem(sys.modules, "paramiko", library)
    monkeypatch.setitem(sys.modules, "fsspec.implementations.sftp", library)
    monkeypatch.delitem(sys.modules, "fsspec.implementations.sftp")  # and what the test imports is forgotten
    monkeypatch.setattr("fsspec.get_filesystem_class", lambda _scheme: None)
    with pytest.raises(RosterError, match="cannot be asked") as caught:
        read("sftp://hr:open@files.example/staff.csv")

    assert asked == ["known hosts", "reject", "files.example ['password', 'username']"]
    assert "open@" not in str(caught.value)


def test_a_job_takes_no_address_in_clear() -> None:
    with pytest.raises(ValueError, match="must begin with https://"):
        make_job_at("http://hr.example/staff.csv")
    assert make_job_at("http://localhost/staff.csv") == "http://localhost/staff.csv"


def make_job_at(address: str) -> str:
    settings = RosterSettings.model_validate({"path": address}, context={"folder": Path("/")})
    return settings.path
