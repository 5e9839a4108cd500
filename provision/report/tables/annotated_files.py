"""The roster handed back as a file: text as it came, or a workbook in which bad cells are marked."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from provision.errors import UsageError
from provision.findings import Finding, Level
from provision.report.columns import matching
from provision.report.tables.annotated import COLUMNS, Remarks, RowRemark, bad_cells
from provision.report.tables.book import OPTIONS, SHEET_LINES, fitting
from provision.report.tables.formulas import neutralised
from provision.roster.as_sent import SentFile
from provision.roster.reading import Reading

#: rows made safe and written at a time
_PIECE = 2_000
#: characters that a column is wide at most and at least, and rows by which that is told
_WIDEST, _NARROWEST, _LOOKED_AT = 40, 8, 1_000
_WIDTHS = dict(zip(COLUMNS, (20, 44, 44), strict=True))
#: a telephone number, or a number with a sign: nothing to run, and with an apostrophe it would be another one when it is sent again
_SIGNED = r"^[+\-][\d\s()./\-]*$"
_COLOURS = {Level.ERROR: "#F8CBAD", Level.WARNING: "#FFE699", Level.NOTE: "#DDEBF7"}


@dataclass(frozen=True, slots=True)
class Annotated:
    """A roster file as it was sent, how it was understood, and what is said of its rows."""

    sent: SentFile
    reading: Reading | None
    remarks: Remarks


@dataclass(frozen=True, slots=True)
class _Line:
    """A row to be written: its own cells, as many as the longest has, what is said of it, and the findings on its cells."""

    cells: Sequence[str]
    remark: RowRemark
    found: Sequence[Finding] = ()


def write_text(one: Annotated, path: Path) -> None:
    """The roster as text: UTF-8 with a byte order mark, which Excel needs to read accents right; its own delimiter; CRLF.

    A cell that a spreadsheet would run as a formula has an apostrophe before it.
    """
    one = _bare(one)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=one.sent.delimiter)
        writer.writerows(_safe([*one.sent.above, (*_padded(one.sent.header, one.sent.width), *COLUMNS)]))
        for some in _some(_lines(one)):
            writer.writerows(_safe([[*line.cells, *line.remark.cells] for line in some]))


def write_book(one: Annotated, path: Path) -> None:
    """The roster as a workbook of one sheet. All cells are text as it was understood; bad ones have a colour and a comment.

    Raises:
        UsageError: there are more rows than a sheet has.
        OSError: the file or its scratch files beside it cannot be written.
    """
    import xlsxwriter

    one = _bare(one)
    with (
        path.open("wb") as file,
        xlsxwriter.Workbook(file, {**OPTIONS, "tmpdir": str(path.parent)}) as book,
    ):
        sheet = book.add_worksheet(_sheet_name(one.sent))
        styles = _Styles.of(book)
        head = len(one.sent.above)
        header = (*_padded(one.sent.header, one.sent.width), *COLUMNS)
        widths = _Widths(header)
        for row, cells in enumerate(_safe(one.sent.above)):
            _write(sheet, row, cells, styles.cell)
        _write(sheet, head, header, styles.head)
        last = head
        for last, line in enumerate(_safe_lines(one), start=head + 1):
            _expect_room(last)
            _row(sheet, last, line, styles, one)
            widths.look(line.cells, last - head)
        _dress(sheet, head, last, header, widths)


def _bare(one: Annotated) -> Annotated:
    """The same without the columns of an earlier time, where a roster that was handed back was sent again."""
    sent = one.sent
    own = len(sent.header) - len(COLUMNS)
    if sent.header[own:] != COLUMNS or sent.width > len(sent.header):
        return one
    rows = ((line, cells[:own]) for line, cells in sent.rows)
    return replace(one, sent=replace(sent, header=sent.header[:own], width=own, rows=rows))


def _padded(cells: Sequence[str], width: int) -> list[str]:
    return [*cells, *[""] * (width - len(cells))]


def _lines(one: Annotated) -> Iterator[_Line]:
    found, width = one.remarks.found, one.sent.width
    for line, cells in one.sent.rows:
        yield _Line(_padded(cells, width), one.remarks.of(line, cells), found.get(line, ()))


def _some(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    while some := list(islice(lines, _PIECE)):
        yield some


def _safe_lines(one: Annotated) -> Iterator[_Line]:
    for some in _some(_lines(one)):
        safe = _safe([[*line.cells, *line.remark.cells] for line in some])
        for line, cells in zip(some, safe, strict=True):
            *own, result, reason, do = cells
            yield replace(line, cells=own, remark=RowRemark(result, reason, do, line.remark.level))


def _safe(rows: Iterable[Sequence[str]]) -> list[list[str]]:
    """The rows with an apostrophe before each cell that a spreadsheet would run."""
    whole = [list(row) for row in rows]
    flat = pd.Series([cell for row in whole for cell in row], dtype="str")
    safe = iter(flat.where(matching(flat, _SIGNED), neutralised(flat)))
    return [[next(safe) for _ in row] for row in whole]


@dataclass(frozen=True, slots=True)
class _Styles:
    """The cell formats of the sheet; ``bad`` and ``told`` by how grave it is."""

    head: Any
    cell: Any
    wrapped: Any
    bad: dict[Level, Any]
    told: dict[Level, Any]

    @classmethod
    def of(cls, book: Any) -> _Styles:
        text = {"num_format": "@", "valign": "top"}  # a cell that is corrected by hand stays text, too
        marked = {level: {**text, "bg_color": colour} for level, colour in _COLOURS.items()}
        return cls(
            head=book.add_format({"bold": True, "bottom": 1, "bg_color": "#E8EDF3", "valign": "vcenter"}),
            cell=book.add_format(text),
            wrapped=book.add_format({**text, "text_wrap": True}),
            bad={level: book.add_format({**style, "border": 1}) for level, style in marked.items()},
            told={level: book.add_format({**style, "bold": True}) for level, style in marked.items()},
        )


def _row(sheet: Any, row: int, line: _Line, styles: _Styles, one: Annotated) -> None:
    bad = bad_cells(one.sent.header, one.reading, line.found)
    for column, cell in enumerate(line.cells):
        if (found := bad.get(column)) is not None:
            _put(sheet, (row, column), cell, styles.bad[found.level])
            sheet.write_comment(row, column, fitting("\n".join(filter(None, (found.sentence, found.do)))))
        elif cell:
            sheet.write_string(row, column, fitting(cell), styles.cell)
    remark, width = line.remark, len(line.cells)
    told = styles.told[remark.level] if remark.level else styles.cell
    _put(sheet, (row, width), remark.result, told)
    for column, text in enumerate((remark.reason, remark.do), start=width + 1):
        _put(sheet, (row, column), text, styles.wrapped)


def _put(sheet: Any, place: tuple[int, int], text: str, style: Any) -> None:
    """A text, or a blank cell of that format."""
    if text:
        sheet.write_string(*place, fitting(text), style)
    else:
        sheet.write_blank(*place, None, style)


def _write(sheet: Any, row: int, cells: Sequence[str], style: Any) -> None:
    for column, cell in enumerate(cells):
        _put(sheet, (row, column), cell, style)


class _Widths:
    """How wide the columns have to be, by their first rows."""

    def __init__(self, header: Sequence[str]) -> None:
        self._widths = [len(each) + 3 for each in header]  # the filter's button takes some

    def look(self, cells: Sequence[str], number: int) -> None:
        """Take in the cells of a row, the how manieth it is."""
        if number <= _LOOKED_AT:
            for column, cell in enumerate(cells):
                self._widths[column] = max(self._widths[column], len(cell) + 1)

    def each(self) -> Iterator[int]:
        """The width of each column, in characters."""
        return (min(max(width, _NARROWEST), _WIDEST) for width in self._widths)


def _dress(sheet: Any, head: int, last: int, header: Sequence[str], widths: _Widths) -> None:
    for column, width in enumerate(widths.each()):
        behind = column - len(header) + len(COLUMNS)
        sheet.set_column(column, column, _WIDTHS[COLUMNS[behind]] if behind >= 0 else width)
    sheet.freeze_panes(head + 1, 0)
    sheet.autofilter(head, 0, max(last, head + 1), len(header) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)


def _sheet_name(sent: SentFile) -> str:
    """The sheet's own name, within what a workbook takes."""
    return re.sub(r"[\[\]:*?/\\]", " ", sent.sheet).strip("' ")[:31] or "Roster"


def _expect_room(row: int) -> None:
    if row > SHEET_LINES:
        raise UsageError(
            f"The roster has more rows than a sheet of a workbook takes ({SHEET_LINES:,}).",
            remedy="name a file that ends in .csv: provision report RUN --annotated FILE.csv",
        )
