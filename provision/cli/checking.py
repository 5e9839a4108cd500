"""``provision check``: whether the job is sound, and its roster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from provision.cli.account import job_command
from provision.cli.desk import Desk
from provision.cli.terms import Terms
from provision.errors import ExitCode, JobError
from provision.job.literals import literal_secrets
from provision.job.settings import Job
from provision.report.summary import RosterPart, Summary
from provision.report.value import RunStatus
from provision.roster.message import format_row_errors
from provision.roster.read import read_roster


def check_job(job_path: Path, terms: Terms) -> int:
    """``provision check``."""
    desk = Desk(terms)

    def work(job: Job) -> Summary:
        secrets = literal_secrets(job_path)
        if secrets:
            raise JobError(
                "\n".join(secrets),
                cause="a secret was pasted into the job file",
                remedy="name an environment variable instead, as ${BOX_CLIENT_SECRET}, and change the secret: it was seen",
            )
        roster = read_roster(job.roster, terms.roster)
        for line in format_row_errors(roster):
            desk.say(line)
        rejected = len(roster.rejected)
        desk.say(
            f"{roster.path}: {roster.rows:,} rows, {len(roster.frame):,} good, {rejected:,} with errors."
        )
        for words in (*roster.notes, *_unused(roster.ignored, roster.later)):
            desk.say(f"note: {words}")
        code = ExitCode.INPUT if rejected else ExitCode.DONE
        status = RunStatus.FAILED if rejected else RunStatus.NO_CHANGES
        part = RosterPart(roster.path, roster.sha256, roster.rows, len(roster.frame), rejected)
        error = f"{rejected} roster rows have errors" if rejected else None
        return Summary(job=job.name, status=status, exit_code=int(code), roster=part, error=error)

    return job_command(job_path, desk, work)


def _unused(ignored: Sequence[str], later: Sequence[str]) -> list[str]:
    words = []
    if ignored:
        words.append(f"columns that are not used: {', '.join(ignored)}")
    if later:
        words.append(f"columns that this version does not carry out yet: {', '.join(later)}")
    return words
