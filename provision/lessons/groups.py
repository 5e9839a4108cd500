"""What a run teaches about groups: which ones names of the roster mean, and which of them this job made."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from provision.journal.value import Outcome
from provision.ledger.value import GROUP_COLUMNS, Memory
from provision.model import Kind, Status
from provision.plan.value import Plan


def groups_known(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory) -> pd.DataFrame | None:
    """The names that are new or mean another group now, and the groups that were made (GROUP_COLUMNS); None for no news.

    A group that this job made stays so under whatever name it is known.
    """
    before = {row[0]: row for row in memory.groups[list(GROUP_COLUMNS)].itertuples(index=False, name=None)}
    made_at = {group_id: at for _, group_id, at in before.values() if at}
    made_at |= dict(_made(plan, outcomes))
    # one that a run made and never heard of again is the job's all the same
    made_at = {one.group_id: plan.as_of for one in plan.groups if one.ours} | made_at
    now = {one.name: one.group_id for one in plan.groups}
    now |= {one.name: _id_of(one.id, outcomes) for one in plan.changes if one.kind is Kind.GROUP_CREATE}
    rows = [(name, group_id, made_at.get(group_id, "")) for name, group_id in now.items() if group_id]
    news = [row for row in rows if before.get(row[0]) != row]
    return pd.DataFrame(news, columns=list(GROUP_COLUMNS), dtype="str") if news else None


def _made(plan: Plan, outcomes: Mapping[str, Outcome]) -> list[tuple[str, str]]:
    """The groups that the run made, and when it was planned."""
    creates = (one for one in plan.changes if one.kind is Kind.GROUP_CREATE)
    ids = (_id_of(one.id, outcomes) for one in creates)
    return [(group_id, plan.as_of) for group_id in ids if group_id]


def _id_of(name: str, outcomes: Mapping[str, Outcome]) -> str:
    """The group that an operation made, "" if it did not."""
    outcome = outcomes.get(name)
    return outcome.box_id if outcome is not None and outcome.status is Status.DONE else ""
