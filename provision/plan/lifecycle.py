"""Leavers: what proves that somebody left, and which stage of leaving is due.

Absence is not termination: a person counts as gone after so many complete rosters in a row without them, so far apart.
Only people whose rows or absence say something come here, so plain values are used.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from provision.job.settings import Evidence, Lifecycle, Stage, StageAction
from provision.ledger.value import ABSENCE_COLUMNS, Memory
from provision.model import Action, Kind

_STAGE_KINDS = {StageAction.DEACTIVATE: Kind.DEACTIVATE, StageAction.DELETE: Kind.DELETE}


@dataclass(frozen=True, slots=True)
class Proof:
    """Since when a person is gone and how we know. ``since`` None: not proven yet, ``words`` says what is missing."""

    since: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with a leaver in this run: a kind of operation, or None with the reason; ``held`` asks a person."""

    kind: Kind | None
    reason: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class Absence:
    """How often an owned account was missing from complete rosters so far, this run not counted. Times ISO, "" never."""

    missed_runs: int = 0
    first_missed: str = ""
    last_missed: str = ""


def ended(end_date: str, lifecycle: Lifecycle, as_of: datetime) -> bool:
    """Whether an ISO date is reached in the job's time zone; the day itself counts."""
    return date.fromisoformat(end_date) <= as_of.astimezone(ZoneInfo(lifecycle.timezone)).date()


def proof_of_end_date(end_date: str, lifecycle: Lifecycle) -> Proof:
    """The row names the last day."""
    midnight = datetime.combine(date.fromisoformat(end_date), time(), ZoneInfo(lifecycle.timezone))
    return Proof(midnight, f"end date {end_date} reached")


def absences_of(memory: Memory) -> dict[str, Absence]:
    """The absences so far by box id."""
    columns = (memory.absences[name].tolist() for name in ABSENCE_COLUMNS)
    return {box_id: Absence(*absence) for box_id, *absence in zip(*columns, strict=True)}


def proof_of_absence(absence: Absence, lifecycle: Lifecycle, as_of: datetime, *, fresh: bool = True) -> Proof:
    """So many complete rosters without this person, far enough apart; this run's is one of them if it is ``fresh``."""
    evidence = lifecycle.evidence
    missed = streak(absence, evidence, as_of, fresh=fresh)
    first = datetime.fromisoformat(absence.first_missed) if absence.first_missed else as_of
    first = first.astimezone(ZoneInfo(lifecycle.timezone))
    if missed < evidence.absent_runs:
        return Proof(None, f"absent from {missed} of {evidence.absent_runs} complete rosters")
    rosters = "roster" if missed == 1 else "rosters in a row"
    return Proof(first, f"absent from {missed} complete {rosters}, first on {first.date().isoformat()}")


def streak(absence: Absence, evidence: Evidence, as_of: datetime, *, fresh: bool = True) -> int:
    """Complete rosters in a row without this person, this one counted if the last that counted is far enough back.

    A roster that is not ``fresh``, the file of an earlier night once more, proves nothing again.
    """
    if not fresh:
        return absence.missed_runs
    if not absence.last_missed:
        return 1
    apart = as_of - datetime.fromisoformat(absence.last_missed)
    return absence.missed_runs + (apart >= timedelta(hours=evidence.absent_hours))


def next_step(
    proof: Proof, stages: tuple[Stage, ...], status: str, as_of: datetime, left_at: str = ""
) -> Step:
    """The first stage of leaving that is due and not done. A stage this version does not carry out is held.

    ``left_at`` is when this job deactivated the account, ISO, "" if it did not: the time between two stages passes even if
    the end date was entered late.
    """
    if proof.since is None:
        return Step(None, f"not yet a leaver: {proof.words}")
    open_stages = [stage for stage in stages if not _already(stage, status)]
    if not open_stages:
        return Step(None, f"has left ({proof.words}); nothing more is to be done")
    stage = open_stages[0]
    due = proof.since + stage.after
    if left_at:
        due = max(due, datetime.fromisoformat(left_at) + (stage.after - stages[0].after))
    if due > as_of:
        return Step(None, f"has left ({proof.words}); {stage.do} is due on {due.date().isoformat()}")
    if stage.do not in _STAGE_KINDS:
        return Step(
            None, f"{stage.do} is due, which this version does not carry out ({proof.words})", held=True
        )
    return Step(_STAGE_KINDS[stage.do], f"leaver: {proof.words}")


def told_step(action: Action, status: str, line: int) -> Step:
    """What a row's own ``action``, deactivate or delete, asks for; it counts at once."""
    words = f"row {line} says {action}"
    if action is Action.DELETE:
        return Step(Kind.DELETE, words)
    if status == "inactive":
        return Step(None, f"{words}; the account is inactive already")
    return Step(Kind.DEACTIVATE, words)


def _already(stage: Stage, status: str) -> bool:
    return stage.do is StageAction.DEACTIVATE and status == "inactive"
