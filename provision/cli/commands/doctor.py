"""``provision doctor``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.runs.examining.doctor import diagnose


def examine_job(job_path: Path, flags: Flags) -> int:
    """``provision doctor``: a line a look; variables that are not set are one of them, and no end."""
    terminal = Terminal(flags)
    return job_command(job_path, terminal, lambda job: diagnose(job, terminal), signs_in=False)
