"""How many requests it takes to see afterwards what was done to groups. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from provision.directory.groups import GroupsRead
from provision.model import Kind
from provision.operations.value import Change
from provision.paging import PAGE_SIZE
from provision.plan.groups.warrant import OF_MEMBERSHIPS


def proof_of_groups(changes: Iterable[Change], read: GroupsRead | None) -> int:
    """A page for each thousand members of the groups that are touched, and the list of all groups where one is made."""
    planned = list(changes)
    touched = {change.object: change.group for change in planned if change.kind in OF_MEMBERSHIPS}
    if read is None or not touched:
        return 0
    joining = Counter(change.object for change in planned if change.kind is Kind.MEMBERSHIP_ADD)
    there = Counter(read.members["group_id"].tolist())
    members = (there[group_id] + joining[name] for name, group_id in touched.items())
    made = any(change.kind is Kind.GROUP_CREATE for change in planned)
    return sum(map(_pages, members)) + (_pages(len(read.listed)) if made else 0)


def _pages(rows: int) -> int:
    return max(-(-rows // PAGE_SIZE), 1)
