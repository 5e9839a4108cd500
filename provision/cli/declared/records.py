"""report, runs, diff, undo, export: what is left afterwards, and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from provision.cli.completing import run_names
from provision.cli.declared.arguments import JOB, RUN
from provision.cli.flags import Flags, with_flags
from provision.cli.taught import taught
from provision.errors import UsageError

_PRUNE = "provision runs JOB --prune --older-than 90d --dry-run"
_FORMATS = "html,csv,xlsx,json"


@taught(
    "Write a run's report again, or its annotated roster.",
    (
        "provision report 20261129T020000Z-nightly-3fa9 --annotated",
        "the roster as HR sent it, with result, reason and what to do",
    ),
    ("provision report 20261129T020000Z-nightly-3fa9 --redact", "a report without personal data, to pass on"),
)
@RUN
@click.option(
    "--format",
    "formats",
    metavar="FORMAT,...",
    show_default=_FORMATS,
    help="What the reconciliation is written as; with --annotated none unless named.",
)
@click.option(
    "--annotated",
    metavar="[FILE]",
    is_flag=False,
    flag_value="",
    help="The annotated roster: the same rows with result, reason and what to do; into the run folder, or FILE.",
)
@click.option(
    "--roster",
    metavar="PATH",
    multiple=True,
    help="With --annotated: a copy of the file that the run read, if it is no longer there.",
)
@click.option(
    "--redact",
    is_flag=True,
    help="Without personal data: pseudonyms, no values; into the run's folder `redacted`.",
)
@with_flags()
def report(run: str, formats: str | None, flags: Flags, **asked: Any) -> int:
    """Write a run's report again, or a copy without people, or its roster with the results."""
    from provision.cli.commands.report import report_run
    from provision.runs.handed_out.reports import ReportOptions

    annotated = asked["annotated"]
    if formats is None:
        formats = _FORMATS if annotated is None else ""
    options = ReportOptions(
        tuple(one.strip() for one in formats.split(",") if one.strip()),
        annotated is not None,
        Path(annotated) if annotated else None,
        tuple(map(Path, asked["roster"])),
        asked["redact"],
    )
    return report_run(run, options, flags)


@taught(
    "List the runs so far, and manage their folders.",
    ("provision runs provision.yaml", "newest first"),
    (
        "provision runs provision.yaml --prune --older-than 90d --dry-run",
        "which folders are no longer needed",
    ),
)
@click.argument("job", metavar="[JOB]", required=False, type=click.Path(path_type=Path))
@click.option("--rebuild", is_flag=True, help="Rebuild the job's ledger from its run folders.")
@click.option(
    "--new-ledger",
    is_flag=True,
    help="Start a new ledger after the old one was lost; earlier runs no longer count.",
)
@click.option(
    "--by",
    default="",
    metavar="NAME",
    help="Who decides this, or vouches for what is trusted; recorded in a run folder.",
)
@click.option(
    "--trust",
    metavar="RUN",
    shell_complete=run_names,
    multiple=True,
    help="Trust a run folder that no seal proves, and seal it; * is a wildcard.",
)
@click.option("--prune", is_flag=True, help="Delete old run folders that are no longer needed.")
@click.option("--older-than", metavar="AGE", help="With --prune: minimum age, for example 90d.")
@click.option(
    "--dry-run", is_flag=True, help="With --prune: only say what would be deleted, and why the others stay."
)
@with_flags("yes")
def runs(job: Path | None, flags: Flags, *, trust: tuple[str, ...], **asked: Any) -> int:
    """List the runs so far, newest first; without a job those in ./runs."""
    from provision.cli.commands.report import list_runs

    if _is_pruning(asked, trust):
        from provision.cli.commands.prune import prune_runs

        return prune_runs(job, str(asked["older_than"]), flags, dry_run=asked["dry_run"])
    rebuild, new_ledger, by = asked["rebuild"], asked["new_ledger"], str(asked["by"])
    if not (rebuild or new_ledger or trust):
        return list_runs(job, flags)
    if job is None or (new_ledger and (rebuild or trust)):
        raise UsageError(
            "--rebuild, --trust and --new-ledger need a JOB, and --new-ledger cannot be combined with the others.",
            remedy="provision runs JOB --rebuild",
        )
    from provision.cli.commands.rebuild import new_ledger_for, rebuild_ledger, trust_runs

    if rebuild:
        return rebuild_ledger(job, trust, by, flags)
    if trust:
        return trust_runs(job, trust, by, flags)
    if not by.strip():
        raise UsageError("Who decides this?", remedy='provision runs JOB --new-ledger --by "Ines Iversen"')
    return new_ledger_for(job, by.strip(), flags)


