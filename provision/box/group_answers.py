"""What Box says of groups and of who is in them, decoded into canonical text."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from provision.box.holdings import MOST_ROWS

#: the group that Box fills with everybody
ALL_USERS = "all_users_group"

_Id = str | int | None


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """One group. ``provenance`` is the system that looks after it, "" for none; ``sync_id`` is what that system calls it."""

    group_id: str
    name: str
    group_type: str
    provenance: str
    sync_id: str


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One page of groups; ``following`` is the offset of the next page, None at the end. ``total`` is how many there are."""

    rows: tuple[GroupSeen, ...]
    following: int | None
    total: int


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One page of the members of a group: ids of memberships and of accounts, and roles, side by side; the rest as above."""

    memberships: tuple[str, ...]
    box_ids: tuple[str, ...]
    roles: tuple[str, ...]
    following: int | None
    total: int


class _Group(msgspec.Struct, gc=False):
    id: str | int
    name: str | None = None
    group_type: str | None = None
    provenance: str | None = None
    external_sync_identifier: str | None = None


class _Groups(msgspec.Struct):
    entries: list[_Group]
    total_count: int
    limit: int | None = None


class _User(msgspec.Struct, gc=False):
    id: _Id = None


class _Member(msgspec.Struct, gc=False):
    id: str | int
    user: _User | None = None
    role: str | None = None


class _Members(msgspec.Struct):
    entries: list[_Member]
    total_count: int
    limit: int | None = None


_ONE = msgspec.json.Decoder(_Group)
_GROUPS = msgspec.json.Decoder(_Groups)
_MEMBERS = msgspec.json.Decoder(_Members)


def groups(body: bytes, offset: int) -> GroupPage:
    """Decode the page that begins at an offset. Raises ``msgspec.MsgspecError`` if it is none or has no total."""
    page = _GROUPS.decode(body)
    following = offset + (page.limit or MOST_ROWS)
    rows = tuple(map(_seen, page.entries))
    return GroupPage(rows, following if following < page.total_count else None, page.total_count)


def _seen(one: _Group) -> GroupSeen:
    told = (one.group_type, one.provenance, one.external_sync_identifier)
    return GroupSeen(str(one.id), one.name or "", *(text or "" for text in told))


def members(body: bytes, offset: int) -> MemberPage:
    """Decode likewise a page of members."""
    page = _MEMBERS.decode(body)
    following = offset + (page.limit or MOST_ROWS)
    whose = tuple("" if one.user is None or one.user.id is None else str(one.user.id) for one in page.entries)
    ids, roles = tuple(str(one.id) for one in page.entries), tuple(one.role or "" for one in page.entries)
    return MemberPage(
        ids, whose, roles, following if following < page.total_count else None, page.total_count
    )


def group(body: bytes) -> GroupSeen:
    """Decode one group. Raises ``msgspec.MsgspecError`` for what is none."""
    return _seen(_ONE.decode(body))
