"""GET of groups, of memberships by user and by group, and of e-mail aliases: what a snapshot of somebody needs."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, TypeVar

from provision.sandbox.errors import Answer, not_found, ok

from .paging import window
from .rights import require_admin, require_scope
from .users import found

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from provision.sandbox.model.groups import Group, Membership
    from provision.sandbox.world import Call, World

T = TypeVar("T")

_MINI = ("type", "id", "name", "group_type")


def groups(world: World, call: Call) -> Answer:
    """GET /groups: by name, those whose name begins with `filter_term`."""
    _admit(world, call, "manage_groups")
    query = call.request.query
    term, fields = query.get("filter_term", "").casefold(), query.get("fields")
    among = [one for one in world.enterprise.groups.listed() if one.name.casefold().startswith(term)]
    return _page(world, call, among, lambda one: _shown(one, fields, _MINI))


def group(world: World, call: Call) -> Answer:
    """GET /groups/{id}."""
    _admit(world, call, "manage_groups")
    fields = call.request.query.get("fields")
    return ok(_shown(_group(world, call.args[0]), fields, (*_MINI, "created_at", "modified_at")))


def of_group(world: World, call: Call) -> Answer:
    """GET /groups/{id}/memberships."""
    _admit(world, call, "manage_groups")
    among = world.enterprise.groups.of_group(_group(world, call.args[0]).id)
    return _page(world, call, among, lambda one: _membership(world, one))


def of_user(world: World, call: Call) -> Answer:
    """GET /users/{id}/memberships: anybody's to admins, one's own to everybody."""
    if call.args[0] != call.actor.account.id:
        _admit(world, call, "manage_groups")
    among = world.enterprise.groups.of_user(found(world, call.args[0]).id)
    return _page(world, call, among, lambda one: _membership(world, one))


def aliases(world: World, call: Call) -> Answer:
    """GET /users/{id}/email_aliases: all at once, there are no pages."""
    if call.args[0] != call.actor.account.id:
        _admit(world, call, "manage_managed_users", "manage_app_users")
    entries = [_alias(address) for address in found(world, call.args[0]).aliases]
    return ok({"total_count": len(entries), "entries": entries})


def _admit(world: World, call: Call, *scopes: str) -> None:
    require_scope(world, call.actor, *scopes)
    require_admin(world, call.actor)


def _group(world: World, group_id: str) -> Group:
    there = world.enterprise.groups.get(group_id)
    if there is None:
        raise not_found("group", group_id)
    return there


def _page(world: World, call: Call, among: Sequence[T], look: Callable[[T], dict[str, object]]) -> Answer:
    """One page by offset; these listings have no markers (Box guide, Marker-based pagination)."""
    query = {name: value for name, value in call.request.query.items() if name != "usemarker"}
    asked = window(query, world.choices)
    entries = [look(one) for one in among[asked.offset : asked.offset + asked.limit]]
    return ok({"total_count": len(among), "entries": entries, "limit": asked.limit, "offset": asked.offset})


def _shown(one: Group, fields: str | None, tier: tuple[str, ...]) -> dict[str, object]:
    whole = {
        "type": "group",
        "id": one.id,
        "name": one.name,
        "group_type": "managed_group",
        "created_at": one.created_at,
        "modified_at": one.modified_at,
        "description": one.description,
    }
    asked = tier if fields is None else ("type", "id", *(name.strip() for name in fields.split(",")))
    return {name: whole[name] for name in dict.fromkeys(asked) if name in whole}


def _membership(world: World, one: Membership) -> dict[str, object]:
    user, in_group = world.enterprise.accounts.get(one.user), world.enterprise.groups.get(one.group)
    return {
        "type": "group_membership",
        "id": one.id,
        "user": None if user is None else world.fields.user(user, "type,id,name,login"),
        "group": None if in_group is None else _shown(in_group, None, _MINI),
        "role": one.role,
    }


def _alias(address: str) -> dict[str, object]:
    """An alias has the same id for as long as it has the same address."""
    number = zlib.crc32(address.casefold().encode())
    return {"type": "email_alias", "id": str(number), "is_confirmed": True, "email": address}
