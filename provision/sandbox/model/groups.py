"""Groups and who is in them (API reference, Groups and Group memberships): so far only to be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .state import Book


class Group(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One managed group."""

    id: str
    name: str
    created_at: str
    modified_at: str
    description: str = ""


class Membership(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One user in one group, by their ids."""

    id: str
    user: str
    group: str
    role: Literal["member", "admin"] = "member"


class Groups:
    """All groups and memberships, written through to the book. Not locked: whoever calls holds the sandbox's lock."""

    def __init__(self, book: Book) -> None:
        self.changes = 0
        self._book = book
        self._groups: dict[str, Group] = {}
        self._memberships: dict[str, Membership] = {}
        self._of_user: dict[str, list[str]] = {}

    def fill(self, groups: Iterable[Group], memberships: Iterable[Membership]) -> None:
        """Take in what there is at the start, without writing anything down."""
        self._groups |= {one.id: one for one in groups}
        for one in memberships:
            self._memberships[one.id] = one
            self._of_user.setdefault(one.user, []).append(one.id)

    def ids(self) -> Iterator[str]:
        """All ids that are taken."""
        yield from self._groups
        yield from self._memberships

    def get(self, group_id: str) -> Group | None:
        """The group with this id."""
        return self._groups.get(group_id)

    def listed(self) -> list[Group]:
        """All groups by name."""
        return sorted(self._groups.values(), key=lambda group: (group.name.casefold(), int(group.id)))

    def memberships(self) -> list[Membership]:
        """All memberships."""
        return list(self._memberships.values())

    def of_user(self, user_id: str) -> list[Membership]:
        """What groups somebody is in."""
        return [self._memberships[one] for one in self._of_user.get(user_id, ())]

    def of_group(self, group_id: str) -> list[Membership]:
        """Who is in a group."""
        return [one for one in self._memberships.values() if one.group == group_id]

    def forget(self, user_id: str) -> None:
        """Take somebody who is gone out of all groups."""
        for one in self._of_user.pop(user_id, ()):
            del self._memberships[one]
            self._book.drop("memberships", one)
            self.changes += 1
