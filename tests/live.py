"""A sandbox over real sockets and a connection to it, both on one clock that only moves when somebody waits."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from provision.box.connect import Connection, connect
from provision.box.pacing.timing import Timing
from provision.job.settings import ApplySettings, BoxSettings
from provision.sandbox import Options, serve
from provision.sandbox.http.server import Server

#: an enterprise with one of each kind of user
SEED: dict[str, Any] = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example", "id": "100"},
    "users": [
        {"name": "Cora Coadmin", "login": "cora@acme.example", "id": "200", "role": "coadmin"},
        {"name": "Mia Managed", "login": "mia@acme.example", "id": "300", "job_title": "Buyer"},
        {"name": "Otto Owner", "login": "otto@acme.example", "id": "301", "owns_content": True},
        {"name": "Ina Inactive", "login": "ina@acme.example", "id": "302", "status": "inactive"},
        {"name": "Client One", "kind": "app", "external_app_user_id": "client-1", "id": "400"},
        {"name": "Foreign Client", "kind": "app", "created_by_other_app": True, "id": "402"},
    ],
    "elsewhere": [
        {"login": "guest@partner.example", "what": "external", "id": "500", "name": "Guest"},
        {"login": "private@mail.example", "what": "personal"},
    ],
}


class BoxTime:
    """Begins now, because the SDK signs with the machine's time; then it moves by what is slept, and not by itself."""

    def __init__(self) -> None:
        self._now = float(int(time.time()))
        self._lock = threading.Lock()
        self.waits: list[float] = []

    def now(self) -> float:
        return self._now

    def wait(self, seconds: float) -> None:
        with self._lock:
            self.waits.append(seconds)
            self._now += seconds

    def move(self, seconds: float) -> None:
        with self._lock:
            self._now += seconds

    def timing(self, seed: int = 7) -> Timing:
        return Timing(self.now, self.wait, Random(seed))  # noqa: S311 - jitter


@dataclass(frozen=True)
class Live:
    """One sandbox, and how to sign in to it."""

    server: Server
    time: BoxTime

    def settings(self, method: str = "ccg", **changed: Any) -> BoxSettings:
        told = self.server.announcement
        auth = {
            "jwt": {"config_file": told["jwt_config"]},
            "ccg": {name: told[name] for name in ("client_id", "client_secret", "enterprise_id")},
            "token": {"token": told["developer_token"]},
        }[method]
        return BoxSettings.model_validate(
            {"base_url": self.server.url, "auth": {"method": method, **auth, **changed}}
        )

    def connect(
        self,
        method: str = "ccg",
        settings: BoxSettings | None = None,
        timing: Timing | None = None,
        **apply: Any,
    ) -> Connection:
        pace = ApplySettings.model_validate({"requests_per_minute": 600_000, "timeout_seconds": 5, **apply})
        return connect(settings or self.settings(method), pace, timing or self.time.timing())

    def asked(self, method: str = "", path: str = "") -> int:
        """How many requests of this kind have come in."""
        lines = [line for line in self.server.log if line.fault != "landed"]
        return sum(line.method == (method or line.method) and line.path.startswith(path) for line in lines)


Start = Callable[..., Live]


@pytest.fixture
def box_time() -> BoxTime:
    return BoxTime()


@pytest.fixture
def start(tmp_path: Path, box_time: BoxTime) -> Iterator[Start]:
    """Starts sandboxes: `start(rules=[…], choices={…}, seed={…}, users=40, …)`; without users or seed, SEED."""
    running: list[Server] = []

    def go(rules: object = (), choices: object = None, seed: object = None, **options: Any) -> Live:
        number = len(running)
        options["faults"] = tmp_path / f"faults{number}.json"
        options["faults"].write_text(json.dumps({"rules": list(rules or ()), "choices": choices or {}}))
        if "users" not in options:
            options["seed_file"] = tmp_path / f"seed{number}.json"
            options["seed_file"].write_text(json.dumps(seed or SEED))
        clock = options.pop("clock", box_time)
        running.append(serve(Options(**options), clock))
        return Live(running[-1], box_time)

    yield go
    for server in running:
        server.close()


@dataclass(frozen=True)
class Canned:
    """One answer of a server that says what it is told to say. ``closes``: it hangs up afterwards without a word."""

    status: int = 200
    body: str | bytes = "{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    closes: bool = False


WHO_AM_I = Canned(200, '{"id": "1", "login": "me@acme.example", "enterprise": {"id": "27335"}}')


class Recital(http.server.ThreadingHTTPServer):
    """Gives its answers in turn, the last one for ever, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, answers: tuple[Canned, ...]) -> None:
        super().__init__(("127.0.0.1", 0), _Reciter)
        self.answers = list(answers)
        self.asked: list[tuple[str, str, bytes]] = []
        self.hung_up = threading.Event()
        self.time = BoxTime()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def server_bind(self) -> None:
        super(http.server.HTTPServer, self).server_bind()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.hung_up.set()

    def connect(self, **apply: Any) -> Connection:
        """Signed in with a developer token; the first answer is the one to "who am I"."""
        settings = BoxSettings.model_validate(
            {"base_url": self.url, "auth": {"method": "token", "token": "abc"}}
        )
        pace = {"requests_per_minute": 600_000, "timeout_seconds": 5, **apply}
        return connect(settings, ApplySettings.model_validate(pace), self.time.timing())


class _Reciter(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recital

    def log_message(self, *_: object) -> None:
        """Quiet."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.server.asked.append((self.command, self.path, body))
        answers = self.server.answers
        said = answers.pop(0) if len(answers) > 1 else answers[0]
        content = said.body.encode() if isinstance(said.body, str) else said.body
        self.send_response_only(said.status)
        headers = {"content-type": "application/json", "content-length": str(len(content)), **said.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = said.closes

    do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - http.server's names


Serve = Callable[..., Recital]


@pytest.fixture
def canned() -> Iterator[Serve]:
    """Starts servers that recite: `canned(Canned(…), Canned(…))`."""
    running: list[Recital] = []

    def go(*answers: Canned) -> Recital:
        running.append(Recital(answers))
        threading.Thread(target=running[-1].serve_forever, args=(0.02,), daemon=True).start()
        return running[-1]

    yield go
    for server in running:
        server.shutdown()
        server.server_close()
