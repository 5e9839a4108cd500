"""The pages of runs that were rewritten get the histories of their people again, which are made of all runs and the ledger."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

from provision.errors import PlanError
from provision.job.settings import Job
from provision.report.kept import reopen
from provision.runs.past.histories import add_histories
from provision.runs.places.owners import share

#: only a page with histories holds an element of this name
_MARK = b'id="histories"'
_PAGES = ("report.html", "preview.html")


def with_histories(folders: Iterable[Path]) -> Iterator[str]:
    """The names of the run folders whose page shows histories."""
    for folder in folders:
        pages = (folder / name for name in _PAGES)
        if any(page.is_file() and _MARK in page.read_bytes() for page in pages):
            yield folder.name


def renew_histories(runs: Iterable[str], job: Job, at: datetime) -> None:
    """Write the pages of these runs with histories again, once all runs and the ledger were rewritten; a run without a copy stays."""
    for name in runs:
        folder = job.runs / name
        with contextlib.suppress(PlanError):
            told, facts = reopen(folder)
            add_histories(told, facts, job, folder, at)
            share(folder, job)
