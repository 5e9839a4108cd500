"""An account, or a group, is taken out of a folder into which an earlier run let it; only if it works there as that run left it."""

from __future__ import annotations

from provision.because import Because
from provision.errors import BoxFault, NotFound
from provision.journal.value import Note, Noted, noted
from provision.model import Kind, Status
from provision.operations.content import folders
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


def _barred(change: Change, remote: Remote) -> tuple[Note, ...]:
    """Somebody has given it another role since: then it stays. May raise any BoxFault."""
    try:
        there = remote.read(lambda: folders.collaborator(change.folder, folders.grantee_of(change), remote))
    except NotFound:
        return ()
    if there is None or there.role == folders.wanted_role(change):
        return ()
    return noted(Noted.COLLABORATOR_OTHERWISE, role=there.role)


def _send(change: Change, remote: Remote) -> Sent:
    who = folders.grantee_of(change)
    there = folders.collaborator(change.folder, who, remote)
    if there is None:
        return Sent(who.box_id, found=True)
    remote.users.end_collaboration(there.collaboration_id)
    return Sent(who.box_id)


def _seen(change: Change, remote: Remote) -> Sight:
    who = folders.grantee_of(change)
    try:
        there = folders.collaborator(change.folder, who, remote)
    except NotFound:
        there = None
    return Sight(LookResult.NO) if there else Sight(LookResult.YES, who.box_id)


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if isinstance(fault, NotFound):
        return Refusal(Status.DONE, noted(Noted.GONE_ALREADY), change.box_id or change.group)
    return folders.refused(change, fault, remote)


COLLABORATION_REMOVE = Operation(
    Kind.COLLABORATION_REMOVE,
    rank=49,
    guard="collaborations",
    of_content=True,
    takes_away=True,
    looks_before=True,
    held_back=True,
    reads=2,
    calls=lambda _change: 2,
    send=_send,
    seen=_seen,
    refused=_refused,
    barred=_barred,
    shown=never_shown,
    teach=nothing_learned,
    undone=Because.UNDO_COLLABORATION,
)
