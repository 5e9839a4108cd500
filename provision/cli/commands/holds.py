"""``provision holds``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.deciders import Decider
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.report.words import loudness
from provision.runs.approving.holds import waiting
from provision.wording import counted, plural


def list_holds(job_path: Path, flags: Flags) -> int:
    """``provision holds``."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        found = waiting(job, terminal)
        for row in found.rows:
            show_hold(row, terminal)
        terminal.say(_said(found.rows, job))
        return found

    return job_command(job_path, terminal, work, signs_in=False)


def show_hold(row: Mapping[str, Any], terminal: Terminal) -> None:
    """One hold, as a person reads it."""
    what = f"{row['kind']}: " if row["kind"] else ""
    since = f"waits since {row['since'][:10]}, {counted(row['nights'], 'run')}"
    loud = loudness(row["days"])
    about = f" ({row['about']})" if row["about"] else ""
    terminal.tell(f"{what}{row['who']}{about}")
    terminal.tell(f"    {loud + ': ' if loud else ''}{since}; for {row['owner']}; last in {row['run_id']}")
    terminal.tell(f"    {row['reason']}")
    if row["approved_by"]:
        by = " and ".join(Decider.of(one).told for one in row["approvals"])
        terminal.tell(f"    approved by {by} until {row['approved_until'][:10]}; the next run carries it out")
    elif row["approvals_so_far"]:
        terminal.tell(f"    {row['approvals_so_far']}")


def _said(found: Sequence[Mapping[str, Any]], job: Job) -> str:
    if not found:
        return f"Nothing of job {job.name} waits for a person."
    number = f"{len(found):,} {plural(len(found), 'waits', 'wait')}"
    return (
        f"{number} for a person. Release an operation with: provision approve RUN (--all | --kind KIND | --person WHO) "
        "--by NAME; questions of identity are answered with --person; the rest is corrected in the roster or in Box."
    )
