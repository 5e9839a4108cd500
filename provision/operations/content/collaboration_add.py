"""An account, or a group, is let into a folder. Box keeps a collaboration unique, so a second try is refused and does no harm.

The object of the operation is the folder as the job names it, its id or its path, and for a group its name behind it. What Box made
beside it is told as the folder's id.
"""

from __future__ import annotations

from provision.because import Because, reason
from provision.box.collaborators import Collaborator
from provision.errors import BoxFault
from provision.journal.value import Note, Noted, noted
from provision.model import Kind, Status
from provision.operations.content import folders
from provision.operations.content.later import blocked, left_before
from provision.operations.kind import (
    LookResult,
    Operation,
    Refusal,
    Sent,
    Sight,
    never_shown,
    nothing_learned,
)
from provision.operations.remote import Remote
from provision.operations.value import Change


def _send(change: Change, remote: Remote) -> Sent:
    folder = folders.folder_of(change, remote)
    who = folders.grantee_of(change)
    there = folders.collaborator(folder, who, remote) if left_before(change) else None
    if there is not None and there.role == folders.wanted_role(change):
        return Sent(who.box_id, folder, _waits(there), found=True)
    made = remote.users.collaborate(folder, who, folders.wanted_role(change))
    return Sent(who.box_id, folder, _waits(made))


def _waits(there: Collaborator) -> tuple[Note, ...]:
    return noted(Noted.WAITS, why=reason(Because.COLLABORATION_PENDING)) if there.waits else ()


def _seen(change: Change, remote: Remote) -> Sight:
    who = folders.grantee_of(change)
    there = folders.collaborator(folders.folder_of(change, remote), who, remote)
    if there is None or there.role != folders.wanted_role(change):
        return Sight(LookResult.NO)
    return Sight(LookResult.YES, who.box_id, waits=_waits(there))


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if later := blocked(change, fault):
        return later
    if not folders.works_already(fault):
        return folders.refused(change, fault, remote)
    status = Status.IN_DOUBT if fault.doubtful else Status.FAILED
    who = folders.grantee_of(change)
    try:
        there = remote.read(lambda: folders.collaborator(folders.folder_of(change, remote), who, remote))
    except BoxFault as trouble:
        return Refusal(status, noted(Noted.CONFLICT_UNSEEN), who.box_id, trouble.answer)
    if there is None:
        return Refusal(status, noted(Noted.CONFLICT_UNSEEN), who.box_id)
    return _there(change, there, who.box_id, doubtful=fault.doubtful)


def _there(change: Change, there: Collaborator, box_id: str, *, doubtful: bool) -> Refusal:
    """They work with it, from an earlier try or by somebody else."""
    if there.role != folders.wanted_role(change):
        status = Status.IN_DOUBT if doubtful else Status.FAILED
        return Refusal(status, noted(Noted.COLLABORATOR_OTHERWISE, role=there.role), box_id)
    if there.waits:
        return Refusal(Status.WAITING, _waits(there), box_id)
    code = Noted.MADE_EARLIER if doubtful else Noted.THERE_ALREADY
    return Refusal(Status.DONE, noted(code), box_id)


def _calls(change: Change) -> int:
    """The request, a look for what an earlier run has left, and one into each folder along a path that nobody has looked up."""
    place = folders.place_of(change)
    made = any(need.startswith(f"{Kind.FOLDER_CREATE}:") for need in change.needs)
    looked_up = not (change.folder or made) and place.startswith("/")
    return 1 + left_before(change) + (len(folders.levels(place)) if looked_up else 0)


COLLABORATION_ADD = Operation(
    Kind.COLLABORATION_ADD,
    rank=47,
    guard="collaborations",
    of_content=True,
    held_back=True,
    calls=_calls,
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    undone=Because.UNDO_COLLABORATION,
)
