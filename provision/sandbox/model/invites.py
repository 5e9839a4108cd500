"""Invitations of accounts outside into the enterprise (API reference, Invites)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .state import Book


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """One invitation. login: whom it is for; user: the account's id; by: who made it; at: seconds since 1970."""

    id: str
    user: str
    login: str
    by: str
    at: float
    created_at: str
    modified_at: str
    status: Literal["pending", "accepted", "rejected"] = "pending"


class Invites:
    """All of them, written through to the book. Not locked: whoever calls holds the sandbox's lock."""

    def __init__(self, book: Book) -> None:
        self.changes = 0
        self._book = book
        self._all: dict[str, Invite] = {}

    def fill(self, all_of_them: Iterable[Invite]) -> None:
        """Take in what there is at the start, without writing anything down."""
        self._all |= {one.id: one for one in all_of_them}

    def __iter__(self) -> Iterator[Invite]:
        return iter(list(self._all.values()))

    def get(self, invite_id: str) -> Invite | None:
        """The invitation with this id."""
        return self._all.get(invite_id)

    def pending(self) -> list[Invite]:
        """Those nobody has answered."""
        return [one for one in self._all.values() if one.status == "pending"]

    def put(self, one: Invite) -> Invite:
        """Keep an invitation, new or changed."""
        self._all[one.id] = one
        self._book.put("invites", one.id, msgspec.json.encode(one))
        self.changes += 1
        return one
