"""Somebody new is given something that lies in their root from the beginning: a copy of a folder of Box, or a folder of this machine.

``folder`` is the id of the folder of Box that is copied, "" for a folder of this machine, whose place in the root the object is then.
"""

from __future__ import annotations

from provision.because import Because
from provision.errors import BoxFault, Conflict
from provision.journal.value import Noted, noted
from provision.model import Kind, Status
from provision.operations.content import content_copy, content_upload, folders
from provision.operations.content.later import blocked, is_blocked
from provision.operations.content.starter_common import told_calls
from provision.operations.kind import (
    LookResult,
    Operation,
    Refusal,
    Sent,
    Sight,
    failed,
    never_shown,
    nothing_learned,
)
from provision.operations.remote import Remote
from provision.operations.value import Change
from provision.trees import UNREADABLE

#: what tells that a file on this machine is no longer as it was planned (Box API reference, Uploads)
_CHANGED = (UNREADABLE, "bad_digest")


def _send(change: Change, remote: Remote) -> Sent:
    return content_copy.send(change, remote) if change.folder else content_upload.send(change, remote)


def _seen(change: Change, remote: Remote) -> Sight:
    """It has happened once all is there, and nothing but that is left behind."""
    try:
        there = _is_there(change, remote)
    except BoxFault as fault:
        if not is_blocked(fault):
            raise
        there = False  # nothing could be done as this account yet
    return Sight(LookResult.YES, change.box_id) if there else Sight(LookResult.NO)


def _is_there(change: Change, remote: Remote) -> bool:
    if not change.folder:
        return content_upload.given(change, remote)
    return content_copy.copied(change, remote) is not None and content_copy.ours(change, remote) is None


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if later := blocked(change, fault, nothing_done=True):
        return later
    if isinstance(fault, Conflict):
        status = Status.IN_DOUBT if fault.doubtful else Status.FAILED
        return Refusal(status, noted(Noted.CONTENT_OTHERWISE), change.box_id)
    if fault.answer.code in _CHANGED and not fault.doubtful:
        return failed(change, Noted.CONTENT_CHANGED)
    return folders.refused(change, fault, remote)


def _calls(change: Change) -> int:
    return content_copy.calls(change) if change.folder else told_calls(change)


STARTER_CONTENT = Operation(
    Kind.STARTER_CONTENT,
    rank=51,
    of_content=True,
    held_back=True,
    late=(2.0, 4.0),
    calls=_calls,
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    stays=lambda _change: Because.STARTER_CONTENT_STAYS.value,
)
