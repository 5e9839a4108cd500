"""Users as Box tells them, decoded straight into canonical text: columns for a listing, one value for a single account.

The SDK's own objects cost some 90 ms for a page of 1,000 users, a typed decode one or two, so pages come as raw bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from provision.box.answers import (
    AnyUser,
    PlainPage,
    PlainUser,
    RawEnterprise,
    RawPage,
    Text,
    UserCode,
    raw_user,
)
from provision.model import MADE_BY_BOX, NO_LIMIT, UNLIMITED, UserKind, made_by_box
from provision.tracking_codes import codes_text, codes_texts

#: what Box is asked for; ``fields`` replaces the default set, so name and login are named too
#: (developer.box.com, Request extra fields)
FIELDS = (
    "id", "type", "name", "login", "role", "status", "language", "timezone", "job_title", "phone", "address",
    "space_amount", "is_sync_enabled", "can_see_managed_users", "is_external_collab_restricted",
    "is_exempt_from_device_limits", "is_exempt_from_login_verification", "notification_email", "tracking_codes",
    "is_platform_access_only", "external_app_user_id", "enterprise",
)  # fmt: skip

#: columns of a listing, all text; "" is empty or, for ``kind`` and ``role``, *not read*. ``untold`` names the attributes
#: that the answer did not carry, with commas between: their cells are "" and say nothing
COLUMNS = (
    "box_id", "login", "name", "kind", "external_id", "role", "status", "language", "timezone", "job_title", "phone",
    "address", "space_amount", "is_sync_enabled", "can_see_managed_users", "is_external_collab_restricted",
    "is_exempt_from_device_limits", "is_exempt_from_login_verification", "notification_email", "tracking_codes",
    "enterprise_id", "untold",
)  # fmt: skip

#: attributes that every account has
_ALWAYS_TOLD = (
    "name", "status", "language", "timezone", "space_amount", "is_sync_enabled", "can_see_managed_users",
    "is_external_collab_restricted", "is_exempt_from_device_limits", "is_exempt_from_login_verification",
)  # fmt: skip
#: attributes that are "" where an account has none. null is what this sign-in may not see (Box API reference, GET /users/{user_id}),
#: but for ``notification_email``, which alone is documented to be null where there is none
_TEXTS = ("job_title", "phone", "address")
_NEVER_NULL = (*_ALWAYS_TOLD, *_TEXTS, "tracking_codes")


@dataclass(frozen=True, slots=True)
class Whoami:
    """The account behind the token, and its enterprise's id ("" if Box does not tell one)."""

    box_id: str
    enterprise_id: str
    name: str = field(default="", repr=False, compare=False)
    login: str = field(default="", repr=False, compare=False)
    role: str = field(default="", compare=False)


class Account(msgspec.Struct, frozen=True):
    """One existing account: ``cells`` is one row of a listing, by column."""

    cells: dict[str, str]

    @property
    def box_id(self) -> str:
        """Box's id of the account."""
        return self.cells["box_id"]

    @property
    def login(self) -> str:
        """The primary login, as Box spells it."""
        return self.cells["login"]

    @property
    def untold(self) -> tuple[str, ...]:
        """The attributes that Box did not tell."""
        return tuple(filter(None, self.cells["untold"].split(",")))


@dataclass(frozen=True, slots=True)
class ListingPage:
    """One page of a listing: the cells for each of COLUMNS, and the marker of the next page ("" at the end).

    ``limit`` is the page size Box says it has used (it lowers one that is too large), 0 if it does not say. ``total`` is how
    many users there are at most, None if it does not say, as of pages by marker.
    """

    columns: Mapping[str, Sequence[str]]
    marker: str
    limit: int = 0
    total: int | None = None

    def __len__(self) -> int:
        return len(self.columns["box_id"])


def page(raw: PlainPage | RawPage[AnyUser]) -> ListingPage:
    """A decoded page as columns; ``raw.entries`` must not be None."""
    marker = "" if raw.next_marker is None else str(raw.next_marker)
    return ListingPage(_Cells(raw), marker, raw.limit or 0, raw.total_count)


class _Cells(Mapping[str, Sequence[str]]):
    """The columns of a page, made when the first of them is wanted: whoever has the next marker asks for that page before."""

    def __init__(self, raw: PlainPage | RawPage[AnyUser]) -> None:
        self._raw: PlainPage | RawPage[AnyUser] | None = raw
        self._made: dict[str, Sequence[str]] = {}

    def __getitem__(self, name: str) -> Sequence[str]:
        raw, self._raw = self._raw, None
        if isinstance(raw, PlainPage):
            self._made = _plain_columns(raw.entries or [])
        elif raw is not None:
            self._made = _columns(raw.entries or [])
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COLUMNS)

    def __len__(self) -> int:
        return len(COLUMNS)


def account(body: bytes) -> Account:
    """Decode the answer about one user. Raises ``msgspec.MsgspecError`` if it is not one."""
    user = raw_user(body)
    return Account({name: cell(user) for name, cell in _CELLS.items()})


def accounts_on(found: ListingPage) -> list[Account]:
    """The users of a page, one value each."""
    rows = zip(*found.columns.values(), strict=True)
    return [Account(dict(zip(COLUMNS, row, strict=True))) for row in rows]


def _columns(users: Sequence[AnyUser]) -> dict[str, Sequence[str]]:
    return {name: [cell(user) for user in users] for name, cell in _CELLS.items()}


