"""Writes that landed after their run had ended: the next run applies the rule of the second look to what came of them.

Of two app users with one external id, the second is a run's own work if that run sent the create more often than it got an
answer, and the account is new since, empty, and just as it was asked for; and if there are no more accounts than requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import pandas as pd

from provision.batches import Held, on_disk
from provision.box.connect import Connection
from provision.directory.account_rows import accounts_in
from provision.directory.scope import Directory
from provision.errors import BoxFault, PlanError
from provision.hashes import hashed, repeated
from provision.job.settings import Job
from provision.journal.value import Noted, Outcome
from provision.model import Kind, UserKind
from provision.operations.people.attributes import shows
from provision.operations.value import Change
from provision.plan.columns import among
from provision.plan.value import LateDouble, Plan
from provision.runs.folder import begun_runs
from provision.runs.seal.closing import outcomes_that_count
from provision.runs.seal.seal import is_proven, sealed_plan
from provision.runs.selection import identity

#: in so many of the last runs of a job that sent something a create is looked for
_RUNS = 10


def late_doubles(job: Job, directory: Directory, connection: Connection) -> dict[str, LateDouble]:
    """The second accounts that runs of this job made, by id; nobody's where nobody is there twice."""
    twice = _twice(directory)
    found: dict[str, LateDouble] = {}
    groups = {str(key): group for key, group in twice.groupby("external_id")}
    for run_id, plan, outcomes in _recent(job, connection.me.enterprise_id) if groups else ():
        for change in plan.changes:
            group = groups.get(change.external_id) if change.kind is Kind.CREATE else None
            if group is not None and change.id in outcomes:
                spare = _spare(change, outcomes[change.id], group, plan, connection)
                found |= {
                    one: LateDouble(change.external_id, outcomes[change.id].box_id, run_id) for one in spare
                }
    return found


def without_keys(directory: Directory, doubles: dict[str, LateDouble]) -> Directory:
    """The directory in which second accounts have no external id: they are nobody's any more."""
    if not doubles:
        return directory
    ids = list(doubles)

    def bare(users: pd.DataFrame) -> pd.DataFrame:
        return users.assign(external_id=users["external_id"].mask(users["box_id"].isin(ids), ""))

    if directory.listed.count == 1:
        return replace(directory, listed=Held(bare(directory.listed.whole())))
    return replace(directory, listed=on_disk(map(bare, directory.listed.each())))


def _twice(directory: Directory) -> pd.DataFrame:
    """The app users in scope that share their external id, all columns."""
    hashes = [
        hashed(users["external_id"][_ours(users)])
        for users in directory.listed.each(["kind", "in_scope", "external_id"])
    ]
    every = np.concatenate(hashes)
    again = np.unique(every[repeated(every)])
    if not len(again):
        return pd.DataFrame(columns=["external_id"])
    return directory.where(lambda users: _ours(users) & np.isin(hashed(users["external_id"]), again))


def _ours(users: pd.DataFrame) -> pd.Series[bool]:
    return (users["kind"] == UserKind.APP.value) & users["in_scope"]


def _recent(job: Job, enterprise_id: str) -> Iterator[tuple[str, Plan, dict[str, Outcome]]]:
    for path in islice(begun_runs(job), _RUNS):
        try:
            if is_proven(path, job) and (plan := sealed_plan(path, job)).enterprise_id == enterprise_id:
                yield path.name, plan, outcomes_that_count(path, job, identity(plan))
        except PlanError:
            continue  # what cannot be read proves nothing, and a person decides who of both goes


def _spare(
    change: Change, outcome: Outcome, group: pd.DataFrame, plan: Plan, connection: Connection
) -> list[str]:
    """The accounts of a group that this create made besides the one that stays."""
    ids = group["box_id"].tolist()
    sent_again = outcome.attempts > 1 or outcome.says(Noted.FOUND, Noted.FOUND_AT_END)
    if not sent_again or outcome.box_id not in ids or len(ids) > max(outcome.attempts, 2):
        return []
    others = group[group["box_id"] != outcome.box_id]
    if among(others["box_id"], plan.table["box_id"]).any():
        return []
    return [
        one.box_id for one in accounts_in(others) if shows(change, one) and _is_empty(one.box_id, connection)
    ]


def _is_empty(box_id: str, connection: Connection) -> bool:
    try:
        return connection.retry.read(lambda: connection.box.space_used(box_id)) == 0
    except BoxFault:
        return False
