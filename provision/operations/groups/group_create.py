"""A group is made. Box keeps names unique; the external sync identifier tells one of this job from another of its name."""

from __future__ import annotations

from provision.because import Because
from provision.box.group_answers import GroupSeen
from provision.errors import BoxFault, Conflict
from provision.journal.value import Noted, noted
from provision.model import Kind, Status
from provision.operations.kind import (
    LookResult,
    Operation,
    Refusal,
    Sent,
    Sight,
    never_shown,
    nothing_learned,
    wanted_fields,
)
from provision.operations.refusals import refused
from provision.operations.remote import Remote
from provision.operations.value import Change

#: what a group of ours says of where it comes from
PROVENANCE = "box-provision"
SYNC_ID = "external_sync_identifier"


def _send(change: Change, remote: Remote) -> Sent:
    return Sent(remote.users.create_group(wanted_fields(change)))


def _seen(change: Change, remote: Remote) -> Sight:
    there = _of_its_name(change, remote)
    if there is None or not _is_ours(change, there):
        return Sight(LookResult.NO)
    return Sight(LookResult.YES, there.group_id)


def _is_ours(change: Change, there: GroupSeen) -> bool:
    return there.sync_id == wanted_fields(change).get(SYNC_ID, "") != ""


def _of_its_name(change: Change, remote: Remote) -> GroupSeen | None:
    """The group of this name, letter case aside: Box finds groups by the beginning of their names."""
    offset: int | None = 0
    while offset is not None:
        page = remote.users.groups(offset, change.name)
        for one in page.rows:
            if one.name.casefold() == change.name.casefold():
                return one
        offset = page.following
    return None


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if not isinstance(fault, Conflict):
        return refused(change, fault, remote)
    try:
        there = remote.read(lambda: _of_its_name(change, remote))
    except BoxFault as trouble:
        status = Status.IN_DOUBT if fault.doubtful else Status.FAILED
        return Refusal(status, noted(Noted.CONFLICT_UNSEEN), answer=trouble.answer)
    if there is not None and _is_ours(change, there):
        return Refusal(Status.DONE, noted(Noted.MADE_EARLIER), there.group_id)
    status = Status.IN_DOUBT if fault.doubtful else Status.FAILED
    if there is None:
        return Refusal(status, noted(Noted.CONFLICT_UNSEEN))
    return Refusal(status, noted(Noted.GROUP_CAME_UP, group_id=there.group_id))


GROUP_CREATE = Operation(
    Kind.GROUP_CREATE,
    rank=15,
    remembered=False,
    guard="groups",
    late=(2.0, 4.0),
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    stays=lambda _change: Because.GROUP_STAYS.value,
)
