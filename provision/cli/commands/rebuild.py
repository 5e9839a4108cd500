"""``provision runs JOB --rebuild``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.runs.rebuild import Rebuilt, rebuild
from provision.wording import counted


def rebuild_ledger(job_path: Path, flags: Flags) -> int:
    """``provision runs JOB --rebuild``."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        rebuilt = rebuild(job, terminal)
        terminal.print(_told(rebuilt))
        return rebuilt

    return job_command(job_path, terminal, work, signs_in=False)


def _told(rebuilt: Rebuilt) -> str:
    said = (
        f"The ledger of job {rebuilt.job} was made anew from {counted(rebuilt.taught, 'run')}; {rebuilt.only_planned:,} were only "
        f"planned, {len(rebuilt.left_out):,} could not be read."
    )
    return (
        said if rebuilt.moved_aside is None else f"The damaged ledger is now {rebuilt.moved_aside}.\n{said}"
    )
