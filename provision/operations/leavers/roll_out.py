"""A managed user leaves the enterprise with all content, and keeps the account as a personal one."""

from __future__ import annotations

from dataclasses import replace

from provision.because import Because, reason
from provision.box.accounts import Account
from provision.errors import Rejected
from provision.model import Kind
from provision.operations.kind import LookResult, Sent, Sight
from provision.operations.leavers.delete import DELETE
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    return Sent(remote.users.roll_out(change.box_id))


def _seen(change: Change, remote: Remote) -> Sight:
    """The account is no longer one of the enterprise's."""
    try:
        account = remote.users.get(change.box_id)
    except Rejected as fault:
        if fault.scope_missing:
            raise
        return Sight(
            LookResult.YES, change.box_id
        )  # undocumented: an account that is no longer ours may be told so
    ours = account is not None and account.cells["enterprise_id"] in (remote.enterprise_id, "?")
    return Sight(LookResult.NO) if ours else Sight(LookResult.YES, change.box_id)


def _has_left(account: Account) -> bool:
    return account.cells["enterprise_id"] == ""


ROLL_OUT = replace(  # what ends an account is otherwise alike
    DELETE,
    kind=Kind.ROLL_OUT,
    rank=80,
    send=_send,
    seen=_seen,
    has_left=_has_left,
    stays=lambda change: reason(Because.LEFT_ENTERPRISE, box_id=change.box_id),
    for_good=True,
)
