"""GET /enterprise_configurations/{id}: what the admin has set (API reference, version 2025.0).

Undocumented: which scope it needs; here that of enterprise properties, as for events. What the enterprise of a seed does not set is as
in a fresh one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provision.sandbox.errors import Answer, invalid, not_found, ok, older_version

from .rights import require_admin, require_scope

if TYPE_CHECKING:
    from provision.sandbox.world import Call, World

_VERSION = "2025.0"
_CATEGORIES = ("security", "content_and_sharing", "user_settings", "shield")
#: what there is to be set, and how it is without a word
_USER_SETTINGS: dict[str, bool | int | str] = {
    "user_invites_expiration_time_frame": "never",
    "is_username_change_restricted": False,
    "is_unlimited_storage_enabled_for_new_users": False,
    "new_user_default_storage_limit": 10_737_418_240,
    "new_user_default_timezone": "America/Los_Angeles",
    "new_user_default_language": "English (US)",
    "is_enterprise_sso_required": False,
    "is_enterprise_sso_in_testing": False,
}


def configuration(world: World, call: Call) -> Answer:
    """The categories that are asked for, each setting with its value and whether it is in use."""
    require_scope(world, call.actor, "manage_enterprise_properties")
    require_admin(world, call.actor)
    if call.request.headers.get("box-version") != _VERSION:
        raise older_version()
    facts = world.enterprise.facts
    if call.args[0] != facts.id:
        raise not_found("enterprise_id", call.args[0])
    wanted = call.request.query.get("categories", "").split(",")
    if not set(wanted) <= {*_CATEGORIES}:
        raise invalid("categories", "Invalid value.")
    told: dict[str, object] = {"id": facts.id, "type": "enterprise_configuration"}
    return ok(told | {name: _category(world, name) for name in wanted})


def _category(world: World, name: str) -> dict[str, object]:
    """One category; only that of users has something in it here."""
    if name != "user_settings":
        return {}
    facts = world.enterprise.facts
    codes = [{"id": number, "name": code} for number, code in enumerate(facts.tracking_codes or (), start=1)]
    items = {key: facts.settings.get(key, value) for key, value in _USER_SETTINGS.items()}
    return {
        **{key: {"is_used": True, "value": value} for key, value in items.items()},
        "user_tracking_codes": {"is_used": facts.tracking_codes is not None, "value": codes},
    }
