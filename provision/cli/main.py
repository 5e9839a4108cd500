"""The command line: parse, call the command, return its exit code. The commands import the heavy rooms."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from provision import __version__
from provision.cli.flags import Flags, with_flags
from provision.cli.streams import answered, answered_json, complained
from provision.errors import ExitCode, InputError, Interrupted, ProvisionError, UsageError

_EPILOG = (
    "Exit codes: 0 done, 1 wrong input, 2 there are changes (plan, verify), 3 refused or held, 4 some failed, "
    "5 interrupted, 6 locked, 7 Box refused or unreachable, 70 our own fault."
)
_JOB = click.argument("job", metavar="JOB", type=click.Path(path_type=Path))
_RUN = click.argument("run", metavar="RUN")


@click.group(
    epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="provision")
def program() -> None:
    """Make a Box enterprise match a roster: plan it, apply it, prove it."""


@program.command()
@_JOB
@click.option("--accept", is_flag=True, help="Compare the next rosters with this one, in your name.")
@with_flags("roster")
def check(job: Path, flags: Flags, *, accept: bool) -> int:
    """Validate the job and its roster, also beside earlier ones, without touching Box."""
    from provision.cli.commands.check import check_job

    return check_job(job, flags, take=accept)


def _explain_rules(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted:
        from provision.report.rules_table import rules_in_words

        answered(rules_in_words())
        context.exit()


@program.command()
@click.option(
    "--explain-rules",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_explain_rules,
    help="Print the decision table, and nothing else.",
)
@_JOB
@with_flags("roster", "person", "allow")
def plan(job: Path, flags: Flags) -> int:
    """Dry run: read roster and enterprise, write the plan and its preview, change nothing."""
    from provision.cli.commands.run import plan_job

    return plan_job(job, flags)


@program.command()
@_JOB
@click.option("--dry-run", is_flag=True, help="The same as plan.")
@with_flags("roster", "person", "allow", "yes")
def run(job: Path, flags: Flags, *, dry_run: bool) -> int:
    """Plan and apply in one, for the nightly run."""
    from provision.cli.commands.run import plan_job, run_job

    return plan_job(job, flags) if dry_run else run_job(job, flags)


@program.command()
@_RUN
@click.option("--only", metavar="KIND,...", help="Only these kinds of operation.")
@click.option("--except", "excepted", metavar="KIND,...", help="All but these kinds of operation.")
@click.option(
    "--digest", metavar="HEX", default="", help="Only if this is the digest that plan and preview showed."
)
@with_flags("allow", "yes")
def apply(run: str, flags: Flags, *, digest: str, **kinds: str | None) -> int:
    """Carry out a saved plan, and nothing but it."""
    from provision.cli.commands.run import apply_run

    return apply_run(run, flags, digest, **kinds)


@program.command()
@_RUN
@with_flags("allow", "yes")
def resume(run: str, flags: Flags) -> int:
    """Go on with a run that was interrupted or left failures, and finish it exactly once."""
    from provision.cli.commands.run import resume_run

    return resume_run(run, flags)


@program.command()
@_RUN
@click.option("--dry-run", is_flag=True, help="Plan the way back and show it; change nothing.")
@with_flags("allow", "yes")
def undo(run: str, flags: Flags, *, dry_run: bool) -> int:
    """Take a run back, as far as that is possible; say what cannot be undone."""
    from provision.cli.commands.undo import undo_run

    return undo_run(run, flags, dry_run=dry_run)


@program.command()
@_JOB
@click.option(
    "--as-users", type=int, metavar="N", help="Also sign in as N app users, and list their root folders."
)
@with_flags("roster", "person")
def verify(job: Path, flags: Flags, *, as_users: int | None) -> int:
    """Read the enterprise again and show what still differs from the roster."""
    from provision.cli.commands.run import verify_job

    return verify_job(job, flags, as_users)


@program.command()
@_RUN
@click.option("--format", "formats", metavar="FORMAT,...", default="html,csv,xlsx,json", show_default=True)
@with_flags()
def report(run: str, formats: str, flags: Flags) -> int:
    """Write a run's reconciliation again."""
    from provision.cli.commands.report import report_run

    return report_run(run, formats, flags)


@program.command()
@_JOB
@click.argument("person", metavar="PERSON")
@with_flags()
def explain(job: Path, person: str, flags: Flags) -> int:
    """Tell every decision about one person, by login, external id or Box id."""
    from provision.cli.commands.explain import explain_person

    return explain_person(job, person, flags)


@program.command()
@_JOB
@click.argument("person", metavar="PERSON")
@with_flags()
def token(job: Path, person: str, flags: Flags) -> int:
    """Print a token of one app user, by external id, Box id or generated address."""
    from provision.cli.commands.token import hand_token

    return hand_token(job, person, flags)


@program.command()
@_JOB
@with_flags()
def holds(job: Path, flags: Flags) -> int:
    """List what waits for a person: since when, why, and who is to look."""
    from provision.cli.commands.holds import list_holds

    return list_holds(job, flags)


