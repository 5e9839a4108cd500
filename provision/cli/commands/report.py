"""``provision report`` and ``provision runs``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.errors import UsageError
from provision.report.summary import Summary
from provision.runs.handed_out.reports import ReportOptions, expect_formats, listing, report
from provision.runs.start import Begun


def report_run(name: str, options: ReportOptions, flags: Flags) -> int:
    """``provision report``."""
    expect_formats(options.formats)
    if options.rosters and not options.annotated:
        raise UsageError(
            "--roster can only be used with --annotated.",
            remedy="provision report RUN --annotated --roster PATH",
        )
    if options.redact and options.annotated:
        raise UsageError(
            "An annotated roster names everybody, so --redact and --annotated cannot be combined.",
            remedy="run report once for each",
        )
    return command(Terminal(flags), lambda begun: report(name, options, begun))


def list_runs(job_path: Path | None, flags: Flags) -> int:
    """``provision runs``: a line a run, or the list as one JSON object."""
    terminal = Terminal(flags)

    def work(begun: Begun) -> Summary:
        job = begun.load(job_path, signs_in=False) if job_path else None
        folder = job.runs if job else Path("runs")
        found = listing(folder, job)
        for summary in found.runs:
            terminal.print(_line(Path(summary["run_dir"]), summary))
        if found.error:
            terminal.complain(found.error)
        if not found.runs:
            terminal.say(f"There are no runs in {folder}.")
        return found

    return command(terminal, work)


def _line(path: Path, summary: Mapping[str, Any]) -> str:
    planned = summary.get("planned")
    kinds = planned.items() if isinstance(planned, dict) else ()
    told = ", ".join(f"{count} {kind}" for kind, count in kinds)
    return f"{path.name}  {summary.get('status', '?')!s:<12} {told or 'nothing planned'}"
