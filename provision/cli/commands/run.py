"""``provision plan, run, apply, resume, verify``."""

from __future__ import annotations

from pathlib import Path

from provision.cli.ending import command, job_command
from provision.cli.flags import Flags, kinds_in
from provision.cli.terminal import Terminal
from provision.runs import run as runs
from provision.runs.selection import Attempt, Selection


def plan_job(job_path: Path, flags: Flags) -> int:
    """``provision plan``."""
    return command(
        Terminal(flags), lambda begun: runs.plan(begun.load(job_path), flags.options, begun).summary
    )


def run_job(job_path: Path, flags: Flags) -> int:
    """``provision run``."""
    return command(
        Terminal(flags), lambda begun: runs.run(begun.load(job_path), flags.options, begun).summary
    )


def apply_run(name: str, flags: Flags, digest: str, *, only: str | None, excepted: str | None) -> int:
    """``provision apply``."""
    wanted = Attempt(Selection(kinds_in(only), kinds_in(excepted), digest.lower()), allow=flags.allow)
    return command(Terminal(flags), lambda begun: runs.apply(name, wanted, begun).summary)


def resume_run(name: str, flags: Flags) -> int:
    """``provision resume``."""
    return command(Terminal(flags), lambda begun: runs.resume(name, flags.allow, begun).summary)


def verify_job(job_path: Path, flags: Flags, as_users: int | None = None) -> int:
    """``provision verify``."""
    terminal = Terminal(flags)
    return job_command(
        job_path, terminal, lambda job: runs.verify(job, flags.options, terminal, as_users=as_users).summary
    )
