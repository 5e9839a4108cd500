"""``provision check``: whether the job is sound, and its roster, also beside those accepted before; Box is not asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.cli.account import job_command
from provision.cli.desk import Desk
from provision.cli.intake import accept, accepted, nobody, take_in
from provision.cli.terms import Terms
from provision.errors import ExitCode, JobError
from provision.job.literals import literal_secrets
from provision.job.settings import Job
from provision.ledger.value import Memory, blank
from provision.plan.guards.limits import refusal
from provision.plan.guards.roster_health import Health, examine
from provision.plan.guards.roster_health import Terms as HealthTerms
from provision.plan.value import GuardVerdict, Opinion
from provision.report.summary import GuardPart, RosterPart, Summary
from provision.report.value import RunStatus
from provision.roster.row_errors import format_row_errors
from provision.roster.value import Roster


@dataclass(frozen=True, slots=True)
class _End:
    """How a check ends."""

    status: RunStatus
    code: ExitCode
    error: str | None = None


def check_job(job_path: Path, terms: Terms, *, take: bool = False) -> int:
    """``provision check``; ``take`` lets the roster count as good from now on (``--accept``)."""
    desk = Desk(terms)

    def work(job: Job) -> Summary:
        _refuse_secrets(job_path)
        roster = take_in(job, terms.roster)
        _tell(roster, desk)
        health = _health(roster, job, desk)
        judge = _accepted if take else _judged
        end = _nobody(roster, job, desk) or judge(roster, health, job, desk)
        part = RosterPart(roster.path, roster.sha256, roster.rows, roster.valid, len(roster.rejected))
        guards = () if take else tuple(map(_part, health.guards))
        return Summary(
            job=job.name,
            status=end.status,
            exit_code=int(end.code),
            roster=part,
            guards=guards,
            error=end.error,
        )

    return job_command(job_path, desk, work)


def _refuse_secrets(job_path: Path) -> None:
    secrets = literal_secrets(job_path)
    if secrets:
        raise JobError(
            "\n".join(secrets),
            cause="a secret was pasted into the job file",
            remedy="name an environment variable instead, as ${BOX_CLIENT_SECRET}, and change the secret: it was seen",
        )


def _tell(roster: Roster, desk: Desk) -> None:
    for line in format_row_errors(roster):
        desk.say(line)
    good, rejected = roster.valid, len(roster.rejected)
    desk.say(f"{roster.path}: {roster.rows:,} rows, {good:,} good, {rejected:,} with errors.")
    for words in (*roster.notes, *_unused(roster.ignored, roster.later)):
        desk.say(f"note: {words}")


def _health(roster: Roster, job: Job, desk: Desk) -> Health:
    """The roster beside those that were accepted before, each check in a line."""
    known: Memory = blank()
    memory = Memory(known.accounts, known.absences, 0, accepted(job))
    terms = HealthTerms(job.roster.authority, job.guards.shrink, desk.now(), {})
    health = examine(roster.profile, memory, roster.rows, terms)
    for line in health.lines:
        word = "REFUSED" if line.verdict is Opinion.REFUSED else str(line.verdict)
        desk.say(f"{word:>7}  {line.sentence}")
    return health


def _nobody(roster: Roster, job: Job, desk: Desk) -> _End | None:
    error = nobody(roster, job)
    if error is None:
        return None
    desk.complain(str(error))
    return _End(RunStatus.FAILED, ExitCode.INPUT, str(error))


def _judged(roster: Roster, health: Health, _job: Job, desk: Desk) -> _End:
    rejected = len(roster.rejected)
    if health.refused:
        error = str(refusal(health.guards))
        desk.complain(error)
        return _End(RunStatus.REFUSED, ExitCode.HELD, error)
    if rejected:
        return _End(RunStatus.FAILED, ExitCode.INPUT, f"{rejected} roster rows have errors")
    return _End(RunStatus.NO_CHANGES, ExitCode.DONE)


def _accepted(roster: Roster, _health: Health, job: Job, desk: Desk) -> _End:
    """The roster counts as good from now on; rows with errors have them still."""
    baseline = accept(roster, job, desk)
    if baseline is not None:
        desk.say(
            f"Accepted by {baseline.by} on {baseline.at[:16].replace('T', ' ')} UTC: the next rosters of job {job.name} are "
            f"compared with this one. Limits on removals hold as before."
        )
    rejected = len(roster.rejected)
    error = f"{rejected} roster rows have errors" if rejected else None
    return _End(
        RunStatus.FAILED if rejected else RunStatus.NO_CHANGES,
        ExitCode.INPUT if rejected else ExitCode.DONE,
        error,
    )


def _part(guard: GuardVerdict) -> GuardPart:
    return GuardPart(guard.name, guard.limit, guard.actual, guard.verdict)


def _unused(ignored: Sequence[str], later: Sequence[str]) -> list[str]:
    words = []
    if ignored:
        words.append(f"columns that are not used: {', '.join(ignored)}")
    if later:
        words.append(f"columns that this version does not carry out yet: {', '.join(later)}")
    return words
