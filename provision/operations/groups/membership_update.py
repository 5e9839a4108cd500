"""A member of a group gets another role in it. Setting it twice is setting it once."""

from __future__ import annotations

from provision.because import Because
from provision.errors import NotFound
from provision.model import Kind
from provision.operations.groups import memberships
from provision.operations.kind import LookResult, Operation, Sent, Sight, never_shown, nothing_learned
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    role = memberships.wanted_role(change)
    return Sent(change.box_id, remote.users.update_membership(change.membership, role))


def _seen(change: Change, remote: Remote) -> Sight:
    try:
        there = memberships.found(change, remote)
    except NotFound:
        return Sight(LookResult.NO)
    shown = there is not None and there.role == memberships.wanted_role(change)
    return Sight(LookResult.YES, change.box_id) if shown else Sight(LookResult.NO)


MEMBERSHIP_UPDATE = Operation(
    Kind.MEMBERSHIP_UPDATE,
    rank=46,
    remembered=False,
    guard="memberships_added",
    held_back=True,
    send=_send,
    seen=_seen,
    refused=memberships.refused,
    shown=never_shown,
    teach=nothing_learned,
    undone=Because.UNDO_MEMBERSHIP,
)
