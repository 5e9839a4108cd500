"""Leavers: what proves that somebody left, and which stage of leaving is due.

Absence is not termination: a person counts as gone after so many complete rosters in a row without them, so far apart.
Only people whose rows or absence say something come here, so plain values are used.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from provision.because import Because, joined, reason
from provision.job.lifecycle import Evidence, Lifecycle, Stage, StageAction
from provision.ledger.progress import Progress
from provision.ledger.value import ABSENCE_COLUMNS, Memory
from provision.model import Action, Kind
from provision.operations.registry import ENDINGS

#: how long content may be on its way before a person is asked to look; large trees take hours
#: (github.com/box/box-windows-sdk-v2, issues 455 and 1222)
PATIENCE = timedelta(days=7)

_START = Progress()


@dataclass(frozen=True, slots=True)
class DepartureProof:
    """Since when a person is gone and how we know. ``since`` None: not proven yet, ``because`` says what is missing."""

    since: datetime | None
    because: str


@dataclass(frozen=True, slots=True)
class Step:
    """What is done with a leaver in this run: a kind of operation, or None with the reason; ``held`` asks a person.

    ``stage`` is the one of the job that is due, None if a row itself asks. ``ends_sessions``: the stage after the
    deactivation is due at the same moment and is carried out with it.
    """

    kind: Kind | None
    because: str
    held: bool = False
    stage: Stage | None = None
    ends_sessions: bool = False


@dataclass(frozen=True, slots=True)
class Absence:
    """How often an owned account was missing from complete rosters so far, this run not counted. Times ISO, "" never."""

    missed_runs: int = 0
    first_missed: str = ""
    last_missed: str = ""


def proof_of_end_date(end_date: str, zone: ZoneInfo) -> DepartureProof:
    """The row names the last day: the person has left when it is over."""
    day_after = date.fromisoformat(end_date) + timedelta(days=1)
    return DepartureProof(datetime.combine(day_after, time(), zone), reason(Because.END_DATE, day=end_date))


def proof_of_status(progress: Progress, as_of: datetime, ended: DepartureProof | None) -> DepartureProof:
    """The row's status says that the person has left; since when, its end date tells, or when that was first known."""
    known = [datetime.fromisoformat(at) for at in (progress.gone_at, progress.left_at) if at]
    days = [ended.since] if ended and ended.since else []
    return DepartureProof(min([*known, *days, as_of]), Because.SAYS_INACTIVE.value)


def absences_of(memory: Memory) -> dict[str, Absence]:
    """The absences so far by box id."""
    columns = (memory.absences[name].tolist() for name in ABSENCE_COLUMNS)
    return {box_id: Absence(*absence) for box_id, *absence in zip(*columns, strict=True)}


def proof_of_absence(
    absence: Absence, lifecycle: Lifecycle, as_of: datetime, *, fresh: bool = True
) -> DepartureProof:
    """So many complete rosters without this person, far enough apart; this run's is one of them if it is ``fresh``."""
    evidence = lifecycle.evidence
    missed = streak(absence, evidence, as_of, fresh=fresh)
    first = datetime.fromisoformat(absence.first_missed) if absence.first_missed else as_of
    first = first.astimezone(lifecycle.zone())
    if missed < evidence.absent_runs:
        return DepartureProof(None, reason(Because.ABSENT_SO_FAR, missed=missed, needed=evidence.absent_runs))
    return DepartureProof(first, reason(Because.ABSENT, missed=missed, day=first.date().isoformat()))


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
    proof: DepartureProof, lifecycle: Lifecycle, status: str, as_of: datetime, progress: Progress = _START
) -> Step:
    """The first stage of leaving that is due and not done; one a run, but for sessions that end with the deactivation.

    ``progress`` is what the account has behind it, a look of this run included: the time between two stages passes even if
    the end date was entered late, and nothing is done about an account while its content is on its way.
    """
    if proof.since is None:
        return Step(None, joined(Because.NOT_YET, proof.because))
    stages = [stage for stage in lifecycle.leavers if not _already(stage, status, progress)]
    harmless = bool(stages) and stages[0].do in (StageAction.DEACTIVATE, StageAction.END_SESSIONS)
    if progress.moving and not harmless:
        return _waiting(proof, stages[0] if stages else None, lifecycle, as_of, progress)
    if not stages:
        return Step(None, joined(Because.HAS_LEFT, proof.because, Because.NOTHING_MORE))
    stage = stages[0]
    due = _due(proof.since, stage, lifecycle.leavers, progress)
    if due > as_of:
        ahead = reason(Because.DUE, stage=stage.do.value, day=due.date().isoformat())
        return Step(None, joined(Because.HAS_LEFT, proof.because, ahead))
    if until := _archived_first(stage, lifecycle, as_of, progress):
        return Step(None, joined(Because.HAS_LEFT, proof.because, reason(Because.ARCHIVE_FIRST, day=until)))
    leaver = joined(Because.LEAVER, proof.because, _behind(progress, lifecycle, stage))
    return Step(Kind(stage.do.value), leaver, stage=stage, ends_sessions=_both(stages))


