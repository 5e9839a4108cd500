"""All guards on the operations of a plan, judged in one place: when the plan is made, and again before a saved one is carried out. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from provision.job.fingerprint import fingerprint
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.operations.value import Change
from provision.plan.guards.defaults import judge_slipped, judge_unsaid
from provision.plan.guards.limits import (
    judge,
    judge_bleed,
    judge_changed_job,
    judge_mass_change,
    judge_windows,
)
from provision.plan.guards.seats import judge_seats
from provision.plan.guards.segments import judge_segments
from provision.plan.value import GuardVerdict


@dataclass(frozen=True, slots=True)
class Grounds:
    """What operations are judged on.

    ``allowed`` is what guards may reach, by name. ``population`` are the accounts of the job, ``parts`` how many of them each
    part of the people has, ``matched`` the people who have a row and an account. ``settled``: ids of the operations that were done
    before. ``known``: the ledger has learned from this very run already, so that it is no memory of before. ``managed``: managed
    users of the whole enterprise, None where it was not listed.
    """

    job: Job
    memory: Memory
    at: datetime
    allowed: Mapping[str, int]
    population: int
    matched: int
    parts: Mapping[str, int]
    settled: Collection[str] = ()
    known: bool = False
    managed: int | None = None


def judge_operations(changes: Sequence[Change], grounds: Grounds) -> tuple[GuardVerdict, ...]:
    """The verdicts on these operations, which stand on their own each."""
    job, memory, allowed, population = grounds.job, grounds.memory, grounds.allowed, grounds.population
    everything = changes
    changes = [change for change in changes if not change.invite]  # an invitation of before is only looked at
    counts = Counter(change.kind for change in changes)
    settled = grounds.settled
    left = Counter(change.kind for change in changes if change.id not in settled) if settled else counts
    by_part = () if job.guards.by is None else judge_segments(job.guards, changes, grounds.parts, allowed)
    unsaid: tuple[GuardVerdict, ...] = ()
    if not grounds.known:
        unsaid = (
            *judge_unsaid(job, counts, population, memory, allowed),
            *judge_slipped(job, changes, grounds.matched, memory, allowed),
        )
    return (
        *judge(job.guards, counts, population, allowed),
        *by_part,
        *judge_seats(job.guards.seats, grounds.managed, everything, grounds.settled, allowed),
        *judge_windows(job.guards, left, memory, grounds.at, allowed),
        *judge_bleed(job.guards, left, population, memory, (grounds.at, allowed)),
        *judge_mass_change(job.guards.mass_change, changes, grounds.matched, allowed),
        *unsaid,
        *judge_changed_job(fingerprint(job), left, memory, allowed),
    )


def known_people(memory: Memory, valid: int) -> int:
    """How many people a job looks after, as far as that is known without a listing; ``valid``: the good rows of its roster."""
    known = len(memory.accounts)
    return known if memory.accepted_rows else max(known, valid)
