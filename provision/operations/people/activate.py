"""An account that was locked can be used again; other fields travel with the status."""

from __future__ import annotations

from provision.because import Because
from provision.journal.value import Outcome
from provision.ledger.progress import Progress, walked_back
from provision.model import Kind
from provision.operations.kind import Operation, done
from provision.operations.people import attributes
from provision.operations.refusals import refused
from provision.operations.value import Change


def _shown(_change: Change, status: str) -> bool:
    return status == "active"


def _teach(progress: Progress, _change: Change, outcome: Outcome, _at: str) -> Progress:
    return walked_back(progress) if done(outcome.status) else progress


ACTIVATE = Operation(
    Kind.ACTIVATE,
    rank=30,
    guard="updates",
    send=attributes.send,
    seen=attributes.seen,
    refused=refused,
    shown=_shown,
    teach=_teach,
    undone=Because.UNDO_ACTIVATE,
)
