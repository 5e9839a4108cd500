"""What warrants an operation on groups in a saved plan: the job's section on them, and for an end of a membership its ``manage``. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import Kind
from provision.operations.value import Change
from provision.plan.value import Plan

OF_MEMBERSHIPS = (Kind.MEMBERSHIP_ADD, Kind.MEMBERSHIP_UPDATE, Kind.MEMBERSHIP_REMOVE)
KINDS = (Kind.GROUP_CREATE, *OF_MEMBERSHIPS)


@dataclass(frozen=True, slots=True)
class GroupWarrants:
    """What operations on groups are judged by: the job, the ids of the groups that it ``made``, and the operations that others need.

    ``names``: those that groups had before, by id.
    """

    job: Job
    made: frozenset[str]
    needed: frozenset[str]
    names: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, plan: Plan, job: Job, memory: Memory) -> GroupWarrants:
        """For the operations of this plan."""
        needed = frozenset(need for one in plan.changes for need in one.needs)
        return cls(job, made_by_job(memory), needed, names_before(memory))

    def against(self, change: Change) -> str:
        """Why nothing warrants this operation, "" for one that is."""
        if self.job.groups is None:
            return "the job has no section on groups"
        if change.kind is Kind.GROUP_CREATE:
            asked = self.job.groups.create and change.id in self.needed
            return "" if asked else "nobody is to join the group that it makes"
        if not change.line:
            return "no row of the roster asks for it"
        ends = change.kind is Kind.MEMBERSHIP_REMOVE
        names = (change.object, *self.names.get(change.group, ()))
        if ends and not is_managed(names, change.group, self.job, self.made):
            return "the job does not manage the group"
        return ""


def made_by_job(memory: Memory) -> frozenset[str]:
    """The ids of the groups that this job made."""
    return frozenset(memory.groups["group_id"][memory.groups["made_at"] != ""])


def names_before(memory: Memory) -> dict[str, tuple[str, ...]]:
    """The names under which groups were known, by id, but for those that a run says it made: Box has to bear that out."""
    found: dict[str, tuple[str, ...]] = {}
    made = made_by_job(memory)
    for name, group_id in zip(memory.groups["name"], memory.groups["group_id"], strict=True):
        if group_id not in made:
            found[group_id] = (*found.get(group_id, ()), name)
    return found


def is_managed(names: Iterable[str], group_id: str, job: Job, made: frozenset[str]) -> bool:
    """Whether the job names a group among those in which memberships may end (groups.manage), or has ``made`` it.

    ``names``: its name, and those that it had before.
    """
    patterns = job.groups.manage if job.groups else ()
    named = any(fnmatchcase(name.casefold(), pattern.casefold()) for name in names for pattern in patterns)
    return named or group_id in made
