"""The groups of everybody as a roster names them, for a job with a section on groups."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from provision.box.connect import Connection
from provision.directory.groups import GroupsRead, is_foreign
from provision.directory.list_groups import list_groups, with_members
from provision.job.settings import Job
from provision.model import AS_ADMIN, LIST_SEPARATOR
from provision.operations.groups.group_create import PROVENANCE
from provision.operations.groups.memberships import ADMIN
from provision.plan.columns import positions, taken
from provision.plan.groups.wishes import COLUMN
from provision.runs.reading.connection import waited_for
from provision.wording import counted, shortened


def all_groups(job: Job, connection: Connection) -> GroupsRead | None:
    """All groups that the job may touch, with their members; None for a job that goes by no column of groups."""
    if job.groups is None or job.groups.column != COLUMN:
        return None
    with waited_for(job):
        groups = list_groups(connection.box, connection.retry)
        ours = [one.group_id for one in groups.listed if not is_foreign(one, PROVENANCE)]
        return with_members(groups, ours, connection.box, connection.retry, lambda _number: None)


def unsaid_groups(groups: GroupsRead) -> Iterator[str]:
    """What an export cannot say: the groups whose names no roster can, and how many people are in one."""
    names = pd.Series([one.name for one in groups.listed], dtype="str")
    ids = [one.group_id for one, odd in zip(groups.listed, _unsaid(names), strict=True) if odd]
    inside = groups.members["box_id"][groups.members["group_id"].isin(ids)].nunique()
    if inside:
        told = shortened([repr(one.name) for one in groups.listed if one.group_id in set(ids)])
        yield (
            f"{counted(inside, 'user is', 'users are')} in a group whose name no roster can say ({told}), so the cell is empty, which "
            "leaves all memberships as they are\n  do: name the group otherwise in Box, without ; or (admin) at its end, and export again"
        )


def _unsaid(names: pd.Series[str]) -> pd.Series[bool]:
    """Which of these names of groups no cell can say."""
    unsaid = names.str.contains(LIST_SEPARATOR, regex=False) | names.str.casefold().str.endswith(AS_ADMIN)
    return unsaid | (names != names.str.split().str.join(" "))


def groups_of(box_ids: pd.Series[str], groups: GroupsRead) -> pd.Series[str]:
    """The cell of each of these accounts, "" for who is in no group.

    Who is in a group whose name a roster cannot say has an empty cell: that leaves all memberships as they are.
    """
    listed = pd.DataFrame([(one.group_id, one.name) for one in groups.listed], columns=["group_id", "name"])
    listed = listed.astype("str")
    listed = listed.assign(key=listed["name"].str.casefold()).sort_values(["key", "name"], ignore_index=True)
    place = positions(groups.members["group_id"], listed["group_id"])
    names = taken(listed["name"], place)
    written = names.where(groups.members["role"] != ADMIN, names + AS_ADMIN)
    unsaid = _unsaid(names)
    lines = pd.DataFrame({"box_id": groups.members["box_id"], "place": place, "cell": written})
    lines = lines.sort_values("place", kind="stable")
    silent = set(groups.members["box_id"][unsaid.to_numpy(bool)])
    cells = lines[~lines["box_id"].isin(silent)].groupby("box_id", sort=False)["cell"].agg("; ".join)
    return box_ids.map(cells).fillna("").astype("str").reset_index(drop=True)
