"""What a fault means for one operation: its outcome in words."""

from __future__ import annotations

from provision.apply.doubt import in_the_way
from provision.apply.users import Users
from provision.box.pacing.retry import Retry
from provision.errors import Away, BoxFault, Conflict, NotFound, NotSent, Rejected, Throttled
from provision.journal.value import Outcome
from provision.model import ENDINGS, Kind, Status, UserKind
from provision.plan.value import Change

_TRANSFER_DOUBT = (
    "no answer told whether it began; it is not sent again, the next runs look at what the account still owns"
)
#: Box API reference, PUT /users/{user_id}/folders/0, 403
_TRANSFER_REFUSED = (
    "Box refused it: one of the two accounts has higher rights than this sign-in, is locked by another transfer, "
    "or a policy forbids it"
)


def judged(change: Change, fault: BoxFault, users: Users, retry: Retry, enterprise_id: str) -> Outcome:
    """The outcome of an operation that ended with a fault. May raise Interrupted or BoxRefused while it looks."""
    if isinstance(fault, NotFound) and change.kind in ENDINGS:
        return Outcome(change.id, Status.DONE, change.box_id, "was gone already", fault.answer)
    if isinstance(fault, Conflict) and change.kind is Kind.CREATE:
        return _in_the_way(change, fault, users, retry, enterprise_id)
    if fault.doubtful:
        note = _TRANSFER_DOUBT if change.kind is Kind.TRANSFER else "no answer told whether it happened"
        return Outcome(change.id, Status.IN_DOUBT, change.box_id, note, fault.answer)
    if isinstance(fault, NotSent | Throttled | Away):
        note = "Box could not be reached"
        return Outcome(change.id, Status.NOT_ATTEMPTED, change.box_id, note, fault.answer)
    if isinstance(fault, Rejected | Conflict) and change.kind in ENDINGS:
        note = _held_back(change, _owned(change, users, retry))
        return Outcome(change.id, Status.FAILED, change.box_id, note, fault.answer)
    return Outcome(change.id, Status.FAILED, change.box_id, _why(change, fault), fault.answer)


def _owned(change: Change, users: Users, retry: Retry) -> int | None:
    try:
        return retry.read(lambda: users.space_used(change.box_id))
    except BoxFault:
        return None


def _held_back(change: Change, owns: int | None) -> str:
    """Why Box keeps an account: Box gives content and policies the same code (Box help centre, article 33282413279635)."""
    if change.destroys:
        return "Box refused it: a retention policy or a legal hold keeps the content; it has to be transferred first"
    if change.kind is Kind.DELETE and owns:
        return "Box refused it: the account still owns content; give lifecycle.leavers a transfer before the delete"
    return "Box refused it: a retention policy, a legal hold or a transfer under way holds the account, or it owns more than Box counts"


def _why(change: Change, fault: BoxFault) -> str:
    if isinstance(fault, NotFound) and change.box_id:
        return "the account no longer exists"
    if isinstance(fault, Rejected | Conflict | NotFound) and change.kind is Kind.TRANSFER:
        return _TRANSFER_REFUSED
    if isinstance(fault, Rejected | Conflict | NotFound):
        return "Box refused it"
    return "the sign-in was no longer accepted"


def _in_the_way(change: Change, fault: Conflict, users: Users, retry: Retry, enterprise_id: str) -> Outcome:
    """409 on a create: ours from a doubtful try, or another's account (logins are unique over all of Box)."""
    try:
        found = retry.read(lambda: in_the_way(change, fault.box_id, users, enterprise_id))
    except BoxFault as trouble:
        note = "a conflict that could not be looked into"
        status = Status.IN_DOUBT if fault.doubtful else Status.FAILED
        return Outcome(change.id, status, note=note, answer=trouble.answer)
    if found and fault.doubtful:
        return Outcome(change.id, Status.DONE, found, "made by an earlier try of this run", fault.answer)
    if found:
        note = (
            f"an account with this key appeared after the plan was made ({found}); the next run compares it"
        )
        return Outcome(change.id, Status.FAILED, note=note, answer=fault.answer)
    if fault.doubtful:
        note = "perhaps made by an earlier try of this run, which Box does not show yet"
        return Outcome(change.id, Status.IN_DOUBT, note=note, answer=fault.answer)
    return Outcome(change.id, Status.FAILED, note=_foreign(change), answer=fault.answer)


def _foreign(change: Change) -> str:
    if change.user_kind is UserKind.APP:
        return "the external id belongs to an account this app cannot see"
    return "the login belongs to a personal account, an external user or another enterprise, or is another user's alias"
