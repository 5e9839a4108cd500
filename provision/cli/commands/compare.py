"""``provision diff``."""

from __future__ import annotations

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.report.summary import Summary
from provision.runs.handed_out.compare import compare_runs
from provision.runs.start import Begun


def diff_runs(first: str, second: str, flags: Flags) -> int:
    """``provision diff``: the comparison on standard output."""
    terminal = Terminal(flags)

    def work(_begun: Begun) -> Summary:
        compared = compare_runs(first, second)
        for line in compared.lines:
            terminal.tell(line)
        return compared

    return command(terminal, work)
