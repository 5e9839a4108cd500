"""An account gets another primary login, which has to be a confirmed alias of it; Box makes the old one an alias.

The object is the address that a login takes on its way where people change places, "" for the login that the roster says.
"""

from __future__ import annotations

from collections.abc import Iterable

from provision.because import Because, reason
from provision.box.accounts import Account
from provision.errors import BoxFault, Conflict, Rejected
from provision.journal.value import Noted, noted
from provision.model import Kind, Status, fold
from provision.operations.kind import (
    Operation,
    Refusal,
    Sent,
    Sight,
    failed,
    held,
    never_shown,
    nothing_learned,
    of_account,
)
from provision.operations.people.addresses import BAD_REQUEST, alias_if_told, makes_room, unconfirmed
from provision.operations.refusals import refused, unanswered
from provision.operations.remote import Remote
from provision.operations.value import Change


def new_login(change: Change) -> str:
    """The login that an account is to have after this operation."""
    return change.object or next(each.after for each in change.fields if each.field == "login")


def planned_logins(changes: Iterable[Change]) -> dict[str, set[str]]:
    """The logins that accounts come to have by these very operations, folded, by Box id."""
    found: dict[str, set[str]] = {}
    for change in changes:
        if change.kind is Kind.LOGIN_CHANGE:
            found.setdefault(change.box_id, set()).add(fold(new_login(change)))
    return found


def _send(change: Change, remote: Remote) -> Sent:
    """Make it the login (Box API reference, PUT /users/{user_id})."""
    return Sent(remote.users.update(change.box_id, {"login": new_login(change)}))


def _seen(change: Change, remote: Remote) -> Sight:
    return of_account(remote.users.get(change.box_id), lambda account: _has(account, new_login(change)))


def _has(account: Account, login: str) -> bool:
    return fold(account.cells["login"]) == fold(login)


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    """Box does not say why it refuses a login; the alias tells whether it counts already.

    Where it does, what is left is an account whose owner has not confirmed it yet (Box API reference, PUT /users/{user_id}).
    """
    if common := unanswered(change, fault):
        return common
    login = new_login(change)
    if isinstance(fault, Conflict):
        return held(change, reason(Because.ALIAS_TAKEN, alias=login))
    if not isinstance(fault, Rejected) or fault.answer.http_status != BAD_REQUEST:
        return refused(change, fault, remote)
    alias = alias_if_told(change.box_id, login, remote)
    if alias is None:
        return failed(change, Noted.ALIAS_GONE)
    why = noted(Noted.WAITS, why=reason(Because.LOGIN_REFUSED, login=login))
    return Refusal(Status.WAITING, why if alias.confirmed else unconfirmed(login), change.box_id)


LOGIN_CHANGE = Operation(
    Kind.LOGIN_CHANGE,
    rank=12,
    guard="login_changes",
    held_back=True,
    makes_room=makes_room,
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    undone=Because.UNDO_LOGIN_CHANGE,
)
