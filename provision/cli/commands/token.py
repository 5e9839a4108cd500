"""``provision token``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.runs.handed_out.token import token


def hand_token(job_path: Path, person: str, flags: Flags) -> int:
    """``provision token``: the token alone on standard output."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        handed = token(job, person, terminal)
        if not flags.json:
            terminal.print(handed.access_token)
        return handed

    return job_command(job_path, terminal, work)
