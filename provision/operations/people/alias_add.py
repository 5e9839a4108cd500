"""An account gets a further address. It counts once it is confirmed: until then it waits, and the next runs look again.

The object of the operation is the address. Whether it is there is seen by the account's aliases.
"""

from __future__ import annotations

from contextlib import suppress

from provision.because import Because, reason
from provision.box.holdings import Alias
from provision.errors import BoxAnswer, BoxFault, Conflict, Rejected
from provision.journal.value import Noted, noted
from provision.model import Kind, Status
from provision.operations.kind import (
    LookResult,
    Operation,
    Refusal,
    Sent,
    Sight,
    held,
    never_shown,
    nothing_learned,
)
from provision.operations.people.addresses import (
    BAD_REQUEST,
    alias_if_told,
    alias_of,
    is_on_the_way,
    makes_room,
    unconfirmed,
    waits_since_before,
)
from provision.operations.refusals import refused, unanswered
from provision.operations.remote import Remote
from provision.operations.value import Change

#: our own word for an address on the way that Box wants confirmed, which nobody can do
_NOBODY_CONFIRMS = "alias_unconfirmed"


def _send(change: Change, remote: Remote) -> Sent:
    """Add it (Box API reference, POST /users/{user_id}/email_aliases); what an earlier try has left is looked for first."""
    there = alias_of(change.box_id, change.object, remote) if _may_be_there(change) else None
    alias = there or remote.users.add_alias(change.box_id, change.object)
    if alias.confirmed:
        return Sent(change.box_id, found=there is not None)
    if is_on_the_way(change.object):
        remote.users.remove_alias(change.box_id, alias.alias_id)
        raise Rejected(BoxAnswer(code=_NOBODY_CONFIRMS))
    return Sent(change.box_id, waits=unconfirmed(change.object), found=there is not None)


def _may_be_there(change: Change) -> bool:
    return waits_since_before(change) or is_on_the_way(change.object)


def _seen(change: Change, remote: Remote) -> Sight:
    there = alias_of(change.box_id, change.object, remote)
    if there is None or (is_on_the_way(change.object) and not there.confirmed):
        return Sight(LookResult.NO)
    return Sight(LookResult.YES, change.box_id, waits=() if there.confirmed else unconfirmed(change.object))


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    """Where nobody can make room by an address on the way, no login has moved yet: none of those before it is kept."""
    refusal = _meant(change, fault, remote)
    if is_on_the_way(change.object) and refusal.status is Status.HELD:
        with suppress(BoxFault):  # one that stays is known to the ledger, and removed by the next run
            for alias in remote.read(lambda: remote.users.aliases(change.box_id)):
                if is_on_the_way(alias.email):
                    remote.users.remove_alias(change.box_id, alias.alias_id)
    return refusal


def _meant(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    """What Box answers for an address that somebody has is undocumented: the account's own aliases tell whether it is hers."""
    if fault.answer.code == _NOBODY_CONFIRMS:
        return held(change, reason(Because.CYCLE_UNCONFIRMED, alias=change.object))
    if common := unanswered(change, fault):
        return common
    taken = isinstance(fault, Conflict)
    if not taken and fault.answer.http_status != BAD_REQUEST:
        return refused(change, fault, remote)
    if there := alias_if_told(change.box_id, change.object, remote):
        return _there(change, there)
    return held(change, reason(Because.ALIAS_TAKEN if taken else Because.ALIAS_REFUSED, alias=change.object))


def _there(change: Change, alias: Alias) -> Refusal:
    if not alias.confirmed:
        return Refusal(Status.WAITING, unconfirmed(change.object), change.box_id)
    return Refusal(Status.DONE, noted(Noted.THERE_ALREADY), change.box_id)


ALIAS_ADD = Operation(
    Kind.ALIAS_ADD,
    rank=42,
    tried_remembered=True,
    held_back=True,
    makes_room=makes_room,
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    undone=Because.UNDO_ALIAS_ADD,
)
