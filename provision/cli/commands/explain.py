"""``provision explain``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import job_command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.explain.words import Paragraph, told
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.runs.handed_out.person import Explained, explained
from provision.wording import counted


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
    not_read = "; ".join(f"{run_id} ({why})" for run_id, why in found.told["not_read"].items())
    if not_read:
        paragraphs += [Paragraph(""), Paragraph(f"Not read: {not_read}")]
    not_proven = "; ".join(found.told["not_proven"].values())
    if not_proven:
        paragraphs += [
            Paragraph(""),
            Paragraph(f"Not proven, so anybody may have written what they say: {not_proven}"),
        ]
    if elsewhere := found.told["runs_elsewhere"]:
        paragraphs.append(Paragraph(f"Left out: {counted(elsewhere, 'run')} about another enterprise"))
    for paragraph in paragraphs:
        for line in paragraph.lines(terminal.answers):
            terminal.print(line)
