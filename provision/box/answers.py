"""Answers about users, decoded and nothing more: strictly where Box sends what it documents, else whatever it sends.

A page whose every value has the documented type needs no look at a single cell, so that is tried first; one odd value,
and the page is decoded again by types that take anything a cell can be made of.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

import msgspec

#: what a cell can be made of
Text = str | int | float | bool | None

_Word = TypeVar("_Word")
_Flag = TypeVar("_Flag")
_Amount = TypeVar("_Amount")
_Notified = TypeVar("_Notified")
_User = TypeVar("_User")


class RawEnterprise(msgspec.Struct, Generic[_Word], gc=False):
    """The enterprise a user belongs to."""

    id: _Word | None = None


class UserCode(msgspec.Struct, Generic[_Word], gc=False):
    """One tracking code of a user."""

    name: _Word | None = None
    value: _Word | None = None


class Notified(msgspec.Struct, gc=False):
    """Where a user's notifications go instead of the login."""

    email: str | None = None


class RawUser(msgspec.Struct, Generic[_Word, _Flag, _Amount, _Notified], gc=False):
    """One user of an answer. What Box did not send is None like null, but UNSET where null is an answer too: *none*."""

    id: str | int
    login: _Word | None = None
    name: _Word | None = None
    role: _Word | None = None
    status: _Word | None = None
    language: _Word | None = None
    timezone: _Word | None = None
    job_title: _Word | None = None
    phone: _Word | None = None
    address: _Word | None = None
    space_amount: _Amount | None = None
    is_sync_enabled: _Flag | None = None
    can_see_managed_users: _Flag | None = None
    is_external_collab_restricted: _Flag | None = None
    is_exempt_from_device_limits: _Flag | None = None
    is_exempt_from_login_verification: _Flag | None = None
    # null, an object, or (seen in the wild) an empty list, where there is one; UNSET where nothing is said
    notification_email: _Notified | msgspec.UnsetType | None = msgspec.UNSET
    tracking_codes: tuple[UserCode[_Word], ...] | None = None  # Python stops looking for cycles in a tuple
    is_platform_access_only: bool | None = None
    external_app_user_id: _Word | None = None
    enterprise: RawEnterprise[_Word] | msgspec.UnsetType | None = msgspec.UNSET


#: a user whose every value has the documented type; an amount of space comes as a float too
PlainUser = RawUser[str, bool, int | float | str, Notified | tuple[()]]
#: a user with whatever a cell can be made of
AnyUser = RawUser[Text, Text, Text, Any]


class RawPage(msgspec.Struct, Generic[_User]):
    """One page of a listing. ``entries`` is None when Box sent null or nothing: that is no answer."""

    entries: list[_User] | None = None
    next_marker: Text = None
    total_count: int | None = None
    limit: int | None = None


class PlainPage(RawPage[PlainUser]):
    """A page of users who all are as documented."""


class _Space(msgspec.Struct, gc=False):
    space_used: int | None = None


_PLAIN_PAGE = msgspec.json.Decoder(PlainPage)
_ANY_PAGE = msgspec.json.Decoder(RawPage[AnyUser])
_SPACE = msgspec.json.Decoder(_Space)
_USER = msgspec.json.Decoder(AnyUser)


def raw_page(body: bytes) -> PlainPage | RawPage[AnyUser]:
    """Decode a listing answer. Raises ``msgspec.MsgspecError`` if it is not one."""
    try:
        return _PLAIN_PAGE.decode(body)
    except msgspec.ValidationError:
        return _ANY_PAGE.decode(body)


def raw_user(body: bytes) -> AnyUser:
    """Decode the answer about one user. Raises ``msgspec.MsgspecError`` if it is not one."""
    return _USER.decode(body)


def space_used(body: bytes) -> int | None:
    """The bytes a user owns, by the answer about one; None if it does not say. Raises ``msgspec.MsgspecError``."""
    return _SPACE.decode(body).space_used