def _archived_first(stage: Stage, lifecycle: Lifecycle, as_of: datetime, progress: Progress) -> str:
    """The day until which an account stays for its folder to come into the archive first, "" if it need not stay."""
    if progress.archive is None or lifecycle.archive is None or Kind(stage.do.value) not in ENDINGS:
        return ""
    until = datetime.fromisoformat(progress.archive.at) + PATIENCE
    return _day(until.isoformat(), lifecycle) if as_of < until else ""


def _due(since: datetime, stage: Stage, stages: tuple[Stage, ...], progress: Progress) -> datetime:
    """When a stage is due: so long after the person left, and not too soon after the stages before it."""
    passed = (
        datetime.fromisoformat(at) + (stage.after - before.after) for before, at in _passed(stages, progress)
    )
    return max(since + stage.after, *passed, since)


def _passed(stages: tuple[Stage, ...], progress: Progress) -> Iterator[tuple[Stage, str]]:
    """The stages that this job has carried out, and when."""
    times = {
        StageAction.DEACTIVATE: progress.left_at,
        StageAction.END_SESSIONS: progress.sessions_at,
        StageAction.TRANSFER: progress.transfer.at if progress.transfer else "",
    }
    return ((stage, times[stage.do]) for stage in stages if times.get(stage.do))


def _already(stage: Stage, status: str, progress: Progress) -> bool:
    match stage.do:
        case StageAction.DEACTIVATE:
            return status == "inactive"
        case StageAction.END_SESSIONS:
            return progress.sessions_at != ""
        case StageAction.TRANSFER:
            return progress.moved_at != ""
        case StageAction.DELETE | StageAction.ROLL_OUT:
            return False  # nobody is left to ask about


def _both(stages: list[Stage]) -> bool:
    """Whether the sessions are to be ended at the very moment of the deactivation."""
    first, *rest = stages
    if first.do is not StageAction.DEACTIVATE or not rest:
        return False
    return rest[0].do is StageAction.END_SESSIONS and rest[0].after == first.after


def _behind(progress: Progress, lifecycle: Lifecycle, stage: Stage) -> str:
    """What has to be known of the stages before the last one."""
    if Kind(stage.do.value) not in ENDINGS:
        return ""
    if stage.content:
        return Because.DESTROYED.value
    if progress.transfer is None:
        return ""
    sent = progress.transfer
    return reason(Because.SEEN_GONE, to=sent.to_key, day=_day(sent.at, lifecycle))


def _waiting(
    proof: DepartureProof, stage: Stage | None, lifecycle: Lifecycle, as_of: datetime, progress: Progress
) -> Step:
    """What is done while content is on its way: nothing, until two looks have shown that nothing is left."""
    sent = progress.transfer
    assert sent is not None  # noqa: S101 - what moves was sent
    where = {"to": sent.to_key, "day": _day(sent.at, lifecycle)}
    silent = "" if sent.told else Because.UNCONFIRMED
    goes = joined(Because.HAS_LEFT, proof.because, reason(Because.CONTENT_SENT, **where), silent)
    if progress.empty_at and _since(progress.empty_at, as_of) < PATIENCE:
        apart = timedelta(hours=lifecycle.evidence.empty_hours)
        again = datetime.fromisoformat(progress.empty_at) + apart
        again = again.astimezone(lifecycle.zone())
        return Step(None, joined(goes, reason(Because.LOOKED_AT_AGAIN, at=f"{again:%Y-%m-%d %H:%M}")))
    if progress.lost and stage is not None and stage.do is StageAction.TRANSFER:
        began = reason(Because.NEVER_BEGAN, **where)
        return Step(Kind.TRANSFER, joined(Because.LEAVER, proof.because, began), stage=stage)
    if _since(progress.empty_at or sent.at, as_of) < PATIENCE:
        return Step(None, joined(goes, Because.STILL_MOVING))
    days = _since(sent.at, as_of) // timedelta(days=1)
    return Step(None, joined(goes, reason(Because.NOT_PROVEN, days=days)), held=True)


def _since(then: str, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(then)


def _day(at: str, lifecycle: Lifecycle) -> str:
    return datetime.fromisoformat(at).astimezone(lifecycle.zone()).date().isoformat()


def reached(progress: Progress, lifecycle: Lifecycle) -> str:
    """What of the way out stays behind when somebody comes back, as a reason; "" for nothing."""
    if progress.transfer is None:
        return ""
    sent = progress.transfer
    return reason(Because.CONTENT_STAYS, to=sent.to_key, day=_day(sent.at, lifecycle))


def told_step(action: Action, status: str, line: int, progress: Progress = _START) -> Step:
    """What a row's own ``action``, deactivate or delete, asks for; it counts at once, but for content on its way."""
    says = reason(Because.ROW_SAYS, line=line, action=action.value)
    if action is Action.DELETE:
        moving = Step(None, joined(says, Because.CONTENT_MOVING))
        return moving if progress.moving else Step(Kind.DELETE, says)
    if status == "inactive":
        return Step(None, joined(says, Because.INACTIVE_ALREADY))
    return Step(Kind.DEACTIVATE, says)
