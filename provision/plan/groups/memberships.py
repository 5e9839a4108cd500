"""Which memberships begin, change their role and end. Whole columns; only people for whom something is done become values.

A cell that names groups says them all: in managed groups that it does not name the membership ends. An empty cell leaves
memberships as they are, but for groups that rules add: who no longer fits any of them leaves those. Who is an admin of a group
stays so unless the group is managed. Groups of another system are never touched.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import quote

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.because import Because, joined, reason
from provision.directory.groups import GroupSeen, GroupsRead
from provision.frames import equals, of_arrow, one_piece, worded
from provision.job.settings import Job
from provision.ledger.others import AS_GROUP_ADMIN
from provision.ledger.value import Memory
from provision.model import LIST_SEPARATOR, Kind
from provision.operations.groups.memberships import ADMIN, GROUPS, MEMBER, written_role
from provision.operations.registry import in_order
from provision.operations.value import Change, FieldChange
from provision.plan.claims import wanted_by_others
from provision.plan.columns import Mask, nothing, placed, positions, taken
from provision.plan.groups.resolve import KnownGroups, creation
from provision.plan.groups.wishes import Wishes, wishes_of
from provision.plan.leavers.leavers import Person
from provision.plan.persons import persons_at
from provision.plan.situations import Situations
from provision.plan.updates import change_of

_Numbers = npt.NDArray[np.intp]

#: what stands before the name of a group that is to be made, where others have their ids
NEW_GROUP = "="


@dataclass(frozen=True, slots=True)
class MembershipChanges:
    """By position in the people frame: the operations on memberships, and what of groups waits for a person, as reasons.

    ``claimed``: likewise, which memberships and roles stay since another job's roster names them. ``named``: the groups that each row
    names (see :data:`provision.ledger.others.WANT_COLUMNS`).
    """

    changes: Mapping[int, tuple[Change, ...]] = field(default_factory=dict)
    waits: Mapping[int, str] = field(default_factory=dict)
    claimed: Mapping[int, str] = field(default_factory=dict)
    named: pd.Series[str] = field(default_factory=lambda: nothing(0))


def merged_reasons(some: Mapping[int, str], others: Mapping[int, str]) -> dict[int, str]:
    """Reasons by position, those of both for a position that has two."""
    return {at: joined(some.get(at, ""), others.get(at, "")) for at in {**some, **others}}


class _Target(NamedTuple):
    """What a name of a group stands for: a group, one that is to be made, or why it waits."""

    name: str
    group_id: str = ""
    waits: str = ""


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Lines of a person and a group, side by side, sorted by ``key``, which is made of both; no pair twice."""

    key: _Numbers
    at: _Numbers
    target: _Numbers
    admin: Mask
    by_rule: Mask


def membership_changes(people: Situations, concerned: Mask, job: Job, memory: Memory) -> MembershipChanges:
    """What is to be done about the memberships of these people. ``concerned``: of each in the people frame, whether they count."""
    read = people.groups
    if read is None or job.groups is None:
        return MembershipChanges()
    rows = people.rows
    among = concerned[: len(rows)]
    wishes = wishes_of(rows, among, job.groups)
    known = KnownGroups.of(read, job, memory)
    targets = _Targets(wishes, known)
    wanted, waits = _wanted(wishes, targets)
    current, ids = _current(people, among, read, targets)
    found = [
        *_begun(wanted, current, targets),
        *_changed(wanted, current, ids, targets),
        *_ended(wanted, current, ids, targets, wishes),
    ]
    found, claimed = _without_claimed(found, people, memory)
    return MembershipChanges(_as_changes(people, found), waits, claimed, _named(wanted, targets, len(rows)))


def _without_claimed(
    found: list[_Found], people: Situations, memory: Memory
) -> tuple[list[_Found], dict[int, str]]:
    """The same, but that memberships stay which another job's roster names, and so does who is an admin by it; and why."""
    takes = [one for one in found if one.kind is Kind.MEMBERSHIP_REMOVE or one.lowers]
    if not takes or not memory.others:
        return found, {}
    ids = people.frame["box_id"]
    box_ids = dict(zip((one.at for one in takes), ids.iloc[[one.at for one in takes]].tolist(), strict=True))
    theirs = wanted_by_others(list(box_ids.values()), "groups", memory)
    told, left = dict[int, str](), []
    for one in found:
        group, person = one.target.group_id, box_ids.get(one.at, "")
        as_admin = theirs.get((person, group + AS_GROUP_ADMIN), "")
        job = as_admin or ("" if one.lowers else theirs.get((person, group), ""))
        if job and (one.kind is Kind.MEMBERSHIP_REMOVE or one.lowers):
            told[one.at] = joined(
                told.get(one.at, ""), reason(Because.GROUP_CLAIMED, group=one.target.name, job=job)
            )
        else:
            left.append(one)
    return left, told


