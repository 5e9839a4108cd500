"""The report of a run without people, from its folder alone."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Sequence
from pathlib import Path

from provision.errors import PlanError
from provision.files import inner_folder
from provision.plan.planfile import read_recorded
from provision.report.kept import reopen
from provision.report.value import Reconciliation, RunFacts
from provision.report.without_people import Pseudonyms, redacted
from provision.report.write import write_reports
from provision.runs.folder import RunFolder

#: where a report without people goes, below its run folder
REDACTED = "redacted"


def without_people(run: RunFolder, told: tuple[Reconciliation, RunFacts]) -> tuple[Reconciliation, RunFacts]:
    """A run's report without people: a reason is told by the codes of its plan, where that can be read and fits."""
    because = told[0].table["line"].iloc[:0].astype("str")
    with contextlib.suppress(PlanError):
        people = read_recorded(run.path).table
        if people["line"].tolist() == told[0].table["line"].tolist()[: len(people)]:
            because = people["because"]
    # a run of an earlier release has no key of its own: its pseudonyms are others each time
    return redacted(*told, because, Pseudonyms(run.about.log_key or secrets.token_hex(16)))


def write_without_people(run: RunFolder, formats: Sequence[str]) -> dict[str, Path]:
    """Write that of a run that has just ended into its folder; where each format lies. Raises DamagedFile, RunFolderError."""
    reconciliation, facts = without_people(run, reopen(run.path))
    return write_reports(reconciliation, facts, inner_folder(run.path / REDACTED), formats)
