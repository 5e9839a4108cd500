"""Collaborations: inviting, accepting, other roles, other owners, ending (API reference, Collaborations).

People of the enterprise and groups are in at once; accounts outside, and addresses without an account, are pending.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from provision.sandbox.api.abilities import ROLES
from provision.sandbox.api.attributes import bad, is_address
from provision.sandbox.api.groups import there
from provision.sandbox.api.items import given as body
from provision.sandbox.api.items import reach
from provision.sandbox.api.items.moves import hand_over
from provision.sandbox.api.rights import is_visible
from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, denied, failure, invalid, not_found, ok
from provision.sandbox.model.collaborations import Collaboration
from provision.sandbox.model.items import ROOT, Folder

from .view import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.model.accounts import Account
    from provision.sandbox.model.items import Item
    from provision.sandbox.world import Call, World

    Given = Mapping[str, object]

Status = Literal["accepted", "pending", "rejected"]


def create(world: World, call: Call) -> Answer:
    """POST /collaborations."""
    given = call.request.json()
    item = _what(world, call, given.get("item"))
    role = _role(world, call, item, given.get("role"))
    grantee, status = _grantee(world, item, given.get("accessible_by"))
    _refuse_twice(world, item, grantee)
    now = stamp(world.clock.now())
    made = Collaboration(
        id=world.enterprise.next_id(),
        item_kind=item.kind,
        item=item.id,
        role=role,
        status=status,
        by=call.actor.account.id,
        created_at=now,
        modified_at=now,
        acknowledged_at=now if status == "accepted" else "",
        **grantee,
        **_switches(given),
    )
    world.enterprise.collaborations.put(made)
    return ok(shown(world, made, call.request.query.get("fields")), 201)


def read(world: World, call: Call) -> Answer:
    """GET /collaborations/{id}: to the grantee and to all who may use the item."""
    return ok(shown(world, _found(world, call)[0], call.request.query.get("fields")))


def update(world: World, call: Call) -> Answer:
    """PUT /collaborations/{id}: role, status, end; 204 without a body when somebody becomes the owner."""
    one, item = _found(world, call)
    given = call.request.json()
    if given.get("status") is not None:
        one = _answered(world, call, one, given["status"])
    if given.get("role") == "owner":
        _hand_over(world, call, one, item)
        return Answer(204)
    if given.keys() & {"role", "expires_at", "can_view_path", "is_access_only"}:
        _require_invite(world, call, item)
    if given.get("role") is not None:
        one = msgspec.structs.replace(one, role=_role(world, call, item, given["role"]))
    changed = msgspec.structs.replace(one, modified_at=stamp(world.clock.now()), **_switches(given))
    return ok(shown(world, world.enterprise.collaborations.put(changed)))


def delete(world: World, call: Call) -> Answer:
    """DELETE /collaborations/{id}: by the grantee, or by who may invite."""
    one, item = _found(world, call)
    if one.user != call.actor.account.id:
        _require_invite(world, call, item)
    world.enterprise.collaborations.drop(one)
    return Answer(204)


def claim(world: World, account: Account) -> None:
    """What was waiting for an address is somebody's who has it now."""
    for one in world.enterprise.collaborations.of("login", account.login.casefold()):
        accept(world, msgspec.structs.replace(one, user=account.id))


def answer(world: World, one: Collaboration, *, accepted: bool) -> Collaboration:
    """What somebody outside says to an invitation."""
    if accepted:
        return accept(world, one)
    return world.enterprise.collaborations.put(msgspec.structs.replace(one, status="rejected"))


def accept(world: World, one: Collaboration) -> Collaboration:
    """A pending one is accepted; it has to have an account by now."""
    now = stamp(world.clock.now())
    changed = msgspec.structs.replace(one, status="accepted", login="", acknowledged_at=now, modified_at=now)
    return world.enterprise.collaborations.put(changed)


def _what(world: World, call: Call, given: object) -> Item:
    kind, wanted = (given.get("type"), given.get("id")) if isinstance(given, dict) else (None, None)
    if kind not in ("folder", "file") or not isinstance(wanted, str):
        raise invalid("item", "'item' is required", "missing_parameter")
    if wanted == ROOT:
        told = "Root folder cannot be collaborated"
        raise failure(400, "collaborations_not_available_on_root_folder", told)
    return (reach.folder if kind == "folder" else reach.file)(world, call, wanted, "invite")


def _role(world: World, call: Call, item: Item, given: object) -> str:
    if not isinstance(given, str) or given not in ROLES or given == "owner":
        raise bad("role", given)
    mine = reach.role(world, call.actor.account, item)
    if given == "co-owner" and mine not in ("owner", "co-owner"):
        raise denied(world.choices)
    return given


