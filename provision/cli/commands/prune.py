"""``provision runs --prune``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.report.summary import Summary
from provision.runs.past.prune import Pruned, PruneOptions, prune
from provision.runs.past.retention import Keep
from provision.runs.start import Begun
from provision.wording import counted, plural


def prune_runs(job_path: Path | None, older_than: str, flags: Flags, *, dry_run: bool) -> int:
    """``provision runs [JOB] --prune --older-than AGE``: a line a folder that goes, and why the old ones stay that do."""
    terminal, options = Terminal(flags), PruneOptions(older_than, dry_run)

    def work(begun: Begun) -> Summary:
        pruned = prune(job_path, options, begun, lambda found: _show(found, terminal))
        if pruned.deleted and not dry_run:
            terminal.say(f"{counted(len(pruned.deleted), 'run folder')} deleted.")
        return pruned

    return command(terminal, work)


def _show(pruned: Pruned, terminal: Terminal) -> None:
    """What goes, and what stays although it is old; the young ones are only counted."""
    for one in pruned.deleted:
        terminal.tell(f"{one['run_id']}  to delete: {one['why']}")
    for one in pruned.kept:
        if one["code"] != Keep.YOUNG:
            terminal.tell(f"{one['run_id']}  stays: {one['why']}")
    young = sum(one["code"] == Keep.YOUNG for one in pruned.kept)
    space = f"{pruned.size / (1 << 20):,.1f} MB"
    old = len(pruned.kept) - young
    terminal.say(
        f"{counted(len(pruned.deleted), 'run folder')} to delete ({space}); {old:,} more are as old and stay, {young:,} "
        f"{plural(young, 'is', 'are')} younger."
    )
