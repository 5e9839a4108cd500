"""What the executor needs of Box, and how each kind of operation is sent, looked for and judged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

import pandas as pd

from provision.box.accounts import Account
from provision.errors import BoxFault
from provision.model import Kind, UserKind, fold
from provision.plan.value import Change, FieldChange


class Users(Protocol):
    """The few calls that create, change and find users. Each is one request; all may raise any BoxFault."""

    def get(self, box_id: str) -> Account | None:
        """One account by id, None if there is none."""
        ...

    def find_app(self, external_id: str) -> list[Account]:
        """The app users with exactly this external id."""
        ...

    def find_login(self, login: str) -> Account | None:
        """The user with exactly this login, ours or not."""
        ...

    def create(self, kind: UserKind, fields: Mapping[str, str]) -> str:
        """Create an account; its id."""
        ...

    def update(self, box_id: str, fields: Mapping[str, str]) -> str:
        """Set attributes; the id."""
        ...

    def delete(self, box_id: str) -> str:
        """Delete an account that owns nothing; its id."""
        ...


#: fields that Box takes only in an update: set right after the create, before it counts as done
#: (Box API reference: POST /users has no notification_email)
_AFTERWARDS = ("notification_email",)


def send(change: Change, users: Users) -> str:
    """Send the main request of an operation; the account's id."""
    fields = {each.field: each.after for each in change.fields}
    match change.kind:
        case Kind.CREATE:
            return users.create(change.user_kind, {n: v for n, v in fields.items() if n not in _AFTERWARDS})
        case Kind.UPDATE | Kind.ACTIVATE | Kind.DEACTIVATE:
            return users.update(change.box_id, fields)
        case Kind.DELETE:
            return users.delete(change.box_id)


def afterwards(change: Change) -> dict[str, str]:
    """Fields of a create that need a second request."""
    if change.kind is not Kind.CREATE:
        return {}
    return {each.field: each.after for each in change.fields if each.field in _AFTERWARDS}


def look(change: Change, users: Users, enterprise_id: str) -> str | None:
    """After a doubtful try: the account's id if the operation has happened, None if it has not.

    Creates are looked for by the key Box keeps unique, updates by their fields, deletes by a 404.
    """
    match change.kind:
        case Kind.CREATE:
            return _created(change, users, enterprise_id)
        case Kind.UPDATE | Kind.ACTIVATE | Kind.DEACTIVATE:
            account = users.get(change.box_id)
            return change.box_id if account is not None and shows(change, account) else None
        case Kind.DELETE:
            return change.box_id if users.get(change.box_id) is None else None


def shows(change: Change, account: Account) -> bool:
    """Whether an account has the after-value of every field of an operation."""
    return all(account.cells.get(each.field, "") == each.after for each in change.fields)


def moved_since(change: Change, account: Account) -> str:
    """Why an account is no longer what the plan saw, "" if it is: another key, higher rights, other cells."""
    cells = account.cells
    if change.user_kind is UserKind.MANAGED and fold(cells["login"]) != fold(change.login):
        return "moved: the account has another login now"
    if change.user_kind is UserKind.APP and cells["external_id"] != change.external_id:
        return "moved: the account has another external id now"
    if cells["role"] in ("admin", "coadmin"):
        return f"moved: the account is {cells['role']} now"
    if change.kind is Kind.DELETE and change.status and cells["status"] != change.status:
        return f"moved: the account is {cells['status']} now"
    return _cells_moved(change.fields, cells)


def _cells_moved(fields: Iterable[FieldChange], cells: Mapping[str, str]) -> str:
    moved = [each.field for each in fields if cells.get(each.field, "") not in (each.before, each.after)]
    return f"moved: {', '.join(moved)} changed in Box after the plan was made" if moved else ""


def moved_targets(changes: Iterable[Change], accounts: pd.DataFrame) -> dict[str, str]:
    """Operations of a saved plan whose target is no longer what the plan saw, with the reason.

    ``accounts`` is the frame of a Directory read now.
    """
    planned = list(changes)
    ids = [change.box_id for change in planned if change.box_id]
    touched = accounts[accounts["box_id"].isin(ids)]
    now = {
        str(cells["box_id"]): Account({str(k): str(v) for k, v in cells.items()})
        for cells in touched.to_dict("records")
    }
    logins = set(accounts["login_key"])
    app_ids = set(accounts.loc[accounts["kind"] == UserKind.APP.value, "external_id"])
    reasons = {}
    for change in planned:
        if change.kind is Kind.CREATE:
            is_app = change.user_kind is UserKind.APP
            taken = change.external_id in app_ids if is_app else fold(change.login) in logins
            reasons[change.id] = "moved: an account with this key exists now" if taken else ""
        else:
            reasons[change.id] = _moved(change, now.get(change.box_id))
    return {change_id: reason for change_id, reason in reasons.items() if reason}


def _moved(change: Change, account: Account | None) -> str:
    return "moved: the account no longer exists" if account is None else moved_since(change, account)


def in_the_way(change: Change, named: str, users: Users, enterprise_id: str) -> str | None:
    """The account of ours that a refused create ran into, None for somebody else's.

    ``named`` is the id Box gave with the refusal, or "". An account shows under its id before it does in a listing.
    """
    account = users.get(named) if named else None
    if account is not None and account.cells["external_id"] == change.external_id != "":
        return account.box_id
    return _created(change, users, enterprise_id)


def _created(change: Change, users: Users, enterprise_id: str) -> str | None:
    if change.user_kind is UserKind.APP:
        if not change.external_id:
            raise BoxFault  # without a key nothing can be looked for, and what is in doubt stays so
        found = users.find_app(change.external_id)
        return min((account.box_id for account in found), default=None)
    account = users.find_login(change.login)
    return (
        account.box_id
        if account is not None and account.cells["enterprise_id"] in (enterprise_id, "?")
        else None
    )
