"""``provision check``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.runs.check import check


def check_job(job_path: Path, flags: Flags, *, take: bool = False) -> int:
    """``provision check``; ``take`` lets the roster count as good from now on (``--accept``)."""
    terminal = Terminal(flags)
    return job_command(job_path, terminal, lambda job: check(job, flags.options, terminal, take=take))
