"""The histories on a page: what `provision explain` says of those about whom a run decided something, all read in one go."""

from __future__ import annotations

import contextlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from provision.errors import ProvisionError
from provision.explain.history import Explanation, PastRun, explain
from provision.explain.trace import Keys, Sighting, follow_each, in_ledger, meant
from provision.explain.words import Paragraph, left_out, told
from provision.frames import records
from provision.job.settings import Job
from provision.model import PersonKey, Verdict
from provision.report.page.histories import NO_HISTORIES, Histories, wanted
from provision.report.value import Reconciliation, RunFacts
from provision.report.write import write_reports
from provision.runs.past.decisions_by_name import SaidByName, said_by_name
from provision.runs.past.shelf import Shelf, known_to, shelf_of

#: runs that are looked into at the end of a run; `provision explain` looks into all of them
RUNS = 30


def add_histories(
    reconciliation: Reconciliation, facts: RunFacts, job: Job, folder: Path, at: datetime
) -> None:
    """Write the page of a run that has just ended once more, with the histories of its people; without them it stays as it is."""
    if "html" not in job.report.formats:
        return
    with contextlib.suppress(ProvisionError, OSError):  # the page is there already, and the run has its end
        histories = histories_of(reconciliation, job, at, RUNS)
        if histories.told:
            write_reports(reconciliation, facts, folder, ("html",), histories)


def histories_of(
    reconciliation: Reconciliation, job: Job, at: datetime, newest: int | None = None
) -> Histories:
    """What the runs of a job, or its ``newest`` ones, and its ledger tell of the people of a reconciliation, as far as a page shows it.

    Raises ProvisionError where runs or ledger cannot be read at all.
    """
    places = wanted(reconciliation)
    if not places:
        return NO_HISTORIES
    shelf = shelf_of(job, newest)
    known = known_to(shelf)
    asked = [_keys(row) for row in records(reconciliation.table.loc[places])]
    found = follow_each(asked, [in_ledger(known.memory), *shelf.sources(lambda: None)])
    met = _met(shelf, found)
    said = said_by_name(job, shelf.left_out)
    explanations = (
        explain(runs, known, lines.get(0, ()), job, at) if runs or lines else None
        for runs, lines in zip(met, found, strict=True)
    )
    return Histories(
        {
            place: [(one.indent, one.words) for one in _paragraphs(each, shelf, job, said)]
            for place, each in zip(places, explanations, strict=True)
            if each is not None
        }
    )


def _keys(row: Mapping[Hashable, Any]) -> Keys:
    """Those of the account, or of a row that was accepted; of another row the one key that people name the person by."""
    line = Sighting(
        row["external_id"], row["login"], row["kind"], row["box_id"], row["line"], verdict=row["verdict"]
    )
    sure = (
        line.certain and line.verdict != Verdict.UNCHANGED
    )  # which may also be a row that says to be left alone
    return line.keys if sure else meant(PersonKey.of(row).written)


def _met(shelf: Shelf, found: Sequence[Mapping[int, Sequence[Sighting]]]) -> list[list[PastRun]]:
    """The runs in which each person occurs, newest first; each is read once for all of them."""
    met: list[list[PastRun]] = [[] for _ in found]
    for at in range(len(shelf.runs)):
        those = [number for number, lines in enumerate(found) if at + 1 in lines]
        runs = shelf.met(at, [found[number][at + 1] for number in those]) if those else []
        for number, run in zip(those, runs, strict=False):  # none of a run that cannot be told
            met[number].append(run)
    return met


def _paragraphs(who: Explanation, shelf: Shelf, job: Job, said: SaidByName) -> Iterator[Paragraph]:
    """As the command says it; since when an account is the job's is told where all runs were looked into."""
    now = replace(who.now, since="") if shelf.older else who.now
    yield from told(replace(who, words=said.about(who), now=now, older=shelf.older), job.lifecycle)
    doubts = (shelf.not_proven[run.run_id] for run in who.runs if run.run_id in shelf.not_proven)
    yield from left_out(shelf.not_read, doubts, shelf.elsewhere)
