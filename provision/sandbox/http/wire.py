"""HTTP as Box speaks it: HTTP/1.1 kept alive, header names in lower case, an id for each request.

Headers and body leave in one write, and without Nagle's algorithm: two small writes would meet the other
side's delayed acknowledgement and cost 40 ms a call.
"""

from __future__ import annotations

import http.server
import secrets
import socket
import ssl
import threading
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from provision.sandbox.clock import http_date
from provision.sandbox.errors import failure
from provision.sandbox.world import Request

from .body import BadBody, BrokenOff, read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from provision.sandbox.errors import Answer

    from .control import Control
    from .service import Delivery, Service

_REASONS = {status.value: status.phrase for status in HTTPStatus}
# As live answers have them (github.com/box/box-python-sdk, issue 880).
_ALWAYS = (
    "strict-transport-security: max-age=31536000\r\nvia: 1.1 google\r\nx-envoy-upstream-service-time: 1\r\n"
)
_BODILESS = frozenset({HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED})
_PIECE = 256 * 1024
_CACHE = "cache-control: no-cache, no-store\r\n"


class Listener(http.server.ThreadingHTTPServer):
    """Listens on loopback, and only there; a thread for each connection."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port: int, service: Service | Control, tls: ssl.SSLContext | None) -> None:
        self.service = service
        self._open: set[socket.socket] = set()
        self._ended = threading.Event()
        self._changed = threading.Condition()
        self.scheme = "http" if tls is None else "https"
        super().__init__(("127.0.0.1", port), _Connection)
        self.own_address = f"127.0.0.1:{self.server_port}"
        if tls is not None:
            # The handshake belongs into the connection's own thread: a client that never speaks must not block others.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_bind(self) -> None:
        """Bind without the reverse name look-up of http.server, which can take seconds."""
        super(http.server.HTTPServer, self).server_bind()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def listen(self) -> None:
        """Serve until :meth:`end`; nobody waits for a poll, neither a client nor who closes."""
        while not self._ended.is_set():
            self.handle_request()

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Nobody is served any more once the end has come; the last one who knocks is :meth:`end` itself."""
        return not self._ended.is_set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that closing can end it."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection for good."""
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news; anything else is ours and shows its traceback."""
        import sys

        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end(self, listening: threading.Thread, patience: float = 2.0) -> None:
        """Stop the thread that listens, end every connection, and wait a little for their threads."""
        self._ended.set()
        with socket.socket() as knock:
            knock.setblocking(False)  # with too many at the door somebody else has woken the thread
            knock.connect_ex(self.server_address)
            listening.join()
        self.server_close()
        with self._changed:
            for connection in self._open:
                _hang_up(connection)
            self._changed.wait_for(lambda: not self._open, patience)


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the other side was faster
        return


class _Connection(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Listener

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as http.server has it
        """The service keeps its own log."""

    def answer(self) -> None:
        """Read one request and send what the service says."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            body, spool = read(self.rfile, headers)
        except BadBody as bad:
            self._turn_away(bad.status, bad.code, bad.message)
            return
        except BrokenOff:
            self.close_connection = True
            return
        try:
            split = urlsplit(self.path)
        except ValueError:
            self._turn_away(400, "bad_request", "Bad Request")
            return
        request = Request(
            method=self.command,
            path=unquote(split.path),
            query=dict(parse_qsl(split.query, keep_blank_values=True)),
            headers=headers,
            body=body,
            request_id=secrets.token_hex(8),
            spool=spool,
            base=f"{self.server.scheme}://{headers.get('host') or self.server.own_address}",
        )
        try:
            self._send(self.server.service.deliver(request), request)
        finally:
            if spool is not None and not self.server.service.is_kept(request):
                spool.close()

    do_GET = do_POST = do_PUT = do_DELETE = do_OPTIONS = do_PATCH = do_HEAD = answer  # noqa: N815  http.server's names

    def __getattr__(self, name: str) -> Callable[[], None]:
        """http.server looks for a method for each verb: one that HTTP does not know is refused as any other."""
        if name.startswith("do_"):
            return self.answer
        raise AttributeError(name)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What http.server itself refuses, as a request line that is none, has Box's envelope as well."""
        status = code if code in (400, 414, 431, 505) else 400
        self._turn_away(status, "bad_request", message or explain or "Bad Request")

    def _turn_away(self, status: int, code: str, message: str) -> None:
        """Refuse a request that could not be read; what follows on the connection cannot be read either."""
        self.close_connection = True
        request = Request("GET", "", {}, {}, b"", secrets.token_hex(8))
        refusal = failure(status, code, message).answer(request.request_id)
        head = self._head(refusal, request).removesuffix(b"\r\n") + b"connection: close\r\n\r\n"
        self.wfile.write(head + refusal.body)

    def _send(self, delivery: Delivery, request: Request) -> None:
        if delivery.answer is None:
            self.close_connection = True
            return
        head = self._head(delivery.answer, request)
        if delivery.answer.file is not None:
            self.wfile.write(head)
            self._send_file(delivery.answer.file, delivery.answer, halved=delivery.halved)
            return
        body = b"" if request.method == "HEAD" else delivery.answer.body
        if delivery.halved:
            self.close_connection = True
            self.wfile.write(head + body[: len(body) // 2])
            self.server.service.world.clock.wait(delivery.silence)
            return
        self.wfile.write(head + body)

    def _send_file(self, path: Path, answer: Answer, *, halved: bool) -> None:
        """The bytes of a file, piece by piece, or half of them and the end of the connection."""
        left = answer.size // 2 if halved else answer.size
        with path.open("rb") as content:
            content.seek(answer.span[0])
            while left and (piece := content.read(min(left, _PIECE))):
                self.wfile.write(piece)
                left -= len(piece)
        self.close_connection = halved or self.close_connection

    def _head(self, answer: Answer, request: Request) -> bytes:
        lines = [f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Unknown')}\r\n"]
        lines.append(f"date: {http_date(self.server.service.world.clock.now())}\r\n")
        lines += [f"{name}: {value}\r\n" for name, value in answer.headers]
        if all(name != "cache-control" for name, _ in answer.headers):
            lines.append(_CACHE)
        length = "" if answer.status in _BODILESS else f"content-length: {answer.size}\r\n"
        lines.append(f"{length}box-request-id: {request.request_id}\r\n{_ALWAYS}\r\n")
        return "".join(lines).encode("latin-1")
