"""``provision explain``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.explain.words import left_out, told
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.runs.handed_out.person import Explained, explained


def explain_person(job_path: Path, person: str, flags: Flags) -> int:
    """``provision explain``."""
    terminal = Terminal(flags)

    def work(job: Job) -> Summary:
        found = explained(job, person, terminal)
        _print(found, job, terminal)
        return found

    return job_command(job_path, terminal, work, signs_in=False)


def _print(found: Explained, job: Job, terminal: Terminal) -> None:
    paragraphs = list(told(found.explanation, job.lifecycle)) if found.explanation else []
    told_not = found.told
    paragraphs += left_out(told_not["not_read"], told_not["not_proven"].values(), told_not["runs_elsewhere"])
    for paragraph in paragraphs:
        for line in paragraph.lines(terminal.answers):
            terminal.print(line)
