"""A managed user leaves the enterprise with all content, and keeps the account as a personal one."""

from __future__ import annotations

from provision.errors import Rejected
from provision.model import Kind
from provision.operations.delete import no_longer_listed, way_ended
from provision.operations.kind import Operation, Seen, Sent, Sight
from provision.operations.refusals import ending_refused
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
            Seen.YES, change.box_id
        )  # undocumented: an account that is no longer ours may be told so
    ours = account is not None and account.cells["enterprise_id"] in (remote.enterprise_id, "?")
    return Sight(Seen.NO) if ours else Sight(Seen.YES, change.box_id)


ROLL_OUT = Operation(
    Kind.ROLL_OUT,
    rank=80,
    of_leavers=True,
    guard="removals",
    takes_away=True,
    ends_account=True,
    looks_before=True,
    supposes_status=True,
    held_back=True,
    reads=3,  # the account, its groups and its aliases
    send=_send,
    seen=_seen,
    refused=ending_refused,
    shown=no_longer_listed,
    teach=way_ended,
)
