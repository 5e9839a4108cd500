"""A sandbox that serves, and the one JSON line that says where."""

from __future__ import annotations

import errno
import json
import shlex
import shutil
import signal
import ssl
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from provision.sandbox.clock import Clock, SystemClock
from provision.sandbox.model.credentials import certificate, jwt_config
from provision.sandbox.options import Options, SandboxError

from .build import build
from .wire import Listener

if TYPE_CHECKING:
    from types import TracebackType
    from typing import TextIO

    from provision.sandbox.model.enterprise import Enterprise
    from provision.sandbox.trouble.faults import Faults

    from .service import LogLine, Service


class Server:
    """A running sandbox; close it, or use it as a context.

    url: where it serves. announcement: what a client needs, as in the JSON line. enterprise, faults, log:
    the truth, for tests to look at. service.world: all of it.
    """

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.options = options
        self._scratch: Path | None = None
        with ExitStack() as undo:
            self.service: Service = build(options, clock or SystemClock())
            undo.callback(self.service.close)
            undo.callback(self._clean)
            self._listener = _listen(options.port, self.service, self._tls())
            undo.callback(self._listener.server_close)
            scheme = "https" if options.tls else "http"
            self.url = f"{scheme}://127.0.0.1:{self._listener.server_port}"
            self.announcement = self._announce()
            self._undo = undo.pop_all()
        self._thread = threading.Thread(target=self._listener.listen, daemon=True)
        self._thread.start()

    @property
    def enterprise(self) -> Enterprise:
        """The enterprise as it is now, late writes that are due included."""
        self.service.settle()
        return self.service.world.enterprise

    @property
    def faults(self) -> Faults:
        """The fault script at work; rules can be added."""
        return self.service.faults

    @property
    def log(self) -> list[LogLine]:
        """All requests so far, oldest first."""
        return list(self.service.log)

    def close(self) -> None:
        """Stop serving; what is in the state file stays."""
        self._listener.end(self._thread)
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _clean(self) -> None:
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _folder(self) -> Path:
        """Where files for the client go: beside --config, else beside --state, else a folder of our own."""
        named = self.options.config or self.options.state
        if named is not None:
            return named.absolute().parent
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="provision-sandbox-"))
        return self._scratch

    def _tls(self) -> ssl.SSLContext | None:
        if not self.options.tls:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        path = self._folder() / "sandbox_certificate.pem"
        _write(path, certificate())
        context.load_cert_chain(path)
        return context

    def _announce(self) -> dict[str, str]:
        enterprise = self.service.world.enterprise
        stem = (self.options.config or self.options.state or Path("sandbox")).stem
        path = self._folder() / f"{stem}.jwt.json"
        _write(path, json.dumps(jwt_config(enterprise.app, enterprise.facts.id), indent=2).encode())
        told = {"url": self.url, **_told(enterprise), "jwt_config": str(path)}
        if self.options.tls:
            told["ca_certificate"] = str(self._folder() / "sandbox_certificate.pem")
        if self.options.config is not None:
            _write(self.options.config, json.dumps(told, indent=2).encode())
        return told


def _told(enterprise: Enterprise) -> dict[str, str]:
    """What a client has to know of an enterprise, but for where it is."""
    facts, app = enterprise.facts, enterprise.app
    outsider = next((one for one in enterprise.elsewhere.values() if one.what == "external"), None)
    return {
        "enterprise_id": facts.id,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "developer_token": app.developer_token,
        "admin_user_id": facts.admin_id,
        "external_login": outsider.login if outsider else "",
        "external_user_id": outsider.id if outsider else "",
    }


def _listen(port: int, service: Service, tls: ssl.SSLContext | None) -> Listener:
    try:
        return Listener(port, service, tls)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        raise SandboxError(
            f"port {port} of 127.0.0.1 cannot be used: {error.strerror}",
            "another sandbox is still running" if taken else "a port below 1024 needs special rights",
            "stop the other program, or leave --port out to take any free one",
        ) from error


def _write(path: Path, content: bytes) -> None:
    """A file that only its owner can read, from its first byte on."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)
    except OSError as error:
        raise SandboxError(
            f"{path} cannot be written: {error.strerror}",
            "the folder belongs to another user, or the disk is full",
            "name another place with --config",
        ) from error


#: the variables that a client is told in, by key of the announcement
_VARIABLES = {
    "url": "BOX_BASE_URL",
    "client_id": "BOX_CLIENT_ID",
    "client_secret": "BOX_CLIENT_SECRET",
    "enterprise_id": "BOX_ENTERPRISE_ID",
    "developer_token": "BOX_TOKEN",
    "jwt_config": "BOX_JWT_CONFIG_FILE",
    "ca_certificate": "REQUESTS_CA_BUNDLE",
}


def as_exports(announcement: dict[str, str]) -> str:
    """What a client has to know, as lines for a shell."""
    told = [(name, announcement[key]) for key, name in _VARIABLES.items() if key in announcement]
    lines = [f"export {name}={shlex.quote(value)}" for name, value in told]
    hint = "# Paste these lines into another terminal and go on there; Ctrl-C here ends the sandbox."
    return "\n".join((hint, *lines))


def run(options: Options, stdout: TextIO, *, env: bool = False) -> None:
    """Serve until SIGINT or SIGTERM; one JSON line on `stdout`, or with `env` lines for a shell, say when and where.

    Call it from the main thread.
    """
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        with Server(options) as server:
            told = server.announcement
            stdout.write(f"{as_exports(told) if env else json.dumps(told)}\n")
            stdout.flush()
            while not stop.wait(0.5):  # a bare wait would sleep through a signal that another thread received
                pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
