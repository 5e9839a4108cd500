"""Which targets of a plan are no longer what the plan saw."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from provision.box.accounts import Account
from provision.directory.account_rows import accounts_in
from provision.directory.scope import Directory
from provision.journal.value import Note, Noted, noted
from provision.model import Kind, UserKind, fold
from provision.operations.cells import as_planned, emptied
from provision.operations.leavers.transfer import cannot_receive
from provision.operations.people.login_change import planned_logins
from provision.operations.registry import operation_of
from provision.operations.value import Change, FieldChange

Notes = tuple[Note, ...]

#: columns that tell whose a key is
_KEYS = ("box_id", "login_key", "external_id", "kind")


def moved_since(change: Change, account: Account, logins: Collection[str] = ()) -> Notes:
    """Why an account is no longer what the plan saw, nothing if it is: another key, higher rights, other cells.

    ``logins``: those that it may have by the plan's own doing, folded.
    """
    cells = account.cells
    login, of_plan = fold(cells["login"]), (fold(change.login), *_logins_before(change, logins))
    if change.user_kind is UserKind.MANAGED and login not in of_plan:
        return noted(Noted.MOVED_LOGIN)
    if change.user_kind is UserKind.APP and cells["external_id"] != change.external_id:
        return noted(Noted.MOVED_ID)
    if cells["role"] == "admin" or (cells["role"] == "coadmin" and not change.coadmin):
        return noted(Noted.MOVED_ROLE, role=cells["role"])
    supposed = operation_of(change).supposes_status and change.status
    if supposed and cells["status"] != change.status:
        return noted(Noted.MOVED_STATUS, status=cells["status"])
    hidden = [
        each.field
        for each in change.fields
        if each.field in account.untold
        or (each.after and emptied(each.field, each.before, cells.get(each.field, "")))
    ]
    if hidden:
        return noted(Noted.UNTOLD, fields=", ".join(hidden))
    return _cells_moved(change.fields, cells)


def _logins_before(change: Change, logins: Collection[str]) -> Collection[str]:
    """The logins by the plan's own doing with which this may still be done: who has the last one already needs no way to it."""
    return (change.object,) if operation_of(change).makes_room(change) else logins


def _cells_moved(fields: Iterable[FieldChange], cells: Mapping[str, str]) -> Notes:
    # memberships are none of an account's cells, and a login is looked at apart
    shown = [each for each in fields if each.field in cells and each.field != "login"]
    moved = [each.field for each in shown if not as_planned(each, cells[each.field])]
    return noted(Noted.MOVED_FIELDS, fields=", ".join(moved)) if moved else ()


def moved_targets(
    changes: Iterable[Change], directory: Directory, whole: Sequence[Change] = ()
) -> dict[str, Notes]:
    """Operations of a saved plan whose target is no longer what the plan saw, with the reason.

    ``directory`` was read now. ``whole``: all operations of the plan, where some of them were done before.
    """
    planned = list(changes)
    whole = whole or planned
    ids = [box_id for change in planned for box_id in (change.box_id, change.to) if box_id]
    touched = directory.where(lambda users: users["box_id"].isin(ids))
    now = {account.box_id: account for account in accounts_in(touched)}
    logins, app_ids = _taken([change for change in planned if change.kind is Kind.CREATE], directory)
    logins -= {fold(change.object) for change in whole if change.kind is Kind.ALIAS_REMOVE}
    own = planned_logins(whole)
    reasons: dict[str, Notes] = {}
    for change in planned:
        if change.kind is Kind.CREATE:
            is_app = change.user_kind is UserKind.APP
            taken = change.external_id in app_ids if is_app else fold(change.login) in logins
            reasons[change.id] = noted(Noted.MOVED_KEY) if taken else ()
        elif not change.box_id:
            continue  # its account is not made yet
        else:
            logins_now = own.get(change.box_id, ())
            reasons[change.id] = _moved(change, now.get(change.box_id), logins_now) or _receiver_moved(
                change, now
            )
    return {change_id: reason for change_id, reason in reasons.items() if reason}


def _taken(creates: Sequence[Change], directory: Directory) -> tuple[set[str], set[str]]:
    """Of the folded logins and the external ids that are to be created those which somebody has."""
    logins = [fold(change.login) for change in creates if change.user_kind is not UserKind.APP]
    ids = [change.external_id for change in creates if change.user_kind is UserKind.APP]
    found = directory.where(
        lambda users: users["login_key"].isin(logins) | users["external_id"].isin(ids), _KEYS
    )
    app = found["kind"] == UserKind.APP.value
    return set(found["login_key"]), set(found.loc[app, "external_id"])


def _receiver_moved(change: Change, now: Mapping[str, Account]) -> Notes:
    """A receiver that was listed may be so no more; the service account never was, and is looked at when it counts."""
    return cannot_receive(now[change.to]) if change.kind is Kind.TRANSFER and change.to in now else ()


def _moved(change: Change, account: Account | None, logins: Collection[str]) -> Notes:
    if account is None:
        return noted(Noted.MOVED_GONE)
    if moved := moved_since(change, account, logins):
        return moved
    if account.cells["protected"]:
        return noted(Noted.MOVED_PROTECTED, why=account.cells["protected"])
    return () if account.cells["in_scope"] == str(True) else noted(Noted.MOVED_SCOPE)
