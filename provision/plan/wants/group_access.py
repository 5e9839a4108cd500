"""Groups that are let into folders, as operations: once, as soon as the job names them, whoever comes or goes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from provision.because import Because, joined, reason
from provision.directory.groups import GroupsRead
from provision.job.onboarding import FolderAccess, is_path
from provision.job.settings import Job
from provision.ledger.value import EntryState, Memory
from provision.model import Kind, UserKind, escaped
from provision.operations.content.folders import COLLABORATIONS, of_group, written_access
from provision.operations.value import Change, FieldChange
from provision.plan.groups.resolve import KnownGroups, creation


class _Meant(NamedTuple):
    """What a name of a group stands for: its id, or the operation that makes it, or why it waits."""

    group_id: str = ""
    need: str = ""
    hold: str = ""


def left_to_let_in(memory: Memory, job: Job) -> list[tuple[FolderAccess, str]]:
    """What the job names of groups and no run has done yet, each with its state in the ledger, "" for none."""
    asked = [each for each in job.onboarding.collaborations if each.group] if job.onboarding else []
    if not asked:
        return []
    mine = memory.onboarding[memory.onboarding["person"] == ""]
    states = dict(zip(mine["entry"].tolist(), mine["state"].tolist(), strict=True))
    told = ((each, states.get(named(each), "")) for each in asked)
    return [(each, state) for each, state in told if state != EntryState.DONE]


def named(access: FolderAccess) -> str:
    """What names the access of a group in operations and ledgers."""
    return of_group(access.folder, access.group or "")


def with_group_access(
    changes: Iterable[Change], read: GroupsRead | None, memory: Memory, job: Job
) -> list[Change]:
    """The operations, and those that let groups in; ``read``: the groups of the enterprise, None where nobody has asked for them."""
    planned = list(changes)
    left = left_to_let_in(memory, job) if read is not None else []
    return (
        [*planned, *_let_in(left, planned, KnownGroups.of(read, job, memory))] if left and read else planned
    )


def _let_in(
    left: Iterable[tuple[FolderAccess, str]], planned: Iterable[Change], known: KnownGroups
) -> Iterator[Change]:
    # a group that somebody joins by this plan is made once, as it is spelt there
    spelt = {
        each.object.casefold(): each.object
        for each in planned
        if each.kind is Kind.MEMBERSHIP_ADD and not each.group
    }
    for access, state in left:
        name = access.group or ""
        meant = _meant(spelt.setdefault(name.casefold(), name), known)
        yield _operation(access, meant, Because.ONBOARDING_LEFT.value if state else "")


def _meant(name: str, known: KnownGroups) -> _Meant:
    group = known.meant(name)
    if group is not None:
        return _Meant(group.group_id)
    if known.job.groups is not None and known.job.groups.create:
        return _Meant(need=creation(name, "").id)
    return _Meant(hold=reason(Because.GROUP_MISSING, names=name))


def _operation(access: FolderAccess, meant: _Meant, left: str) -> Change:
    group, folder = access.group or "", access.folder
    made = f"{Kind.FOLDER_CREATE}:{escaped(folder)}" if access.create and not meant.hold else ""
    return Change(
        kind=Kind.COLLABORATION_ADD,
        user_kind=UserKind.MANAGED,
        line=0,
        box_id="",
        external_id="",
        login="",
        name=group,
        fields=(FieldChange(COLLABORATIONS, "", written_access(folder, access.role.value)),),
        because=joined(reason(Because.GROUP_ACCESS, group=group, folder=folder), left),
        hold=meant.hold,
        asks="group" if meant.hold else "",
        subject=escaped(group),
        object=named(access),
        needs=tuple(filter(None, (meant.need, made))),
        group=meant.group_id,
        folder="" if is_path(folder) else folder,
    )
