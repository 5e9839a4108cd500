"""The folder that a transfer made is put into an archive in the receiver's root, sharded so that no folder overflows.

The object of the operation is the folders' names with a slash between; what the transfer made is the folder to be moved.
Every step may be done twice: a folder that is there is found, and one that lies there already stays. As long as Box moves content
it lets nobody move its folder, so later runs do this again.
"""

from __future__ import annotations

from dataclasses import replace

from provision.because import Because, reason
from provision.errors import BoxFault, Conflict
from provision.journal.value import Noted, Outcome, noted
from provision.ledger.progress import ArchiveWish, Progress
from provision.model import Kind, Status
from provision.operations.content.folders import ROOT
from provision.operations.kind import Operation, Refusal, Sent, again, done, failed, never_shown
from provision.operations.refusals import unanswered
from provision.operations.remote import Remote
from provision.operations.value import Change

#: what Box answers while a transfer, or another move, has the folder (Box API reference, PUT /folders/{folder_id})
_BLOCKED = "operation_blocked_temporary"


def _send(change: Change, remote: Remote) -> Sent:
    as_user = "" if change.to == remote.me else change.to
    parent = ROOT
    for name in change.object.split("/"):
        parent = _made(name, parent, as_user, remote)
    return Sent(change.box_id, remote.users.move_folder(change.made, parent, as_user))


def _made(name: str, parent: str, as_user: str, remote: Remote) -> str:
    """A folder, made unless it is there: Box names the one in the way."""
    try:
        return remote.users.create_folder(name, parent, as_user)
    except Conflict as fault:
        if not fault.box_id:
            raise
        return fault.box_id


def _refused(change: Change, fault: BoxFault, _remote: Remote) -> Refusal:
    """As while the transfer goes on; the folder stays in the receiver's root, where nothing is lost, and later runs try again."""
    if common := unanswered(change, fault):
        return common
    if fault.answer.code == _BLOCKED:
        why = reason(Because.ARCHIVE_BLOCKED, place=change.object)
        return Refusal(Status.WAITING, noted(Noted.WAITS, why=why), change.box_id)
    return failed(change, Noted.NOT_ARCHIVED)


def _teach(progress: Progress, change: Change, outcome: Outcome, at: str) -> Progress:
    """A folder that lies in the receiver's root still has to go on, if this very transfer put it there."""
    if done(outcome.status):
        return replace(progress, archive=None)
    sent = progress.transfer
    if not change.completes or sent is None or sent.at != at or not sent.made:
        return progress
    return replace(progress, archive=ArchiveWish(at, sent.made, change.object, sent.to, sent.to_key))


def _calls(change: Change) -> int:
    """A folder at each level, and the move."""
    return change.object.count("/") + 2


ARCHIVE_MOVE = Operation(
    Kind.ARCHIVE_MOVE,
    rank=60,
    of_content=True,
    of_leavers=True,
    calls=_calls,
    held_back=True,
    send=_send,
    seen=again,
    refused=_refused,
    shown=never_shown,
    teach=_teach,
    accepted=noted(Noted.ARCHIVED),
    stays=lambda change: reason(Because.ARCHIVE_STAYS, place=change.object),
)
