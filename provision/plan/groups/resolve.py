"""Which group a name means, which are this job's to end memberships in, and which are not to be touched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from provision.because import Because
from provision.directory.groups import GroupSeen, GroupsRead, NamedGroup, is_foreign
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import Kind, UserKind, escaped, unescaped
from provision.operations.groups.group_create import PROVENANCE, SYNC_ID
from provision.operations.value import Change, FieldChange
from provision.plan.groups.warrant import is_managed, made_by_job, names_before
from provision.plan.groups.wishes import COLUMN, names_asked
from provision.roster.value import Roster


def identifier_of(job: str, name: str) -> str:
    """What a group that a job makes is called by it, for ever: its name may change in Box, or in letter case in the roster."""
    return f"{job}:{hashlib.sha256(name.casefold().encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class KnownGroups:
    """The groups of the enterprise, with what the job and its ledger know of them.

    ``alike``: by folded name those that have it; ``by_id`` and, of those that this program made, ``ours`` by their identifier;
    ``kept``: by folded name in the roster the id that the group had last; ``made``: the ids of those that this job made;
    ``before``: the names under which others were known, by id.
    """

    read: GroupsRead
    job: Job
    alike: Mapping[str, Sequence[GroupSeen]]
    by_id: Mapping[str, GroupSeen]
    ours: Mapping[str, GroupSeen]
    kept: Mapping[str, str]
    made: frozenset[str]
    before: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, read: GroupsRead, job: Job, memory: Memory) -> KnownGroups:
        """What the ledger knows beside what was read."""
        names, ids = memory.groups["name"].tolist(), memory.groups["group_id"].tolist()
        alike: dict[str, list[GroupSeen]] = {}
        for one in read.listed:
            alike.setdefault(one.name.casefold(), []).append(one)
        return cls(
            read,
            job,
            alike,
            {one.group_id: one for one in read.listed},
            {one.sync_id: one for one in read.listed if one.provenance == PROVENANCE},
            {name.casefold(): group_id for name, group_id in zip(names, ids, strict=True)},
            made_by_job(memory),
            names_before(memory),
        )

    def meant(self, name: str) -> GroupSeen | None:
        """The group that a name means: the one of this name, else the one that had it, under whatever name it is now.

        Letter case makes no other name, unless two groups differ in nothing else.
        """
        like = self.alike.get(name.casefold(), ())
        exact = next((one for one in like if one.name == name), None)
        if exact is not None or len(like) == 1:
            return exact or like[0]
        kept = self.by_id.get(self.kept.get(name.casefold(), ""))
        return kept or self.ours.get(identifier_of(self.job.name, name))

    def foreign(self, group: GroupSeen) -> bool:
        """Whether somebody else looks after it: it is never touched."""
        return is_foreign(group, PROVENANCE)

    def managed(self, group: GroupSeen) -> bool:
        """Whether memberships in it may end: the job names it (groups.manage), or made it.

        What a ledger says of the latter Box has to bear out, since it may come from a journal, which grows and has no seal.
        """
        made = self.made if group.provenance == PROVENANCE else frozenset[str]()
        names = (group.name, *self.before.get(group.group_id, ()))
        return not self.foreign(group) and is_managed(names, group.group_id, self.job, made)

    def managed_names(self) -> frozenset[str]:
        """The names of the groups that are managed, and of those that are renamed the ones by which they are."""
        theirs = [one for one in self.read.listed if self.managed(one)]
        return frozenset(
            name
            for one in theirs
            for name in (one.name, *self.before.get(one.group_id, ()))
            if is_managed((name,), "", self.job, frozenset())
        )

    def wanted(self, names: Iterable[str]) -> tuple[str, ...]:
        """The ids of the groups whose members matter: those that are named and may be touched, and those that are managed."""
        named = (self.meant(name) for name in sorted(names))
        theirs = [one.group_id for one in named if one is not None and not self.foreign(one)]
        ours = [one.group_id for one in self.read.listed if self.managed(one)]
        return tuple(dict.fromkeys([*theirs, *ours]))


def groups_meant(roster: Roster, read: GroupsRead | None, job: Job, memory: Memory) -> tuple[NamedGroup, ...]:
    """Of all names of groups that the roster or the job's rules have, and of managed ones, those that mean one that exists, in order."""
    if read is None or job.groups is None:
        return ()
    known = KnownGroups.of(read, job, memory)
    cells = (rows[COLUMN] for rows in roster.people.each() if COLUMN in rows)
    names = names_asked(cells, job.groups) | known.managed_names()
    meant = ((name, known.meant(name), identifier_of(job.name, name)) for name in sorted(names))
    return tuple(
        NamedGroup(name, group.group_id, group.provenance == PROVENANCE and group.sync_id == ours)
        for name, group, ours in meant
        if group is not None
    )


def creation(name: str, job: str) -> Change:
    """The operation that makes a group."""
    fields = {"name": name, "provenance": PROVENANCE, SYNC_ID: identifier_of(job, name)}
    return Change(
        kind=Kind.GROUP_CREATE,
        user_kind=UserKind.MANAGED,
        line=0,
        box_id="",
        external_id="",
        login="",
        name=name,
        fields=tuple(FieldChange(key, "", value) for key, value in fields.items()),
        because=Because.GROUP_WANTED.value,
        subject=escaped(name),
    )


def with_groups(changes: Iterable[Change], job: str) -> list[Change]:
    """The operations, and before them those that make the groups that they need."""
    planned = list(changes)
    needs = dict.fromkeys(need for change in planned if not change.group for need in change.needs)
    made = f"{Kind.GROUP_CREATE}:"
    names = (unescaped(need.removeprefix(made)) for need in needs if need.startswith(made))
    return [*(creation(name, job) for name in names), *planned]
