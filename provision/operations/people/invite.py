"""Somebody whose login is that of an account outside is invited into the enterprise, and followed until they have answered.

Box has no list of invitations, so that after a doubt none can be looked for: it is made once more, and the person may get the
mail twice.
"""

from __future__ import annotations

from provision.because import Because, reason
from provision.box.invite_answers import ACCEPTED, REJECTED, Invitation
from provision.errors import BoxAnswer, BoxFault, Conflict, NotFound, Rejected
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
from provision.operations.people.create import belongs_elsewhere, is_ours
from provision.operations.refusals import refused, unanswered
from provision.operations.remote import Remote
from provision.operations.value import Change

#: what Box says where the app lacks the scope that this kind alone needs
_SCOPE = "insufficient_scope"
#: our own word for an invitation to which the person has said no
_SAID_NO = "invite_rejected"
#: what Box may answer for somebody who cannot be invited; which, it does not document
_NO = (400, 403, 409)


def _send(change: Change, remote: Remote) -> Sent:
    """Look at the one that is known, or make one. A scope that others need not have stops nobody else."""
    try:
        there = remote.users.invitation(change.invite) if change.invite else None
        found = there is not None
        there = there or remote.users.invite(remote.enterprise_id, change.login)
    except Rejected as fault:
        raise Rejected(fault.answer) if fault.scope_missing else fault from None
    return _answered(there, found=found)


def _answered(there: Invitation, *, found: bool) -> Sent:
    if there.status == REJECTED:
        raise Rejected(BoxAnswer(code=_SAID_NO))
    if there.status == ACCEPTED:
        return Sent(there.box_id, there.invite_id, found=found)
    waits = noted(Noted.WAITS, why=reason(Because.INVITE_PENDING))
    return Sent("", there.invite_id, waits, found)


def _seen(change: Change, remote: Remote) -> Sight:
    account = remote.users.find_login(change.login)
    if account is not None and is_ours(account, remote):
        return Sight(LookResult.YES, account.box_id)
    return Sight(LookResult.AGAIN)


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if fault.answer.code == _SAID_NO:
        return held(change, reason(Because.INVITE_REFUSED))
    if common := unanswered(change, fault):
        return common
    if fault.answer.code == _SCOPE:
        return held(change, reason(Because.INVITE_NO_SCOPE))
    if isinstance(fault, NotFound):
        return _waits(Because.LOGIN_NOBODYS)
    if not isinstance(fault, Rejected | Conflict) or fault.answer.http_status not in _NO:
        return refused(change, fault, remote)
    return _denied(change, remote)


def _denied(change: Change, remote: Remote) -> Refusal:
    """Who is in the enterprise already, by whatever way, or may not be invited."""
    try:
        account = remote.read(lambda: remote.users.find_login(change.login))
    except BoxFault:
        account = None
    if account is not None and is_ours(account, remote):
        return Refusal(Status.DONE, noted(Noted.JOINED), account.box_id)
    elsewhere = account is not None and belongs_elsewhere(account, remote)
    return _waits(Because.LOGIN_ELSEWHERE if elsewhere else Because.INVITE_DENIED)


def _waits(code: Because) -> Refusal:
    return Refusal(Status.WAITING, noted(Noted.WAITS, why=reason(code)))


INVITE = Operation(
    Kind.INVITE,
    rank=22,
    guard="invites",
    held_back=True,
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    stays=lambda _change: Because.INVITE_STAYS.value,
)
