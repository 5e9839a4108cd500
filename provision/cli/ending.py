"""Every command ends here: its errors in words, its one JSON object, its exit code, and never a traceback for bad input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import msgspec

from provision.cli import traces
from provision.cli.terminal import Terminal
from provision.errors import InputError, ProvisionError
from provision.job.settings import Job
from provision.report.messages.short import in_short
from provision.report.summary import Summary
from provision.runs.start import Begun


def job_command(
    job_path: Path, terminal: Terminal, work: Callable[[Job], Summary], *, signs_in: bool = True
) -> int:
    """End a command that leaves no run behind as :func:`command` does; ``signs_in`` is false for those that do not ask Box."""
    return command(terminal, lambda begun: work(begun.load(job_path, signs_in=signs_in)))


def command(terminal: Terminal, work: Callable[[Begun], Summary]) -> int:
    """Do the work of a command, print its summary or what went wrong, and return the exit code."""
    begun, began = Begun(terminal), terminal.now()
    try:
        with terminal.stoppable(), begun.accounted():
            summary = begun.timed(work(begun))
    except ProvisionError as error:
        terminal.complain(str(error))
        summary = begun.failed(error)
    if traces.wanted():
        context = click.get_current_context(silent=True)
        name = context.info_name if context else None
        if why := traces.send(name or "command", began, terminal.now(), terminal.spells, summary):
            terminal.say(f"warning: {why}")
    if terminal.flags.quiet and summary.exit_code:
        for line in in_short(summary, told=terminal.complained):
            terminal.complain(line)
    return _answered(terminal, summary) if terminal.flags.json else int(summary.exit_code)


def _answered(terminal: Terminal, summary: Summary) -> int:
    """Print the one object; the exit code, which is never that of a success where the answer was lost."""
    try:
        ended = {"exit_code": int(summary.exit_code), "error": summary.error}
        found = msgspec.json.decode(summary.to_json())
        terminal.answer(found | {key: word for key, word in ended.items() if key not in found})
    except InputError as error:
        terminal.complain(str(error))
        return int(summary.exit_code) or int(error.exit_code)
    return int(summary.exit_code)
