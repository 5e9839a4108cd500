"""How a doubtful operation is decided: what is looked at before anything is sent again.

One line a kind of operation. Creates are looked for by the key that Box keeps unique, changes by the fields they set,
deletions by a 404 (developer.box.com, Common errors, 503: a write may persist although the answer says otherwise).
Sessions are ended again, which does no harm. A transfer cannot be looked for: only what the source owns later tells, and it
is never sent again before that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from provision.apply.users import Users
from provision.box.accounts import Account
from provision.errors import BoxFault, Rejected
from provision.model import Kind, UserKind
from provision.plan.diff.diff import shows as same
from provision.plan.value import Change


def look(change: Change, users: Users, enterprise_id: str) -> str | None:
    """After a doubtful try: the account's id if the operation has happened, None if it has not."""
    return LOOKS[change.kind](change, users, enterprise_id)


def shows(change: Change, account: Account) -> bool:
    """Whether an account has the after-value of every field of an operation."""
    return all(same(each.field, each.after, account.cells.get(each.field, "")) for each in change.fields)


def first_made(box_ids: Iterable[str]) -> str:
    """The oldest of some accounts: Box's ids grow."""
    return min(box_ids, key=lambda box_id: (len(box_id), box_id))


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
        return first_made([account.box_id for account in found]) if found else None
    account = users.find_login(change.login)
    return (
        account.box_id
        if account is not None and account.cells["enterprise_id"] in (enterprise_id, "?")
        else None
    )


def _changed(change: Change, users: Users, _enterprise_id: str) -> str | None:
    account = users.get(change.box_id)
    return change.box_id if account is not None and shows(change, account) else None


def _deleted(change: Change, users: Users, _enterprise_id: str) -> str | None:
    return change.box_id if users.get(change.box_id) is None else None


def _sent_again(_change: Change, _users: Users, _enterprise_id: str) -> str | None:
    return None


def _only_later(_change: Change, _users: Users, _enterprise_id: str) -> str | None:
    raise BoxFault  # what is in doubt stays so


def _rolled_out(change: Change, users: Users, enterprise_id: str) -> str | None:
    try:
        account = users.get(change.box_id)
    except Rejected as fault:
        if fault.scope_missing:
            raise
        return change.box_id  # undocumented: an account that is no longer ours may be told so
    ours = account is not None and account.cells["enterprise_id"] in (enterprise_id, "?")
    return None if ours else change.box_id


#: how a doubtful operation of each kind is decided
LOOKS: Mapping[Kind, Callable[[Change, Users, str], str | None]] = {
    Kind.CREATE: _created,
    Kind.UPDATE: _changed,
    Kind.ACTIVATE: _changed,
    Kind.DEACTIVATE: _changed,
    Kind.END_SESSIONS: _sent_again,
    Kind.TRANSFER: _only_later,
    Kind.DELETE: _deleted,
    Kind.ROLL_OUT: _rolled_out,
}
