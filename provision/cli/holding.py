"""``provision holds``: what waits for a person, since when and why."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from provision.cli.account import job_command
from provision.cli.desk import Desk
from provision.cli.terms import Terms
from provision.errors import ExitCode
from provision.job.settings import Job
from provision.ledger.store import known_ledger
from provision.ledger.value import Hold, Release
from provision.report.reasons import words
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.report.words import loudness, waited
from provision.wording import counted

_NOBODY = "whoever runs the job"


@dataclass(frozen=True, slots=True)
class Waiting(Summary):
    """What waits in a job; as JSON it is nothing but that."""

    holds: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        told = {"job": self.job, "exit_code": self.exit_code, "error": self.error, "holds": self.holds}
        return json.dumps(told, ensure_ascii=False)


def list_holds(job_path: Path, terms: Terms) -> int:
    """``provision holds``."""
    desk = Desk(terms)
    return job_command(job_path, desk, lambda job: _listed(job, desk))


def _listed(job: Job, desk: Desk) -> Summary:
    known = known_ledger(job.state)
    found: list[Mapping[str, Any]] = []
    if known is not None:
        with contextlib.closing(known) as ledger:
            waiting = ledger.waiting(job.name)
            enterprises = {enterprise_id for enterprise_id, _ in waiting}
            released = {
                each: {one.hold_id: one for one in ledger.releases(each, job.name)} for each in enterprises
            }
        found = [
            _row(hold, each, released[each].get(hold.hold_id), job, desk.now()) for each, hold in waiting
        ]
    if not desk.terms.json:
        for row in found:
            _show(row, desk)
    desk.say(_said(found, job))
    return Waiting(
        job=job.name, exit_code=int(ExitCode.DONE), status=RunStatus.NO_CHANGES, holds=tuple(found)
    )


def _row(
    hold: Hold, enterprise_id: str, release: Release | None, job: Job, now: datetime
) -> Mapping[str, Any]:
    valid = release is not None and datetime.fromisoformat(release.until) > now
    return {
        "enterprise_id": enterprise_id,
        **asdict(hold),
        "reason": words(hold.because),
        "days": waited(hold.since, now),
        "owner": job.guards.owner or _NOBODY,
        "approved_by": release.by if release and valid else "",
        "approved_until": release.until if release and valid else "",
    }


def _show(row: Mapping[str, Any], desk: Desk) -> None:
    """One hold, as a person reads it."""
    who = row["login"] or row["external_id"] or row["box_id"]
    what = f"{row['kind']}: " if row["kind"] else ""
    since = f"waits since {row['since'][:10]}, {counted(row['nights'], 'run')}"
    loud = loudness(row["days"])
    desk.print(f"{what}{who}")
    desk.print(f"    {loud + ': ' if loud else ''}{since}; for {row['owner']}; last in {row['run_id']}")
    desk.print(f"    {row['reason']}")
    if row["approved_by"]:
        desk.print(
            f"    approved by {row['approved_by']} until {row['approved_until'][:10]}; the next run carries it out"
        )


def _said(found: Sequence[Mapping[str, Any]], job: Job) -> str:
    if not found:
        return f"Nothing of job {job.name} waits for a person."
    number = f"{len(found):,} wait" if len(found) > 1 else "1 waits"
    return (
        f"{number} for a person. Release an operation with: provision approve RUN (--all | --kind KIND | --person WHO) "
        "--by NAME; who is who is answered with --person; the rest is settled in the roster or in Box."
    )
