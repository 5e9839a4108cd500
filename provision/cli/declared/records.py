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
    "Write a run's report again, or hand its roster back.",
    (
        "provision report 20261129T020000Z-nightly-3fa9 --annotated",
        "the roster as HR sent it, with result, reason and what to do",
    ),
    ("provision report 20261129T020000Z-nightly-3fa9 --redact", "a report without people, to be passed on"),
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
    help="The roster handed back: same rows, with result, reason, what to do; into the run folder, or FILE.",
)
@click.option(
    "--roster",
    metavar="PATH",
    multiple=True,
    help="With --annotated: a copy of the file that the run read, where that lies there no more.",
)
@click.option(
    "--redact",
    is_flag=True,
    help="Without people: pseudonyms, no values; into the folder redacted of the run.",
)
@with_flags()
def report(run: str, formats: str | None, flags: Flags, **asked: Any) -> int:
    """Write a run's reconciliation again, without people, or hand its roster back."""
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
    "List the runs so far, and look after their folders.",
    ("provision runs provision.yaml", "newest first"),
    (
        "provision runs provision.yaml --prune --older-than 90d --dry-run",
        "which folders nothing needs any more",
    ),
)
@click.argument("job", metavar="[JOB]", required=False, type=click.Path(path_type=Path))
@click.option("--rebuild", is_flag=True, help="Make the job's ledger anew from its run folders.")
@click.option(
    "--new-ledger", is_flag=True, help="Let a lost ledger begin anew; the runs so far count no more."
)
@click.option(
    "--by",
    default="",
    metavar="NAME",
    help="Who decides that, or answers for what is trusted; kept in a run folder.",
)
@click.option(
    "--trust",
    metavar="RUN",
    shell_complete=run_names,
    multiple=True,
    help="Believe a run folder that no seal proves, and seal it; * stands for anything.",
)
@click.option("--prune", is_flag=True, help="Delete old run folders that nothing needs any more.")
@click.option("--older-than", metavar="AGE", help="With --prune: how old at least, as 90d.")
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
            "--rebuild, --trust and --new-ledger need the job whose ledger is meant, and the last goes with no other.",
            remedy="provision runs JOB --rebuild",
        )
    from provision.cli.commands.rebuild import new_ledger_for, rebuild_ledger, trust_runs

    if rebuild:
        return rebuild_ledger(job, trust, by, flags)
    if trust:
        return trust_runs(job, trust, by, flags)
    if not by.strip():
        raise UsageError(
            "Say who decides that.", remedy='provision runs JOB --new-ledger --by "Ines Iversen"'
        )
    return new_ledger_for(job, by.strip(), flags)


def _is_pruning(asked: Mapping[str, Any], trust: tuple[str, ...]) -> bool:
    """Whether --prune is asked for. Raises UsageError for flags that go with it and stand alone, and for others beside it."""
    beside = [name for name in ("older_than", "dry_run") if asked[name]]
    if not asked["prune"]:
        if beside:
            raise UsageError("--older-than and --dry-run go with --prune.", remedy=_PRUNE)
        return False
    if not asked["older_than"] or trust or asked["rebuild"] or asked["new_ledger"]:
        raise UsageError(
            "--prune needs --older-than, and goes with no --rebuild, --new-ledger or --trust.", remedy=_PRUNE
        )
    return True


@taught(
    "Take a run back, as far as that is possible.",
    (
        "provision undo 20261129T020000Z-nightly-3fa9 --dry-run",
        "what would be taken back, and what cannot be",
    ),
)
@RUN
@click.option("--dry-run", is_flag=True, help="Plan the way back and show it; change nothing.")
@with_flags("allow", "yes")
def undo(run: str, flags: Flags, *, dry_run: bool) -> int:
    """Take a run back, as far as that is possible; say what cannot be undone."""
    from provision.cli.commands.undo import undo_run

    return undo_run(run, flags, dry_run=dry_run)


@taught(
    "Write the enterprise's users as a roster.",
    ("provision export provision.yaml --out today.xlsx", "everybody, to be looked at or edited"),
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
    help="Who is who: external id, Box id, login, kind; endings as for --out.",
)
@click.option("--aliases", is_flag=True, help="With everybody's aliases: a call for each managed user.")
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
        "what is new since yesterday, gone, or otherwise",
    ),
)
@click.argument("first", metavar="RUN", shell_complete=run_names)
@click.argument("second", metavar="RUN", shell_complete=run_names)
@with_flags()
def diff(first: str, second: str, flags: Flags) -> int:
    """What the second run's plan has and the first's has not, and the other way round; Box is not asked."""
    from provision.cli.commands.compare import diff_runs

    return diff_runs(first, second, flags)


@taught(
    "Move the ledger to another database.",
    (
        "provision ledger move sqlite:///state/provision.db '${LEDGER_URL}'",
        "to the server that LEDGER_URL names, password and all",
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
