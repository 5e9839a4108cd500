"""An account is taken out of a group. One that is out of it already is done."""

from __future__ import annotations

from provision.because import Because
from provision.errors import BoxFault, NotFound
from provision.journal.value import Noted, noted
from provision.model import Kind, Status
from provision.operations.groups import memberships
from provision.operations.kind import (
    LookResult,
    Operation,
    Refusal,
    Sent,
    Sight,
    never_shown,
    nothing_learned,
)
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    remote.users.remove_membership(change.membership)
    return Sent(change.box_id)


def _seen(change: Change, remote: Remote) -> Sight:
    """Whether this very membership is gone: one that somebody has made anew since is another one."""
    try:
        there = memberships.found(change, remote)
    except NotFound:
        there = None
    gone = there is None or there.membership_id != change.membership
    return Sight(LookResult.YES, change.box_id) if gone else Sight(LookResult.NO)


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if isinstance(fault, NotFound):
        return Refusal(Status.DONE, noted(Noted.GONE_ALREADY), change.box_id)
    return memberships.refused(change, fault, remote)


MEMBERSHIP_REMOVE = Operation(
    Kind.MEMBERSHIP_REMOVE,
    rank=48,
    remembered=False,
    guard="memberships_removed",
    takes_away=True,
    looks_before=True,
    held_back=True,
    reads=1,  # the account
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    undone=Because.UNDO_MEMBERSHIP,
)
