"""What the bodies and headers of item calls say: names, places, descriptions, links, etags (API reference, Folders, Files)."""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from provision.sandbox.api.attributes import bad
from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, RefusedCall, denied, failure, invalid, name_in_use, not_built

from . import reach
from .links import secret_of
from .view import mini

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provision.sandbox.model.items import Folder, Item
    from provision.sandbox.world import Call, World

    Given = Mapping[str, object]

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f/\\]")
_LEVELS = ("open", "company", "collaborators")
_OPEN: dict[str, object] = {"is_password_enabled": False}


def name(given: object) -> str:
    """What the API reference, POST /folders, says of names."""
    if not isinstance(given, str) or not given:
        raise invalid("name", "'name' is required", "missing_parameter")
    if len(given) > 255:
        raise _bad_name("item_name_too_long", given)
    if _UNPRINTABLE.search(given) or given.endswith(" ") or given in (".", ".."):
        raise _bad_name("item_name_invalid", given)
    return given


def _bad_name(code: str, given: str) -> RefusedCall:
    return invalid("name", f"Invalid value '{given}'.", code=code)


def parent(world: World, call: Call, given: object, ability: str = "upload") -> Folder:
    """The folder that a body names as a parent."""
    wanted = given.get("id") if isinstance(given, dict) else None
    if isinstance(wanted, int) and not isinstance(wanted, bool):
        wanted = str(wanted)  # as the SDK's own test has it (github.com/box/box-python-sdk, test/client.py)
    if not isinstance(wanted, str):
        raise invalid("parent", "'parent' is required", "missing_parameter")
    return reach.folder(world, call, wanted, ability)


def refuse_taken(world: World, place: tuple[str, str], wanted: str, kind: str, but: str = "") -> None:
    """409 if something in a place, an owner and a folder, has that name; with it in a list, or alone if a file wants it."""
    there = world.enterprise.content.named(*place, wanted)
    if there is not None and there.id != but:
        raise name_in_use([mini(there)] if kind == "folder" else mini(there))


def require_match(call: Call, item: Item) -> None:
    """412 if the item is not the one that `If-Match` means (Box guide, Ensure consistency)."""
    wanted = call.request.headers.get("if-match")
    if wanted is not None and wanted.strip('"') not in (str(item.version), "*"):
        told = "The resource has been modified. Please retrieve the resource again and retry"
        raise failure(412, "precondition_failed", told)


def unchanged(call: Call, item: Item) -> Answer | None:
    """304 if the client has this version already, by `If-None-Match`."""
    known = call.request.headers.get("if-none-match", "").split(",")
    if str(item.version) in [one.strip().strip('"') for one in known]:
        return Answer(304, b"", (("etag", str(item.version)),))
    return None


def changes(world: World, call: Call, item: Item, given: Given) -> dict[str, object]:
    """The fields that a body sets, checked; what Box has and the sandbox has not is refused visibly."""
    found: dict[str, object] = {}
    for key, value in given.items():
        if key in ("collections", "disposition_at", "permissions", "owned_by"):
            raise not_built(f"{key} of {call.request.method} /2.0/{item.kind}s/*")
        check = (_FOLDER if item.kind == "folder" else _FILE).get(key)
        if check is not None:
            found |= check(world, call, item, value)
    return found


def _text(_: World, __: Call, ___: Item, value: object) -> dict[str, object]:
    if value is not None and (not isinstance(value, str) or len(value) > 256):
        raise bad("description", value)
    return {"description": value or ""}


def _tags(_: World, __: Call, ___: Item, value: object) -> dict[str, object]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        raise bad("tags", value)
    return {"tags": tuple(dict.fromkeys(value))}


def _desktop(_: World, __: Call, ___: Item, value: object) -> dict[str, object]:
    if value not in ("synced", "not_synced", "partially_synced"):
        raise bad("sync_state", value)
    return {"sync_state": value}


def _owners_flag(key: str) -> Callable[[World, Call, Item, object], dict[str, object]]:
    """A switch that only the owner or a co-owner may set."""

    def check(world: World, call: Call, item: Item, value: object) -> dict[str, object]:
        if not isinstance(value, bool):
            raise bad(key, value)
        if reach.role(world, call.actor.account, item) not in ("owner", "co-owner"):
            raise denied(world.choices)
        return {key: value}

    return check


def _upload_email(_: World, __: Call, item: Item, value: object) -> dict[str, object]:
    if value is None:
        return {"upload_email": None}
    access = value.get("access") if isinstance(value, dict) else None
    if access not in ("open", "collaborators"):
        raise bad("folder_upload_email", value)
    return {"upload_email": access}


def _lock(world: World, call: Call, item: Item, value: object) -> dict[str, object]:
    if value is None:
        return {"lock": None}
    # the reference has `access`, the older SDKs send `type`
    if not isinstance(value, dict) or "lock" not in (value.get("access"), value.get("type")):
        raise bad("lock", value)
    return {
        "lock": {
            "id": world.enterprise.next_id(),
            "by": call.actor.account.id,
            "created_at": stamp(world.clock.now()),
            "expired_at": moment("expires_at", value.get("expires_at")) or None,
            "is_download_prevented": value.get("is_download_prevented") is True,
        }
    }


def _link(_: World, call: Call, item: Item, value: object) -> dict[str, object]:
    """A link keeps its address when it is changed; null removes it."""
    if value is None:
        return {"shared_link": None}
    if not isinstance(value, dict):
        raise bad("shared_link", value)
    access = value.get("access") or (item.shared_link or {}).get("access") or "company"
    if access not in _LEVELS:
        raise bad("shared_link.access", access)
    wished = value.get("permissions")
    wished = wished if isinstance(wished, dict) else {}
    key = (item.shared_link or {}).get("key") or secrets.token_hex(16)
    return {
        "shared_link": {
            "key": key,
            "access": access,
            "vanity_name": value.get("vanity_name"),
            "unshared_at": moment("shared_link.unshared_at", value.get("unshared_at")) or None,
            **_password(item, value),
            "can_download": wished.get("can_download", access != "collaborators") is not False,
            "can_edit": wished.get("can_edit") is True and item.kind == "file",
        }
    }


def _password(item: Item, value: Given) -> dict[str, object]:
    """What a body says of a link's password: null takes it away, silence leaves it."""
    if "password" not in value:
        old = item.shared_link or {}
        return {key: old[key] for key in ("is_password_enabled", "secret") if key in old} or _OPEN
    if value["password"] is None:
        return _OPEN
    if not isinstance(value["password"], str) or len(value["password"]) < 8:
        raise bad("shared_link.password", "***")
    return {"is_password_enabled": True, "secret": secret_of(value["password"])}


def moment(key: str, value: object) -> str:
    """A moment in a body, as it was given; "" for none."""
    if value is None:
        return ""
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        raise bad(key, value) from None
    return str(value)


_BOTH: dict[str, Callable[[World, Call, Item, object], dict[str, object]]] = {
    "description": _text,
    "tags": _tags,
    "shared_link": _link,
}
_FOLDER = {
    **_BOTH,
    "sync_state": _desktop,
    "folder_upload_email": _upload_email,
    "can_non_owners_invite": _owners_flag("can_non_owners_invite"),
    "can_non_owners_view_collaborators": _owners_flag("can_non_owners_view_collaborators"),
    "is_collaboration_restricted_to_enterprise": _owners_flag("is_collaboration_restricted_to_enterprise"),
}
_FILE = {**_BOTH, "lock": _lock}
