"""An account is locked, and keeps everything; other fields travel with the status."""

from __future__ import annotations

from provision.because import Because
from provision.journal.value import Outcome
from provision.ledger.progress import Progress
from provision.model import Kind
from provision.operations import attributes
from provision.operations.kind import Operation, done
from provision.operations.refusals import refused
from provision.operations.value import Change


def _shown(_change: Change, status: str) -> bool:
    return status == "inactive"


def _teach(progress: Progress, _change: Change, outcome: Outcome, at: str) -> Progress:
    """What was seen before is no proof of what comes after."""
    return Progress(at, "", progress.transfer) if done(outcome.status) else progress


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