@program.command()
@_RUN
@click.option("--all", "everything", is_flag=True, help="Everything of this run that waits.")
@click.option("--kind", "kinds", metavar="KIND,...", help="All that waits of these kinds of operation.")
@click.option(
    "--person",
    "people",
    metavar="WHO",
    multiple=True,
    help="What waits about this person (login, external id or Box id).",
)
@click.option("--by", metavar="NAME", required=True, help="Who decides; kept with the run.")
@click.option(
    "--until", metavar="DATE", default="", help="The last day on which this counts; a week by default."
)
@with_flags()
def approve(run: str, flags: Flags, **choice: Any) -> int:
    """Release what waits in a run, by name; the next run plans it afresh and carries it out."""
    from provision.cli.commands.approve import approve_run
    from provision.cli.flags import kinds_in
    from provision.runs.approving.approvable import ApprovalChoice

    choice["kinds"] = kinds_in(choice["kinds"])
    chosen = ApprovalChoice(**choice)
    if not chosen.by.strip() or not (chosen.everything or chosen.kinds or chosen.people):
        raise UsageError(
            "Say what is approved, and who does.",
            remedy="name --all, --kind KIND or --person WHO, and --by NAME",
        )
    return approve_run(run, chosen, flags)


@program.command()
@click.argument("job", metavar="[JOB]", required=False, type=click.Path(path_type=Path))
@click.option("--rebuild", is_flag=True, help="Make the job's ledger anew from its run folders.")
@click.option(
    "--new-ledger", is_flag=True, help="Let a lost ledger begin anew; the runs so far count no more."
)
@click.option("--by", default="", metavar="NAME", help="Who decides that; kept in a run folder.")
@click.option(
    "--trust",
    metavar="RUN",
    multiple=True,
    help="Believe a run folder that no seal proves, and seal it; * stands for anything.",
)
@with_flags()
def runs(job: Path | None, flags: Flags, *, trust: tuple[str, ...], **asked: Any) -> int:
    """List the runs so far, newest first; without a job those in ./runs."""
    from provision.cli.commands.report import list_runs

    rebuild, new_ledger, by = asked["rebuild"], asked["new_ledger"], str(asked["by"])
    if not (rebuild or new_ledger or trust):
        return list_runs(job, flags)
    if job is None or (new_ledger and (rebuild or trust)):
        raise UsageError(
            "--rebuild, --trust and --new-ledger need the job whose ledger is meant, and the last goes with no other.",
            remedy="provision runs JOB --rebuild",
        )
    from provision.cli.commands.rebuild import new_ledger_for, rebuild_ledger, trust_runs

    if rebuild:
        return rebuild_ledger(job, trust, flags)
    if trust:
        return trust_runs(job, trust, flags)
    if not by.strip():
        raise UsageError(
            "Say who decides that.", remedy='provision runs JOB --new-ledger --by "Ines Iversen"'
        )
    return new_ledger_for(job, by.strip(), flags)


@program.command()
@_JOB
@click.option(
    "--login", "named", metavar="NAME", multiple=True, help="Adopt this user (login, external id or Box id)."
)
@click.option("--all", "everybody", is_flag=True, help="Adopt everybody who is listed.")
@click.option("--by", default="", metavar="NAME", help="Who decides; by default who runs this.")
@with_flags("yes")
def adopt(job: Path, flags: Flags, *, named: tuple[str, ...], everybody: bool, by: str) -> int:
    """List users in scope that the job does not own, and take over those named."""
    from provision.cli.commands.adopt import adopt_users
    from provision.runs.adopt import AdoptionChoice

    return adopt_users(job, AdoptionChoice(named, everybody, by), flags)


@program.command()
@_JOB
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A roster: .csv, .tsv, .xlsx or .parquet.",
)
@click.option(
    "--identities",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Who is who: external id, Box id, login, kind; endings as for --out.",
)
@with_flags()
def export(job: Path, out: Path | None, identities: Path | None, flags: Flags) -> int:
    """Write the enterprise's users as a roster that plans no change, or their identities."""
    from provision.cli.commands.export import export_users
    from provision.runs.export import ExportFiles

    return export_users(job, ExportFiles(out, identities), flags)


@program.command()
@click.option("--port", default=0, type=click.IntRange(0, 65535), help="0 takes any free port.")
@click.option("--users", default=0, type=click.IntRange(min=0), help="Invented users besides the admin.")
@click.option("--seed", metavar="FILE", help="An enterprise to start with (JSON).")
@click.option(
    "--latency", metavar="MS", default=0.0, type=click.FloatRange(min=0), help="Added to every call."
)
@click.option("--rate-limit", metavar="N/SECONDS", help="Calls for each acting user.")
@click.option("--faults", metavar="FILE", help="A fault script.")
@click.option("--state", metavar="FILE", help="Keep the enterprise in this file.")
@click.option("--tls", is_flag=True, help="Serve HTTPS with a certificate of its own.")
@click.option("--config", metavar="FILE", help="Also write the JSON line here.")
@click.option(
    "--token-lifetime",
    metavar="SECONDS",
    default=3600,
    type=click.IntRange(min=1),
    help="How long tokens last.",
)
def sandbox(**choices: Any) -> int:
    """Serve a local Box enterprise on loopback, for trying things out and for tests."""
    from provision.cli.commands.sandbox import serve

    return serve(choices)


def run_program(arguments: Sequence[str], clock: Callable[[], datetime] | None = None) -> int:
    """Run one command; its exit code. A usage error becomes a sentence, with ``--json`` an object too.

    ``clock`` tells the time, in UTC; the system's by default. Works in any thread; signals stop only a command of the main one.
    """
    try:
        code = program(args=list(arguments), prog_name="provision", standalone_mode=False, obj=clock)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        answered(error.format_message())
        return int(ExitCode.INPUT)
    except click.ClickException as error:
        return _complain(_usage(error), arguments)
    except ProvisionError as error:
        return _complain(error, arguments)
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
