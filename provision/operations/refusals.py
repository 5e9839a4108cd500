"""What a fault means for an operation, as far as that is the same for all kinds."""

from __future__ import annotations

from provision.because import Because, reason
from provision.errors import Away, BoxFault, Conflict, NotFound, NotSent, Rejected, Throttled
from provision.journal.value import Note, Noted, noted
from provision.model import Kind, Status
from provision.operations.cells import LIST, set_names
from provision.operations.kind import Refusal, failed, held
from provision.operations.remote import Remote
from provision.operations.value import Change

_BAD_REQUEST, _FORBIDDEN = 400, 403


def refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    """What a fault means where a kind has nothing of its own to say."""
    if common := unanswered(change, fault):
        return common
    if isinstance(fault, NotFound) and change.box_id:
        return failed(change, Noted.NO_ACCOUNT)
    if _above_us(change, fault):
        return held(change, reason(Because.COADMIN_CONSOLE))
    if isinstance(fault, Rejected | Conflict | NotFound):
        return Refusal(Status.FAILED, _why_refused(change, fault), change.box_id)
    return failed(change, Noted.SIGN_IN_LOST)


def _above_us(change: Change, fault: BoxFault) -> bool:
    """Whether it is a co-admin, whom not every sign-in may change (Box help centre, article 360043694174)."""
    forbidden = isinstance(fault, Rejected) and not fault.scope_missing
    return change.coadmin and forbidden and fault.answer.http_status == _FORBIDDEN


def _why_refused(change: Change, fault: BoxFault) -> tuple[Note, ...]:
    """What Box complains of, as far as it says so; a bad request with tracking codes is mostly about their names."""
    answer, codes = fault.answer, [each for each in change.fields if each.field == LIST]
    if answer.http_status == _BAD_REQUEST and codes and answer.fields in ("", LIST):
        return noted(Noted.REFUSED_CODES, names=", ".join(set_names(codes[0])))
    return noted(Noted.REFUSED_FIELDS, fields=answer.fields) if answer.fields else noted(Noted.REFUSED)


def unanswered(change: Change, fault: BoxFault, code: Noted = Noted.NO_ANSWER) -> Refusal | None:
    """In doubt (``code``), or surely not sent; None for an answer that says more."""
    if fault.doubtful:
        return Refusal(Status.IN_DOUBT, noted(code), change.box_id)
    if isinstance(fault, NotSent | Throttled | Away):
        return Refusal(Status.NOT_ATTEMPTED, noted(Noted.NOT_REACHED), change.box_id)
    return None


def ending_refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    """What a fault means for an operation after which the account is gone.

    Box gives content and policies the same code (Box help centre, article 33282413279635), so what is owned is looked at.
    """
    if isinstance(fault, NotFound):
        return Refusal(Status.DONE, noted(Noted.GONE_ALREADY), change.box_id)
    if not fault.doubtful and isinstance(fault, Rejected | Conflict) and not _above_us(change, fault):
        return failed(change, _holding(change, _owned(change, remote)))
    return refused(change, fault, remote)


def _owned(change: Change, remote: Remote) -> int | None:
    try:
        return remote.read(lambda: remote.users.space_used(change.box_id))
    except BoxFault:
        return None


def _holding(change: Change, owns: int | None) -> Noted:
    if change.destroys:
        return Noted.CONTENT_HELD
    return Noted.OWNS_CONTENT if change.kind is Kind.DELETE and owns else Noted.ACCOUNT_HELD
