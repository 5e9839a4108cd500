"""Who else may use a folder or file (API reference, Collaborations)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .state import Book


class Collaboration(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One grantee of one item. Of user, group and login one is given; login: somebody without an account yet.

    by: the account that made it. expires_at, acknowledged_at: "" means never. invite_email: the address that was invited,
    as long as nobody has accepted.
    """

    id: str
    item_kind: Literal["folder", "file"]
    item: str
    role: str
    status: Literal["accepted", "pending", "rejected"]
    by: str
    created_at: str
    modified_at: str
    user: str = ""
    group: str = ""
    login: str = ""
    expires_at: str = ""
    acknowledged_at: str = ""
    is_access_only: bool = False
    can_view_path: bool = False


class Collaborations:
    """All of them, written through to the book. Not locked: whoever calls holds the sandbox's lock."""

    def __init__(self, book: Book) -> None:
        self.changes = 0
        self._book = book
        self._all: dict[str, Collaboration] = {}
        self._by: dict[tuple[str, str], dict[str, None]] = {}

    def fill(self, all_of_them: Iterable[Collaboration]) -> None:
        """Take in what there is at the start, without writing anything down."""
        for one in all_of_them:
            self._index(one)

    def __iter__(self) -> Iterator[Collaboration]:
        return iter(list(self._all.values()))

    def __len__(self) -> int:
        return len(self._all)

    def get(self, collaboration_id: str) -> Collaboration | None:
        """The collaboration with this id."""
        return self._all.get(collaboration_id)

    def of(self, what: Literal["item", "user", "group", "login"], which: str) -> list[Collaboration]:
        """Those of an item, a user, a group, or an address that was invited (in lower case), oldest first."""
        return [self._all[one] for one in self._by.get((what, which), ())]

    def put(self, one: Collaboration) -> Collaboration:
        """Keep a collaboration, new or changed."""
        self._unindex(one.id)
        self._index(one)
        self._book.put("collaborations", one.id, msgspec.json.encode(one))
        self.changes += 1
        return one

    def drop(self, one: Collaboration) -> None:
        """Forget a collaboration."""
        self._unindex(one.id)
        self._book.drop("collaborations", one.id)
        self.changes += 1

    def forget(self, what: Literal["item", "user", "group"], which: str) -> None:
        """Forget those of an item, a user or a group that is gone."""
        for one in self.of(what, which):
            self.drop(one)

    def _keys(self, one: Collaboration) -> list[tuple[str, str]]:
        named = {"item": one.item, "user": one.user, "group": one.group, "login": one.login.casefold()}
        return [(what, which) for what, which in named.items() if which]

    def _index(self, one: Collaboration) -> None:
        self._all[one.id] = one
        for key in self._keys(one):
            self._by.setdefault(key, {})[one.id] = None

    def _unindex(self, collaboration_id: str) -> None:
        old = self._all.pop(collaboration_id, None)
        if old is None:
            return
        for key in self._keys(old):
            del self._by[key][old.id]
