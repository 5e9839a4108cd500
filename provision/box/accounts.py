"""Users as Box tells them, decoded straight into canonical text: columns for a listing, one value for a single account.

The SDK's own objects cost some 90 ms for a page of 1,000 users, a typed decode one or two, so pages come as raw bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from provision.model import NO_LIMIT, UNLIMITED, UserKind

_Text = str | int | float | bool | None

#: what Box is asked for; ``fields`` replaces the default set, so name and login are named too
#: (developer.box.com, Request extra fields)
FIELDS = (
    "id", "type", "name", "login", "role", "status", "language", "timezone", "job_title", "phone", "address",
    "space_amount", "is_sync_enabled", "can_see_managed_users", "is_external_collab_restricted",
    "is_exempt_from_device_limits", "is_exempt_from_login_verification", "notification_email", "tracking_codes",
    "is_platform_access_only", "external_app_user_id", "enterprise",
)  # fmt: skip

#: columns of a listing, all text; "" is empty or, for ``kind`` and ``role``, *not read*
COLUMNS = (
    "box_id", "login", "name", "kind", "external_id", "role", "status", "language", "timezone", "job_title", "phone",
    "address", "space_amount", "is_sync_enabled", "can_see_managed_users", "is_external_collab_restricted",
    "is_exempt_from_device_limits", "is_exempt_from_login_verification", "notification_email", "tracking_codes",
    "enterprise_id",
)  # fmt: skip


#: the most users Box puts on one page (Box API reference, GET /users)
PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Whoami:
    """The account behind the token, and its enterprise's id ("" if Box does not tell one)."""

    box_id: str
    enterprise_id: str


class _Enterprise(msgspec.Struct, gc=False):
    id: _Text = None


class _Code(msgspec.Struct, gc=False):
    name: _Text = None
    value: _Text = None


class RawUser(msgspec.Struct, gc=False):
    """One user of an answer. What Box did not send is UNSET, which is not the same as null."""

    id: str | int
    login: _Text = None
    name: _Text = None
    role: _Text = None
    status: _Text = None
    language: _Text = None
    timezone: _Text = None
    job_title: _Text = None
    phone: _Text = None
    address: _Text = None
    space_amount: _Text = None
    is_sync_enabled: _Text = None
    can_see_managed_users: _Text = None
    is_external_collab_restricted: _Text = None
    is_exempt_from_device_limits: _Text = None
    is_exempt_from_login_verification: _Text = None
    notification_email: Any = None  # null, an object, or (seen in the wild) an empty list
    tracking_codes: list[_Code] | None = None
    is_platform_access_only: bool | None = None
    external_app_user_id: _Text = None
    enterprise: _Enterprise | msgspec.UnsetType | None = msgspec.UNSET


class _Space(msgspec.Struct, gc=False):
    space_used: int | None = None


class RawPage(msgspec.Struct):
    """One page of a listing. ``entries`` is None when Box sent null or nothing: that is no answer."""

    entries: list[RawUser] | None = None
    next_marker: _Text = None
    total_count: int | None = None
    limit: int | None = None


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


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a listing: a list of cells for each of COLUMNS, and the marker of the next page ("" at the end).

    ``limit`` is the page size Box says it has used (it lowers one that is too large), 0 if it does not say.
    """

    columns: dict[str, list[str]]
    marker: str
    limit: int = 0

    def __len__(self) -> int:
        return len(self.columns["box_id"])


_PAGE = msgspec.json.Decoder(RawPage)
_SPACE = msgspec.json.Decoder(_Space)
_USER = msgspec.json.Decoder(RawUser)


def raw_page(body: bytes) -> RawPage:
    """Decode a listing answer. Raises ``msgspec.MsgspecError`` if it is not one."""
    return _PAGE.decode(body)


def page(raw: RawPage) -> Page:
    """A decoded page as columns; ``raw.entries`` must not be None."""
    users = raw.entries or []
    marker = "" if raw.next_marker is None else str(raw.next_marker)
    columns = {name: [cell(user) for user in users] for name, cell in _CELLS.items()}
    return Page(columns, marker, raw.limit or 0)


def account(body: bytes) -> Account:
    """Decode the answer about one user. Raises ``msgspec.MsgspecError`` if it is not one."""
    return as_account(_USER.decode(body))


def space_used(body: bytes) -> int | None:
    """The bytes a user owns, by the answer about one; None if it does not say. Raises ``msgspec.MsgspecError``."""
    return _SPACE.decode(body).space_used


def as_account(user: RawUser) -> Account:
    """One decoded user as an account."""
    return Account({name: cell(user) for name, cell in _CELLS.items()})


def _text(value: _Text) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _kind(user: RawUser) -> str:
    if user.is_platform_access_only or str(user.login).startswith("AppUser_"):
        return UserKind.APP
    return "" if user.is_platform_access_only is None else UserKind.MANAGED


def _space(user: RawUser) -> str:
    text = _text(user.space_amount)
    return UNLIMITED if text.isdigit() and int(text) >= NO_LIMIT else text


def _notification(user: RawUser) -> str:
    told = user.notification_email
    return _text(told.get("email")) if isinstance(told, dict) else ""


def _codes(user: RawUser) -> str:
    if not user.tracking_codes:
        return ""
    return codes_text({_text(code.name): _text(code.value) for code in user.tracking_codes})


def codes_text(codes: dict[str, str]) -> str:
    """Tracking codes as canonical text: a JSON object sorted by name, "" for none; codes without a value are none."""
    kept = {name: value for name, value in sorted(codes.items()) if name and value}
    return msgspec.json.encode(kept).decode() if kept else ""


def codes_of(text: str) -> dict[str, str]:
    """The tracking codes behind canonical text."""
    return msgspec.json.decode(text, type=dict[str, str]) if text else {}


def _enterprise(user: RawUser) -> str:
    if user.enterprise is msgspec.UNSET:
        return "?"
    return "" if user.enterprise is None else _text(user.enterprise.id)


def _plain(name: str) -> Any:
    def cell(user: RawUser) -> str:
        value = getattr(user, name)
        return value if type(value) is str else _text(value)

    return cell


_OTHERS = {
    "box_id": lambda user: str(user.id),
    "kind": _kind,
    "external_id": lambda user: _text(user.external_app_user_id),
    "space_amount": _space,
    "notification_email": _notification,
    "tracking_codes": _codes,
    "enterprise_id": _enterprise,
}
_CELLS = {name: _OTHERS.get(name) or _plain(name) for name in COLUMNS}
