"""Where an item goes: another name, another folder, another owner, a copy; and what that does to whose space."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from provision.sandbox.clock import stamp
from provision.sandbox.errors import failure, invalid
from provision.sandbox.model.items import File

from . import given as body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.model.items import Folder, Item
    from provision.sandbox.world import Call, World


T = TypeVar("T", bound="Item")


def moved(world: World, call: Call, item: T, given: Mapping[str, object]) -> T:
    """An item with the name and the place that a body wants, and one version on; what lies below it has gone along.

    A folder of somebody else makes what is moved there somebody else's.
    """
    name = body.name(given["name"]) if "name" in given else item.name
    owner, place = item.owner, item.parent
    if "parent" in given:
        into = body.parent(world, call, given["parent"])
        _refuse_circle(world, item, into)
        owner, place = into.owner, into.id
    body.refuse_taken(world, (owner, place), name, item.kind, but=item.id)
    hand_over(world, item, owner, place)
    return msgspec.structs.replace(
        item,
        name=name,
        parent=place,
        owner=owner,
        modified_at=stamp(world.clock.now()),
        changed_by=call.actor.account.id,
        version=item.version + 1,
    )


def hand_over(world: World, item: Item, owner: str, place: str) -> None:
    """An item, with all below it and the space that takes, becomes somebody's, in a folder of theirs."""
    if owner == item.owner:
        return
    size = world.enterprise.content.size(item)
    require_space(world, owner, size)
    world.enterprise.use_space(item.owner, -size)
    world.enterprise.use_space(owner, size)
    world.enterprise.content.give(item, place, owner)


def copied(world: World, call: Call, item: T, given: Mapping[str, object]) -> T:
    """A copy, with all below it, in the folder that a body names; it is that folder's owner's."""
    into = body.parent(world, call, given.get("parent"))
    name = body.name(given["name"]) if given.get("name") else item.name
    body.refuse_taken(world, (into.owner, into.id), name, item.kind)
    _refuse_circle(world, item, into)
    content = world.enterprise.content
    size, below = content.size(item), content.below(item)
    require_space(world, into.owner, size)
    made = content.put(_fresh(world, call, item, into, name))
    places: dict[str, Item] = {item.id: made}
    for one in below[1:]:
        places[one.id] = content.put(_fresh(world, call, one, places[one.parent], one.name))
    world.enterprise.use_space(into.owner, size)
    return made


def _fresh(world: World, call: Call, one: T, into: Item, name: str) -> T:
    """An item made anew: with neither history nor links."""
    now = stamp(world.clock.now())
    fresh: dict[str, object] = {
        "id": world.enterprise.next_id(),
        "name": name,
        "owner": into.owner,
        "parent": into.id,
        "created_at": now,
        "modified_at": now,
        "made_by": call.actor.account.id,
        "changed_by": "",
        "version": 0,
        "shared_link": None,
        "tags": (),
    }
    if isinstance(one, File):
        fresh |= {"version_id": world.enterprise.next_id(), "earlier": (), "lock": None}
    return msgspec.structs.replace(one, **fresh)


def require_space(world: World, owner: str, size: int) -> None:
    """The refusal of more than somebody's space allows (`Choices.storage_full_status`)."""
    account = world.enterprise.accounts.get(owner)
    if account is None or account.space_amount == -1 or account.space_used + size <= account.space_amount:
        return
    raise failure(
        world.choices.storage_full_status, "storage_limit_exceeded", "Account storage limit reached"
    )


def _refuse_circle(world: World, item: Item, into: Folder) -> None:
    """What Box says to a folder that is put into itself is undocumented."""
    if item.kind == "folder" and into.id in {one.id for one in world.enterprise.content.below(item)}:
        raise invalid("parent", f"Invalid value '{into.id}'.")
