"""``provision review-pack``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.runs.handed_out.review_pack import review_pack


def pack_review(job_path: Path, out: Path, flags: Flags) -> int:
    """``provision review-pack``."""
    terminal = Terminal(flags)
    return job_command(job_path, terminal, lambda job: review_pack(job, out, terminal))