def _named(wanted: _Pairs, targets: _Targets, rows: int) -> pd.Series[str]:
    """The groups that each row names, one that is to be made by its name behind NEW_GROUP."""
    if not len(wanted.at):
        return nothing(rows)
    ids = [one.group_id or f"{NEW_GROUP}{quote(one.name, safe='')}" for one in targets.all]
    tokens = worded(
        wanted.target * 2 + wanted.admin, [f"{one}{sign}" for one in ids for sign in ("", AS_GROUP_ADMIN)]
    )
    places, starts = np.unique(wanted.at, return_index=True)  # sorted by person
    lists = pa.ListArray.from_arrays(pa.array([*starts, len(wanted.at)], pa.int32()), one_piece(tokens))
    texts = pc.binary_join(lists, pa.scalar(LIST_SEPARATOR, pa.large_string()))
    return placed(of_arrow(texts), places, rows)


class _Targets:
    """The groups that names stand for, and those whose members were read, each with a number."""

    def __init__(self, wishes: Wishes, known: KnownGroups) -> None:
        self.groups = {one.group_id: one for one in known.read.listed}
        self.managed = {group_id for group_id, one in self.groups.items() if known.managed(one)}
        self._known = known
        self._spelt: dict[str, str] = {}  # two spellings of one group that is to be made are one group
        self.all: list[_Target] = []
        self._number: dict[_Target, int] = {}
        self.of_name = np.array([self._numbered(self._meant(name)) for name in wishes.names], np.intp)
        for group_id in sorted(known.read.read & self.managed):
            self._numbered(_Target(self.groups[group_id].name, group_id))
        self.by_name = {name: int(self.of_name[place]) for place, name in enumerate(wishes.names)}

    def number_of(self, name: str) -> int:
        """The number of the group that a rule names, -1 if it stands for none."""
        if name in self.by_name:
            return self.by_name[name]
        return self._number.get(self._meant(name), -1)

    def _numbered(self, target: _Target) -> int:
        if target not in self._number:
            self._number[target] = len(self.all)
            self.all.append(target)
        return self._number[target]

    def _meant(self, name: str) -> _Target:
        group = self._known.meant(name)
        if group is None:
            creates = self._known.job.groups is not None and self._known.job.groups.create
            missing = "" if creates else reason(Because.GROUP_MISSING, names=name)
            return _Target(self._spelt.setdefault(name.casefold(), name), "", missing)
        return _Target(group.name, group.group_id, self._barred(group))

    def _barred(self, group: GroupSeen) -> str:
        if self._known.foreign(group):
            whose = group.provenance or "Box"
            return reason(Because.GROUP_FOREIGN, names=group.name, provenance=whose)
        if group.group_id in self._known.read.too_large:
            return reason(Because.GROUP_UNREAD, names=group.name)
        return ""


def _wanted(wishes: Wishes, targets: _Targets) -> tuple[_Pairs, dict[int, str]]:
    """Who is to be in which group, as an admin if anything says so; and what waits, by position of the person."""
    target = targets.of_name[wishes.name] if len(wishes.name) else wishes.name
    barred = np.array([bool(one.waits) for one in targets.all], bool)
    waits: dict[int, str] = {}
    wait = barred[target] if len(target) else np.zeros(0, bool)
    for at, number in sorted(set(zip(wishes.at[wait].tolist(), target[wait].tolist(), strict=True))):
        waits[at] = joined(waits.get(at, ""), targets.all[number].waits)
    go = ~wait
    return _pairs(wishes.at[go], target[go], wishes.admin[go], wishes.by_rule[go], len(targets.all)), waits


def _pairs(at: _Numbers, target: _Numbers, admin: Mask, by_rule: Mask, size: int) -> _Pairs:
    key = at * max(size, 1) + target
    order = np.lexsort((by_rule, ~admin, key))  # of one pair the admin first, then what the row says
    _, first = np.unique(key[order], return_index=True)
    here = order[first]
    return _Pairs(key[here], at[here], target[here], admin[here], by_rule[here])


def _current(
    people: Situations, among: Mask, read: GroupsRead, targets: _Targets
) -> tuple[_Pairs, pd.Series[str]]:
    """The memberships that these people have in the groups that matter, and the id of each."""
    rows = np.flatnonzero(among)
    ids = people.frame["box_id"].iloc[rows]
    mine = positions(read.members["box_id"], ids.reset_index(drop=True))
    numbers = {one.group_id: number for number, one in enumerate(targets.all) if one.group_id}
    group_ids = pd.Series(list(numbers), dtype="str")
    place = positions(read.members["group_id"], group_ids)
    here = np.flatnonzero((mine >= 0) & (place >= 0))
    target = np.array([*numbers.values()], np.intp)[place[here]] if len(here) else np.empty(0, np.intp)
    admin = equals(read.members["role"], ADMIN)[here]
    at = rows[mine[here]].astype(np.intp)
    key = at * max(len(targets.all), 1) + target
    order = np.argsort(key, kind="stable")
    pairs = _Pairs(key[order], at[order], target[order], admin[order], np.zeros(len(order), bool))
    return pairs, taken(read.members["membership_id"], here[order])


