"""``provision fleet``, and what is decided across one."""

from __future__ import annotations

from pathlib import Path

from provision.cli.commands.holds import show_hold
from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.fleet.decisions import job_of_run, waiting_in
from provision.fleet.lead import FleetWishes, lead
from provision.fleet.reading import load_fleet
from provision.report.fleet.words import table
from provision.report.summary import Summary
from provision.runs.approving.approvable import ApprovalChoice
from provision.runs.approving.approve import approve
from provision.runs.start import Begun
from provision.wording import plural

#: what a process of a local fleet is prepared by
_PREPARED_BY = "provision.cli.fleet_worker"


def lead_fleet(path: Path, only: tuple[str, ...], resume: str, flags: Flags) -> int:
    """``provision fleet``."""
    terminal = Terminal(flags)

    def work(_begun: Begun) -> Summary:
        summary = lead(path, FleetWishes(only, resume, _PREPARED_BY), terminal)
        terminal.say("")
        for line in table(summary):
            terminal.say(line)
        terminal.say("")
        if summary.error and not flags.quiet:
            terminal.complain(summary.error)
        terminal.say(f"report: {summary.files.report_html}")
        return summary

    return command(terminal, work)


def list_holds_of(path: Path, flags: Flags) -> int:
    """``provision holds --fleet``."""
    terminal = Terminal(flags)

    def work(_begun: Begun) -> Summary:
        found = waiting_in(load_fleet(path), terminal)
        before = ""
        for row in found.rows:
            if row["enterprise"] != before:
                terminal.tell(f"{row['enterprise']} (enterprise {row['enterprise_id']})")
            before = row["enterprise"]
            show_hold(row, terminal)
        number = len(found.rows)
        terminal.say(
            f"{number:,} {plural(number, 'waits', 'wait')} for a person in the fleet {found.fleet}. Release an operation with: "
            f"provision approve RUN --fleet {path} (--all | --kind KIND | --person WHO) --by NAME"
            if number
            else f"Nothing of the fleet {found.fleet} waits for a person."
        )
        return found

    return command(terminal, work)


def approve_run_of(path: Path, name: str, choice: ApprovalChoice, flags: Flags) -> int:
    """``provision approve --fleet``."""

    def work(begun: Begun) -> Summary:
        run, begun.job = job_of_run(load_fleet(path), name)
        return approve(run, choice, begun)

    return command(Terminal(flags), work)
