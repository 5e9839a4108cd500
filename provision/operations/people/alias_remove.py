"""An account loses a further address, which is free for somebody else then. The object of the operation is the address."""

from __future__ import annotations

from provision.because import Because
from provision.model import Kind
from provision.operations.kind import LookResult, Operation, Sent, Sight, never_shown, nothing_learned
from provision.operations.people.addresses import alias_of
from provision.operations.refusals import refused
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    """Look for its id and remove it (Box API reference, DELETE /users/{user_id}/email_aliases/{email_alias_id})."""
    there = alias_of(change.box_id, change.object, remote)
    if there is not None:
        remote.users.remove_alias(change.box_id, there.alias_id)
    return Sent(change.box_id, found=there is None)


def _seen(change: Change, remote: Remote) -> Sight:
    if alias_of(change.box_id, change.object, remote) is None:
        return Sight(LookResult.YES, change.box_id)
    return Sight(LookResult.NO)


ALIAS_REMOVE = Operation(
    Kind.ALIAS_REMOVE,
    rank=43,
    tried_remembered=True,
    guard="aliases_removed",
    calls=lambda _change: 2,
    send=_send,
    seen=_seen,
    refused=refused,
    shown=never_shown,
    teach=nothing_learned,
    undone=Because.UNDO_ALIAS_REMOVE,
)
