"""An account is locked, and keeps everything; other fields travel with the status."""

from __future__ import annotations

from provision.because import Because, parsed
from provision.journal.value import Outcome
from provision.ledger.progress import Progress
from provision.model import Kind
from provision.operations.kind import Operation, done
from provision.operations.people import attributes
from provision.operations.refusals import refused
from provision.operations.value import Change


def _shown(_change: Change, status: str) -> bool:
    return status == "inactive"


def _teach(progress: Progress, change: Change, outcome: Outcome, at: str) -> Progress:
    """What was seen before is no proof of what comes after."""
    if not done(outcome.status):
        return progress
    why = _why(change.evidence)
    return Progress(at, "", progress.transfer, gone_at=at if why else "", gone_for=why)


def _why(evidence: str) -> str:
    """For what somebody is deactivated: the day of an end date, or a reason."""
    proofs = [each for each in parsed(evidence) if each.code in _PROOFS]
    return next(
        (each.fact("day") if each.code is Because.END_DATE else each.code.value for each in proofs), ""
    )


_PROOFS = (Because.SAYS_INACTIVE, Because.END_DATE, Because.ABSENT)


DEACTIVATE = Operation(
    Kind.DEACTIVATE,
    rank=0,
    of_leavers=True,
    guard="removals",
    takes_away=True,
    looks_before=True,
    reads=1,
    send=attributes.send,
    seen=attributes.seen,
    refused=refused,
    shown=_shown,
    teach=_teach,
    undone=Because.UNDO_DEACTIVATE,
)
