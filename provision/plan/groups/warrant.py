"""What warrants an operation on groups in a saved plan: the job's section on them, and for an end of a membership its ``manage``. Pure."""

from __future__ import annotations

from fnmatch import fnmatchcase

from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import Kind
from provision.operations.value import Change
from provision.plan.value import Plan

OF_MEMBERSHIPS = (Kind.MEMBERSHIP_ADD, Kind.MEMBERSHIP_UPDATE, Kind.MEMBERSHIP_REMOVE)
KINDS = (Kind.GROUP_CREATE, *OF_MEMBERSHIPS)


def unwarranted(change: Change, plan: Plan, job: Job, memory: Memory) -> str:
    """Why nothing warrants this operation, "" for one that is."""
    if job.groups is None:
        return "the job has no section on groups"
    if change.kind is Kind.GROUP_CREATE:
        needed = any(change.id in one.needs for one in plan.changes)
        return "" if job.groups.create and needed else "nobody is to join the group that it makes"
    if not change.line:
        return "no row of the roster asks for it"
    if change.kind is Kind.MEMBERSHIP_REMOVE and not is_managed(change.object, change.group, job, memory):
        return "the job does not manage the group"
    return ""


def is_managed(name: str, group_id: str, job: Job, memory: Memory) -> bool:
    """Whether the job names a group among those in which memberships may end (groups.manage), or has made it."""
    patterns = job.groups.manage if job.groups else ()
    if any(fnmatchcase(name.casefold(), pattern.casefold()) for pattern in patterns):
        return True
    made = memory.groups["made_at"] != ""
    return group_id in set(memory.groups["group_id"][made])
