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
from provision.sandbox.model.credentials import certificate, is_good, jwt_config
from provision.sandbox.options import Options, SandboxError

from .build import build
from .control import Control
from .wire import Listener

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import TextIO

    from provision.sandbox.model.enterprise import Enterprise
    from provision.sandbox.trouble.faults import Faults

    from .access_log import LogLine
    from .service import Service


class Server:
    """A running sandbox; close it, or use it as a context.

    url: where it serves. announcement: what a client needs, as in the JSON line. enterprise, faults, log:
    the truth, for tests to look at. service.world: all of it.
    """

    def __init__(self, options: Options, clock: Clock | None = None) -> None:
        self.options = options
        self._scratch: Path | None = None
        with ExitStack() as undo:
            self.service, reset = build(options, clock or SystemClock())
            undo.callback(self.service.close)
            undo.callback(self._clean)
            self._listener = _listen(options.port, self.service, self._tls())
            undo.callback(self._listener.server_close)
            scheme = "https" if self._is_tls else "http"
            self.url = f"{scheme}://127.0.0.1:{self._listener.server_port}"
            self._control = self._open_control(reset, undo)
            self.announcement = self._announce()
            self._undo = undo.pop_all()
        self._threads = [(one, _listening(one)) for one in (self._listener, self._control) if one is not None]

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
        for listener, thread in self._threads:
            listener.end(thread)
        self._undo.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_control(self, reset: Callable[[], None], undo: ExitStack) -> Listener | None:
        if self.options.control is None:
            return None
        listener = _listen(self.options.control, Control(self.service, reset), None)
        undo.callback(listener.server_close)
        return listener

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
        if not self._is_tls:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        path = self._certificate
        if self.options.certificates is None or not is_good(path):
            _write(path, certificate())
        context.load_cert_chain(path)
        return context

    @property
    def _is_tls(self) -> bool:
        return self.options.tls or self.options.certificates is not None

    @property
    def _certificate(self) -> Path:
        return (self.options.certificates or self._folder()).absolute() / "sandbox_certificate.pem"

    def _announce(self) -> dict[str, str]:
        enterprise = self.service.world.enterprise
        stem = (self.options.config or self.options.state or Path("sandbox")).stem
        path = self._folder() / f"{stem}.jwt.json"
        _write(path, json.dumps(jwt_config(enterprise.app, enterprise.facts.id), indent=2).encode())
        told = {"url": self.url, **_told(enterprise), "jwt_config": str(path)}
        if self._is_tls:
            told["ca_certificate"] = str(self._certificate)
        if self._control is not None:
            told["control"] = f"http://127.0.0.1:{self._control.server_port}"
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


def _listening(listener: Listener) -> threading.Thread:
    thread = threading.Thread(target=listener.listen, daemon=True)
    thread.start()
    return thread


def _listen(port: int, service: Service | Control, tls: ssl.SSLContext | None) -> Listener:
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
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
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
    "control": "BOX_SANDBOX_CONTROL",
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
