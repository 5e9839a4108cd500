"""Holds: operations and decisions that wait for a person, how long they have, and what a person's word releases.

A guard that is passed, or a doubt about two operations, stops these operations only; what is safe goes on. An approval counts for
exactly the operation that was looked at, until a date, and is used by a plan that is made or carried out later. Where the job wants
several people (``approvals.required``), the word of one alone lets nothing go.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.because import Because, among_them, joined, reason, says, without
from provision.deciders import people
from provision.errors import UsageError
from provision.frames import arrow, equals
from provision.journal.value import Outcome
from provision.keyed import AIM, FingerprintKey, kept
from provision.ledger.value import Hold, Memory, Release
from provision.model import Kind, PersonKey, Verdict
from provision.operations.value import Change, wholes
from provision.plan.guards.limits import (
    APPROVE,
    CHANGED_JOB,
    GUARDED,
    MANAGERS,
    MASS_CHANGE,
    PART,
    SEATS,
    SOURCE,
    WINDOWS,
)
from provision.plan.guards.otherwise import seen_otherwise
from provision.plan.value import GuardVerdict, Plan, Ruling

#: what waits for a person while other things are done about the same one
_WAITS_BESIDE = (
    Because.LOGIN_WAITS, Because.UNTOLD, Because.OTHER_ROSTER, Because.LOCKED_THERE, Because.CODES_UNSEEN, Because.ADMIN_ASKED,
    Because.GROUP_MISSING, Because.GROUP_FOREIGN, Because.GROUP_UNREAD,
)  # fmt: skip
_KINDS = pa.array([kind.value for kind in Kind], pa.large_string())


@dataclass(frozen=True, slots=True)
class GivenWords:
    """What people have said of what waits, as it counts at a moment, and how many of them it takes; ``key``: the ledger's."""

    releases: Iterable[Release]
    at: datetime
    required: int = 1
    key: FingerprintKey | None = None

    def about(self, changes: Iterable[Change]) -> dict[str, tuple[Release, ...]]:
        """The words on these very operations that still count, the oldest first, by id of the operation."""
        said: dict[str, list[Release]] = {}
        for one in self.releases:
            if one.counts(self.at):
                said.setdefault(one.hold_id, []).append(one)
        found = {}
        for change in wholes(changes) if said else ():
            mine = [one for name in change.hold_ids for one in self._on(change, name, said.get(name, ()))]
            last = {
                (one.by.name, one.by.os_user): one
                for one in sorted(mine, key=lambda one: (one.at, one.by.name))
            }
            if last:
                found[change.id] = tuple(last.values())
        return found

    def _on(self, change: Change, name: str, said: Sequence[Release]) -> Iterator[Release]:
        """Of the words under one name of an operation those on just what it is to do."""
        aim = kept(change.aim_under(name), self.key, AIM) if said else ""
        return (one for one in said if kept(one.aim, self.key, AIM) == aim)

    def let_go(self, said: Iterable[Release]) -> bool:
        """Whether these are words of enough different people."""
        return people(one.by for one in said) >= self.required


def with_approvals(changes: Iterable[Change], words: GivenWords) -> tuple[Change, ...]:
    """The operations, with who has approved them where enough people have: these very operations, and not too long ago.

    One that somebody holds waits until enough people have approved it afterwards; what was approved before counts no more.
    """
    planned = tuple(changes)
    said = words.about(planned)
    if not said:
        return planned
    return tuple(
        _heard(change, said[change.id], words) if change.id in said and not change.approved else change
        for change in planned
    )


def expect_enough(allowed: Iterable[str], required: int) -> None:
    """Raise UsageError for a guard that is allowed on the command line, by one person, though several have to approve what it holds."""
    names = (*GUARDED, *(f"{name}_{ending}" for name in GUARDED for _, ending, _, _ in WINDOWS))
    for name in allowed if required > 1 else ():
        if PART.sub("", name) in (*names, SEATS, MASS_CHANGE, CHANGED_JOB, MANAGERS, SOURCE):
            raise UsageError(
                f"--allow {name} is the word of one person, and this job wants {required} (approvals.required).",
                remedy=f"leave it out, and let {required} people approve what is held: {APPROVE}",
            )


def _heard(change: Change, said: Sequence[Release], words: GivenWords) -> Change:
    approvals, stops = since_held(said)
    if approvals and words.let_go(approvals):
        return replace(change, approved=" and ".join(one.said for one in approvals), heard="")
    heard = so_far(approvals, words.required) if approvals else ""
    return replace(change, hold=joined(change.hold, held_by(stops) if stops else ""), heard=heard)


def since_held(said: Iterable[Release]) -> tuple[tuple[Release, ...], Release | None]:
    """The approvals among words on one operation, the oldest first, that came after the last word that holds it; and that word.

    Of an approval and a hold of the same moment, the hold counts.
    """
    given = sorted(said, key=lambda one: (one.at, one.by.name))
    stops = [one for one in given if one.stops]
    last = stops[-1] if stops else None
    return tuple(one for one in given if not one.stops and (last is None or one.at > last.at)), last


def held_by(word: Release) -> str:
    """The reason of an operation that somebody holds."""
    return reason(Because.HELD_BY, by=word.by.told, day=word.at[:10], until=word.until[:10])


def so_far(said: Sequence[Release], required: int) -> str:
    """The reason that tells whose words there are where more people are wanted."""
    have, by = people(one.by for one in said), " and ".join(one.by.told for one in said)
    return reason(Because.APPROVED_SO_FAR, have=have, required=required, by=by)


def approved_since(plan: Plan, words: GivenWords, settled: Container[str] = ()) -> Plan:
    """A saved plan with what is approved now; an approval that is over counts no more, but for what is ``settled`` (ids)."""
    bare = (change if change.id in settled else _without_words(change) for change in plan.changes)
    return replace(plan, changes=with_approvals(bare, words))


