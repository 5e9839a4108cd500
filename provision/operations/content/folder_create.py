"""A folder is made for people to work in, in a folder of the account behind the sign-in. One that is there already serves as well.

``name`` is its whole path, ``folder`` the one that it comes to lie in. Box keeps names unique in a folder and names the one in the
way, so a second try does no harm.
"""

from __future__ import annotations

from provision.because import Because
from provision.errors import BoxFault, Conflict
from provision.journal.value import Noted, noted
from provision.model import Kind, Status
from provision.operations.content.folders import levels, named_in, refused
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
    return Sent(remote.users.create_folder(levels(change.name)[-1], change.folder, ""))


def _seen(change: Change, remote: Remote) -> Sight:
    there = named_in(change.folder, levels(change.name)[-1], remote)
    return Sight(LookResult.YES, there) if there else Sight(LookResult.NO)


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    """409: something of that name is there; what it is, the folder that it lies in tells."""
    if not isinstance(fault, Conflict):
        return refused(change, fault, remote)
    try:
        there = remote.read(lambda: named_in(change.folder, levels(change.name)[-1], remote))
    except BoxFault as trouble:
        status = Status.IN_DOUBT if fault.doubtful else Status.FAILED
        return Refusal(status, noted(Noted.CONFLICT_UNSEEN), answer=trouble.answer)
    if there:
        code = Noted.MADE_EARLIER if fault.doubtful else Noted.THERE_ALREADY
        return Refusal(Status.DONE, noted(code), there)
    return Refusal(Status.IN_DOUBT if fault.doubtful else Status.FAILED, noted(Noted.NAME_IN_USE))


FOLDER_CREATE = Operation(
    Kind.FOLDER_CREATE,
    rank=45,
    of_content=True,
    late=(2.0, 4.0),
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    stays=lambda _change: Because.FOLDER_STAYS.value,
)
