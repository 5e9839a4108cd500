"""Groups and who is in them (API reference, Groups and Group memberships)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .state import Book


class Group(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One group. `group_type` is `managed_group`, or `all_users_group` for the one that Box fills with everybody."""

    id: str
    name: str
    created_at: str
    modified_at: str
    description: str = ""
    group_type: Literal["managed_group", "all_users_group"] = "managed_group"
    provenance: str = ""
    external_sync_identifier: str = ""
    invitability_level: str = "admins_and_members"
    member_viewability_level: str = "admins_and_members"


class GroupMember(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One user in one group, by their ids."""

    id: str
    user: str
    group: str
    role: Literal["member", "admin"] = "member"
    permissions: dict[str, bool] = {}
    created_at: str = ""
    modified_at: str = ""


class Groups:
    """All groups and memberships, written through to the book. Not locked: whoever calls holds the sandbox's lock."""

    def __init__(self, book: Book) -> None:
        self.changes = 0
        self._book = book
        self._groups: dict[str, Group] = {}
        self._memberships: dict[str, GroupMember] = {}
        self._of_user: dict[str, list[str]] = {}
        self._of_group: dict[str, dict[str, None]] = {}

    def fill(self, groups: Iterable[Group], memberships: Iterable[GroupMember]) -> None:
        """Take in what there is at the start, without writing anything down."""
        self._groups |= {one.id: one for one in groups}
        for one in memberships:
            self._take_in(one)

    def _take_in(self, one: GroupMember) -> None:
        self._memberships[one.id] = one
        self._of_user.setdefault(one.user, []).append(one.id)
        self._of_group.setdefault(one.group, {})[one.id] = None

    def ids(self) -> Iterator[str]:
        """All ids that are taken."""
        yield from self._groups
        yield from self._memberships

    def get(self, group_id: str) -> Group | None:
        """The group with this id."""
        return self._groups.get(group_id)

    def named(self, name: str) -> Group | None:
        """The group of this name; letter case makes no other one."""
        low = name.casefold()
        return next((one for one in self._groups.values() if one.name.casefold() == low), None)

    def listed(self) -> list[Group]:
        """All groups by name."""
        return sorted(self._groups.values(), key=lambda group: (group.name.casefold(), int(group.id)))

    def memberships(self) -> list[GroupMember]:
        """All memberships."""
        return list(self._memberships.values())

    def of_user(self, user_id: str) -> list[GroupMember]:
        """What groups somebody is in."""
        return [self._memberships[one] for one in self._of_user.get(user_id, ())]

    def of_group(self, group_id: str) -> list[GroupMember]:
        """Who is in a group."""
        return [self._memberships[one] for one in self._of_group.get(group_id, ())]

    def membership(self, membership_id: str) -> GroupMember | None:
        """The membership with this id."""
        return self._memberships.get(membership_id)

    def between(self, user_id: str, group_id: str) -> GroupMember | None:
        """The membership of somebody in a group."""
        return next((one for one in self.of_user(user_id) if one.group == group_id), None)

    def put(self, group: Group) -> None:
        """A group that is new, or as edited."""
        self._groups[group.id] = group
        self._book.put("groups", group.id, msgspec.json.encode(group))
        self.changes += 1

    def remove(self, group: Group) -> None:
        """A group that is gone, with its memberships."""
        for one in self.of_group(group.id):
            self.leave(one)
        del self._groups[group.id]
        self._book.drop("groups", group.id)
        self.changes += 1

    def join(self, one: GroupMember) -> None:
        """A membership that is new, or as edited."""
        if one.id in self._memberships:
            self._memberships[one.id] = one
        else:
            self._take_in(one)
        self._book.put("memberships", one.id, msgspec.json.encode(one))
        self.changes += 1

    def leave(self, one: GroupMember) -> None:
        """A membership that has ended."""
        del self._memberships[one.id]
        self._of_user[one.user].remove(one.id)
        del self._of_group[one.group][one.id]
        self._book.drop("memberships", one.id)
        self.changes += 1

    def forget(self, user_id: str) -> None:
        """Take somebody who is gone out of all groups."""
        for one in self.of_user(user_id):
            self.leave(one)
