"""The form of an upload: the part `attributes`, then the file under whatever name the client gives it.

The Python SDKs call it `file`, Box CLI `content`, rclone `contents`.
"""

from __future__ import annotations

import re
from email.parser import HeaderParser
from typing import IO, TYPE_CHECKING, NamedTuple

import msgspec

from provision.sandbox.errors import RefusedCall, failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from provision.sandbox.world import Request

_PIECE = 256 * 1024
_MOST_HEAD = 16 * 1024
_MOST_ATTRIBUTES = 256 * 1024


class UploadForm(NamedTuple):
    """What a form says, and where in the stream the file's bytes are."""

    attributes: dict[str, object]
    stream: IO[bytes]
    start: int
    size: int


class _Part(NamedTuple):
    name: str
    start: int
    end: int


def read(request: Request, *, with_attributes: bool = True) -> UploadForm:
    """The form of a request; 400 if it is none, or has the file before its attributes.

    with_attributes: whether it needs any; for a new version the Node SDK sends none.
    """
    kind = request.headers.get("content-type", "")
    boundary = re.search(r'boundary="?([^";]+)"?', kind)
    if not kind.lower().startswith("multipart/form-data") or boundary is None:
        raise _bad("The body is no multipart/form-data with a boundary")
    stream = request.stream()
    parts = list(_parts(stream, boundary[1].encode()))
    contents = [part for part in parts if part.name != "attributes"]
    told = parts[0] if parts and parts[0].name == "attributes" else None
    if not contents:
        raise _bad("The form has no content of a file")
    if told is None and (with_attributes or len(contents) < len(parts)):
        # Box guide, Direct uploads
        message = "The 'attributes' part has to come before the content of the file"
        raise failure(400, "metadata_after_file_contents", message)
    attributes = _attributes(stream, told) if told is not None else {}
    stream.seek(contents[0].start)
    return UploadForm(attributes, stream, contents[0].start, contents[0].end - contents[0].start)


def _bad(message: str) -> RefusedCall:
    return failure(400, "bad_request", message)


def _attributes(stream: IO[bytes], part: _Part) -> dict[str, object]:
    if part.end - part.start > _MOST_ATTRIBUTES:
        raise _bad("The attributes are too long")
    stream.seek(part.start)
    try:
        return msgspec.json.decode(stream.read(part.end - part.start), type=dict[str, object])
    except msgspec.DecodeError:
        raise _bad("The attributes are no JSON object") from None


def _parts(stream: IO[bytes], boundary: bytes) -> Iterator[_Part]:
    """The parts one after the other; a form that ends too early is a 400."""
    border = b"--" + boundary
    start = _find(stream, border, 0)
    while start is not None:
        start += len(border)
        stream.seek(start)
        if stream.read(2) == b"--":
            return
        head_end = _find(stream, b"\r\n\r\n", start)
        if head_end is None or head_end - start > _MOST_HEAD:
            break
        stream.seek(start + 2)
        name = _name(stream.read(head_end - start - 2))
        end = _find(stream, b"\r\n" + border, head_end + 2)
        if end is None:
            break
        yield _Part(name, head_end + 4, max(head_end + 4, end))
        start = end + 2
    raise _bad("The form has no end")


def _name(head: bytes) -> str:
    told = HeaderParser().parsestr(head.decode("utf-8", "replace"))
    found = re.search(r'\bname="?([^";]*)"?', told.get("content-disposition", ""))
    return found[1] if found else ""


def _find(stream: IO[bytes], wanted: bytes, start: int) -> int | None:
    """Where these bytes come next; None if they do not."""
    stream.seek(start)
    kept, position = b"", start
    while piece := stream.read(_PIECE):
        kept += piece
        place = kept.find(wanted)
        if place >= 0:
            return position + place
        passed = max(0, len(kept) - len(wanted) + 1)
        kept, position = kept[passed:], position + passed
    return None
