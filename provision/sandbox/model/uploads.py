"""Uploads in parts that are under way (API reference, Upload sessions)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .state import Book


class Part(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One part that has arrived; offset and size in bytes, sha1 in hexadecimal, also where its bytes are kept."""

    part_id: str
    offset: int
    size: int
    sha1: str


class Upload(msgspec.Struct, frozen=True, kw_only=True):
    """One upload. file: whose new version it is, "" for a new file in `folder`; by: who sends it.

    expires_at: seconds since 1970. parts: by offset. done: it has become a file. asked: how often it was to become one.
    """

    id: str
    file: str
    folder: str
    name: str
    size: int
    part_size: int
    by: str
    expires_at: float
    parts: tuple[Part, ...] = ()
    done: bool = False
    asked: int = 0


class Uploads:
    """All of them, written through to the book. Not locked: whoever calls holds the sandbox's lock."""

    def __init__(self, book: Book) -> None:
        self.changes = 0
        self._book = book
        self._all: dict[str, Upload] = {}

    def fill(self, all_of_them: Iterable[Upload]) -> None:
        """Take in what there is at the start, without writing anything down."""
        self._all |= {one.id: one for one in all_of_them}

    def get(self, upload_id: str, now: float) -> Upload | None:
        """The upload with this id, unless it has expired."""
        one = self._all.get(upload_id)
        return one if one is not None and one.expires_at > now else None

    def digests(self, now: float) -> Iterator[str]:
        """Those of the parts that have arrived and can still become a file."""
        open_ones = (one for one in self._all.values() if one.expires_at > now and not one.done)
        return (part.sha1 for one in open_ones for part in one.parts)

    def put(self, one: Upload) -> Upload:
        """Keep an upload, new or changed."""
        self._all[one.id] = one
        self._book.put("uploads", one.id, msgspec.json.encode(one))
        self.changes += 1
        return one

    def drop(self, one: Upload) -> None:
        """Forget an upload."""
        self._all.pop(one.id, None)
        self._book.drop("uploads", one.id)
        self.changes += 1
