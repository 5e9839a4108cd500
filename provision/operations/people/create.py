"""An account is made. It is looked for by the key that Box keeps unique before it is ever sent again.

A write may come late (developer.box.com, Common errors, 503), and Box does not promise that a second one is refused: so it is
looked for some seconds long.
"""

from __future__ import annotations

from collections.abc import Iterable

from provision.because import Because, reason, says
from provision.box.accounts import Account
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
    if found is None or not _shows_key(found, change, remote):
        return Sight(LookResult.NO)
    return Sight(LookResult.YES, found.box_id)


def _with_its_key(change: Change, remote: Remote) -> Account | None:
    """The account that carries the key of a create, also one outside of the enterprise; None for none that Box shows."""
    if change.user_kind is UserKind.APP:
        if not change.external_id:
            raise BoxFault  # without a key nothing can be looked for, and what is in doubt stays so
        found = {account.box_id: account for account in remote.users.find_app(change.external_id)}
        return found.get(first_made(found))
    return remote.users.find_login(change.login)


def _shows_key(account: Account, change: Change, remote: Remote) -> bool:
    """Whether an account that was found by the key of a create is one of ours."""
    return change.user_kind is UserKind.APP or is_ours(account, remote)


def is_ours(account: Account, remote: Remote) -> bool:
    """Whether an account that Box tells of by its login is one of the enterprise's."""
    return account.cells["enterprise_id"] in (remote.enterprise_id, "?")


def belongs_elsewhere(account: Account, remote: Remote) -> bool:
    """Whether Box names another enterprise; of accounts outside it mostly tells none."""
    return account.cells["enterprise_id"] not in (remote.enterprise_id, "?", "")


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
    if found is not None and _shows_key(found, change, remote):
        return _there(found.box_id, doubtful=fault.doubtful)
    if fault.doubtful:
        return Refusal(Status.IN_DOUBT, noted(Noted.PERHAPS_MADE))
    if change.user_kind is UserKind.APP:
        return Refusal(Status.FAILED, noted(Noted.FOREIGN_ID))
    return _somebody_elses(change, elsewhere=found is not None and belongs_elsewhere(found, remote))


def _there(box_id: str, *, doubtful: bool) -> Refusal:
    """409 for an account of ours: from a doubtful try, or somebody else's work."""
    if doubtful:
        return Refusal(Status.DONE, noted(Noted.MADE_EARLIER), box_id)
    return Refusal(Status.FAILED, noted(Noted.CAME_UP, box_id=box_id))


def _somebody_elses(change: Change, *, elsewhere: bool) -> Refusal:
    """409 for a login that is taken outside (logins are unique over all of Box): a failure once, and from then on it waits."""
    whose = noted(Noted.OTHER_ENTERPRISE if elsewhere else Noted.FOREIGN_LOGIN)
    if not known_as_taken(change):
        return Refusal(Status.FAILED, whose)
    return Refusal(Status.WAITING, (*whose, *noted(Noted.WAITS, why=reason(Because.LOGIN_OUTSIDE))))


def known_as_taken(change: Change) -> bool:
    """Whether an earlier run has found its login taken outside of the enterprise."""
    return says(change.because, Because.OUTSIDE_WAITS, Because.OUTSIDE_OVERDUE)


def _in_the_way(change: Change, named: str, remote: Remote) -> Account | None:
    """The account that a refused create ran into, as far as Box shows it.

    ``named`` is the id Box gave with the refusal, or "". An account shows under its id before it does in a listing.
    """
    account = remote.users.get(named) if named else None
    if account is not None and account.cells["external_id"] == change.external_id != "":
        return account
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
