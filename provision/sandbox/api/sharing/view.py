"""How a collaboration looks in an answer (API reference, schema Collaboration)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provision.sandbox.api.items.view import mini
from provision.sandbox.fields import selected

if TYPE_CHECKING:
    from provision.sandbox.model.collaborations import Collaboration
    from provision.sandbox.world import World

    Body = dict[str, object]


def shown(world: World, one: Collaboration, fields: str | None = None) -> Body:
    """A collaboration; while it is pending its item is null and the name of who is invited is empty."""
    there = world.enterprise.content.find(one.item)
    pending = one.status == "pending"
    whole: Body = {
        "type": "collaboration",
        "id": one.id,
        "created_by": _user(world, one.by, pending=False),
        "created_at": one.created_at,
        "modified_at": one.modified_at,
        "expires_at": one.expires_at or None,
        "status": one.status,
        "accessible_by": _grantee(world, one, pending=pending),
        "invite_email": one.login or None if pending else None,
        "role": one.role,
        "acknowledged_at": one.acknowledged_at or None,
        "item": None if pending or there is None else mini(there),
        "app_item": None,
        "is_access_only": one.is_access_only,
        "can_view_path": one.can_view_path,
    }
    return selected(whole, fields, (name for name in whole if name != "can_view_path"))


def _grantee(world: World, one: Collaboration, *, pending: bool) -> Body | None:
    if one.group:
        group = world.enterprise.groups.get(one.group)
        told = (group.name, group.group_type) if group is not None else ("", "managed_group")
        return {"type": "group", "id": one.group, "name": told[0], "group_type": told[1]}
    return _user(world, one.user, pending=pending) if one.user else None


def _user(world: World, account_id: str, *, pending: bool) -> Body | None:
    account = world.enterprise.accounts.get(account_id)
    known = account or world.enterprise.external(account_id)
    if known is None:
        return None
    active = account is not None and account.status != "inactive"
    name = "" if pending else known.name
    return {"type": "user", "id": known.id, "name": name, "login": known.login, "is_active": active}
