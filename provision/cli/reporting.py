"""``provision report`` and ``provision runs``: what run folders tell, without Box."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from provision.cli.account import Case, folder_command
from provision.cli.desk import Desk
from provision.cli.opening import load
from provision.cli.runfolder import all_runs, find_run, summary_of
from provision.cli.terms import Terms
from provision.errors import ExitCode, UsageError
from provision.job.settings import ReportFormat
from provision.report.archive import reopen
from provision.report.summary import Summary, files_of, summarise
from provision.report.write import write_reports


def report_run(name: str, formats: str, terms: Terms) -> int:
    """``provision report``."""
    desk = Desk(terms)
    wanted = _formats(formats)

    def work(case: Case) -> Summary:
        run = case.run = find_run(name)
        reconciliation, facts = reopen(run.path)
        written = write_reports(reconciliation, facts, run.path, wanted)
        for path in written.values():
            desk.say(str(path))
        return replace(
            summarise(facts, reconciliation, files_of(run.path, written)), exit_code=int(ExitCode.DONE)
        )

    return folder_command(desk, work)


def _formats(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in tuple(ReportFormat):
            raise UsageError(
                f"There is no report format {name!r}.", remedy=f"choose from {', '.join(ReportFormat)}"
            )
    return names


def list_runs(job_path: Path | None, terms: Terms) -> int:
    """``provision runs``: a line a run, or the list as one JSON object."""
    desk = Desk(terms)
    job = load(job_path) if job_path else None
    folder = job.runs if job else Path("runs")
    found = [(path, summary_of(path)) for path in all_runs(folder)]
    mine = [
        (path, summary) for path, summary in found if job is None or summary.get("job") in (job.name, None)
    ]
    if terms.json:
        desk.answer({"runs": [dict(summary) | {"run_dir": str(path)} for path, summary in mine]})
    for path, summary in () if terms.json else mine:
        desk.print(_line(path, summary))
    if not mine:
        desk.say(f"There are no runs in {folder}.")
    return int(ExitCode.DONE)


def _line(path: Path, summary: Mapping[str, Any]) -> str:
    planned = ", ".join(f"{count} {kind}" for kind, count in (summary.get("planned") or {}).items())
    return f"{path.name}  {summary.get('status', '?'):<12} {planned or 'nothing planned'}"
