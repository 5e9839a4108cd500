"""What sets back an account, and what takes back what concerns its addresses, which no listing shows but for the login."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from provision.because import Because, reason
from provision.model import Kind, fold
from provision.operations.people.login_change import new_login
from provision.operations.value import Change, FieldChange

#: one row of the accounts frame
Cells = Mapping[str, Any]


class Inversion(NamedTuple):
    """``fields`` to be set; ``stays`` is the reason that names what is not, "" for nothing."""

    fields: tuple[FieldChange, ...]
    stays: str


def _login_back(change: Change, cells: Cells) -> Inversion:
    now = str(cells["login"])
    if fold(now) != fold(new_login(change)):
        moved = "" if fold(now) == fold(change.login) else reason(Because.LEFT_AS_IT_IS, moved="login")
        return Inversion((), moved)
    return Inversion((FieldChange("login", now, change.login),), "")


def _alias_gone(change: Change, _cells: Cells) -> Inversion:
    """Whether it is there still is seen when it is sent: what is gone already stays so."""
    return Inversion((FieldChange("aliases", change.object, ""),), "")


def _alias_back(change: Change, _cells: Cells) -> Inversion:
    return Inversion((FieldChange("aliases", "", change.object),), "")


#: what takes these kinds back
ADDRESSES_BACK: Mapping[Kind, Callable[[Change, Cells], Inversion]] = {
    Kind.LOGIN_CHANGE: _login_back,
    Kind.ALIAS_ADD: _alias_gone,
    Kind.ALIAS_REMOVE: _alias_back,
}


def kind_of(fields: tuple[FieldChange, ...]) -> Kind:
    """Which operation changes these fields."""
    for each in fields:
        if each.field == "login":
            return Kind.LOGIN_CHANGE
        if each.field == "aliases":
            return Kind.ALIAS_ADD if each.after else Kind.ALIAS_REMOVE
    status = next((each for each in fields if each.field == "status"), None)
    if status is not None and status.after == "inactive":
        return Kind.DEACTIVATE
    return Kind.ACTIVATE if status is not None and status.before == "inactive" else Kind.UPDATE
