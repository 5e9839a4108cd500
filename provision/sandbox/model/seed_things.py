"""What a seed says of things: folders in people's roots, groups, and who is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provision.sandbox.clock import stamp
from provision.sandbox.options import SandboxError

from .groups import Group, GroupMember
from .items import Folder
from .seed import SeedMember

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .accounts import Account
    from .seed import Seed

_FIRST_FOLDER, _FIRST_GROUP, _FIRST_MEMBERSHIP = 25_000_000_000, 26_000_000_000, 26_500_000_000


def folders_of(seed: Seed, people: Sequence[Account], now: float) -> Iterator[Folder]:
    """The folders in the roots of the admin and the users, who are `people` in the same order."""
    made, number = stamp(now - 86_400), _FIRST_FOLDER
    for user, account in zip((seed.admin, *seed.users), people, strict=True):
        for name in user.folders:
            yield Folder(id=str(number), name=name, owner=account.id, created_at=made, modified_at=made)
            number += 7


def groups_of(seed: Seed, now: float) -> Iterator[Group]:
    """The groups."""
    made = stamp(now - 86_400)
    for number, one in enumerate(seed.groups):
        yield Group(
            id=_group_id(seed, number),
            name=one.name,
            description=one.description,
            group_type=one.group_type,
            provenance=one.provenance,
            external_sync_identifier=one.external_sync_identifier,
            created_at=made,
            modified_at=made,
        )


def memberships_of(seed: Seed, people: Sequence[Account]) -> Iterator[GroupMember]:
    """Who is in which group; a SandboxError names a member who is nobody of the seed."""
    known = _by_key(people)
    number = _FIRST_MEMBERSHIP
    for position, group in enumerate(seed.groups):
        for given in group.members:
            member = given if isinstance(given, SeedMember) else SeedMember(user=given)
            user = known.get(member.user.casefold())
            if user is None:
                raise _nobody(group.name, member.user)
            yield GroupMember(id=str(number), user=user, group=_group_id(seed, position), role=member.role)
            number += 7


def _group_id(seed: Seed, number: int) -> str:
    return seed.groups[number].id or str(_FIRST_GROUP + 7 * number)


def _by_key(people: Sequence[Account]) -> dict[str, str]:
    """Ids by login, by external id and by id; a login goes before an external id, and both before an id."""
    ids = {one.id: one.id for one in people}
    externals = {one.external_app_user_id.casefold(): one.id for one in people if one.external_app_user_id}
    return ids | externals | {one.login.casefold(): one.id for one in people}


def _nobody(group: str, user: str) -> SandboxError:
    return SandboxError(
        f"the group {group!r} of the seed file has a member {user!r} who is nobody of the seed",
        "a misspelt login, or a user who was taken out",
        "name members by login, external_app_user_id or id of `admin` or one of `users`",
    )
