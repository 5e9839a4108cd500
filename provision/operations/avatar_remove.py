"""The picture of an account is removed; what comes after its deactivation. A second time does no harm."""

from __future__ import annotations

from provision.errors import BoxFault, NotFound
from provision.journal.value import Noted, noted
from provision.model import Kind, Status
from provision.operations.kind import Operation, Refusal, Sent, again, never_shown, nothing_learned
from provision.operations.refusals import refused
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    remote.users.remove_avatar(change.box_id)
    return Sent(change.box_id)


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if isinstance(fault, NotFound):  # Box answers so for an account without a picture, too
        return Refusal(Status.DONE, noted(Noted.GONE_ALREADY), change.box_id)
    return refused(change, fault, remote)


AVATAR_REMOVE = Operation(
    Kind.AVATAR_REMOVE,
    rank=15,
    of_leavers=True,
    send=_send,
    seen=again,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
)
