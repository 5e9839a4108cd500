"""``provision report`` and ``provision runs``: what run folders tell, without Box."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provision.cli.account import Case, folder_command
from provision.cli.desk import Desk
from provision.cli.terms import Terms
from provision.cli.unfinished import told_so_far
from provision.errors import ExitCode, InputError, UsageError
from provision.job.settings import ReportFormat
from provision.report.summary import Summary, files_of, summarise
from provision.report.write import write_reports
from provision.runs.folder import all_runs, find_run, summary_of


def report_run(name: str, formats: str, terms: Terms) -> int:
    """``provision report``."""
    desk = Desk(terms)
    wanted = _formats(formats)

    def work(case: Case) -> Summary:
        run = case.run = find_run(name)
        reconciliation, facts = told_so_far(run)
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

    def work(case: Case) -> Summary:
        job = case.load(job_path) if job_path else None
        folder = job.runs if job else Path("runs")
        found = [(path, summary_of(path)) for path in runs_in(folder)]
        mine = [
            (path, summary)
            for path, summary in found
            if job is None or summary.get("job") in (job.name, None)
        ]
        for path, summary in () if terms.json else mine:
            desk.print(_line(path, summary))
        if not mine:
            desk.say(f"There are no runs in {folder}.")
        told = tuple(dict(summary) | {"run_dir": str(path)} for path, summary in mine)
        return Listing(exit_code=int(ExitCode.DONE), runs=told)

    return folder_command(desk, work)


@dataclass(frozen=True, slots=True)
class Listing(Summary):
    """The runs so far, each with its own summary; as JSON it is nothing but them."""

    runs: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        return json.dumps({"runs": self.runs}, ensure_ascii=False)


def runs_in(folder: Path) -> list[Path]:
    """The run folders below a folder, newest first; none if it is not there. Raises InputError if it cannot be read."""
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return all_runs(folder)
    except OSError as error:
        raise InputError(
            f"The runs in {folder} cannot be listed: {error.strerror}.",
            cause="the folder belongs to somebody else, or 'runs' in the job file names something else",
            remedy="correct the rights or the job file",
        ) from None


def _line(path: Path, summary: Mapping[str, Any]) -> str:
    planned = summary.get("planned")
    kinds = planned.items() if isinstance(planned, dict) else ()
    told = ", ".join(f"{count} {kind}" for kind, count in kinds)
    return f"{path.name}  {summary.get('status', '?')!s:<12} {told or 'nothing planned'}"
