"""``provision ledger move``."""

from __future__ import annotations

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.job.load import KEY_VARIABLE
from provision.report.summary import Summary
from provision.runs.memory.move import move_ledger
from provision.runs.start import Begun
from provision.wording import counted


def move(source: str, target: str, flags: Flags) -> int:
    """``provision ledger move``: what was moved, and what is to be done now."""
    terminal = Terminal(flags)

    def work(begun: Begun) -> Summary:
        moved = move_ledger(source, target, begun)
        terminal.tell(
            f"{counted(sum(moved.rows.values()), 'row')} moved from {moved.source} to {moved.target}."
        )
        terminal.say(f"Now write in every job file that used it: state: {moved.target}")
        if moved.key_file:
            terminal.say(
                f"and set {KEY_VARIABLE} to the content of {moved.key_file} wherever these jobs run: their runs are sealed with it."
            )
        return moved

    return command(terminal, work)
