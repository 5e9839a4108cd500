"""``provision forget``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.report.forgetting import forgetting_words
from provision.report.summary import Summary
from provision.runs.forgetting.forget import ForgetWishes, forget
from provision.runs.start import Begun


def forget_person(job_path: Path, wishes: ForgetWishes, flags: Flags) -> int:
    """``provision forget``."""
    terminal = Terminal(flags)

    def work(begun: Begun) -> Summary:
        forgot = forget(job_path, wishes, begun)
        for line in forgetting_words(forgot):
            terminal.tell(line)
        return forgot

    return command(terminal, work)
