"""``provision runs JOB --rebuild`` and ``--new-ledger``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import command, job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.runs.memory_loss import begin_anew
from provision.runs.rebuild import Rebuilt, rebuild
from provision.runs.start import Begun
from provision.wording import counted


def rebuild_ledger(job_path: Path, flags: Flags) -> int:
    """``provision runs JOB --rebuild``."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        rebuilt = rebuild(job, terminal)
        terminal.print(_told(rebuilt))
        return rebuilt

    return job_command(job_path, terminal, work, signs_in=False)


def new_ledger_for(job_path: Path, by: str, flags: Flags) -> int:
    """``provision runs JOB --new-ledger --by NAME``."""

    def work(begun: Begun) -> Summary:
        return begin_anew(begun.load(job_path, signs_in=False), by, begun)

    return command(Terminal(flags), work)


def _told(rebuilt: Rebuilt) -> str:
    said = (
        f"The ledger of job {rebuilt.job} was made anew from {counted(rebuilt.taught, 'run')}; {rebuilt.only_planned:,} were only "
        f"planned, {len(rebuilt.left_out):,} could not be read."
    )
    return (
        said if rebuilt.moved_aside is None else f"The damaged ledger is now {rebuilt.moved_aside}.\n{said}"
    )
