"""What takes a change of a membership back. What somebody changed since is never overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from provision.because import Because, reason
from provision.journal.value import Outcome
from provision.model import Kind
from provision.operations.groups.memberships import GROUPS, told_role
from provision.operations.kind import made_by_need
from provision.operations.value import Change, FieldChange


class MembershipNow(NamedTuple):
    """A membership as it is now: its id, and the role."""

    membership_id: str
    role: str


#: an account's memberships as they are now, by the id of the group
Now = Mapping[str, MembershipNow]


def in_its_group(change: Change, outcomes: Mapping[str, Outcome]) -> Change:
    """An operation of the past with the id of the group that the same run made for it."""
    if change.kind is not Kind.MEMBERSHIP_ADD or change.group:
        return change
    return replace(change, group=made_by_need(change, Kind.GROUP_CREATE, outcomes))


def membership_back(past: Change, now: Now) -> tuple[Change | None, str]:
    """What takes it back, None for nothing to do; and the reason why something stays, "" for none."""
    there = now.get(past.group)
    before, after = (told_role(past.object, told) for told in (past.fields[0].before, past.fields[0].after))
    role = there.role if there else ""
    if role == before:
        return None, ""
    if role != after:
        return None, reason(Because.MEMBERSHIP_MOVED, group=past.object)
    kind = _KINDS[bool(before), bool(after)]
    fields = (FieldChange(GROUPS, past.fields[0].after, past.fields[0].before),)
    membership = there.membership_id if there else ""
    return replace(past, kind=kind, fields=fields, membership=membership), ""


#: by whether there was a membership before, and after
_KINDS = {
    (False, True): Kind.MEMBERSHIP_REMOVE,
    (True, True): Kind.MEMBERSHIP_UPDATE,
    (True, False): Kind.MEMBERSHIP_ADD,
}
