"""What has happened, in its order (API reference, Events)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .state import Book

_MOST = 100_000


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One happening. number: its place in the stream; at: seconds since 1970; by, source, details: as answered.

    admin, user: its names in the two kinds of streams, "" where it does not come up. concerns: the accounts in whose stream
    it does.
    """

    number: int
    at: float
    by: dict[str, Any] | None
    source: dict[str, Any] | None
    details: dict[str, Any] | None
    admin: str
    user: str
    concerns: tuple[str, ...]


class Events:
    """The newest of them, written through to the book. Not locked: whoever calls holds the sandbox's lock."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._all: deque[Event] = deque(maxlen=_MOST)

    def fill(self, all_of_them: Iterable[Event]) -> None:
        """Take in what there is at the start, without writing anything down."""
        self._all.extend(all_of_them)

    @property
    def last(self) -> int:
        """The number of the newest one; 0 if there is none."""
        return self._all[-1].number if self._all else 0

    def after(self, number: int) -> list[Event]:
        """Those that come after a place in the stream, oldest first."""
        if number >= self.last:
            return []
        return [one for one in self._all if one.number > number]

    def add(self, one: Event) -> None:
        """One more; the oldest is forgotten when there are too many."""
        if len(self._all) == _MOST:
            self._book.drop("events", str(self._all[0].number))
        self._all.append(one)
        self._book.put("events", str(one.number), msgspec.json.encode(one))
