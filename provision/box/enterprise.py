"""What Box tells of an enterprise as a whole, and whether content may be read: looks of one request each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from provision.box.calls import ROOT, Calls, decoded

#: the version of the API that has settings (Box API reference, GET /enterprise_configurations/{enterprise_id})
_VERSION = "2025.0"


@dataclass(frozen=True, slots=True)
class EnterpriseSettings:
    """What the admin has set, as far as Box tells; None for what it does not.

    ``invites`` is how long an invitation is good for, and ``storage`` what somebody new gets, in bytes or "unlimited";
    ``tracking_codes`` are the names that are registered.
    """

    sso_required: bool | None = None
    sso_in_testing: bool | None = None
    invites: str | None = None
    logins_fixed: bool | None = None
    storage: str | None = None
    language: str | None = None
    timezone: str | None = None
    tracking_codes: tuple[str, ...] | None = None


class _Setting(msgspec.Struct):
    """One setting; Box writes ``is_used`` false where the feature is off."""

    value: Any = None
    is_used: bool | None = None


class _UserSettings(msgspec.Struct):
    is_enterprise_sso_required: _Setting | None = None
    is_enterprise_sso_in_testing: _Setting | None = None
    user_invites_expiration_time_frame: _Setting | None = None
    is_username_change_restricted: _Setting | None = None
    is_unlimited_storage_enabled_for_new_users: _Setting | None = None
    new_user_default_storage_limit: _Setting | None = None
    new_user_default_language: _Setting | None = None
    new_user_default_timezone: _Setting | None = None
    user_tracking_codes: _Setting | None = None


class _Configuration(msgspec.Struct):
    user_settings: _UserSettings | None = None


class EnterpriseCalls(Calls):
    """Every method makes one request that changes nothing, and may raise any BoxFault."""

    def settings(self, enterprise_id: str) -> EnterpriseSettings:
        """What the admin has set for users (GET /enterprise_configurations/{enterprise_id}). Raises Garbled for what is none."""
        path = f"/2.0/enterprise_configurations/{enterprise_id}"
        body = self._read(path, {"categories": "user_settings"}, version=_VERSION)
        told = decoded(msgspec.json.Decoder(_Configuration).decode, body).user_settings or _UserSettings()
        unlimited = _flag(told.is_unlimited_storage_enabled_for_new_users)
        return EnterpriseSettings(
            sso_required=_flag(told.is_enterprise_sso_required),
            sso_in_testing=_flag(told.is_enterprise_sso_in_testing),
            invites=_text(told.user_invites_expiration_time_frame),
            logins_fixed=_flag(told.is_username_change_restricted),
            storage="unlimited" if unlimited else _text(told.new_user_default_storage_limit),
            language=_text(told.new_user_default_language),
            timezone=_text(told.new_user_default_timezone),
            tracking_codes=_names(told.user_tracking_codes),
        )

    def may_read_content(self) -> None:
        """Ask for the root folder of the account behind the token, whose content needs a scope (GET /folders/{folder_id})."""
        self._read(f"/2.0/folders/{ROOT}", {"fields": "id"})

    def may_manage_properties(self) -> None:
        """Ask for one event of the enterprise, which needs the scope that invitations need (GET /events).

        Rejected with ``scope_missing`` where that scope is what is missing.
        """
        self._read("/2.0/events", {"stream_type": "admin_logs", "limit": "1"})

    def list_root(self) -> None:
        """List one entry of the root folder of the account behind the token (GET /folders/{folder_id}/items)."""
        self._read(f"/2.0/folders/{ROOT}/items", {"limit": "1", "fields": "id"})


def _flag(item: _Setting | None) -> bool | None:
    return item.value if item is not None and isinstance(item.value, bool) else None


def _text(item: _Setting | None) -> str | None:
    value = None if item is None else item.value
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _names(item: _Setting | None) -> tuple[str, ...] | None:
    """The names of the codes; None where Box tells of no list, or of a feature that is off for everybody."""
    if item is None or item.is_used is False or not isinstance(item.value, list):
        return None
    return tuple(str(one["name"]) for one in item.value if isinstance(one, dict) and one.get("name"))
