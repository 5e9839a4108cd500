"""The check: whether the job is sound, and its roster, also beside those accepted before; Box is not asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from provision.errors import JobError
from provision.job.literals import literal_secrets
from provision.job.settings import Job
from provision.ledger.value import Memory, blank
from provision.plan.guards.limits import refusal
from provision.plan.guards.roster_health import Health, examine
from provision.plan.guards.roster_health import HealthContext as HealthTerms
from provision.plan.guards.roster_scope import judge_scope, outside_by_domain
from provision.plan.value import GuardVerdict, Opinion
from provision.report.summary import GuardSummary, RosterSummary, Summary
from provision.roster.row_errors import format_row_errors
from provision.roster.value import Roster
from provision.runs.ending import Course, Fact, Situation, conclude
from provision.runs.observer import Observer, Remark, Trouble
from provision.runs.roster_intake import accept, accepted, nobody, take_in
from provision.runs.selection import RunOptions


def check(job: Job, options: RunOptions, observer: Observer, *, take: bool = False) -> Summary:
    """Whether the job and its roster are sound; ``take`` lets the roster count as good from now on.

    Raises JobError for a secret in the job file, and RosterError or Refused for a roster that cannot be read.
    """
    if job.path is not None:
        _refuse_secrets(job.path)
    roster = take_in(job, options.roster)
    _tell(roster, observer)
    health = _health(roster, job, observer)
    situation, error = _judged(roster, health, job, observer, take=take)
    end = conclude(Course.CHECK, situation)
    return Summary(
        job=job.name,
        status=end.status,
        exit_code=int(end.exit_code),
        roster=RosterSummary(roster.path, roster.sha256, roster.rows, roster.valid, len(roster.rejected)),
        guards=() if take else tuple(map(_part, health.guards)),
        error=error,
    )


def _refuse_secrets(job_path: Path) -> None:
    secrets = literal_secrets(job_path)
    if secrets:
        raise JobError(
            "\n".join(secrets),
            cause="a secret was pasted into the job file",
            remedy="name an environment variable instead, as ${BOX_CLIENT_SECRET}, and change the secret: it was seen",
        )


def _tell(roster: Roster, observer: Observer) -> None:
    for line in format_row_errors(roster):
        observer.note(Remark(line))
    good, rejected = roster.valid, len(roster.rejected)
    observer.note(Remark(f"{roster.path}: {roster.rows:,} rows, {good:,} good, {rejected:,} with errors."))
    for words in (*roster.notes, *_unused(roster.ignored, roster.later)):
        observer.note(Remark(f"note: {words}"))


def _health(roster: Roster, job: Job, observer: Observer) -> Health:
    """The roster beside those that were accepted before, each check in a line."""
    known: Memory = blank()
    memory = Memory(known.accounts, known.absences, 0, accepted(job))
    terms = HealthTerms(job.roster.authority, job.guards.shrink, observer.now(), {})
    outside = outside_by_domain(roster, job.scope)
    health = examine(roster.profile, memory, roster.rows, terms).beside(
        judge_scope(outside, roster, job.scope, {})
    )
    for line in health.lines:
        word = "REFUSED" if line.verdict is Opinion.REFUSED else str(line.verdict)
        observer.note(Remark(f"{word:>7}  {line.sentence}"))
    return health


def _judged(
    roster: Roster, health: Health, job: Job, observer: Observer, *, take: bool
) -> tuple[Situation, str | None]:
    """What decides how the check ends, and what is said of it in the summary."""
    useless = nobody(roster, job)
    if useless is not None:
        observer.note(Trouble(str(useless)))
        return frozenset({Fact.UNUSABLE}), str(useless)
    if take:
        _accept(roster, job, observer)
    elif health.refused:
        error = str(refusal(health.guards))
        observer.note(Trouble(error))
        return frozenset({Fact.REFUSED}), error
    rejected = len(roster.rejected)
    return (
        (frozenset({Fact.REJECTED}), f"{rejected} roster rows have errors")
        if rejected
        else (frozenset(), None)
    )


def _accept(roster: Roster, job: Job, observer: Observer) -> None:
    """The roster counts as good from now on; rows with errors have them still."""
    baseline = accept(roster, job, observer)
    if baseline is not None:
        observer.note(
            Remark(
                f"Accepted by {baseline.by} on {baseline.at[:16].replace('T', ' ')} UTC: the next rosters of job {job.name} "
                f"are compared with this one. Limits on removals hold as before."
            )
        )


def _part(guard: GuardVerdict) -> GuardSummary:
    return GuardSummary(guard.name, guard.limit, guard.actual, guard.verdict)


def _unused(ignored: Sequence[str], later: Sequence[str]) -> list[str]:
    words = []
    if ignored:
        words.append(f"columns that are not used: {', '.join(ignored)}")
    if later:
        words.append(f"columns that this version does not carry out yet: {', '.join(later)}")
    return words
