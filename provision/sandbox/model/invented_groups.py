"""Invented groups of the invented people: everybody with a login is in one or two, and the first of each is its admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from .groups import Group, GroupMember

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST_GROUP, _FIRST_MEMBERSHIP = 27_000_000_000, 27_500_000_000
_TEAMS = (
    "Sales", "Buying", "Design", "Engineering", "Finance", "Legal", "Marketing", "Nursing", "Operations", "People",
    "Planning", "Research",
)  # fmt: skip
_PLACES = ("", " North", " South", " EMEA", " APAC", " Night Shift")


def name_of(number: int) -> str:
    """The name of one of them, from 0 on; no two are alike."""
    team, place = number % len(_TEAMS), number // len(_TEAMS)
    further = place // len(_PLACES)
    return f"{_TEAMS[team]}{_PLACES[place % len(_PLACES)]}{f' {further + 1}' if further else ''}"


def invented_groups(count: int, made: str) -> Iterator[Group]:
    """So many groups."""
    for number in range(count):
        yield Group(id=_id(number), name=name_of(number), created_at=made, modified_at=made)


def invented_memberships(count: int, users: int, first_id: int) -> Iterator[GroupMember]:
    """Who of so many invented people is in which of so many groups; people as `provision.sandbox.model.people.invented` makes them."""
    number, led = _FIRST_MEMBERSHIP, set[int]()
    for user in range(1, users + 1) if count else ():
        if user % 4 == 0:
            continue  # an app user
        place = user - user // 4  # among those with a login
        teams = {place % count, (5 * place + 1) % count} if user % 3 == 0 else {place % count}
        for group in sorted(teams):
            role: Literal["member", "admin"] = "member" if group in led else "admin"
            led.add(group)
            yield GroupMember(id=str(number), user=str(first_id + 7 * user), group=_id(group), role=role)
            number += 7


def _id(number: int) -> str:
    return str(_FIRST_GROUP + 7 * number)
