"""An account is removed for good, and with ``destroys`` what it still owns (Box API reference, DELETE /users/{user_id})."""

from __future__ import annotations

from provision.journal.value import Outcome
from provision.ledger.progress import Progress
from provision.model import Kind
from provision.operations.kind import LookResult, Operation, Sent, Sight, done
from provision.operations.refusals import ending_refused
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    return Sent(remote.users.delete(change.box_id, force=change.destroys))


def _seen(change: Change, remote: Remote) -> Sight:
    """A deletion is seen by a 404 (developer.box.com, Common errors, 503: a write may persist whatever the answer says)."""
    gone = remote.users.get(change.box_id) is None
    return Sight(LookResult.YES, change.box_id) if gone else Sight(LookResult.NO)


def _no_longer_listed(_change: Change, status: str) -> bool:
    """Whether nobody lists the account any more."""
    return not status


def _progress_ended(progress: Progress, _change: Change, outcome: Outcome, _at: str) -> Progress:
    """Nothing is left of the way of an account that is gone."""
    return Progress() if done(outcome.status) else progress


def _calls(change: Change) -> int:
    """The request itself, and a look at the folders of who is active, which the snapshot tells."""
    return 1 if change.status == "inactive" else 2


DELETE = Operation(
    Kind.DELETE,
    rank=70,
    of_leavers=True,
    guard="removals",
    takes_away=True,
    ends_account=True,
    looks_before=True,
    supposes_status=True,
    held_back=True,
    reads=3,  # the account, its groups and its aliases
    calls=_calls,
    send=_send,
    seen=_seen,
    refused=ending_refused,
    shown=_no_longer_listed,
    teach=_progress_ended,
)
