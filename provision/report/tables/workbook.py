"""The reconciliation as an Excel workbook: Summary, Needs a person, Changes, Everybody, Operations, Findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, fields
from pathlib import Path

import pandas as pd

from provision.batches import only
from provision.findings import Finding
from provision.report.kind_words import label
from provision.report.sentences.codes import meaning
from provision.report.tables.book import WorkbookFile
from provision.report.value import COLUMNS, OPERATION_COLUMNS, OPERATION_KINDS, Mode, Reconciliation, RunFacts
from provision.report.words import headline

_FINDING_COLUMNS = ("level", "code", "sentence", "do", "file", "sheet", "row", "column", "key")


def write_xlsx(reconciliation: Reconciliation, facts: RunFacts, path: Path) -> None:
    """The workbook. Text is always text: no cell becomes a formula, a link or a number.

    Raises:
        OSError: the file or its scratch files beside it cannot be written.
    """
    book = WorkbookFile(path.parent)
    preview = reconciliation.mode is Mode.PREVIEW
    title = "PREVIEW – nothing was changed" if preview else headline(reconciliation, facts)
    book.add_facts("Summary", title, _facts(reconciliation, facts))
    everybody = only(reconciliation.table, COLUMNS)
    book.add_table("Needs a person", _explained(reconciliation.attention))
    book.add_table("Changes", everybody[everybody["verdict"].isin(OPERATION_KINDS)])
    book.add_table("Everybody", everybody)
    book.add_table("Operations", only(reconciliation.operations, OPERATION_COLUMNS))
    book.add_table("Findings", _found(facts))
    book.write(path)


def _explained(attention: pd.DataFrame) -> pd.DataFrame:
    """The lines that need a person, with what the code means and what to do."""
    meanings = [
        meaning(code, int(status), verdict)
        if outcome in ("failed", "in_doubt") or verdict == "rejected"
        else None
        for code, status, verdict, outcome in zip(
            attention["error_code"],
            attention["http_status"],
            attention["verdict"],
            attention["outcome"],
            strict=True,
        )
    ]
    told = {
        "what it means": [each.means if each else "" for each in meanings],
        "what to do": [each.remedy if each else "" for each in meanings],
    }
    beside = pd.DataFrame(told, index=attention.index, dtype="str")
    return pd.concat([only(attention, COLUMNS), beside], axis=1)


def _found(facts: RunFacts) -> pd.DataFrame:
    """What was noticed, the gravest first."""
    names = [each.name for each in fields(Finding)]
    table = pd.DataFrame([[str(cell) for cell in astuple(one)] for one in facts.findings.told], columns=names)
    table["row"] = table["row"].replace("0", "")
    return table[list(_FINDING_COLUMNS)].astype("str").rename(columns={"do": "what to do"})


def _facts(reconciliation: Reconciliation, facts: RunFacts) -> Iterator[tuple[str, str | int]]:
    yield from (("run", facts.run_id), ("job", facts.job), ("enterprise", facts.enterprise_id))
    yield from (
        ("roster", facts.roster.path),
        ("roster written", facts.written_at),
        ("roster fingerprint", facts.roster.sha256),
    )
    yield from (("started", facts.started_at), ("finished", facts.finished_at))
    totals = reconciliation.totals
    for title, counts in (("Lines by verdict", totals.verdicts), ("Operations by outcome", totals.outcomes)):
        if counts:
            yield from (("", ""), (title, ""))
            yield from ((label(word), count) for word, count in counts.items())
    yield from (("", ""), ("balance", reconciliation.statement))
    yield from ((f"guard {guard.name}", guard.sentence) for guard in facts.guards)
    yield from (("found afterwards", finding.sentence) for finding in reconciliation.findings)
    yield from (("note", note) for note in facts.notes)