def _text(value: Text) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _kind(user: AnyUser) -> str:
    if user.is_platform_access_only or made_by_box(str(user.login)):
        return UserKind.APP
    return "" if user.is_platform_access_only is None else UserKind.MANAGED


def _amount(value: Text) -> str:
    text = _text(value)
    return UNLIMITED if text.isdigit() and int(text) >= NO_LIMIT else text


def _notification(user: AnyUser) -> str:
    told = user.notification_email
    return _text(told.get("email")) if isinstance(told, dict) else ""


def _codes(user: AnyUser) -> str:
    if not user.tracking_codes:
        return ""
    return codes_text({_text(code.name): _text(code.value) for code in user.tracking_codes})


def _untold(user: AnyUser | PlainUser) -> str:
    """The attributes of which this answer says nothing: an empty text or list of codes is an answer, none at all is not."""
    silent = [name for name in _NEVER_NULL if getattr(user, name) is None]
    return ",".join(silent + ["notification_email"] * (user.notification_email is msgspec.UNSET))


def _enterprise(user: AnyUser) -> str:
    if user.enterprise is msgspec.UNSET:
        return "?"
    return "" if user.enterprise is None else _text(user.enterprise.id)


def _plain(name: str) -> Any:
    def cell(user: AnyUser) -> str:
        value = getattr(user, name)
        return value if type(value) is str else _text(value)

    return cell


_OTHERS = {
    "box_id": lambda user: str(user.id),
    "kind": _kind,
    "external_id": lambda user: _text(user.external_app_user_id),
    "space_amount": lambda user: _amount(user.space_amount),
    "notification_email": _notification,
    "tracking_codes": _codes,
    "enterprise_id": _enterprise,
    "untold": _untold,
}
_CELLS = {name: _OTHERS.get(name) or _plain(name) for name in COLUMNS}

_SAID = {True: "true", False: "false", None: ""}
_KINDS = {True: UserKind.APP.value, False: UserKind.MANAGED.value, None: ""}


def _plain_columns(users: Sequence[PlainUser]) -> dict[str, Sequence[str]]:
    """The same cells for users who all are as documented.

    Fields are written out, since a million users make twenty million cells, and a call for each would be most of the time.
    """
    columns = _plain_words(users) | _plain_flags(users)
    columns["kind"] = _kinds([user.is_platform_access_only for user in users], columns["login"])
    amounts = {amount: _amount(amount) for amount in {user.space_amount for user in users}}
    columns["space_amount"] = [amounts[user.space_amount] for user in users]
    told = [user.notification_email for user in users]
    columns["notification_email"] = [notified.email or "" if notified else "" for notified in told]
    columns["tracking_codes"] = _all_codes(codes := [user.tracking_codes for user in users])
    columns["enterprise_id"] = _enterprises([user.enterprise for user in users])
    columns["untold"] = _all_untold(users, columns, told, codes)
    return {name: columns[name] for name in COLUMNS}


def _plain_words(users: Sequence[PlainUser]) -> dict[str, Sequence[str]]:
    return {
        "box_id": [str(user.id) for user in users],
        "login": [user.login or "" for user in users],
        "name": [user.name or "" for user in users],
        "external_id": [user.external_app_user_id or "" for user in users],
        "role": [user.role or "" for user in users],
        "status": [user.status or "" for user in users],
        "language": [user.language or "" for user in users],
        "timezone": [user.timezone or "" for user in users],
        "job_title": [user.job_title or "" for user in users],
        "phone": [user.phone or "" for user in users],
        "address": [user.address or "" for user in users],
    }


def _plain_flags(users: Sequence[PlainUser]) -> dict[str, Sequence[str]]:
    return {
        "is_sync_enabled": [_SAID[user.is_sync_enabled] for user in users],
        "can_see_managed_users": [_SAID[user.can_see_managed_users] for user in users],
        "is_external_collab_restricted": [_SAID[user.is_external_collab_restricted] for user in users],
        "is_exempt_from_device_limits": [_SAID[user.is_exempt_from_device_limits] for user in users],
        "is_exempt_from_login_verification": [
            _SAID[user.is_exempt_from_login_verification] for user in users
        ],
    }


def _kinds(flags: Sequence[bool | None], logins: Sequence[str]) -> list[str]:
    kinds = [_KINDS[flag] for flag in flags]
    if MADE_BY_BOX not in "\n".join(logins):
        return kinds
    app = UserKind.APP.value
    return [app if made_by_box(login) else kind for kind, login in zip(kinds, logins, strict=True)]


def _all_codes(column: Sequence[tuple[UserCode[str], ...] | None]) -> list[str]:
    if not any(column):
        return [""] * len(column)
    told = [{code.name or "": code.value or "" for code in codes or ()} for codes in column]
    return codes_texts(told)


def _all_untold(
    users: Sequence[PlainUser],
    columns: dict[str, Sequence[str]],
    notified: Sequence[object],
    codes: Sequence[object],
) -> list[str]:
    """The same for a page, on which mostly everything is told: whether that is so is seen without a look at each user."""
    silent = None in codes or any("" in columns[name] for name in _ALWAYS_TOLD)
    texts = ([getattr(user, name) for user in users] for name in _TEXTS)
    if silent or msgspec.UNSET in notified or any(None in column for column in texts):
        return [_untold(user) for user in users]
    return [""] * len(users)


def _enterprises(column: Sequence[RawEnterprise[str] | msgspec.UnsetType | None]) -> list[str]:
    return ["?" if told is msgspec.UNSET else told.id or "" if told else "" for told in column]
