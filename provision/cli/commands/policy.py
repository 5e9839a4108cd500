"""``provision test``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.report.summary import Summary
from provision.runs.policy import ask_rules
from provision.runs.start import Begun


def test_rules(name: str, rules: Path, flags: Flags) -> int:
    """``provision test``: a line a rule on standard output."""
    terminal = Terminal(flags)

    def work(begun: Begun) -> Summary:
        asked = ask_rules(name, rules, flags.options, begun)
        for line in asked.lines:
            terminal.tell(line)
        return asked

    return command(terminal, work)