def _without_words(change: Change) -> Change:
    hold = without(change.hold, Because.HELD_BY) if says(change.hold, Because.HELD_BY) else change.hold
    return replace(change, approved="", heard="", hold=hold)


def settled(guards: Iterable[GuardVerdict], changes: Sequence[Change]) -> tuple[GuardVerdict, ...]:
    """The guards' verdicts when people have approved some operations.

    An approval is for one operation and makes no room for another: it goes on counting, and all others wait. Where nothing
    is left to wait, the guard has been answered and counts as allowed.
    """
    return tuple(
        replace(guard, verdict=Ruling.ALLOWED)
        if guard.verdict is Ruling.REFUSED and guard.kinds and not any(map(guard.covers, changes))
        else guard
        for guard in guards
    )


def waiting(
    plan: Plan, held: Mapping[str, str], outcomes: Mapping[str, Outcome], memory: Memory
) -> tuple[Hold, ...]:
    """All that waits after a run: ``held`` operations of its plan (id and why), and people a person has to decide about.

    So does what Box said yes to and shows otherwise. A partial roster says nothing about people it does not name: what waits there goes on waiting.
    """
    earlier = _known_holds(plan, held, memory)
    now = [*_operations(plan, held), *_people(plan), *seen_otherwise(plan, outcomes)]
    again = [_once_more(hold, earlier.get(hold.hold_id)) for hold in now]
    if plan.roster.complete:
        return tuple(again)
    return (*again, *_not_named(plan, {hold.hold_id for hold in again}, memory))


def _known_holds(plan: Plan, held: Container[str], memory: Memory) -> dict[str, Hold]:
    """What earlier runs held, by id; of people whose account was made since, also under the id that its Box id gives."""
    known = {hold.hold_id: hold for hold in memory.holds}
    for change in plan.changes if known else ():
        if change.id in held and (names := [name for name in change.hold_ids if name in known]):
            known[change.hold_id] = known[names[0]]
    return known


def oldest(plan: Plan, memory: Memory) -> str:
    """When a run first held what waits longest of this plan, ISO; "" if nothing of it waited before."""
    waits = plan.holds
    ids = {name for change in plan.changes if change.id in waits for name in change.hold_ids} | {
        hold.hold_id for hold in _people(plan)
    }
    return min((hold.since for hold in memory.holds if hold.hold_id in ids), default="")


def _operations(plan: Plan, held: Mapping[str, str]) -> Iterable[Hold]:
    aims = {change.hold_id: change.aim for change in wholes(plan.changes)} if held else {}
    for change in plan.changes:
        if change.id in held and change.completes not in held:  # a step waits with what it leads to
            yield Hold(
                change.hold_id, change.kind.value, change.box_id, change.external_id, change.login, change.name,
                held[change.id], plan.as_of, plan.as_of, 1, user_kind=change.user_kind.value, aim=aims.get(change.hold_id, ""),
            )  # fmt: skip


def decisions(table: pd.DataFrame) -> pd.Series[bool]:
    """Which people a person has to decide about, apart from operations that wait.

    ``table`` has the columns ``verdict`` and ``because``. Among them is whoever gets other things done meanwhile: a login
    or a name that waits is not done with them.
    """
    held = equals(table["verdict"], Verdict.HELD.value)
    some = np.flatnonzero(pc.is_in(arrow(table["verdict"]), value_set=_KINDS))
    if len(some):
        held[some] = among_them(table["because"].iloc[some], _WAITS_BESIDE)
    return pd.Series(held, table.index)


def _people(plan: Plan) -> Iterable[Hold]:
    names = ("kind", "external_id", "login", "box_id", "name", "because")
    held = np.flatnonzero(decisions(plan.table))
    if not len(held):
        return
    seen = set()
    columns = (plan.table[name].iloc[held].tolist() for name in names)
    for *key, name, because in zip(*columns, strict=True):
        who = PersonKey(*key)
        if who.hold_id not in seen:
            seen.add(who.hold_id)
            yield Hold(
                who.hold_id, "", who.box_id, who.external_id, who.login, name,
                because, plan.as_of, plan.as_of, 1, user_kind=who.kind,
            )  # fmt: skip


def _once_more(hold: Hold, earlier: Hold | None) -> Hold:
    if earlier is None:
        return hold
    return replace(hold, since=earlier.since, nights=earlier.nights + (earlier.seen != hold.seen))


def _not_named(plan: Plan, again: set[str], memory: Memory) -> Iterable[Hold]:
    rows = plan.table[plan.table["line"] > 0]
    named = {key for column in ("box_id", "external_id", "login") for key in _filled(rows[column])}
    for hold in memory.holds:
        if hold.hold_id not in again and not named & {hold.box_id, hold.external_id, hold.login}:
            yield hold


def _filled(column: pd.Series[str]) -> list[str]:
    return [str(cell) for cell in column.unique() if cell]


def spent(plan: Plan, done: Iterable[Change], memory: Memory) -> tuple[str, ...]:
    """The releases that have served by what was sent and taken, or of which a complete roster wants no operation any more."""
    used = {name for change in done if not change.completes for name in change.hold_ids}
    planned = {name for change in plan.changes if not change.completes for name in change.hold_ids}
    return tuple(one.hold_id for one in memory.releases if one.hold_id in used or _over(one, plan, planned))


def _over(release: Release, plan: Plan, planned: set[str]) -> bool:
    """A word about a person, and no operation, lasts until its day."""
    if release.about_person:
        return not release.counts(datetime.fromisoformat(plan.as_of))
    return plan.roster.complete and release.hold_id not in planned
