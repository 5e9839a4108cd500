"""What of a thing an answer has: its standard fields, or those that `fields` names (Box guide, Request extra fields).

Without `fields` an answer about a user has the standard tier; role, tracking codes, enterprise, external_app_user_id and
the like only come when they are named (schemas User and User--Full of the API reference).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from .model.accounts import Account, AccountKind, Elsewhere

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from .choices import Choices
    from .model.enterprise import Enterprise

    Columns = Sequence[tuple[str, Callable[[Account], object]]]

T = TypeVar("T")

MINI = ("type", "id", "name", "login")
STANDARD = (
    *MINI,
    *("created_at", "modified_at", "language", "timezone", "space_amount", "space_used", "max_upload_size"),
    *("status", "job_title", "phone", "address", "avatar_url", "notification_email"),
)
_SAME = (
    *(
        "id",
        "name",
        "login",
        "created_at",
        "modified_at",
        "language",
        "timezone",
        "space_amount",
        "space_used",
    ),
    *("max_upload_size", "status", "job_title", "phone", "address", "avatar_url", "external_app_user_id"),
    *("can_see_managed_users", "is_sync_enabled", "is_external_collab_restricted"),
    *("is_exempt_from_device_limits", "is_exempt_from_login_verification"),
)


def selected(whole: Mapping[str, T], fields: str | None, tier: Iterable[str]) -> dict[str, T]:
    """The parts of a thing that `fields` names, with type and id; without `fields` those of a tier."""
    asked = tier if fields is None else ("type", "id", *(name.strip() for name in fields.split(",")))
    return {name: whole[name] for name in dict.fromkeys(asked) if name in whole}


class Fields:
    """Renders users of one enterprise."""

    def __init__(self, enterprise: Enterprise, choices: Choices) -> None:
        facts = enterprise.facts
        owner = {"type": "enterprise", "id": facts.id, "name": facts.name}
        self._hidden = set(choices.hidden_attributes) if choices.hidden_as == "absent" else set()
        self._base = MINI if choices.fields_base == "mini" else MINI[:2]
        self._getters = _getters(owner, choices)
        self.columns = lru_cache(maxsize=256)(self._columns)

    def user(self, account: Account, fields: str | None) -> dict[str, object]:
        """One user; `fields` as in the query, None for the standard tier."""
        return {name: get(account) for name, get in self.columns(fields)}

    def users(self, accounts: Sequence[Account], fields: str | None) -> list[dict[str, object]]:
        """Many users."""
        columns = self.columns(fields)
        return [{name: get(account) for name, get in columns} for account in accounts]

    def outsider(self, one: Elsewhere, fields: str | None) -> dict[str, object]:
        """An external user: what is not ours to see is null (API reference, GET /users/{id})."""
        seen = {"type": "user", "id": one.id, "name": one.name, "login": one.login}
        return {name: seen.get(name) for name, _ in self.columns(fields)}

    def _columns(self, fields: str | None) -> Columns:
        asked = STANDARD if fields is None else [name.strip() for name in fields.split(",")]
        wanted = asked if fields is None else (*self._base, *asked)
        # Names Box does not know are left out (undocumented, and the least surprising).
        known = [name for name in dict.fromkeys(wanted) if name in self._getters and name not in self._hidden]
        return [(name, self._getters[name]) for name in known]


def _attribute(name: str) -> Callable[[Account], object]:
    from operator import attrgetter

    return attrgetter(name)


def _getters(owner: dict[str, str], choices: Choices) -> dict[str, Callable[[Account], object]]:
    unset: object = None if choices.unset_notification_email == "null" else []
    special: dict[str, Callable[[Account], object]] = {
        "type": lambda _: "user",
        "enterprise": lambda _: owner,
        "my_tags": lambda _: [],
        "hostname": lambda _: "https://app.box.com/",
        "role": lambda account: _role(account, choices),
        "is_platform_access_only": lambda account: _platform_only(account, choices),
        "tracking_codes": _tracking_codes,
        "notification_email": lambda account: _notification(account) or unset,
    }
    hidden = {name: _hidden(name, choices.hidden_as) for name in choices.hidden_attributes}
    return {name: _attribute(name) for name in _SAME} | special | hidden


def _hidden(name: str, how: str) -> Callable[[Account], object]:
    if how != "empty":
        return lambda _: None
    return (lambda _: []) if name == "tracking_codes" else (lambda _: "")


def _role(account: Account, choices: Choices) -> str:
    return choices.service_account_role if account.kind is AccountKind.SERVICE else account.role


def _platform_only(account: Account, choices: Choices) -> bool:
    if account.kind is AccountKind.SERVICE:
        return choices.service_account_platform_only
    return account.kind is AccountKind.APP


def _tracking_codes(account: Account) -> list[dict[str, str]]:
    return [{"type": "tracking_code", "name": name, "value": value} for name, value in account.tracking_codes]


def _notification(account: Account) -> dict[str, object] | None:
    if not account.notification_email:
        return None
    return {"email": account.notification_email, "is_confirmed": account.notification_email_confirmed}
