"""Request bodies as they arrive: by length or in chunks, small ones in memory, large ones in a file of their own."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from io import BufferedIOBase

#: bytes; a single upload may have 50 MB (API reference, POST /files/content), its form something on top
MOST_BODY = 64 * 1024 * 1024
#: bytes that are kept in memory
SMALL = 1024 * 1024
_PIECE = 64 * 1024


class BadBody(Exception):
    """A body that cannot be read: with the status that tells."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


class BrokenOff(Exception):
    """The client went away in the middle of its body."""


def read(stream: BufferedIOBase, headers: Mapping[str, str]) -> tuple[bytes, IO[bytes] | None]:
    """The body, or a file with it if it is large; BadBody, BrokenOff."""
    encoding = headers.get("transfer-encoding", "").strip().lower()
    if encoding and encoding != "identity":
        if encoding != "chunked":
            raise BadBody(501, "not_implemented", "Transfer encodings other than chunked are not supported")
        return _kept(_chunks(stream))
    length = (headers.get("content-length") or "0").strip()
    if not (length.isascii() and length.isdigit()):
        raise BadBody(400, "bad_request", "Content-Length is not a valid number")
    size = int(length)
    if size > MOST_BODY:
        raise _too_large()
    if size <= SMALL:
        body = stream.read(size)
        if len(body) < size:
            raise BrokenOff
        return body, None
    return _kept(_pieces(stream, size))


def _too_large() -> BadBody:
    return BadBody(413, "request_entity_too_large", "Request Entity Too Large")


def _pieces(stream: BufferedIOBase, size: int) -> Iterator[bytes]:
    """So many bytes, piece by piece."""
    while size:
        piece = stream.read(min(size, _PIECE))
        if not piece:
            raise BrokenOff
        size -= len(piece)
        yield piece


def _chunks(stream: BufferedIOBase) -> Iterator[bytes]:
    """The data of a chunked body (RFC 9112, 7.1); extensions and trailers are passed over."""
    while size := _chunk_size(stream.readline(1024)):
        yield from _pieces(stream, size)
        if stream.readline(3) != b"\r\n":
            raise BadBody(400, "bad_request", "A chunk of the body has no end")
    while stream.readline(4096) not in (b"\r\n", b"\n", b""):
        pass


def _chunk_size(line: bytes) -> int:
    if not line.endswith(b"\n"):
        raise BrokenOff
    text = line.partition(b";")[0].strip()
    if not text or not all(one in b"0123456789abcdefABCDEF" for one in text):
        raise BadBody(400, "bad_request", "The size of a chunk of the body is not a number")
    size = int(text, 16)
    if size > MOST_BODY:
        raise _too_large()
    return size


def _kept(pieces: Iterator[bytes]) -> tuple[bytes, IO[bytes] | None]:
    """All pieces, in memory until they are many."""
    with ExitStack() as undo:
        # whoever handles the request closes it
        spool = undo.enter_context(tempfile.SpooledTemporaryFile(max_size=SMALL))
        total = 0
        for piece in pieces:
            total += len(piece)
            if total > MOST_BODY:
                raise _too_large()
            spool.write(piece)
        spool.seek(0)
        if total <= SMALL:
            return spool.read(), None
        undo.pop_all()
        return b"", spool
