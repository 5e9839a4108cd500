"""What a journal says up to an entry, as one digest: the same for the same words in the same order, whatever its pages look like."""

from __future__ import annotations

import contextlib
import hashlib
import sqlite3
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import msgspec

#: the note that a run came to its own end, with the time
FINISHED = "finished"
#: entries that are hashed in one go
_PIECE = 10_000
#: a view or a trigger in a table's place could show each reader something else
_SCHEMA = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
#: the time of the end changes with each end, so whether there was one is told beside the digest
_ABOUT = "SELECT name, value FROM about WHERE name != ? ORDER BY name"
_ENTRIES = "SELECT * FROM entries WHERE seq <= ? ORDER BY seq"
#: what cells are; bytes would be told as the text that they are in base 64
_Rows = list[tuple[str | int | float | None, ...]]


class JournalDigest(NamedTuple):
    """``last``: the number of the last entry that is in ``sha256``, 0 for none; ``newest``: of the last one there is."""

    last: int
    sha256: str
    newest: int

    @property
    def whole(self) -> bool:
        """Whether nothing was written since."""
        return self.newest <= self.last


class Closed(Protocol):
    """How far a journal was closed: the number of its last entry then, and the digest up to it."""

    @property
    def last(self) -> int:
        """The number of that entry, 0 for none."""

    @property
    def sha256(self) -> str:
        """The digest."""


def digest_in(connection: sqlite3.Connection, last: int | None = None) -> JournalDigest:
    """The digest of a journal up to the entry of this number, or of all of it. Raises ValueError for what this program never wrote."""
    (newest,) = connection.execute("SELECT coalesce(max(seq), 0) FROM entries").fetchone()
    last = newest if last is None else last
    digest = hashlib.sha256()
    for piece in _told(connection, last):
        digest.update(piece)
    return JournalDigest(last, digest.hexdigest(), newest)


def _told(connection: sqlite3.Connection, last: int) -> Iterator[bytes]:
    yield _encoded(connection.execute(_SCHEMA).fetchall())
    yield _encoded(connection.execute(_ABOUT, (FINISHED,)).fetchall())
    with contextlib.closing(connection.execute(_ENTRIES, (last,))) as entries:
        while piece := entries.fetchmany(_PIECE):
            yield _encoded(piece)


def _encoded(rows: list[object]) -> bytes:
    """Raises ValueError for a row that this program never wrote."""
    return msgspec.json.encode(msgspec.convert(rows, _Rows))
