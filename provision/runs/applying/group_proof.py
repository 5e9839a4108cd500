"""The proof of what a run did to groups: their members read afresh, and singly whoever these lists do not show as they should."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from provision.box.group_answers import MemberPage
from provision.box.holdings import Memberships
from provision.directory.groups import GroupsRead
from provision.directory.list_groups import GroupPages, list_groups, of_people, with_members
from provision.directory.scope import WayOfReading
from provision.errors import NotFound
from provision.journal.value import Outcome, is_done
from provision.model import Kind
from provision.report.reconciling.fresh_groups import groups_not_shown, touched_groups
from provision.runs.planning.prepare import Planned


class AsTheyAre:
    """Lists of groups in which nobody is in a group that is gone, and an account that is gone in no group."""

    def __init__(self, pages: GroupPages) -> None:
        self._pages = pages
        self.groups = pages.groups

    def members(self, group_id: str, offset: int = 0) -> MemberPage:
        """One page of who is in a group."""
        try:
            return self._pages.members(group_id, offset)
        except NotFound:
            return MemberPage((), (), (), None, 0)

    def memberships(self, box_id: str, offset: int = 0) -> Memberships:
        """One page of the groups an account is in."""
        try:
            return self._pages.memberships(box_id, offset)
        except NotFound:
            return Memberships((), None)


#: the most people whose groups are read singly after a run
_MOST_REREAD = 500


def groups_now(planned: Planned, outcomes: Mapping[str, Outcome]) -> GroupsRead | None:
    """The groups that operations called done are about, with their members; None where there are none.

    All groups are listed only where one was made. Raises any BoxFault, and BoxRefused for lists that cannot be read.
    """
    changes, connection = planned.plan.changes, planned.connection
    touched = touched_groups(changes, outcomes)
    made = [one for one in changes if one.kind is Kind.GROUP_CREATE and is_done(outcomes.get(one.id))]
    if not touched and not made:
        return None
    box, retry = AsTheyAre(connection.box), connection.retry
    groups = list_groups(box, retry) if made else GroupsRead(())
    whose = {one.id: outcomes[one.id].box_id or one.box_id for one in changes if one.id in touched}
    people = tuple(dict.fromkeys(whose.values()))
    wanted = dict.fromkeys(touched.values())
    if planned.directory.read is WayOfReading.LOOKUP and len(people) <= len(wanted):
        return of_people(groups, people, box, retry, _unheard)
    groups = with_members(groups, wanted, box, retry, _unheard)
    doubted = [name for name in groups_not_shown(changes, outcomes, groups) if name in touched]
    singly = tuple(dict.fromkeys(whose[name] for name in doubted))[:_MOST_REREAD]
    if not singly:
        return groups
    again = of_people(groups, singly, box, retry, _unheard)
    others = groups.members[~groups.members["box_id"].isin(singly)]
    return replace(groups, members=pd.concat([others, again.members], ignore_index=True).astype("str"))


def _unheard(_number: int) -> None:
    """Nobody waits for this long enough to be told."""
