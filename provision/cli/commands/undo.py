"""``provision undo``."""

from __future__ import annotations

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.runs.undo import undo


def undo_run(name: str, flags: Flags, *, dry_run: bool) -> int:
    """``provision undo``."""
    return command(Terminal(flags), lambda begun: undo(name, flags.allow, begun, dry_run=dry_run).summary)