def _is_pruning(asked: Mapping[str, Any], trust: tuple[str, ...]) -> bool:
    """Whether --prune is asked for. Raises UsageError for flags that go with it and stand alone, and for others beside it."""
    beside = [name for name in ("older_than", "dry_run") if asked[name]]
    if not asked["prune"]:
        if beside:
            raise UsageError("--older-than and --dry-run need --prune.", remedy=_PRUNE)
        return False
    if not asked["older_than"] or trust or asked["rebuild"] or asked["new_ledger"]:
        raise UsageError(
            "--prune needs --older-than, and cannot be combined with --rebuild, --new-ledger or --trust.",
            remedy=_PRUNE,
        )
    return True


@taught(
    "Undo a run, as far as that is possible.",
    (
        "provision undo 20261129T020000Z-nightly-3fa9 --dry-run",
        "what would be undone, and what cannot be",
    ),
)
@RUN
@click.option("--dry-run", is_flag=True, help="Plan the undo and show it; change nothing.")
@with_flags("allow", "yes")
def undo(run: str, flags: Flags, *, dry_run: bool) -> int:
    """Take a run back, as far as that is possible; say what cannot be undone."""
    from provision.cli.commands.undo import undo_run

    return undo_run(run, flags, dry_run=dry_run)


@taught(
    "Write the enterprise's users as a roster.",
    ("provision export provision.yaml --out today.xlsx", "everybody, to read or edit"),
    ("provision export provision.yaml --identities who.csv", "external id, Box id and login"),
)
@JOB
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
    help="Identities: external id, Box id, login, kind; same file types as --out.",
)
@click.option("--aliases", is_flag=True, help="Include aliases: one call for each managed user.")
@with_flags()
def export(job: Path, out: Path | None, identities: Path | None, flags: Flags, *, aliases: bool) -> int:
    """Write the enterprise's users as a roster that plans no change, or their identities."""
    from provision.cli.commands.export import export_users
    from provision.runs.handed_out.export import ExportFiles

    return export_users(job, ExportFiles(out, identities, aliases), flags)


@taught(
    "Compare the plans of two runs.",
    (
        "provision diff 20261128T020000Z-nightly-11c0 20261129T020000Z-nightly-3fa9",
        "what is new since yesterday, what is gone and what changed",
    ),
)
@click.argument("first", metavar="RUN", shell_complete=run_names)
@click.argument("second", metavar="RUN", shell_complete=run_names)
@with_flags()
def diff(first: str, second: str, flags: Flags) -> int:
    """Show what only one of two plans has; Box is not asked."""
    from provision.cli.commands.compare import diff_runs

    return diff_runs(first, second, flags)


@taught(
    "Move the ledger to another database.",
    (
        "provision ledger move sqlite:///state/provision.db '${LEDGER_URL}'",
        "to the server that LEDGER_URL names, including its password",
    ),
)
@click.argument("action", metavar="move", type=click.Choice(["move"]))
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@with_flags("yes")
def ledger(action: str, source: str, target: str, flags: Flags) -> int:
    """Move all that a ledger remembers to another, empty database; whoever still uses the old one is told where it is."""
    from provision.cli.commands.ledger import move

    return move(source, target, flags)


COMMANDS = (report, runs, diff, undo, export, ledger)
