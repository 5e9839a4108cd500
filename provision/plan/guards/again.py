"""A saved plan's guards judged again: from its operations, the job and the ledger as they are now, not from stored numbers. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from provision.directory.scope import WayOfReading
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.operations.value import Change
from provision.plan.guards.limits import judge, rejudge
from provision.plan.guards.on_operations import Grounds, judge_operations, known_people
from provision.plan.value import GuardVerdict, Plan, Ruling


@dataclass(frozen=True, slots=True)
class Today:
    """What a saved plan is judged by now.

    ``allowed`` is what guards may reach, by name. ``settled``: ids of the operations that were done before. ``known``: the ledger
    has learned from this very run already, so that it is no memory of before.
    """

    job: Job
    memory: Memory
    now: datetime
    allowed: Mapping[str, int] = field(default_factory=dict)
    settled: Collection[str] = ()
    known: bool = False


def judged_again(plan: Plan, today: Today) -> tuple[GuardVerdict, ...]:
    """All verdicts on a saved plan: those on its operations anew, those on its roster as stored, under what is allowed now.

    What was allowed when it was made stays so up to the number that was allowed.
    """
    changes = [change for change in plan.changes if not change.completes]
    fresh = _of_undo(changes, plan, today) if plan.roster.undoes else _fresh(changes, plan, today)
    stored = {_name(verdict): verdict for verdict in plan.guards}
    anew = {_name(verdict): _as_allowed(verdict, stored.get(_name(verdict))) for verdict in fresh}
    kept = [anew.pop(_name(verdict), verdict) for verdict in plan.guards]
    return rejudge((*kept, *(one for one in anew.values() if one.verdict is not Ruling.OK)), today.allowed)


def _name(verdict: GuardVerdict) -> tuple[str, str, str]:
    return verdict.name, verdict.field, verdict.segment


def _as_allowed(fresh: GuardVerdict, stored: GuardVerdict | None) -> GuardVerdict:
    if stored is not None and stored.verdict is Ruling.ALLOWED and fresh.actual <= stored.actual:
        return replace(fresh, verdict=Ruling.ALLOWED)
    return fresh


def _of_undo(changes: Sequence[Change], plan: Plan, today: Today) -> tuple[GuardVerdict, ...]:
    """Half an undo is nobody's wish: what refuses a part of it refuses all."""
    counts = Counter(change.kind for change in changes)
    verdicts = judge(today.job.guards, counts, _population(plan, today.memory), today.allowed)
    return tuple(replace(verdict, kinds=()) for verdict in verdicts)


def _fresh(changes: Sequence[Change], plan: Plan, today: Today) -> tuple[GuardVerdict, ...]:
    memory, table = today.memory, plan.table
    matched = int(((table["line"] > 0) & (table["box_id"] != "")).sum())
    if plan.roster.people:
        matched = max(matched, known_people(memory, plan.roster.valid))
    grounds = Grounds(
        today.job, memory, today.now, today.allowed, _population(plan, memory), matched, _parts(plan),
        today.settled, today.known, _managed(plan),
    )  # fmt: skip
    return judge_operations(changes, grounds)


def _managed(plan: Plan) -> int | None:
    facts = plan.directory
    return facts.managed if facts.read == WayOfReading.LISTING else None


def _parts(plan: Plan) -> Counter[str]:
    """How many accounts each part has; a plan of few people has them in its verdicts only."""
    if plan.roster.people:
        return Counter({one.segment: one.population for one in plan.guards if one.segment})
    return Counter(plan.table.loc[plan.table["owned"], "segment"].tolist())


def _population(plan: Plan, memory: Memory) -> int:
    """The accounts of the job as the plan counted them, and no more than its own table, or the ledger, has."""
    most = int(plan.table["owned"].sum())
    if plan.directory.read == WayOfReading.LOOKUP:
        most = max(most, len(memory.accounts))
    if plan.roster.people:
        most = max(most, known_people(memory, plan.roster.valid))
    told = [
        verdict.population for verdict in plan.guards if verdict.name in ("removals", "creates", "updates")
    ]
    return min(*told, most) if told else most
