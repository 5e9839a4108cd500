"""An account is signed out everywhere. Box shows nowhere whether it was, and a second time does no harm."""

from __future__ import annotations

from dataclasses import replace

from provision.because import Because
from provision.journal.value import Outcome
from provision.ledger.progress import Progress
from provision.model import Kind
from provision.operations.kind import Operation, Sent, again, done, never_shown
from provision.operations.refusals import refused
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    remote.users.end_sessions([change.box_id])
    return Sent(change.box_id)


def _teach(progress: Progress, _change: Change, outcome: Outcome, at: str) -> Progress:
    return replace(progress, sessions_at=at) if done(outcome.status) else progress


END_SESSIONS = Operation(
    Kind.END_SESSIONS,
    rank=10,
    of_leavers=True,
    send=_send,
    seen=again,
    refused=refused,
    shown=never_shown,
    teach=_teach,
    stays=lambda _change: Because.SESSIONS_ENDED.value,
)
