"""``provision approve``."""

from __future__ import annotations

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.runs.approving.approvable import ApprovalChoice
from provision.runs.approving.approve import approve


def approve_run(name: str, choice: ApprovalChoice, flags: Flags) -> int:
    """``provision approve``."""
    return command(Terminal(flags), lambda begun: approve(name, choice, begun))
