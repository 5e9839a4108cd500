"""``provision runs JOB --rebuild`` and ``--new-ledger``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from provision.cli.ending import command, job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.errors import ExitCode
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.memory_loss import begin_anew
from provision.runs.rebuild import Rebuilt, rebuild
from provision.runs.seal import trusted
from provision.runs.start import Begun
from provision.wording import counted


def rebuild_ledger(job_path: Path, trust: Sequence[str], flags: Flags) -> int:
    """``provision runs JOB --rebuild``, also of the runs that somebody says to ``trust``."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        rebuilt = rebuild(job, terminal, trust)
        terminal.print(_told(rebuilt))
        return rebuilt

    return job_command(job_path, terminal, work, signs_in=False)


def trust_runs(job_path: Path, trust: Sequence[str], flags: Flags) -> int:
    """``provision runs JOB --trust RUN``."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        for run in trusted(trust, job):
            terminal.print(f"{run.path} is sealed now, by your word: it is believed from now on.")
        return Summary(job=job.name, status=RunStatus.NO_CHANGES, exit_code=int(ExitCode.DONE))

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
