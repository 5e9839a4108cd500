"""What fresh lists of members say about the outcomes: which memberships are not as we left them, and which groups are not there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from provision.directory.groups import GroupsRead
from provision.journal.value import Note, Noted, Outcome, is_done, noted
from provision.model import Kind
from provision.operations.groups.memberships import wanted_role
from provision.operations.kind import made_by_need
from provision.operations.value import Change
from provision.plan.groups.warrant import OF_MEMBERSHIPS


def touched_groups(changes: Iterable[Change], outcomes: Mapping[str, Outcome]) -> dict[str, str]:
    """The id of the group of each operation on memberships that is called done, by id of the operation."""
    found = {}
    for change in changes:
        outcome = outcomes.get(change.id)
        if change.kind in OF_MEMBERSHIPS and is_done(outcome):
            found[change.id] = change.group or made_by_need(change, Kind.GROUP_CREATE, outcomes)
    return found


def groups_not_shown(
    changes: Sequence[Change], outcomes: Mapping[str, Outcome], now: GroupsRead
) -> dict[str, tuple[Note, ...]]:
    """Why the lists do not prove an operation that is called done, by its id, proven ones left out.

    ``now``: the groups if one was made, and the members of those whose memberships were changed.
    """
    touched = touched_groups(changes, outcomes)
    ids = {one.group_id for one in now.listed}
    roles, memberships = _members(now.members, set(touched.values()))
    doubts = {}
    for change in changes:
        if change.kind is Kind.GROUP_CREATE:
            outcome = outcomes.get(change.id)
            if is_done(outcome) and outcome.box_id not in ids:
                doubts[change.id] = noted(Noted.GROUP_NOT_LISTED)
        elif change.id in touched:
            role = roles.get((outcomes[change.id].box_id or change.box_id, touched[change.id]), "")
            gone = change.membership not in memberships
            shown = gone if change.kind is Kind.MEMBERSHIP_REMOVE else role == wanted_role(change)
            if not shown:
                doubts[change.id] = noted(Noted.MEMBERS_OTHERWISE)
    return doubts


def _members(members: pd.DataFrame, groups: set[str]) -> tuple[dict[tuple[str, str], str], set[str]]:
    """The role of each account in each of these groups, and the ids of all memberships there."""
    theirs = members[members["group_id"].isin(groups)]
    lines = [theirs[name].tolist() for name in ("box_id", "group_id", "role")]
    roles = {(box_id, group_id): role for box_id, group_id, role in zip(*lines, strict=True)}
    return roles, set(theirs["membership_id"])
