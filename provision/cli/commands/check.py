"""``provision check``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.runs.check import check


def check_job(job_path: Path, flags: Flags, *, take: bool = False) -> int:
    """``provision check``; ``take`` lets the roster count as good from now on (``--accept``)."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        return check(job, flags.options, terminal, take=take)

    return job_command(job_path, terminal, work, signs_in=False)
