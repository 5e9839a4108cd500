"""A small web server on 127.0.0.1 for one page and one person.

Requests are read in threads of their own, since browsers open connections that they do not use, and answered one after the
other by the thread that serves: nobody decides twice at a time.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

#: seconds after which a connection that says nothing is closed, and between two looks whether to end
_SILENT, _TICK = 20.0, 0.1
#: bytes and fields of a form: each of some hundred thousand lines may be ticked
_LARGEST, _MOST = 32 << 20, 1_000_000
#: bytes that are taken of anybody: to who is not let in nothing larger is listened to, since all who ask take memory at once
_OF_ANYBODY = 64 << 10

Fields = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What a browser asks: ``fields`` are those of the address, or of the form that is sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    fields: Fields = ()

    def field(self, name: str) -> str:
        """The first value of a field, "" without one."""
        return next((value for key, value in self.fields if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field."""
        return tuple(value for key, value in self.fields if key == name)


@dataclass(frozen=True, slots=True)
class PageAnswer:
    """What it is answered; ``last``: nothing is served after it."""

    status: HTTPStatus
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    last: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request that waits for its answer, and whether that has left."""

    request: PageRequest
    answer: Future[PageAnswer] = field(default_factory=Future)
    sent: threading.Event = field(default_factory=threading.Event)


class Loopback:
    """The server, bound to a port of 127.0.0.1; 0 takes a free one. Raises OSError for a port that is taken.

    ``admits`` says by its headers alone whether what a request sends is listened to.
    """

    def __init__(self, port: int) -> None:
        self.admits: Callable[[PageRequest], bool] = lambda _: False
        self.asked: queue.Queue[_Asked] = queue.Queue()
        self._server = _server(port, self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_TICK,), daemon=True)

    @property
    def port(self) -> int:
        """The port it is bound to."""
        return int(self._server.server_address[1])

    def answer_each(self, answered: Callable[[PageRequest], PageAnswer], over: Callable[[], bool]) -> bool:
        """Answer what is asked until an answer is the last one (True), or ``over`` says so between two (False)."""
        while not over():
            with contextlib.suppress(queue.Empty):
                asked = self.asked.get(timeout=_TICK)
                if self._answered(asked, answered).last:
                    asked.sent.wait(_SILENT)
                    return True
        return False

    def _answered(self, asked: _Asked, answered: Callable[[PageRequest], PageAnswer]) -> PageAnswer:
        try:
            answer = answered(asked.request)
        except BaseException:
            asked.answer.set_result(PageAnswer(HTTPStatus.INTERNAL_SERVER_ERROR))
            asked.sent.wait(_SILENT)
            raise
        asked.answer.set_result(answer)
        return answer

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        while not self.asked.empty():
            self.asked.get_nowait().answer.cancel()
        self._thread.join()


def _server(port: int, house: Loopback) -> ThreadingHTTPServer:
    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = os.name != "nt"  # where that lets nobody take over a port that is in use

        def handle_error(self, _request: Any, _client: Any) -> None:
            """A connection that breaks off is nobody's trouble."""

    return Server(("127.0.0.1", port), type("Handler", (_Handler,), {"house": house}))


class _Handler(BaseHTTPRequestHandler):
    """Reads one request after the other of a connection."""

    house: Loopback
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "provision", ""
    timeout = _SILENT

    def do_GET(self) -> None:
        """Look at something."""
        self._hand_over(tuple(parse_qsl(urlsplit(self.path).query, keep_blank_values=True)))

    def do_POST(self) -> None:
        """Send a form."""
        length = self.headers.get("Content-Length", "")
        most = _LARGEST if self.house.admits(self._request()) else _OF_ANYBODY
        if not (length.isascii() and length.isdecimal() and len(length) < 20) or int(length) > most:
            self.close_connection = True
            self._send(PageAnswer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return
        body = self.rfile.read(int(length)).decode("utf-8", "replace")
        try:
            fields = tuple(parse_qsl(body, keep_blank_values=True, max_num_fields=_MOST))
        except ValueError:
            self._send(PageAnswer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE))
            return
        self._hand_over(fields)

    def _hand_over(self, fields: Fields) -> None:
        # of two headers of one name the first would be looked at by us and another by somebody else
        names = [name.casefold() for name in self.headers]
        if len(names) != len(set(names)):
            self._send(PageAnswer(HTTPStatus.BAD_REQUEST))
            return
        asked = _Asked(self._request(fields))
        self.house.asked.put(asked)
        try:
            self._send(asked.answer.result())
        except CancelledError:
            self.close_connection = True
        finally:
            asked.sent.set()

    def _request(self, fields: Fields = ()) -> PageRequest:
        return PageRequest(self.command, urlsplit(self.path).path, dict(self._named()), fields)

    def _named(self) -> Iterator[tuple[str, str]]:
        for name, value in self.headers.items():
            yield name.title(), value

    def _send(self, answer: PageAnswer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if answer.last:
            self.close_connection = True
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def send_error(self, code: int, _message: str | None = None, _explain: str | None = None) -> None:
        """What is no request of a browser gets a number and no page."""
        self.close_connection = True
        self._send(PageAnswer(HTTPStatus(code)))

    def log_message(self, *_words: Any) -> None:
        """Not said: addresses hold the token."""