class _Found(NamedTuple):
    """One membership that is to begin, change or end."""

    kind: Kind
    at: int
    target: _Target
    before: str
    after: str
    because: Because
    membership: str = ""

    @property
    def lowers(self) -> bool:
        """Whether an admin of the group is to be none any more."""
        return self.kind is Kind.MEMBERSHIP_UPDATE and self.after == written_role(self.target.name, MEMBER)


def _there(keys: _Numbers, among: _Numbers) -> _Numbers:
    """The place of each key among sorted ones, -1 for none."""
    if not len(among):
        return np.full(len(keys), -1, np.intp)
    place = np.minimum(np.searchsorted(among, keys), len(among) - 1)
    return np.where(among[place] == keys, place, -1).astype(np.intp)


def _begun(wanted: _Pairs, current: _Pairs, targets: _Targets) -> Iterator[_Found]:
    for line in np.flatnonzero(_there(wanted.key, current.key) < 0).tolist():
        target = targets.all[wanted.target[line]]
        after = written_role(target.name, ADMIN if wanted.admin[line] else MEMBER)
        why = Because.GROUP_BY_RULE if wanted.by_rule[line] else Because.GROUP_NAMED
        yield _Found(Kind.MEMBERSHIP_ADD, int(wanted.at[line]), target, "", after, why)


def _changed(wanted: _Pairs, current: _Pairs, ids: pd.Series[str], targets: _Targets) -> Iterator[_Found]:
    """Whose role is another one; who is an admin stays so in a group that is not managed."""
    place = _there(wanted.key, current.key)
    both = np.flatnonzero(place >= 0)
    unlike = both[wanted.admin[both] != current.admin[place[both]]]
    for line in unlike.tolist():
        target, admin = targets.all[wanted.target[line]], bool(wanted.admin[line])
        if not admin and target.group_id not in targets.managed:
            continue
        roles = (MEMBER, ADMIN) if admin else (ADMIN, MEMBER)
        before, after = (written_role(target.name, role) for role in roles)
        yield _Found(
            Kind.MEMBERSHIP_UPDATE, int(wanted.at[line]), target, before, after, Because.GROUP_ROLE, ids.iloc[place[line]]
        )  # fmt: skip


def _ended(
    wanted: _Pairs, current: _Pairs, ids: pd.Series[str], targets: _Targets, wishes: Wishes
) -> Iterator[_Found]:
    """Who is in a managed group without being named: by a cell that tells, or by a rule that fits no more."""
    managed = np.array([one.group_id in targets.managed for one in targets.all], bool)
    left = (_there(current.key, wanted.key) < 0) & (managed[current.target] if len(current.target) else False)
    by_cell = wishes.told[current.at]
    by_rule = np.zeros(len(current.at), bool)
    for number, (untold, unlike) in _by_group(wishes, targets).items():
        here = current.target == number
        by_rule |= here & unlike[current.at]
        by_cell &= ~(here & untold[current.at])
    for line in np.flatnonzero(left & (by_cell | by_rule)).tolist():
        target = targets.all[current.target[line]]
        before = written_role(target.name, ADMIN if current.admin[line] else MEMBER)
        why = Because.GROUP_NOT_NAMED if by_cell[line] else Because.GROUP_NO_RULE
        yield _Found(Kind.MEMBERSHIP_REMOVE, int(current.at[line]), target, before, "", why, ids.iloc[line])


def _by_group(wishes: Wishes, targets: _Targets) -> dict[int, tuple[Mask, Mask]]:
    """By number of a group that rules add, under whatever names: about whom one does not tell, and to whom none applies."""
    found: dict[int, tuple[Mask, Mask]] = {}
    for name, unlike in wishes.unlike.items():
        number, untold = targets.number_of(name), wishes.untold[name]
        before = found.get(number)
        found[number] = (before[0] | untold, before[1] & unlike) if before else (untold, unlike)
    return found


def _as_changes(people: Situations, found: Iterable[_Found]) -> dict[int, tuple[Change, ...]]:
    by_person: dict[int, list[_Found]] = defaultdict(list)
    for one in found:
        by_person[one.at].append(one)
    persons = persons_at(people, np.array(sorted(by_person), np.intp))
    return {
        person.at: tuple(sorted((_change(person, one) for one in by_person[person.at]), key=in_order))
        for person in persons
    }


def _change(person: Person, one: _Found) -> Change:
    because = reason(one.because, group=one.target.name)
    made = change_of(one.kind, person, (FieldChange(GROUPS, one.before, one.after),), because)
    needs = () if one.target.group_id else (creation(one.target.name, "").id,)
    return replace(
        made, object=one.target.name, group=one.target.group_id, membership=one.membership, needs=needs
    )
