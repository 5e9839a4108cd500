"""What is limited where a job says nothing: new and changed accounts, and one attribute that changes for many.

Only told where it says no. A first complete roster makes and changes as many as it names, since nothing is known before it; the
name is looked at from the first one on, because a column that slipped by one row renames everybody. An undo brings no
roster, so nothing of this holds for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from provision.deciders import NOBODY
from provision.findings import Code, Finding, Level
from provision.job.limits import GROWTH, GROWTH_OF_PARTIAL, SLIPPED, Guard, Guards
from provision.job.settings import Authority, Job
from provision.ledger.value import Memory
from provision.model import Kind
from provision.operations.value import Change
from provision.plan.guards.limits import judge, judge_mass_change
from provision.plan.value import GuardVerdict, Ruling

_GROWING = ("creates", "updates", "memberships_added")
#: of fewer people than this who were found in Box a share says little
_MATCHED = 20
#: this share (0–1) of the rows has an account where somebody has made them before
_PROVISIONED = 0.9
_SAYS = "which is so unless the job says otherwise"


def judge_unsaid(
    job: Job, counts: Mapping[Kind, int], population: int, memory: Memory, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """What is too much of creates and updates for a job that limits neither. ``population`` is that of the job's accounts."""
    unsaid = [name for name in _GROWING if getattr(job.guards, name) is None]
    guard = _growth(job.roster.authority, memory)
    if guard is None or not unsaid:
        return ()
    verdicts = judge(
        Guards(creates=guard, updates=guard, memberships_added=guard), counts, population, allowed
    )
    return _told(verdict for verdict in verdicts if verdict.name in unsaid)


def judge_slipped(
    job: Job, changes: Sequence[Change], matched: int, memory: Memory, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """The attributes that change for too many of the ``matched`` people, for a job without ``guards.mass_change``."""
    if job.guards.mass_change is not None or matched < _MATCHED:
        return ()
    known = _carried_out(memory)
    verdicts = judge_mass_change(SLIPPED, changes, matched, allowed)
    return _told(verdict for verdict in verdicts if known or verdict.field == "name")


def first_run(memory: Memory, rows: int, matched: int) -> tuple[Finding, ...]:
    """What is told of a job without a memory in an enterprise that clearly has been provisioned before."""
    if _carried_out(memory) or len(memory.accounts) or matched < _PROVISIONED * rows or rows < _MATCHED:
        return ()
    sentence = (
        f"this is the first run of the job as far as its ledger knows, and {matched:,} of {rows:,} rows have an account already: "
        "if runs went before, what they knew (who is owned, absent, held) is lost"
    )
    return (
        Finding(
            Code.FIRST_RUN,
            Level.WARNING,
            sentence,
            "nothing, if it is the first run; else put 'state' and 'runs' back, or where they stay",
        ),
    )


def _growth(authority: Authority, memory: Memory) -> Guard | None:
    if authority is Authority.PARTIAL:
        return GROWTH_OF_PARTIAL
    return GROWTH if memory.accepted_rows else None


def _carried_out(memory: Memory) -> bool:
    """Whether a run has carried out a roster of this job; one that was accepted by ``check --accept`` changed nobody."""
    return memory.accepted_rows > 0 or any(baseline.by == NOBODY for baseline in memory.baselines)


def _told(verdicts: Iterable[GuardVerdict]) -> tuple[GuardVerdict, ...]:
    return tuple(
        replace(verdict, sentence=f"{verdict.sentence}, {_SAYS}")
        for verdict in verdicts
        if verdict.verdict is not Ruling.OK
    )
