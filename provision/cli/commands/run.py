"""``provision plan, run, apply, resume, verify``."""

from __future__ import annotations

import webbrowser
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from provision.cli.ending import command, job_command
from provision.cli.flags import Flags, kinds_in
from provision.cli.terminal import Terminal
from provision.errors import UsageError
from provision.report.summary import Summary
from provision.runs import run as runs
from provision.runs.handed_out.leave_markdown import leave_markdown
from provision.runs.selection import Attempt, Selection
from provision.runs.start import Begun


@dataclass(frozen=True, slots=True)
class PlanWishes:
    """What is wanted of a plan beside it: its preview in a browser, a Markdown file, and for which day it is."""

    opened: bool = False
    markdown: Path | None = None
    as_of: date | None = None


def plan_job(job_path: Path, flags: Flags, wishes: PlanWishes = PlanWishes()) -> int:
    """``provision plan``."""
    terminal = Terminal(flags)

    def work(begun: Begun) -> Summary:
        options = replace(flags.options, as_of=wishes.as_of)
        result = runs.plan(begun.load(job_path), options, begun)
        if wishes.markdown:
            leave_markdown(result, wishes.markdown)
        if wishes.opened:
            _open(result.summary.files.report_html, terminal)
        return result.summary

    return command(terminal, work)


def _open(page: str | None, terminal: Terminal) -> None:
    """A plan without a page, or a machine without a browser, is told and is no error."""
    if page is None:
        terminal.say("There is no page to open: report.formats in the job does not include html.")
    elif not webbrowser.open(Path(page).absolute().as_uri()):
        terminal.say("No browser could be opened here; open the preview on a machine that has one.")


def run_job(job_path: Path, flags: Flags) -> int:
    """``provision run``."""
    return command(
        Terminal(flags), lambda begun: runs.run(begun.load(job_path), flags.options, begun).summary
    )


def apply_run(name: str, flags: Flags, digest: str | None, *, only: str | None, excepted: str | None) -> int:
    """``provision apply``."""
    chosen = Selection(kinds_in(only), kinds_in(excepted), _demanded(digest))
    wanted = Attempt(chosen, allow=flags.allow, by_listing=flags.options.by_listing)
    return command(Terminal(flags), lambda begun: runs.apply(name, wanted, begun).summary)


def _demanded(digest: str | None) -> str:
    """The digest that the plan has to have, "" for any. Raises UsageError for one that was meant and is empty, as an unset variable is."""
    if digest is not None and not digest.strip():
        raise UsageError(
            "--digest has no value, so it would accept any plan.",
            cause="a variable of the shell that is not set, or the output of a command that failed",
            remedy="give the digest that plan and preview showed, or leave --digest out",
        )
    return (digest or "").strip().lower()


def resume_run(name: str, flags: Flags) -> int:
    """``provision resume``."""
    return command(Terminal(flags), lambda begun: runs.resume(name, flags.allow, begun).summary)


def verify_job(job_path: Path, flags: Flags, as_users: int | None = None) -> int:
    """``provision verify``."""
    terminal = Terminal(flags)
    return job_command(
        job_path, terminal, lambda job: runs.verify(job, flags.options, terminal, as_users=as_users).summary
    )
