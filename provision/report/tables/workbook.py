"""The reconciliation as an Excel workbook: Summary, Needs a person, Changes, Everybody, Operations, Findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, fields
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from provision.findings import Finding
from provision.report.kind_words import label
from provision.report.sentences.codes import meaning
from provision.report.tables.formulas import neutralised
from provision.report.tables.tables import Cells, safe_cells
from provision.report.value import COLUMNS, OPERATION_COLUMNS, OPERATION_KINDS, Mode, Reconciliation, RunFacts
from provision.report.words import headline

#: lines under the header of one sheet (Excel's limit is 1,048,576 rows)
SHEET_LINES = 1_048_575

#: Excel's limit for the text of one cell
_LONGEST = 32_767

_WIDTHS = {
    "line": 7, "external_id": 16, "login": 32, "name": 24, "kind": 10, "box_id": 15, "verdict": 13, "reason": 40,
    "changes": 52, "outcome": 14, "error_code": 26, "http_status": 11, "attempts": 9, "request_id": 20, "at": 26, "source": 18,
    "what it means": 48, "what to do": 48, "id": 34, "subject": 24, "object": 24, "because": 40,
    "level": 9, "code": 22, "sentence": 64, "file": 24, "sheet": 12, "row": 8, "column": 18, "key": 32,
    "role": 10, "status": 10, "standing": 30, "since": 12, "evidence": 48, "decided by": 44, "what comes next": 52, "what": 30,
    "who": 30, "run": 42, "by": 24, "last word": 44,
}  # fmt: skip
_USUAL_WIDTH = 18
_WRAPPED = (
    "standing", "evidence", "decided by", "what comes next", "last word", "reason", "changes", "what it means", "what to do", "sentence",
)  # fmt: skip
_FINDING_COLUMNS = ("level", "code", "sentence", "do", "file", "sheet", "row", "column", "key")
#: constant_memory keeps one line at a time; its scratch files hold personal data, so they stay beside the workbook
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_xlsx(reconciliation: Reconciliation, facts: RunFacts, path: Path) -> None:
    """The workbook. Text is always text: no cell becomes a formula, a link or a number.

    Raises:
        OSError: the file or its scratch files beside it cannot be written.
    """
    import xlsxwriter
    from xlsxwriter.exceptions import FileCreateError

    book = xlsxwriter.Workbook(str(path), {**OPTIONS, "tmpdir": str(path.parent)})
    style = Style.of(book)
    _summary(book.add_worksheet("Summary"), reconciliation, facts, style)
    add_sheet(book, "Needs a person", _explained(reconciliation.attention), style)
    changes = reconciliation.table["verdict"].isin(OPERATION_KINDS)
    add_sheet(book, "Changes", _plain(reconciliation.table[changes]), style)
    add_sheet(book, "Everybody", _plain(reconciliation.table), style)
    operations = reconciliation.operations
    add_sheet(book, "Operations", Block(OPERATION_COLUMNS, len(operations), safe_cells(operations)), style)
    add_sheet(book, "Findings", _found(facts), style)
    try:
        book.close()
    except FileCreateError as error:
        raise error.args[0] if isinstance(error.args[0], OSError) else OSError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Style:
    """The cell formats of a workbook."""

    head: Any
    cell: Any
    wrapped: Any
    title: Any
    strong: Any
    fact: Any

    @classmethod
    def of(cls, book: Any) -> Style:
        """Those of this workbook."""
        top = {"valign": "top"}
        return cls(
            head=book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EDF3", "valign": "vcenter"}),
            cell=book.add_format(top),
            wrapped=book.add_format({**top, "text_wrap": True}),
            title=book.add_format({"bold": True, "font_size": 16}),
            strong=book.add_format({**top, "bold": True}),
            fact=book.add_format({**top, "text_wrap": True, "align": "left", "num_format": "#,##0"}),
        )


@dataclass(frozen=True, slots=True)
class Block:
    """What goes onto a sheet: its header, how many lines, and the lines."""

    header: tuple[str, ...]
    length: int
    lines: Iterator[Cells]


def _plain(table: pd.DataFrame) -> Block:
    return Block(COLUMNS, len(table), safe_cells(table))


def _explained(attention: pd.DataFrame) -> Block:
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
    return Block((*COLUMNS, "what it means", "what to do"), len(attention), _with(attention, meanings))


def _with(attention: pd.DataFrame, meanings: Iterable[Any]) -> Iterator[Cells]:
    for cells, told in zip(safe_cells(attention), meanings, strict=True):
        yield (*cells, told.means if told else "", told.remedy if told else "")


def _found(facts: RunFacts) -> Block:
    """What was noticed, the gravest first."""
    names = [each.name for each in fields(Finding)]
    table = pd.DataFrame([[str(cell) for cell in astuple(one)] for one in facts.findings.told], columns=names)
    table["row"] = table["row"].replace("0", "")
    told = table[list(_FINDING_COLUMNS)].astype("str").rename(columns={"do": "what to do"})
    return Block(tuple(told.columns), len(told), safe_cells(told))


def add_sheet(book: Any, name: str, block: Block, style: Style) -> None:
    """Put the block on one sheet, or on as many as Excel needs for it."""
    for number, start in enumerate(range(0, max(block.length, 1), SHEET_LINES), start=1):
        sheet = book.add_worksheet(name if number == 1 else f"{name} {number}")
        length = min(SHEET_LINES, block.length - start)
        _dress(sheet, block.header, length, style)
        formats = [style.wrapped if column in _WRAPPED else style.cell for column in block.header]
        for row, cells in enumerate(islice(block.lines, length), start=1):
            _write(sheet, row, cells, formats)


def _dress(sheet: Any, header: tuple[str, ...], length: int, style: Style) -> None:
    for column, name in enumerate(header):
        sheet.set_column(column, column, _WIDTHS.get(name, _USUAL_WIDTH))
        sheet.write_string(0, column, name, style.head)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(length, 1), len(header) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


def _write(sheet: Any, row: int, cells: Cells, formats: list[Any]) -> None:
    for column, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(row, column, cell, formats[column])
        elif cell:
            sheet.write_string(row, column, fitting(cell), formats[column])


def fitting(text: str) -> str:
    """The text, cut where one cell cannot hold it, and never one that the library takes for formatted text and writes as it is."""
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def _summary(sheet: Any, reconciliation: Reconciliation, facts: RunFacts, style: Style) -> None:
    preview = reconciliation.mode is Mode.PREVIEW
    title = "PREVIEW – nothing was changed" if preview else headline(reconciliation, facts)
    add_facts(sheet, title, _facts(reconciliation, facts), style)


def add_facts(sheet: Any, title: str, facts: Iterable[tuple[str, str | int]], style: Style) -> None:
    """A title, and below it names with what is to be told of each; numbers stay numbers."""
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 90)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, title, style.title)
    told = list(facts)
    safe = neutralised(pd.Series([str(value) for _, value in told], dtype="str"))
    for row, ((name, value), text) in enumerate(zip(told, safe, strict=True), start=2):
        cell = value if isinstance(value, int) else text
        _write(sheet, row, (name, cell), [style.strong, style.fact])


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
