"""``provision schedule``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.job.settings import Job
from provision.report.first_day.recipes import Scheduler
from provision.report.summary import Summary
from provision.runs.schedule import ScheduleOptions, schedule


def print_schedule(job_path: Path, scheduler: str, at: str, jitter: str, flags: Flags) -> int:
    """``provision schedule``: the recipe alone on standard output."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        made = schedule(job, ScheduleOptions(Scheduler(scheduler), _program(), at, jitter))
        if not flags.json:
            terminal.print(made.text.rstrip("\n"))
        return made

    return job_command(job_path, terminal, work, signs_in=False)


def _program() -> tuple[str, ...]:
    """How this very program is started, by absolute paths."""
    script = Path(sys.executable).with_name("provision.exe" if os.name == "nt" else "provision")
    return (str(script),) if script.exists() else (sys.executable, "-m", "provision")
