"""Holds: operations and decisions that wait for a person, how long they have, and what a person's word releases.

A guard that is passed, or a doubt about two operations, stops these operations only; what is safe goes on. An approval counts for
exactly the operation that was looked at, until a date, and is used by a plan that is made or carried out later.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd

from provision.because import Because, among_them
from provision.journal.value import Outcome
from provision.ledger.value import Hold, Memory, Release
from provision.model import Kind, PersonKey, Verdict
from provision.operations.value import Change, wholes
from provision.plan.guards.otherwise import seen_otherwise
from provision.plan.value import GuardVerdict, Plan

#: what waits for a person while other things are done about the same one
_WAITS_BESIDE = (Because.LOGIN_WAITS, Because.UNTOLD)


def with_approvals(
    changes: Iterable[Change], releases: Iterable[Release], as_of: datetime
) -> tuple[Change, ...]:
    """The operations, with who has approved them where somebody has: this very operation, and not too long ago."""
    valid = {one.hold_id: one for one in releases if one.counts(as_of)}
    if not valid:
        return tuple(changes)
    planned, approved = tuple(changes), []
    whole = {change.id: change for change in wholes(planned)}
    for change in planned:
        release = None if change.completes else valid.get(change.hold_id)
        if release is not None and not change.approved and release.aim == whole[change.id].aim:
            approved.append(replace(change, approved=release.said))
        else:
            approved.append(change)
    return tuple(approved)


def approved_since(
    plan: Plan, releases: Iterable[Release], as_of: datetime, settled: Container[str] = ()
) -> Plan:
    """A saved plan with what is approved now; an approval that is over counts no more, but for what is ``settled`` (ids)."""
    bare = (change if change.id in settled else replace(change, approved="") for change in plan.changes)
    return replace(plan, changes=with_approvals(bare, releases, as_of))


def settled(guards: Iterable[GuardVerdict], changes: Sequence[Change]) -> tuple[GuardVerdict, ...]:
    """The guards' verdicts when people have approved some operations.

    An approval is for one operation and makes no room for another: it goes on counting, and all others wait. Where nothing
    is left to wait, the guard has been answered and counts as allowed.
    """
    return tuple(
        replace(guard, verdict="allowed")
        if guard.verdict == "refused" and guard.kinds and not any(map(guard.covers, changes))
        else guard
        for guard in guards
    )


def waiting(
    plan: Plan, held: Mapping[str, str], outcomes: Mapping[str, Outcome], memory: Memory
) -> tuple[Hold, ...]:
    """All that waits after a run: ``held`` operations of its plan (id and why), and people a person has to decide about.

    So does what Box said yes to and shows otherwise. A partial roster says nothing about people it does not name: what waits there goes on waiting.
    """
    earlier = {hold.hold_id: hold for hold in memory.holds}
    now = [*_operations(plan, held), *_people(plan), *seen_otherwise(plan, outcomes)]
    again = [_once_more(hold, earlier.get(hold.hold_id)) for hold in now]
    if plan.roster.complete:
        return tuple(again)
    return (*again, *_not_named(plan, {hold.hold_id for hold in again}, memory))


def oldest(plan: Plan, memory: Memory) -> str:
    """When a run first held what waits longest of this plan, ISO; "" if nothing of it waited before."""
    waits = plan.holds
    ids = {change.hold_id for change in plan.changes if change.id in waits} | {
        hold.hold_id for hold in _people(plan)
    }
    return min((hold.since for hold in memory.holds if hold.hold_id in ids), default="")


def _operations(plan: Plan, held: Mapping[str, str]) -> Iterable[Hold]:
    for change in plan.changes:
        if change.id in held:
            yield Hold(
                change.hold_id, change.kind.value, change.box_id, change.external_id, change.login, change.name,
                held[change.id], plan.as_of, plan.as_of, 1, user_kind=change.user_kind.value,
            )  # fmt: skip


def decisions(table: pd.DataFrame) -> pd.Series[bool]:
    """Which people a person has to decide about, apart from operations that wait.

    ``table`` has the columns ``verdict`` and ``because``. Among them is whoever gets other things done meanwhile: a login
    or a name that waits is not done with them.
    """
    held = (table["verdict"] == Verdict.HELD.value).to_numpy(bool, copy=True)
    some = np.flatnonzero(table["verdict"].isin([kind.value for kind in Kind]))
    if len(some):
        held[some] = among_them(table["because"].iloc[some], _WAITS_BESIDE)
    return pd.Series(held, table.index)


def _people(plan: Plan) -> Iterable[Hold]:
    names = ("kind", "external_id", "login", "box_id", "name", "because")
    held = plan.table[decisions(plan.table)]
    seen = set()
    for *key, name, because in zip(*(held[name].tolist() for name in names), strict=True):
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
    used = {change.hold_id for change in done if not change.completes}
    planned = {change.hold_id for change in plan.changes if not change.completes}
    return tuple(one.hold_id for one in memory.releases if one.hold_id in used or _over(one, plan, planned))


def _over(release: Release, plan: Plan, planned: set[str]) -> bool:
    """A word about a person, and no operation, lasts until its day."""
    if release.about_person:
        return not release.counts(datetime.fromisoformat(plan.as_of))
    return plan.roster.complete and release.hold_id not in planned
