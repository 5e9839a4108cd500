"""What the body of a create or an update may hold, and what it becomes on the account.

Limits and closed sets are those of the API reference, POST /users and PUT /users/{user_id}; languages those
of Box's guide Language codes. How Box words a refusal of a single value is undocumented: a generic 400.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from provision.sandbox.errors import RefusedCall, invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provision.sandbox.world import World

    Check = Callable[[str, object, World], dict[str, object]]

_LANGUAGES = "bn da de en gb e2 e3 s2 es fi fr f2 hi it ja ko nb nl pl pt ru sv tr zh zt"
LANGUAGES = frozenset(_LANGUAGES.split())
STATUSES = frozenset({"active", "inactive", "cannot_delete_edit", "cannot_delete_edit_upload"})
ROLES = frozenset({"coadmin", "user"})
# What app users have (Box, "first app user" tutorial); everything else is "not accessible" for them.
APP_USER_ATTRIBUTES = frozenset(
    {"name", "language", "job_title", "phone", "address", "status", "timezone", "space_amount"}
    | {"external_app_user_id"}
)
_ADDRESS = re.compile(r"[^@\s<>\"(),:;\\\[\]]+@[^@\s<>\"(),:;\\\[\]]+\.[^@\s.<>\"(),:;\\\[\]]+")
_EMPTY: dict[str, object] = {}


def is_address(value: object) -> bool:
    """Whether a value could be an e-mail address."""
    return isinstance(value, str) and len(value) <= 254 and _ADDRESS.fullmatch(value) is not None


def attributes(given: Mapping[str, object], world: World, *, is_app: bool) -> dict[str, object]:
    """The account fields that a body sets, checked; unknown keys are ignored, as Box does with JSON bodies."""
    found: dict[str, object] = {}
    for name, value in given.items():
        check = CHECKS.get(name)
        if check is None:
            continue
        if is_app and name not in APP_USER_ATTRIBUTES:
            refuse_extra(name, world)
            continue
        found |= check(name, value, world)
    return found


def refuse_extra(name: str, world: World) -> None:
    """What becomes of an attribute that app users do not have: nothing, or a 400 (`Choices`)."""
    if world.choices.extra_app_user_attributes == "refused":
        raise invalid(name, f"'{name}' is not available for app users")


def bad(name: str, value: object) -> RefusedCall:
    """400 that names the parameter and its value (wording undocumented)."""
    return invalid(name, f"Invalid value '{value}'.")


def _text(most: int, *, required: bool = False) -> Check:
    def check(name: str, value: object, world: World) -> dict[str, object]:
        text = "" if value is None else value
        if not isinstance(text, str) or (required and not text.strip()):
            raise bad(name, value)
        if len(text) > most and world.choices.over_long_text == "refused":
            raise bad(name, value)
        return {name: text[:most]}

    return check


def _one_of(allowed: frozenset[str]) -> Check:
    def check(name: str, value: object, _: World) -> dict[str, object]:
        if not isinstance(value, str) or value not in allowed:
            raise bad(name, value)
        return {name: value}

    return check


def _flag(name: str, value: object, _: World) -> dict[str, object]:
    if not isinstance(value, bool):
        raise bad(name, value)
    return {name: value}


@cache
def _zones() -> frozenset[str]:
    from zoneinfo import available_timezones

    return frozenset(available_timezones())


def _zone(name: str, value: object, _: World) -> dict[str, object]:
    if not isinstance(value, str) or value not in _zones():
        raise bad(name, value)
    return {name: value}


def _space(name: str, value: object, world: World) -> dict[str, object]:
    if not isinstance(value, int) or isinstance(value, bool) or not -1 <= value < 2**63:
        raise bad(name, value)
    if value == -1 and world.choices.unlimited_space == "refused":
        raise bad(name, value)
    return {name: value}


def _codes(name: str, value: object, world: World) -> dict[str, object]:
    if not isinstance(value, list):
        raise bad(name, value)
    return {name: tuple(_code(name, one, world) for one in value)}


def _code(name: str, one: object, world: World) -> tuple[str, str]:
    code, text = (one.get("name"), one.get("value")) if isinstance(one, dict) else (None, None)
    if not isinstance(code, str) or not isinstance(text, str):
        raise bad(name, one)
    known = world.enterprise.facts.tracking_codes
    if known is not None and code not in known and world.choices.unknown_tracking_code == "refused":
        # github.com/box/box-java-sdk, issue 853, has this code for tracking codes it does not take
        raise invalid(name, f"Invalid value '{code}'.", code="invalid_request_parameters")
    return code, text


def _notification(name: str, value: object, _: World) -> dict[str, object]:
    if value is None:
        return {"notification_email": "", "notification_email_confirmed": False}
    address = value.get("email") if isinstance(value, dict) else None
    if not isinstance(address, str) or not is_address(address):
        raise invalid(name, f"Invalid value '{address}'.", code="invalid_parameter")
    return {"notification_email": address, "notification_email_confirmed": False}


def _external_id(name: str, value: object, _: World) -> dict[str, object]:
    if value is not None and not isinstance(value, str):
        raise bad(name, value)
    return {name: value or None}


def _accepted(_: str, __: object, ___: World) -> dict[str, object]:
    return _EMPTY


CHECKS: dict[str, Check] = {
    "name": _text(50, required=True),
    "job_title": _text(100),
    "phone": _text(100),
    "address": _text(255),
    "role": _one_of(ROLES),
    "status": _one_of(STATUSES),
    "language": _one_of(LANGUAGES),
    "timezone": _zone,
    "space_amount": _space,
    "tracking_codes": _codes,
    "notification_email": _notification,
    "external_app_user_id": _external_id,
    "can_see_managed_users": _flag,
    "is_sync_enabled": _flag,
    "is_external_collab_restricted": _flag,
    "is_exempt_from_device_limits": _flag,
    "is_exempt_from_login_verification": _flag,
    "is_password_reset_required": _accepted,
}
