"""A PostgreSQL server of the tests' own: started in a folder of its own from what Debian or others have installed, gone with the tests."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import pytest

#: where Debian, Red Hat and Homebrew put the server's programs, which are in nobody's PATH
_PLACES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
#: a server that is lost with its tests has nothing to keep
_QUICK = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c max_connections=50 -c shared_buffers=16MB"
#: the superuser is refused by the server
_USERS = ("postgres", "nobody")


@dataclass
class Server:
    """A server that runs. ``stop`` and ``start`` may be called as often as wanted."""

    programs: Path
    folder: Path
    port: int
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def url(self) -> str:
        """The address of its one database."""
        return f"postgresql+psycopg://provision@127.0.0.1:{self.port}/postgres"

    def ledger(self) -> str:
        """The address of a place in it that nobody has used."""
        import psycopg

        name = f"ledger_{next(self._numbers)}"
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="provision", dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f"CREATE SCHEMA {name}")
        return f"{self.url}?options=-csearch_path%3D{name}"

    def start(self) -> None:
        """Let it run, and wait until it answers."""
        how = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 {_QUICK}"
        self._control("-w", "-o", how, "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Let it end at once, as a machine that is switched off."""
        self._control("-m", mode, "stop")

    def make(self) -> None:
        """Let there be an empty database."""
        _run(
            self.programs / "initdb", "-D", self._data, "-A", "trust", "-U", "provision", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"
        )  # fmt: skip

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _control(self, *said: str) -> None:
        _run(self.programs / "pg_ctl", "-D", self._data, *said)


def programs() -> Path | None:
    """The folder of the server's programs, of the newest there are; None for none."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    places = [place for pattern in _PLACES for place in Path("/").glob(pattern.lstrip("/"))]
    whole = [place for place in places if (place / "pg_ctl").exists() and (place / "initdb").exists()]
    return max(whole, key=lambda place: [int(part) for part in place.parts if part.isdecimal()], default=None)


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server for as long as it is used. Skips where there is none, or no library for it."""
    pytest.importorskip("psycopg", reason="the library for PostgreSQL is not installed")
    there = programs()
    if there is None or (os.geteuid() == 0 and not _other_user()):
        pytest.skip("there is no PostgreSQL server on this machine")
    folder = Path(tempfile.mkdtemp(prefix="provision-postgres-"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(folder, _other_user()["user"], -1)
    server = Server(there, folder, _free_port())
    try:
        server.make()
        server.start()
        yield server
    finally:
        with contextlib.suppress(subprocess.CalledProcessError):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _other_user() -> dict[str, Any]:
    """Whom the server runs as where the tests are root's, as :func:`subprocess.run` takes it; {} for nobody."""
    for name in _USERS:
        with contextlib.suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    return {}


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def _run(*command: object) -> None:
    who = _other_user() if os.geteuid() == 0 else {}
    # what it says goes to nobody: a server would keep a pipe open as long as it lives
    subprocess.run(
        [str(part) for part in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL, cwd="/", **who,
    )  # fmt: skip
