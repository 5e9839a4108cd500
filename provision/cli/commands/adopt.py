"""``provision adopt``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.model import made_by_box
from provision.report.summary import Summary
from provision.runs.adopt import SHOWN, AdoptionChoice, adopt, adoptable
from provision.runs.start import Begun


def adopt_users(job_path: Path, choice: AdoptionChoice, flags: Flags) -> int:
    """``provision adopt``: without a choice those are listed who can be adopted."""
    terminal = Terminal(flags)

    def work(begun: Begun) -> Summary:
        job = begun.load(job_path)
        return adopt(job, choice, begun) if choice.named or choice.everybody else _listed(begun, terminal)

    return command(terminal, work)


def _listed(begun: Begun, terminal: Terminal) -> Summary:
    assert begun.job is not None  # noqa: S101 - loaded before
    found = adoptable(begun.job, terminal)
    for account in found.accounts:
        terminal.tell(
            "  ".join(account[name] for name in SHOWN if account[name] and not made_by_box(account[name]))
        )
    terminal.say(
        f"{len(found.accounts):,} users in scope are not owned by {found.job}, so it removes none of them. "
        "Take them over with --login NAME (more than once if wanted) or --all."
    )
    return found
