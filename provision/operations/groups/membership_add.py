"""An account is taken into a group. Box keeps a membership unique, so a second try is refused and does no harm."""

from __future__ import annotations

from provision.because import Because
from provision.errors import BoxFault, Conflict, NotFound
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
    role = memberships.wanted_role(change)
    return Sent(change.box_id, remote.users.add_membership(change.box_id, change.group, role))


def _seen(change: Change, remote: Remote) -> Sight:
    try:
        there = memberships.found(change, remote)
    except NotFound:
        return Sight(LookResult.NO)
    if there is None or there.role != memberships.wanted_role(change):
        return Sight(LookResult.NO)
    return Sight(LookResult.YES, change.box_id)


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if not isinstance(fault, Conflict):
        return memberships.refused(change, fault, remote)
    try:
        there = remote.read(lambda: memberships.found(change, remote))
    except BoxFault as trouble:
        status = Status.IN_DOUBT if fault.doubtful else Status.FAILED
        return Refusal(status, noted(Noted.CONFLICT_UNSEEN), change.box_id, trouble.answer)
    return _conflict(change, there.role if there else "", doubtful=fault.doubtful)


def _conflict(change: Change, role: str, *, doubtful: bool) -> Refusal:
    """409: the membership is there, from an earlier try or by somebody else (Box guide, Shared folders)."""
    if role == memberships.wanted_role(change):
        return Refusal(Status.DONE, noted(Noted.MEMBER_ALREADY), change.box_id)
    status = Status.IN_DOUBT if doubtful else Status.FAILED
    if not role:
        return Refusal(status, noted(Noted.CONFLICT_UNSEEN), change.box_id)
    return Refusal(status, noted(Noted.MEMBER_OTHERWISE, role=role), change.box_id)


MEMBERSHIP_ADD = Operation(
    Kind.MEMBERSHIP_ADD,
    rank=44,
    remembered=False,
    guard="memberships_added",
    held_back=True,
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    undone=Because.UNDO_MEMBERSHIP,
)
