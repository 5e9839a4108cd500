"""The groups of everybody as a roster names them, for a job with a section on groups."""

from __future__ import annotations

import pandas as pd

from provision.box.connect import Connection
from provision.directory.groups import GroupsRead, is_foreign
from provision.directory.list_groups import list_groups, with_members
from provision.job.settings import Job
from provision.model import AS_ADMIN, LIST_SEPARATOR
from provision.operations.group_create import PROVENANCE
from provision.operations.memberships import ADMIN
from provision.plan.columns import positions, taken
from provision.plan.groups.wishes import COLUMN
from provision.runs.reading.connection import waited_for


def all_groups(job: Job, connection: Connection) -> GroupsRead | None:
    """All groups that the job may touch, with their members; None for a job that goes by no column of groups."""
    if job.groups is None or job.groups.column != COLUMN:
        return None
    with waited_for(job):
        groups = list_groups(connection.box, connection.retry)
        ours = [one.group_id for one in groups.listed if not is_foreign(one, PROVENANCE)]
        return with_members(groups, ours, connection.box, connection.retry, lambda _number: None)


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
    unsaid = names.str.contains(LIST_SEPARATOR, regex=False) | names.str.casefold().str.endswith(AS_ADMIN)
    unsaid |= names != names.str.split().str.join(" ")
    lines = pd.DataFrame({"box_id": groups.members["box_id"], "place": place, "cell": written})
    lines = lines.sort_values("place", kind="stable")
    silent = set(groups.members["box_id"][unsaid.to_numpy(bool)])
    cells = lines[~lines["box_id"].isin(silent)].groupby("box_id", sort=False)["cell"].agg("; ".join)
    return box_ids.map(cells).fillna("").astype("str").reset_index(drop=True)
