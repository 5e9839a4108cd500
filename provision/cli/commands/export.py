"""``provision export``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.runs.handed_out.export import ExportFiles, export


def export_users(job_path: Path, files: ExportFiles, flags: Flags) -> int:
    """``provision export``."""
    terminal = Terminal(flags)
    return job_command(job_path, terminal, lambda job: export(job, files, terminal))
