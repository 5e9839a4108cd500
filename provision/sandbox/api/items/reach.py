"""Which items a call may use, and how: by its token, by owning them, by collaborations (Box guide, Downscope a token)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provision.sandbox.api.abilities import ROLES, by_scopes
from provision.sandbox.clock import has_come
from provision.sandbox.errors import blocked, denied, insufficient_scope, not_found, trashed
from provision.sandbox.model.items import ROOT, File, Folder

from .links import by_link

if TYPE_CHECKING:
    from provision.sandbox.model.accounts import Account
    from provision.sandbox.model.collaborations import Collaboration
    from provision.sandbox.model.items import Item
    from provision.sandbox.world import Call, World


_ORDER = tuple(ROLES)
# what users with this status may not do (API reference, PUT /users/{user_id})
_STATUSES = {
    "cannot_delete_edit": frozenset({"edit", "delete"}),
    "cannot_delete_edit_upload": frozenset({"edit", "delete", "upload"}),
}


def folder(world: World, call: Call, folder_id: str, ability: str) -> Folder:
    """A folder that the call may use in this way, its own root included; 403 or 404 if not."""
    _require_ability(world, call, ability)
    if folder_id == ROOT:
        _require_resource(world, call, None)
        if ability in _STATUSES.get(call.actor.account.status, ()):
            raise denied(world.choices)
        return root(call.actor.account.id)
    found = world.enterprise.content.get(folder_id)
    if found is None:
        raise not_found("folder", folder_id)
    if world.enterprise.content.is_trashed(found):
        raise trashed()
    _require_role(world, call, found, ability)
    return found


def file(world: World, call: Call, file_id: str, ability: str) -> File:
    """A file that the call may use in this way; one in the trash can still be looked at."""
    _require_ability(world, call, ability)
    found = world.enterprise.content.file(file_id)
    if found is None:
        raise not_found("file", file_id)
    if world.enterprise.content.is_trashed(found) and ability != "read":
        raise trashed()
    _require_role(world, call, found, ability)
    return found


def in_trash(world: World, call: Call, kind: str, item_id: str, ability: str) -> Item:
    """What the acting user has put into the trash; 404 if it is not there."""
    _require_ability(world, call, ability)
    found = world.enterprise.content.find(item_id)
    if found is None or found.kind != kind or not found.trashed_at or found.owner != call.actor.account.id:
        raise not_found(kind, item_id)
    return found


def require_free(world: World, item: Item, *, moves: bool = False) -> None:
    """409 for the target of a transfer under way (`Choices.folder_locked_meanwhile`)."""
    may_move = moves and not world.choices.folder_locked_meanwhile
    if not may_move and world.enterprise.content.is_target(item.id):
        raise blocked()


def root(owner: str) -> Folder:
    """Somebody's root, as a folder."""
    return Folder(id=ROOT, name="All Files", owner=owner, parent="", created_at="", modified_at="")


def role(world: World, account: Account, item: Item) -> str:
    """How somebody may use an item: `owner`, or the best role of those given for it or a folder above; "" for none."""
    if item.owner == account.id:
        return "owner"
    enterprise = world.enterprise
    if not len(enterprise.collaborations):
        return ""
    groups = {one.group for one in enterprise.groups.of_user(account.id)}
    given = [
        one.role
        for place in (item, *enterprise.content.above(item))
        for one in enterprise.collaborations.of("item", place.id)
        if is_in_force(world, one) and (one.user == account.id or one.group in groups)
    ]
    return min(given, key=_ORDER.index, default="")


def is_in_force(world: World, one: Collaboration) -> bool:
    """Whether a collaboration lets somebody in now."""
    if one.status != "accepted":
        return False
    return not one.expires_at or not has_come(one.expires_at, world.clock.now())


def shared_with(world: World, account: Account) -> list[Item]:
    """What others share with somebody, not counting what lies in a folder that is shared as well.

    Access alone shows nothing in the list (API reference, POST /collaborations, ``is_access_only``).
    """
    enterprise = world.enterprise
    if not len(enterprise.collaborations):
        return []
    mine = enterprise.collaborations.of("user", account.id)
    for one in enterprise.groups.of_user(account.id):
        mine += enterprise.collaborations.of("group", one.group)
    ids = dict.fromkeys(one.item for one in mine if is_in_force(world, one) and not one.is_access_only)
    items = [item for item in map(enterprise.content.find, ids) if item is not None]
    return [
        item
        for item in items
        if not enterprise.content.is_trashed(item)
        and item.owner != account.id
        and not any(above.id in ids for above in enterprise.content.above(item))
    ]


def abilities(world: World, account: Account, item: Item) -> frozenset[str]:
    """What somebody may do with an item."""
    allowed = ROLES.get(role(world, account, item), frozenset())
    if isinstance(item, Folder) and not item.can_non_owners_invite and item.owner != account.id:
        allowed -= {"invite"}
    return allowed - _STATUSES.get(account.status, frozenset())


def _require_ability(world: World, call: Call, ability: str) -> None:
    token = call.actor.token
    allowed = by_scopes(frozenset(world.enterprise.app.scopes))
    if token.scopes is not None:
        allowed &= by_scopes(frozenset(token.scopes))
    if ability not in allowed:
        raise insufficient_scope()


def _require_role(world: World, call: Call, item: Item, ability: str) -> None:
    _require_resource(world, call, item)
    account = call.actor.account
    linked = by_link(world, call, item)
    if not linked and not role(world, account, item):
        raise not_found(item.kind, item.id)
    if ability not in abilities(world, account, item) | linked:
        raise denied(world.choices)


def _require_resource(world: World, call: Call, item: Item | None) -> None:
    """403 outside of the one item that a downscoped token is for (undocumented)."""
    resource = call.actor.token.resource
    if resource is None:
        return
    ids = set() if item is None else {item.id, *(one.id for one in world.enterprise.content.above(item))}
    if resource[1] not in ids:
        raise insufficient_scope()
