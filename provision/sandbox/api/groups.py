"""GET, POST, PUT and DELETE of groups (API reference, Groups)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, denied, failure, group_name_taken, invalid, not_found, ok
from provision.sandbox.fields import selected
from provision.sandbox.model.groups import Group

from .paging import page
from .rights import require_admin, require_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.world import Call, World

#: what a group shows in lists, and in other things
MINI = ("type", "id", "name", "group_type")
_STANDARD = (*MINI, "created_at", "modified_at")
#: the longest texts (API reference, POST /groups)
_TEXTS = {"name": 255, "description": 255, "provenance": 255, "external_sync_identifier": 255}
_LEVELS = ("admins_only", "admins_and_members", "all_managed_users")
_WHO = ("invitability_level", "member_viewability_level")


def groups(world: World, call: Call) -> Answer:
    """GET /groups: by name, those whose name begins with `filter_term`."""
    admit(world, call, "manage_groups")
    query = call.request.query
    term, fields = query.get("filter_term", "").casefold(), query.get("fields")
    among = [one for one in world.enterprise.groups.listed() if one.name.casefold().startswith(term)]
    return page(world, call, among, lambda one: shown(one, fields, MINI))


def group(world: World, call: Call) -> Answer:
    """GET /groups/{id}."""
    admit(world, call, "manage_groups")
    return ok(shown(there(world, call.args[0]), call.request.query.get("fields"), _STANDARD))


def create(world: World, call: Call) -> Answer:
    """POST /groups: names are unique in the enterprise."""
    admit(world, call, "manage_groups")
    given, now = call.request.json(), stamp(world.clock.now())
    if not given.get("name"):
        raise invalid("name", "'name' is required", reason="missing_parameter")
    made = Group(id=world.enterprise.next_id(), created_at=now, modified_at=now, **_attributes(given))
    _refuse_taken(world, made)
    world.enterprise.groups.put(made)
    return ok(shown(made, call.request.query.get("fields"), _STANDARD), 201)


def update(world: World, call: Call) -> Answer:
    """PUT /groups/{id}: only what the body names changes."""
    admit(world, call, "manage_groups")
    before = changeable(world, there(world, call.args[0]))
    changed = replace(before, modified_at=stamp(world.clock.now()), **_attributes(call.request.json()))
    _refuse_taken(world, changed)
    world.enterprise.groups.put(changed)
    return ok(shown(changed, call.request.query.get("fields"), _STANDARD))


def delete(world: World, call: Call) -> Answer:
    """DELETE /groups/{id}: with its memberships and collaborations."""
    admit(world, call, "manage_groups")
    group = changeable(world, there(world, call.args[0]))
    world.enterprise.groups.remove(group)
    world.enterprise.collaborations.forget("group", group.id)
    return Answer(204)


def admit(world: World, call: Call, *scopes: str) -> None:
    """403 unless the app has one of the scopes and Enterprise Access, and the actor manages people."""
    require_scope(world, call.actor, *scopes)
    require_admin(world, call.actor)
    if "manage_groups" in scopes and world.enterprise.app.access == "app":
        raise denied(world.choices)


def there(world: World, group_id: str) -> Group:
    """The group with this id, else the 404."""
    found = world.enterprise.groups.get(group_id)
    if found is None:
        raise not_found("group", group_id)
    return found


def changeable(world: World, one: Group, *, reading: bool = False) -> Group:
    """The group, if it is not the one that Box fills with everybody."""
    if one.group_type == "managed_group" or reading:
        return one
    if world.choices.all_users_group_refusal == 400:
        raise failure(400, "bad_request", "Bad Request")
    raise denied(world.choices)


def shown(one: Group, fields: str | None, tier: tuple[str, ...]) -> dict[str, object]:
    """A group with the fields that are asked for, or those of a tier."""
    whole: dict[str, object] = {
        "type": "group",
        "id": one.id,
        "name": one.name,
        "group_type": one.group_type,
        "created_at": one.created_at,
        "modified_at": one.modified_at,
        "description": one.description,
        "provenance": one.provenance,
        "external_sync_identifier": one.external_sync_identifier,
        "invitability_level": one.invitability_level,
        "member_viewability_level": one.member_viewability_level,
        "permissions": {"can_invite_as_collaborator": True},
    }
    return selected(whole, fields, tier)


def _attributes(given: Mapping[str, object]) -> dict[str, Any]:
    """What a body sets, checked; null empties a text."""
    texts = {name: _text(name, given[name]) for name in _TEXTS if name in given}
    levels = {name: str(given[name]) for name in _WHO if given.get(name) is not None}
    for name, told in levels.items():
        if told not in _LEVELS:
            raise invalid(name, f"Invalid value '{told}'. {name} must be one of {', '.join(_LEVELS)}")
    return {**texts, **levels}


def _text(name: str, value: object) -> str:
    if value is None and name != "name":
        return ""
    if not isinstance(value, str) or (name == "name" and not value.strip()):
        raise invalid(name, f"Invalid value '{value}'.")
    if len(value) > _TEXTS[name]:
        raise invalid(name, f"Invalid value. {name} is longer than {_TEXTS[name]} characters")
    return value.strip() if name == "name" else value


def _refuse_taken(world: World, wanted: Group) -> None:
    other = world.enterprise.groups.named(wanted.name)
    if other is not None and other.id != wanted.id:
        raise group_name_taken(wanted.name, world.choices)
