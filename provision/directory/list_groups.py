"""Groups, and who is in those that matter, read page by page: Box has no markers for either.

Offsets above 10,000 are refused (Box guide, Offset-based pagination), so that of a larger group nobody can tell who is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol, TypeVar

import pandas as pd

from provision.box.group_answers import GroupPage, GroupSeen, MemberPage
from provision.box.holdings import MOST_ROWS, Memberships
from provision.box.pacing.retry import Retry
from provision.directory.groups import MEMBER_COLUMNS, GroupsRead, no_members
from provision.errors import (
    Away,
    BoxFault,
    Expired,
    IncompleteDirectory,
    LedElsewhere,
    Rejected,
    SignInRefused,
    Throttled,
)

T = TypeVar("T")

#: the last offset that Box takes, and so nearly the most rows of a list that is paged by offset
MOST_LISTED = 10_000


class GroupPages(Protocol):
    """What is needed of Box to list groups and their members; each is one request."""

    def groups(self, offset: int = 0, beginning: str = "") -> GroupPage:
        """One page of groups."""
        ...

    def members(self, group_id: str, offset: int = 0) -> MemberPage:
        """One page of who is in a group."""
        ...

    def memberships(self, box_id: str, offset: int = 0) -> Memberships:
        """One page of the groups an account is in."""
        ...


def list_groups(pages: GroupPages, retry: Retry) -> GroupsRead:
    """All groups. Raises IncompleteDirectory for a list with a hole, SignInRefused for a sign-in that may not read groups."""
    rows, asked, offset = list[GroupSeen](), 0, 0
    while True:
        page = _answered(retry, partial(pages.groups, offset))
        asked, total = asked + 1, page.total
        rows += page.rows
        if page.following is None:
            break
        if page.following > MOST_LISTED:
            raise IncompleteDirectory(
                f"The enterprise has {total:,} groups, and Box lists 11,000 of them at most.",
                cause="its groups are listed by offset alone, which ends there",
                remedy="take the section groups out of the job",
            )
        offset = page.following
    found = {one.group_id: one for one in rows}
    if len(found) < total:
        raise _changed_meanwhile("groups", len(found), total)
    ordered = sorted(found.values(), key=lambda one: (one.name.casefold(), one.group_id))
    return GroupsRead(tuple(ordered), asked=asked)


def with_members(
    groups: GroupsRead, wanted: Iterable[str], pages: GroupPages, retry: Retry, seen: Callable[[int], None]
) -> GroupsRead:
    """The same with who is in the groups of these ids; ``seen`` is told how many groups were read. Raises as above."""
    read = tuple(dict.fromkeys(wanted))
    found = retry.each([partial(_members, group_id, pages, retry) for group_id in read], seen)
    large = {group_id for group_id, one in zip(read, found, strict=True) if one.large}
    parts = [frame for one in found for frame in one.frames]
    asked = groups.asked + sum(one.asked for one in found)
    members = pd.concat(parts, ignore_index=True) if parts else no_members()
    members = members.drop_duplicates("membership_id", ignore_index=True)
    return replace(
        groups,
        members=members.astype("str"),
        read=frozenset(read) - large,
        too_large=frozenset(large),
        asked=asked,
    )


def of_people(
    groups: GroupsRead, box_ids: Sequence[str], pages: GroupPages, retry: Retry, seen: Callable[[int], None]
) -> GroupsRead:
    """The same with the groups that these people are in. Raises as above."""
    found = retry.each([partial(_memberships, box_id, pages, retry) for box_id in box_ids], seen)
    rows = [
        (one.membership_id, one.group_id, box_id, one.role)
        for box_id, some in zip(box_ids, found, strict=True)
        for page in some
        for one in page.rows
    ]
    asked = groups.asked + sum(map(len, found))
    members = pd.DataFrame(rows, columns=list(MEMBER_COLUMNS), dtype="str")
    read = frozenset(one.group_id for one in groups.listed)
    return replace(groups, members=members, read=read, asked=asked, by_person=True)


@dataclass(frozen=True, slots=True)
class _Members:
    """Who is in a group, a frame a page; of one that is too ``large`` nobody. ``asked``: the calls it took."""

    frames: tuple[pd.DataFrame, ...]
    asked: int
    large: bool = False


def _members(group_id: str, pages: GroupPages, retry: Retry) -> _Members:
    page = _answered(retry, partial(pages.members, group_id))
    total, frames = page.total, [_frame(group_id, page)]
    if total > MOST_LISTED + MOST_ROWS:
        return _Members((), 1, large=True)
    while page.following is not None:
        page = _answered(retry, partial(pages.members, group_id, page.following))
        frames.append(_frame(group_id, page))
    rows = sum(map(len, frames))
    if rows < total:
        raise _changed_meanwhile("members of a group", rows, total)
    return _Members(tuple(frames), len(frames))


def _memberships(box_id: str, pages: GroupPages, retry: Retry) -> list[Memberships]:
    """All pages of the groups an account is in."""
    some, offset = list[Memberships](), 0
    while True:
        some.append(_answered(retry, partial(pages.memberships, box_id, offset)))
        if (following := some[-1].following) is None:
            return some
        offset = following


def _frame(group_id: str, page: MemberPage) -> pd.DataFrame:
    size = len(page.memberships)
    cells = (page.memberships, (group_id,) * size, page.box_ids, page.roles)
    return pd.DataFrame(dict(zip(MEMBER_COLUMNS, cells, strict=True)), dtype="str")


def _answered(retry: Retry, ask: Callable[[], T]) -> T:
    """What Box answers; every way of not answering is a hole, or a right that is missing."""
    try:
        return retry.read(ask)
    except (Away, Throttled, LedElsewhere):
        raise
    except BoxFault as fault:
        told = f"HTTP {fault.answer.http_status} {fault.answer.code}".rstrip()
        if isinstance(fault, Expired) or (isinstance(fault, Rejected) and fault.answer.http_status == 403):
            raise SignInRefused(
                f"The sign-in may not read groups ({told}).",
                cause="the app lacks the scope Manage groups, or has App Access Only instead of App + Enterprise Access",
                remedy="give it both in the Developer Console and have an admin authorise it again, or take groups out of the job",
            ) from None
        raise IncompleteDirectory(
            f"The groups of the enterprise could not be read ({told}).",
            cause="a group that was deleted at this moment, or Box is having trouble",
            remedy="run again; if it stays so, look at https://status.box.com",
        ) from None


def _changed_meanwhile(what: str, found: int, counted: int) -> IncompleteDirectory:
    return IncompleteDirectory(
        f"The list of {what} could not be read completely: Box counts {counted:,} and shows {found:,}.",
        cause="somebody changes them at this moment, or Box is having trouble",
        remedy="run again",
    )
