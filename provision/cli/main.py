"""The command line: parse, call the command, return its exit code. The commands are declared in declared/."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime

import click

from provision import __version__
from provision.cli.declared import first_day, nightly, people, records, reference
from provision.cli.streams import answered, answered_json, complained, unanswered
from provision.cli.taught import Overview
from provision.errors import ExitCode, InputError, Interrupted, ProvisionError, UsageError

_EPILOG = (
    "Exit codes: 0 done, 1 wrong input, 2 there are changes (plan, verify), 3 refused or held, 4 some failed, "
    "5 interrupted, 6 locked, 7 Box refused or unreachable, 70 internal error. Examples: provision COMMAND --help."
)


@click.group(cls=Overview, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="provision")
def program() -> None:
    """Make a Box enterprise match a roster: plan it, apply it, prove it."""


assert isinstance(program, Overview)  # noqa: S101 - click's decorator forgets it
program.add_section("First day", first_day.COMMANDS)
program.add_section("Every night", nightly.COMMANDS)
program.add_section("People", people.COMMANDS)
program.add_section("Records", records.COMMANDS)
program.add_section("Reference", reference.COMMANDS)


def run_program(arguments: Sequence[str], clock: Callable[[], datetime] | None = None) -> int:
    """Run one command; its exit code. A usage error becomes a sentence, with ``--json`` an object too.

    ``clock`` tells the time, in UTC; the system's by default. Works in any thread; signals stop only a command of the main one.
    """
    try:
        return _called(arguments, clock)
    except ProvisionError as error:
        return _complain(error, arguments)


def _called(arguments: Sequence[str], clock: Callable[[], datetime] | None) -> int:
    """As ``run_program``; raises ProvisionError where there is no command, or no place to write the answer."""
    try:
        code = program(args=list(arguments), prog_name="provision", standalone_mode=False, obj=clock)
    except OSError as error:  # of help and version, which click writes; commands account for their own
        unanswered(error)
        return int(ExitCode.DONE)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        answered(error.format_message())
        return int(ExitCode.INPUT)
    except click.ClickException as error:
        return _complain(_usage(error), arguments)
    except (click.Abort, KeyboardInterrupt):
        return _complain(Interrupted("Stopped."), arguments)
    return int(code or 0)


def _usage(error: click.ClickException) -> UsageError:
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context else "provision"
    return UsageError(error.format_message(), remedy=f"see {command} --help")


def _complain(error: ProvisionError, arguments: Sequence[str]) -> int:
    complained(str(error))
    if "--json" in arguments:
        from provision.runs.start import failed

        with contextlib.suppress(InputError):  # who asked for it has been told beside
            answered_json(failed(error).to_json())
    return int(error.exit_code)
