"""What warrants an operation on groups in a saved plan: the job's section on them, and for an end of a membership its ``manage``. Pure."""

from __future__ import annotations

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
    """What operations on groups are judged by: the job, the ids of the groups that it ``made``, and the operations that others need."""

    job: Job
    made: frozenset[str]
    needed: frozenset[str]

    @classmethod
    def of(cls, plan: Plan, job: Job, memory: Memory) -> GroupWarrants:
        """For the operations of this plan."""
        return cls(job, made_by_job(memory), frozenset(need for one in plan.changes for need in one.needs))

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
        if ends and not is_managed(change.object, change.group, self.job, self.made):
            return "the job does not manage the group"
        return ""


def made_by_job(memory: Memory) -> frozenset[str]:
    """The ids of the groups that this job made."""
    return frozenset(memory.groups["group_id"][memory.groups["made_at"] != ""])


def is_managed(name: str, group_id: str, job: Job, made: frozenset[str]) -> bool:
    """Whether the job names a group among those in which memberships may end (groups.manage), or has ``made`` it."""
    patterns = job.groups.manage if job.groups else ()
    named = any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns)
    return named or group_id in made
