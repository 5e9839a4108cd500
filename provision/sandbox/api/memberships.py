"""Who is in which group, from both sides, and as things of their own (API reference, Group memberships)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, denied, invalid, member_already, not_found, ok
from provision.sandbox.model.accounts import AccountKind
from provision.sandbox.model.groups import GroupMember

from .groups import MINI, admit, changeable, shown, there
from .paging import page
from .users import found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.world import Call, World

_ROLES = ("member", "admin")
#: what a group admin may do; a key that is left out is granted (API reference, POST /group_memberships)
_PERMISSIONS = ("can_create_accounts", "can_edit_accounts", "can_instant_login", "can_run_reports")


def of_group(world: World, call: Call) -> Answer:
    """GET /groups/{id}/memberships."""
    admit(world, call, "manage_groups")
    among = world.enterprise.groups.of_group(there(world, call.args[0]).id)
    return page(world, call, among, lambda one: _mini(world, one))


def of_user(world: World, call: Call) -> Answer:
    """GET /users/{id}/memberships: anybody's to admins, one's own to everybody."""
    if call.args[0] != call.actor.account.id:
        admit(world, call, "manage_groups")
    among = world.enterprise.groups.of_user(found(world, call.args[0]).id)
    return page(world, call, among, lambda one: _mini(world, one))


def add(world: World, call: Call) -> Answer:
    """POST /group_memberships."""
    admit(world, call, "manage_groups")
    given = call.request.json()
    user = found(world, _id_of(given, "user"))
    group = changeable(world, there(world, _id_of(given, "group")))
    if user.kind is AccountKind.APP and world.choices.app_users_in_groups == "refused":
        raise denied(world.choices)
    if world.enterprise.groups.between(user.id, group.id) is not None:
        raise member_already(world.choices)
    now = stamp(world.clock.now())
    made = GroupMember(
        id=world.enterprise.next_id(),
        user=user.id,
        group=group.id,
        role=_role(given),
        permissions=_permissions(given),
        created_at=now,
        modified_at=now,
    )
    world.enterprise.groups.join(made)
    return ok(_whole(world, made), 201)


def read(world: World, call: Call) -> Answer:
    """GET /group_memberships/{id}."""
    admit(world, call, "manage_groups")
    return ok(_whole(world, _membership(world, call)))


def update(world: World, call: Call) -> Answer:
    """PUT /group_memberships/{id}: the role, and what an admin of the group may do."""
    admit(world, call, "manage_groups")
    before, given = _membership(world, call), call.request.json()
    changed = replace(
        before,
        role=_role(given, before.role),
        permissions=_permissions(given) if "configurable_permissions" in given else before.permissions,
        modified_at=stamp(world.clock.now()),
    )
    world.enterprise.groups.join(changed)
    return ok(_whole(world, changed))


def remove(world: World, call: Call) -> Answer:
    """DELETE /group_memberships/{id}."""
    admit(world, call, "manage_groups")
    world.enterprise.groups.leave(_membership(world, call))
    return Answer(204)


def _membership(world: World, call: Call) -> GroupMember:
    found_one = world.enterprise.groups.membership(call.args[0])
    if found_one is None:
        raise not_found("group_membership", call.args[0])
    changeable(world, there(world, found_one.group), reading=call.request.method == "GET")
    return found_one


def _id_of(given: Mapping[str, object], name: str) -> str:
    thing = given.get(name)
    told = thing.get("id") if isinstance(thing, dict) else None
    if not isinstance(told, str | int) or isinstance(told, bool) or not str(told):
        raise invalid(name, f"'{name}' is required", reason="missing_parameter")
    return str(told)


def _role(
    given: Mapping[str, object], otherwise: Literal["member", "admin"] = "member"
) -> Literal["member", "admin"]:
    role = given.get("role", otherwise)
    if role == "member" or role == "admin":  # noqa: PLR1714 - a set would lose the type
        return role
    raise invalid("role", f"Invalid value '{role}'. role must be one of {', '.join(_ROLES)}")


def _permissions(given: Mapping[str, object]) -> dict[str, bool]:
    """What is told of them: null is none of them, and so are all that are named false."""
    told = given.get("configurable_permissions", {})
    if told is None:
        return dict.fromkeys(_PERMISSIONS, False)
    if not isinstance(told, dict) or not all(isinstance(one, bool) for one in told.values()):
        raise invalid("configurable_permissions", f"Invalid value '{told}'.")
    return {str(name): one for name, one in told.items() if name in _PERMISSIONS}


def _mini(world: World, one: GroupMember) -> dict[str, object]:
    user, in_group = world.enterprise.accounts.get(one.user), world.enterprise.groups.get(one.group)
    return {
        "type": "group_membership",
        "id": one.id,
        "user": None if user is None else world.fields.user(user, "type,id,name,login"),
        "group": None if in_group is None else shown(in_group, None, MINI),
        "role": one.role,
    }


def _whole(world: World, one: GroupMember) -> dict[str, object]:
    """As a membership by itself is answered (Box CLI, test/fixtures/groups/post_group_memberships.json)."""
    allowed = dict.fromkeys(_PERMISSIONS, True) | one.permissions if one.role == "admin" else None
    group = world.enterprise.groups.get(one.group)
    began = one.created_at or (group.created_at if group else "")  # of a seed: as old as the group
    times = {"created_at": began or None, "modified_at": one.modified_at or began or None}
    return {**_mini(world, one), "configurable_permissions": allowed, **times}