def _grantee(world: World, item: Item, given: object) -> tuple[dict[str, Any], Status]:
    """Whom a body means, as fields of a collaboration, and whether they are in at once."""
    told = given if isinstance(given, dict) else {}
    kind, wanted, login = told.get("type"), told.get("id"), told.get("login")
    if kind == "group" and isinstance(wanted, str):
        return {"group": there(world, wanted).id}, "accepted"
    if kind == "user" and isinstance(wanted, str):
        return _known_user(world, item, wanted)
    if kind == "user" and isinstance(login, str) and is_address(login):
        account = world.enterprise.accounts.with_login(login)
        outside = world.enterprise.elsewhere.get(login.casefold())
        if account is not None and is_visible(world, account):
            return {"user": account.id}, "accepted"
        _refuse_outsiders(world, item)
        known = {"user": outside.id} if outside is not None and outside.what == "external" else {}
        return {**known, "login": login}, "pending"
    raise invalid("accessible_by", "'accessible_by' is required", "missing_parameter")


def _known_user(world: World, item: Item, wanted: str) -> tuple[dict[str, Any], Status]:
    account = world.enterprise.accounts.get(wanted)
    if account is not None and is_visible(world, account):
        return {"user": account.id}, "accepted"
    outside = world.enterprise.external(wanted)
    if outside is None:
        raise not_found("user", wanted)
    _refuse_outsiders(world, item)
    return {"user": outside.id, "login": outside.login}, "pending"


def _refuse_outsiders(world: World, item: Item) -> None:
    owner = world.enterprise.accounts.get(item.owner)
    restricted = owner is not None and owner.is_external_collab_restricted
    above = world.enterprise.content.above(item)
    folders = [one for one in (item, *above) if isinstance(one, Folder)]
    if restricted or any(one.is_collaboration_restricted_to_enterprise for one in folders):
        told = "Access denied: external collaboration is not allowed"
        raise failure(403, "forbidden_by_policy", told)


def _refuse_twice(world: World, item: Item, grantee: Mapping[str, str]) -> None:
    """Disputed: 400 in the guide on errors, 409 in the guide on provisioning (`Choices.collaboration_twice_status`)."""
    others = world.enterprise.collaborations.of("item", item.id)
    twice = any(all(getattr(one, key) == value for key, value in grantee.items()) for one in others)
    if twice or grantee.get("user") == item.owner:
        status = world.choices.collaboration_twice_status
        raise failure(status, "user_already_collaborator", "User is already a collaborator")


def _switches(given: Given) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key in ("is_access_only", "can_view_path"):
        if key in given:
            if not isinstance(given[key], bool):
                raise bad(key, given[key])
            found[key] = given[key]
    if "expires_at" in given:
        found["expires_at"] = body.moment("expires_at", given["expires_at"])
    return found


def _found(world: World, call: Call) -> tuple[Collaboration, Item]:
    """The collaboration and its item, if the acting user may know of them."""
    one = world.enterprise.collaborations.get(call.args[0])
    item = world.enterprise.content.find(one.item) if one is not None else None
    if one is None or item is None or world.enterprise.content.is_trashed(item):
        raise not_found("collaboration", call.args[0])
    if one.user != call.actor.account.id and not reach.role(world, call.actor.account, item):
        raise not_found("collaboration", call.args[0])
    return one, item


def _require_invite(world: World, call: Call, item: Item) -> None:
    if "invite" not in reach.abilities(world, call.actor.account, item):
        raise denied(world.choices)


def _answered(world: World, call: Call, one: Collaboration, status: object) -> Collaboration:
    """Only who is invited can say yes or no, and only once."""
    if status not in ("accepted", "rejected"):
        raise bad("status", status)
    if one.status == status:
        return one
    if one.user != call.actor.account.id or one.status != "pending":
        raise denied(world.choices)
    return answer(world, one, accepted=status == "accepted")


def _hand_over(world: World, call: Call, one: Collaboration, item: Item) -> None:
    """The grantee owns the item from now on, in the own root; the old owner stays as co-owner on a new collaboration."""
    enterprise, old = world.enterprise, item.owner
    new = enterprise.accounts.get(one.user)
    if old != call.actor.account.id or new is None or one.status != "accepted":
        raise denied(world.choices)
    body.refuse_taken(world, (new.id, ROOT), item.name, item.kind)
    hand_over(world, item, new.id, ROOT)
    enterprise.collaborations.drop(one)
    now = stamp(world.clock.now())
    enterprise.collaborations.put(
        msgspec.structs.replace(
            one,
            id=enterprise.next_id(),
            user=old,
            role="co-owner",
            by=new.id,
            created_at=now,
            modified_at=now,
        )
    )
