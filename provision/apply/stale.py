"""Which targets of a plan are no longer what the plan saw."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from provision.because import Because
from provision.box.accounts import Account
from provision.directory.scope import Directory
from provision.model import ENDINGS, Kind, UserKind, fold
from provision.plan.diff.diff import shows
from provision.plan.value import Change, FieldChange

#: stages of leaving that suppose how the stages before have left the account
_LATE = (Kind.TRANSFER, *ENDINGS)
#: columns that tell whose a key is
_KEYS = ("box_id", "login_key", "external_id", "kind")
#: why an account is protected, for the note; to go as soon as notes are codes too
_PROTECTED = {
    Because.MYSELF: "the account behind this sign-in",
    Because.SERVICE_ACCOUNT: "a service account",
    Because.ADMIN: "the enterprise's admin",
    Because.COADMIN: "a co-admin",
    Because.KIND_UNKNOWN: "Box did not say what kind of user this is",
    Because.ROLE_UNKNOWN: "Box did not say this user's role",
    Because.SCOPE_PROTECT: "scope.protect",
}


def moved_since(change: Change, account: Account) -> str:
    """Why an account is no longer what the plan saw, "" if it is: another key, higher rights, other cells."""
    cells = account.cells
    if change.user_kind is UserKind.MANAGED and fold(cells["login"]) != fold(change.login):
        return "moved: the account has another login now"
    if change.user_kind is UserKind.APP and cells["external_id"] != change.external_id:
        return "moved: the account has another external id now"
    if cells["role"] == "admin" or (cells["role"] == "coadmin" and not change.coadmin):
        return f"moved: the account is {cells['role']} now"
    if change.kind in _LATE and change.status and cells["status"] != change.status:
        return f"moved: the account is {cells['status']} now"
    return _cells_moved(change.fields, cells)


def cannot_receive(account: Account | None) -> str:
    """Why an account can no longer receive content, "" if it can."""
    if account is None:
        return "moved: the account that was to receive the content no longer exists"
    inactive = account.cells["status"] == "inactive"
    return "moved: the account that was to receive the content is inactive now" if inactive else ""


def _cells_moved(fields: Iterable[FieldChange], cells: Mapping[str, str]) -> str:
    moved = [each.field for each in fields if not _as_planned(each, cells.get(each.field, ""))]
    return f"moved: {', '.join(moved)} changed in Box after the plan was made" if moved else ""


def _as_planned(planned: FieldChange, cell: str) -> bool:
    return shows(planned.field, planned.before, cell) or shows(planned.field, planned.after, cell)


def moved_targets(changes: Iterable[Change], directory: Directory) -> dict[str, str]:
    """Operations of a saved plan whose target is no longer what the plan saw, with the reason.

    ``directory`` was read now.
    """
    planned = list(changes)
    ids = [box_id for change in planned for box_id in (change.box_id, change.to) if box_id]
    touched = directory.where(lambda users: users["box_id"].isin(ids))
    now = {
        str(cells["box_id"]): Account({str(k): str(v) for k, v in cells.items()})
        for cells in touched.to_dict("records")
    }
    logins, app_ids = _taken([change for change in planned if change.kind is Kind.CREATE], directory)
    reasons = {}
    for change in planned:
        if change.kind is Kind.CREATE:
            is_app = change.user_kind is UserKind.APP
            taken = change.external_id in app_ids if is_app else fold(change.login) in logins
            reasons[change.id] = "moved: an account with this key exists now" if taken else ""
        else:
            reasons[change.id] = _moved(change, now.get(change.box_id)) or _receiver_moved(change, now)
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


def _receiver_moved(change: Change, now: Mapping[str, Account]) -> str:
    """A receiver that was listed may be so no more; the service account never was, and is looked at when it counts."""
    return cannot_receive(now[change.to]) if change.kind is Kind.TRANSFER and change.to in now else ""


def _moved(change: Change, account: Account | None) -> str:
    if account is None:
        return "moved: the account no longer exists"
    if moved := moved_since(change, account):
        return moved
    if account.cells["protected"]:
        return f"moved: the account is protected now ({_PROTECTED[Because(account.cells['protected'])]})"
    return (
        "" if account.cells["in_scope"] == str(True) else "moved: the account is outside this job's scope now"
    )
