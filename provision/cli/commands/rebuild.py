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
from provision.runs.folder import APPROVALS_NAME
from provision.runs.memory.memory_loss import begin_anew
from provision.runs.past.rebuild import Rebuilt, rebuild
from provision.runs.seal.seal import trusted
from provision.runs.start import Begun
from provision.runs.who_decides import who_decides
from provision.wording import counted


def rebuild_ledger(job_path: Path, trust: Sequence[str], by: str, flags: Flags) -> int:
    """``provision runs JOB --rebuild``, also of the runs that somebody says to ``trust``."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        _trust(trust, job, by, terminal)
        rebuilt = rebuild(job, terminal)
        terminal.tell(_told(rebuilt))
        return rebuilt

    return job_command(job_path, terminal, work, signs_in=False)


def trust_runs(job_path: Path, trust: Sequence[str], by: str, flags: Flags) -> int:
    """``provision runs JOB --trust RUN``."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        _trust(trust, job, by, terminal)
        return Summary(job=job.name, status=RunStatus.NO_CHANGES, exit_code=int(ExitCode.DONE))

    return job_command(job_path, terminal, work, signs_in=False)


def _trust(names: Sequence[str], job: Job, by: str, terminal: Terminal) -> None:
    """Seal what somebody answers for, and say what that comes to."""
    who = who_decides(by)
    for run, words, taken in trusted(names, job, who):
        terminal.tell(f"{run.path} is now sealed, on the authority of {who.told}: it is trusted from now on.")
        if words and taken:
            terminal.tell(
                f"So are {counted(words, 'approval')} in it that no key proves; check who gave them: {run.path / APPROVALS_NAME}"
            )
        elif words:
            terminal.tell(
                f"{counted(words, 'approval')} in it that no key proves, and this job wants {job.approvals.required} people "
                "(approvals.required): they still do not count, and what they were for has to be approved again."
            )


def new_ledger_for(job_path: Path, by: str, flags: Flags) -> int:
    """``provision runs JOB --new-ledger --by NAME``."""

    def work(begun: Begun) -> Summary:
        return begin_anew(begun.load(job_path, signs_in=False), by, begun)

    return command(Terminal(flags), work)


def _told(rebuilt: Rebuilt) -> str:
    said = (
        f"The ledger of job {rebuilt.job} was rebuilt from {counted(rebuilt.taught, 'run')}; {rebuilt.only_planned:,} were only "
        f"planned, {len(rebuilt.left_out):,} could not be read."
    )
    return (
        said if rebuilt.moved_aside is None else f"The damaged ledger is now {rebuilt.moved_aside}.\n{said}"
    )
