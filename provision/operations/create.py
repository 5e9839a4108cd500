"""An account is made. It is looked for by the key that Box keeps unique before it is ever sent again.

A write may come late (developer.box.com, Common errors, 503), and Box does not promise that a second one is refused: so it is
looked for some seconds long.
"""

from __future__ import annotations

from collections.abc import Iterable

from provision.because import Because
from provision.errors import BoxFault, Conflict
from provision.journal.value import Noted, noted
from provision.model import Kind, Status, UserKind
from provision.operations.kind import (
    LookResult,
    Operation,
    Refusal,
    Sent,
    Sight,
    never_shown,
    nothing_learned,
    wanted_fields,
)
from provision.operations.refusals import refused
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    return Sent(remote.users.create(change.user_kind, wanted_fields(change)))


def _seen(change: Change, remote: Remote) -> Sight:
    found = _with_its_key(change, remote)
    return Sight(LookResult.YES, found) if found else Sight(LookResult.NO)


def _with_its_key(change: Change, remote: Remote) -> str:
    """The account of ours that carries the key of a create, "" for none."""
    if change.user_kind is UserKind.APP:
        if not change.external_id:
            raise BoxFault  # without a key nothing can be looked for, and what is in doubt stays so
        return first_made(account.box_id for account in remote.users.find_app(change.external_id))
    account = remote.users.find_login(change.login)
    ours = account is not None and account.cells["enterprise_id"] in (remote.enterprise_id, "?")
    return account.box_id if account is not None and ours else ""


def first_made(box_ids: Iterable[str]) -> str:
    """The oldest of some accounts, "" of none: Box's ids grow."""
    return min(box_ids, key=lambda box_id: (len(box_id), box_id), default="")


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if not isinstance(fault, Conflict):
        return refused(change, fault, remote)
    try:
        found = remote.read(lambda: _in_the_way(change, fault.box_id, remote))
    except BoxFault as trouble:
        status = Status.IN_DOUBT if fault.doubtful else Status.FAILED
        return Refusal(status, noted(Noted.CONFLICT_UNSEEN), answer=trouble.answer)
    return _conflict(change, found, doubtful=fault.doubtful)


def _conflict(change: Change, found: str, *, doubtful: bool) -> Refusal:
    """409: ours from a doubtful try, or another's account (logins are unique over all of Box)."""
    if found and doubtful:
        return Refusal(Status.DONE, noted(Noted.MADE_EARLIER), found)
    if found:
        return Refusal(Status.FAILED, noted(Noted.CAME_UP, box_id=found))
    if doubtful:
        return Refusal(Status.IN_DOUBT, noted(Noted.PERHAPS_MADE))
    app = change.user_kind is UserKind.APP
    return Refusal(Status.FAILED, noted(Noted.FOREIGN_ID if app else Noted.FOREIGN_LOGIN))


def _in_the_way(change: Change, named: str, remote: Remote) -> str:
    """The account of ours that a refused create ran into, "" for somebody else's.

    ``named`` is the id Box gave with the refusal, or "". An account shows under its id before it does in a listing.
    """
    account = remote.users.get(named) if named else None
    if account is not None and account.cells["external_id"] == change.external_id != "":
        return account.box_id
    return _with_its_key(change, remote)


CREATE = Operation(
    Kind.CREATE,
    rank=20,
    guard="creates",
    may_be_doubled=lambda change: change.user_kind is UserKind.APP and bool(change.external_id),
    late=(2.0, 4.0),
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,  # it has no account yet by which a listing would show it: it is looked for by its key
    teach=nothing_learned,
    undone=Because.UNDO_CREATE,
)
