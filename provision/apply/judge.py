"""What a fault means for one operation: its outcome in words."""

from __future__ import annotations

from collections.abc import Callable

from provision.apply.users import Users, look
from provision.box.retry import Retry
from provision.errors import BoxFault, Conflict, NotFound, NotSent, Rejected, Throttled
from provision.journal.value import Outcome
from provision.model import Kind, Status, UserKind
from provision.plan.value import Change


def judged(change: Change, fault: BoxFault, users: Users, retry: Retry, enterprise_id: str) -> Outcome:
    """The outcome of an operation that ended with a fault."""
    if isinstance(fault, NotFound):
        return _gone(change, fault)
    if isinstance(fault, Conflict) and change.kind is Kind.CREATE:
        return _in_the_way(change, fault, lambda: retry.read(lambda: look(change, users, enterprise_id)))
    if fault.doubtful:
        return Outcome(
            change.id, Status.IN_DOUBT, note="no answer told whether it happened", answer=fault.answer
        )
    if isinstance(fault, NotSent | Throttled):
        return Outcome(change.id, Status.NOT_ATTEMPTED, note="Box could not be reached", answer=fault.answer)
    note = (
        "Box refused it" if isinstance(fault, Rejected | Conflict) else "the sign-in was no longer accepted"
    )
    return Outcome(change.id, Status.FAILED, change.box_id, note, fault.answer)


def _gone(change: Change, fault: NotFound) -> Outcome:
    if change.kind is Kind.DELETE:
        return Outcome(change.id, Status.DONE, change.box_id, "was gone already", fault.answer)
    return Outcome(change.id, Status.FAILED, change.box_id, "the account no longer exists", fault.answer)


def _in_the_way(change: Change, fault: Conflict, look_for_it: Callable[[], str | None]) -> Outcome:
    """409 on a create: ours from a doubtful try, or another's account (logins are unique over all of Box)."""
    try:
        found = look_for_it()
    except BoxFault as trouble:
        note = "a conflict that could not be looked into"
        return Outcome(change.id, Status.IN_DOUBT, note=note, answer=trouble.answer)
    if found and fault.doubtful:
        return Outcome(change.id, Status.DONE, found, "made by an earlier try of this run", fault.answer)
    if found:
        note = "an account with this key appeared after the plan was made; the next run compares it"
        return Outcome(change.id, Status.FAILED, found, note, fault.answer)
    return Outcome(change.id, Status.FAILED, note=_foreign(change), answer=fault.answer)


def _foreign(change: Change) -> str:
    if change.user_kind is UserKind.APP:
        return "the external id belongs to an account this app cannot see"
    return "the login belongs to a personal account, an external user or another enterprise"
