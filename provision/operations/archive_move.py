"""The folder that a transfer made is put into an archive in the receiver's root, sharded so that no folder overflows.

The object of the operation is the folders' names with a slash between; what the transfer made is the folder to be moved.
Every step may be done twice: a folder that is there is found, and one that lies there already stays.
"""

from __future__ import annotations

from provision.errors import BoxFault, Conflict
from provision.journal.value import Noted, noted
from provision.model import Kind
from provision.operations.kind import Operation, Refusal, Sent, again, failed, never_shown, nothing_learned
from provision.operations.refusals import unanswered
from provision.operations.remote import Remote
from provision.operations.value import Change

#: the folder everything of an account lies in (developer.box.com, Root folder)
_ROOT = "0"


def _send(change: Change, remote: Remote) -> Sent:
    as_user = "" if change.to == remote.me else change.to
    parent = _ROOT
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
    """As while the transfer goes on; the folder stays in the receiver's root, where nothing is lost."""
    return unanswered(change, fault) or failed(change, Noted.NOT_ARCHIVED)


def _calls(change: Change) -> int:
    """A folder at each level, and the move."""
    return change.object.count("/") + 2


ARCHIVE_MOVE = Operation(
    Kind.ARCHIVE_MOVE,
    rank=60,
    of_leavers=True,
    calls=_calls,
    held_back=True,
    never_again=True,
    send=_send,
    seen=again,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    accepted=noted(Noted.ARCHIVED),
)
