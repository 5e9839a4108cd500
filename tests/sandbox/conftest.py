"""What the sandbox's tests share: a clock that is moved, sandboxes that are closed again, and a plain HTTP client."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from provision.sandbox import Options, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provision.sandbox.http.server import Server


class MovedClock:
    """Begins now, because the SDK signs with the machine's time, and then only moves when told or waited on."""

    def __init__(self) -> None:
        self.time = float(int(time.time()))
        self.waited: list[float] = []

    def now(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.time += seconds

    def move(self, seconds: float) -> None:
        self.time += seconds


@dataclass(frozen=True)
class Reply:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        return dict(self.headers).get(name)


class Caller:
    """One keep-alive connection with a token."""

    def __init__(self, server: Server, token: str | None) -> None:
        self._connection = http.client.HTTPConnection(server.url.partition("//")[2], timeout=20)
        self._headers = {"Authorization": f"Bearer {token}"} if token is not None else {}

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Reply:
        return self.raw(method, path, json.dumps(body) if body is not None else None, **headers)

    def form(self, path: str, **fields: str) -> Reply:
        return self._sent(
            "POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"}
        )

    def raw(self, method: str, path: str, content: bytes | str | None, **headers: str) -> Reply:
        """A call with a body as it stands."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._sent(method, path, content, {**self._headers, **sent})

    def upload(self, name: str, content: bytes, parent: str = "0", **more: str) -> Reply:
        """A form as the SDK makes it; `path`, `part` and `first` say where to, its name, and which part comes first."""
        path, part, first = (more.pop(key, "") for key in ("path", "part", "first"))
        attributes = json.dumps({"name": name, "parent": {"id": parent}}).encode()
        parts = {"attributes": attributes, part or "file": content}
        order = sorted(parts, key=lambda one: one != first) if first else list(parts)
        form = b"".join(
            b'--border\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
            % (one.encode(), parts[one])
            for one in order
        )
        headers = {"Content_Type": "multipart/form-data; boundary=border", **more}
        return self.raw("POST", path or "/api/2.0/files/content", form + b"--border--\r\n", **headers)

    def _sent(self, method: str, path: str, content: bytes | str | None, headers: dict[str, str]) -> Reply:
        self._connection.request(method, path, content, headers)
        answer = self._connection.getresponse()
        return Reply(answer.status, answer.getheaders(), answer.read())

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def start(tmp_path: Path, clock: MovedClock) -> Iterator[Callable[..., Server]]:
    """Starts sandboxes: `start(rules=[…], choices={…}, seed={…}, users=40, …)`."""
    running: list[Server] = []

    def go(rules: object = (), choices: object = None, seed: object = None, **options: Any) -> Server:
        number = len(running)
        if rules or choices:
            options["faults"] = tmp_path / f"faults{number}.json"
            options["faults"].write_text(json.dumps({"rules": list(rules or ()), "choices": choices or {}}))
        if seed is not None:
            options["seed_file"] = tmp_path / f"seed{number}.json"
            options["seed_file"].write_text(json.dumps(seed))
        running.append(serve(Options(**options), clock))
        return running[-1]

    yield go
    for server in running:
        server.close()


@pytest.fixture
def connect() -> Iterator[Callable[..., Caller]]:
    """Connects to a sandbox, as its admin unless another token is given (None: without one)."""
    open_ones: list[Caller] = []

    def go(server: Server, token: str | None = "") -> Caller:
        chosen = server.announcement["developer_token"] if token == "" else token
        open_ones.append(Caller(server, chosen))
        return open_ones[-1]

    yield go
    for caller in open_ones:
        caller.close()


@pytest.fixture
def sign_in(connect: Callable[..., Caller]) -> Callable[..., str]:
    """A token by client credentials: the service account's, or a user's."""

    def go(server: Server, user_id: str | None = None) -> str:
        told = server.announcement
        kind, subject = ("user", user_id) if user_id else ("enterprise", told["enterprise_id"])
        reply = connect(server, None).form(
            "/oauth2/token",
            grant_type="client_credentials",
            client_id=told["client_id"],
            client_secret=told["client_secret"],
            box_subject_type=kind,
            box_subject_id=subject,
        )
        return str(reply.json["access_token"])

    return go


@pytest.fixture
def signed(clock: MovedClock) -> Callable[..., str]:
    """Makes assertions as Box guide, JWT without SDK, has them; `claims` replace its own, None removes one."""

    def go(server: Server, *, key: Any = None, kid: str = "", algorithm: str = "RS256", **claims: Any) -> str:
        config = json.loads(Path(server.announcement["jwt_config"]).read_text())
        auth = config["boxAppSettings"]["appAuth"]
        mine = load_pem_private_key(auth["privateKey"].encode(), auth["passphrase"].encode())
        whole = {
            "iss": config["boxAppSettings"]["clientID"],
            "sub": config["enterpriseID"],
            "box_sub_type": "enterprise",
            "aud": "https://api.box.com/oauth2/token",
            "jti": uuid.uuid4().hex,
            "exp": clock.now() + 45,
            **claims,
        }
        kept = {name: value for name, value in whole.items() if value is not None}
        return jwt.encode(kept, key or mine, algorithm, headers={"kid": kid or auth["publicKeyID"]})

    return go


@pytest.fixture
def small_seed() -> dict[str, Any]:
    """An enterprise with one of each."""
    return {
        "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
        "admin": {"name": "Ada Abara", "login": "ada@acme.example", "id": "100"},
        "users": [
            {"name": "Cora Coadmin", "login": "cora@acme.example", "id": "200", "role": "coadmin"},
            {"name": "Colin Coadmin", "login": "colin@acme.example", "id": "201", "role": "coadmin"},
            {"name": "Mia Managed", "login": "mia@acme.example", "id": "300", "job_title": "Buyer"},
            {"name": "Otto Owner", "login": "otto@acme.example", "id": "301", "owns_content": True},
            {"name": "Ina Inactive", "login": "ina@acme.example", "id": "302", "status": "inactive"},
            {
                "name": "Alia Aliased",
                "login": "alia@acme.example",
                "id": "303",
                "aliases": ["al@acme.example"],
            },
            {"name": "Client One", "kind": "app", "external_app_user_id": "client-1", "id": "400"},
            {"name": "Client Two", "kind": "app", "external_app_user_id": "client-2", "id": "401"},
            {"name": "Foreign Client", "kind": "app", "created_by_other_app": True, "id": "402"},
        ],
        "elsewhere": [
            {"login": "guest@partner.example", "what": "external", "id": "500", "name": "Guest"},
            {"login": "private@mail.example", "what": "personal"},
            {"login": "rival@rival.example", "what": "other_enterprise"},
        ],
    }


@pytest.fixture
def seeded(start: Callable[..., Server], small_seed: dict[str, Any]) -> Callable[..., Server]:
    """Starts the small enterprise with other options, and with `app` granted less."""

    def go(app: object = None, **options: Any) -> Server:
        return start(seed={**small_seed, "app": app or {}}, **options)

    return go


@pytest.fixture
def small(start: Callable[..., Server], small_seed: dict[str, Any]) -> Server:
    return start(seed=small_seed)


@pytest.fixture
def admin(small: Server, connect: Callable[..., Caller]) -> Caller:
    """The admin's connection to the small enterprise."""
    return connect(small)


@pytest.fixture
def service(small: Server, connect: Callable[..., Caller], sign_in: Callable[..., str]) -> Caller:
    """The service account's connection to the small enterprise."""
    return connect(small, sign_in(small))
