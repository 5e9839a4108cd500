"""A workbook of short sheets and long ones: the library makes all but the lines of a table, which come a column at a time.

Of each table the library writes the sheet, its header and one line that shows the style of every column; in the place of that
line stand those of the table (:mod:`provision.report.tables.sheet_lines`). A million lines need no more memory than ten
thousand, and no call of the library a cell.
"""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pandas as pd

from provision.report.tables.formulas import neutralised
from provision.report.tables.sheet_lines import LONGEST_CELL, lines_of
from provision.report.tables.tables import pieces

#: lines under the header of one sheet (Excel's limit is 1,048,576 rows)
SHEET_LINES = 1_048_575

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
#: constant_memory puts the text of a cell into the cell; its scratch files may hold personal data, so they stay beside the workbook
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


#: the line that the library writes of a table, and what it says of the cells and of how far the sheet goes
_SHOWN_LINE = re.compile(rb'<row r="2"[^>]*>(.*?)</row>', re.DOTALL)
_SHOWN_CELL = re.compile(rb'<c r="([A-Z]+)2" s="([0-9]+)"')
_EXTENT = re.compile(rb'(<dimension ref="A1:[A-Z]+)2"')
_SHOWN = "x"


@dataclass(frozen=True, slots=True)
class _Style:
    """The cell formats of a workbook."""

    head: Any
    cell: Any
    wrapped: Any
    title: Any
    strong: Any
    fact: Any

    @classmethod
    def of(cls, book: Any) -> _Style:
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


class WorkbookFile:
    """A workbook in the making. Text is always text: no cell becomes a formula, a link or a number.

    Until it is written, it keeps scratch files in the folder ``beside``.
    """

    def __init__(self, beside: Path) -> None:
        import xlsxwriter

        self._made = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._made, {**OPTIONS, "tmpdir": str(beside)})
        self._style = _Style.of(self._book)
        self._lines: dict[str, pd.DataFrame] = {}

    def add_facts(self, name: str, title: str, facts: Iterable[tuple[str, str | int]]) -> None:
        """A sheet with a title, and below it names with what is to be told of each; numbers stay numbers."""
        sheet, style = self._book.add_worksheet(name), self._style
        sheet.set_column(0, 0, 26)
        sheet.set_column(1, 1, 90)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, title, style.title)
        told = list(facts)
        safe = neutralised(pd.Series([str(value) for _, value in told], dtype="str"))
        for row, ((about, value), text) in enumerate(zip(told, safe, strict=True), start=2):
            if about:
                sheet.write_string(row, 0, fitting(about), style.strong)
            if isinstance(value, int):
                sheet.write_number(row, 1, value, style.fact)
            elif text:
                sheet.write_string(row, 1, fitting(text), style.fact)

    def add_table(self, name: str, table: pd.DataFrame) -> None:
        """Put the table on a sheet, or on as many as Excel needs for it: columns are text, "" for none, or NUMBERS."""
        for number, start in enumerate(range(0, max(len(table), 1), SHEET_LINES), start=1):
            sheet = self._book.add_worksheet(name if number == 1 else f"{name} {number}")
            lines = table.iloc[start : start + SHEET_LINES]
            self._dress(sheet, lines)
            self._lines[f"xl/worksheets/sheet{len(self._book.worksheets())}.xml"] = lines

    def write(self, path: Path) -> None:
        """The file. Raises OSError if it, or a scratch file beside it, cannot be written."""
        self._book.close()
        with zipfile.ZipFile(self._made) as made, zipfile.ZipFile(path, "w") as file:
            for each in made.infolist():
                part = made.read(each)
                if each.filename not in self._lines:
                    file.writestr(each, part)
                    continue
                with tempfile.TemporaryFile(dir=path.parent) as scratch:
                    _write_sheet(part, self._lines[each.filename], scratch)
                    _put(file, each, scratch)

    def _dress(self, sheet: Any, lines: pd.DataFrame) -> None:
        style = self._style
        for column, name in enumerate(map(str, lines.columns)):
            sheet.set_column(column, column, _WIDTHS.get(name, _USUAL_WIDTH))
            sheet.write_string(0, column, name, style.head)
        # behind the whole header, since the library keeps one line at a time
        for column, name in enumerate(map(str, lines.columns)):
            sheet.write_string(1, column, _SHOWN, style.wrapped if name in _WRAPPED else style.cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(lines), 1), len(lines.columns) - 1)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)


def _write_sheet(part: bytes, lines: pd.DataFrame, file: IO[bytes]) -> None:
    """A sheet as the library made it, with these lines in the place of the one that it shows."""
    above, shown, below = _SHOWN_LINE.split(part)
    styles = tuple((letters.decode(), style.decode()) for letters, style in _SHOWN_CELL.findall(shown))
    file.write(_EXTENT.sub(rb'\g<1>%d"' % (len(lines) + 1), above))
    first = 2
    for piece in pieces(lines):
        file.write(lines_of(piece, styles, first))
        first += len(piece)
    file.write(below)


def _put(book: zipfile.ZipFile, entry: zipfile.ZipInfo, content: IO[bytes]) -> None:
    """Put what was written so far into the archive, which is told its size beforehand: a plain one takes 2 GB a part."""
    entry.file_size = content.tell()
    content.seek(0)
    with book.open(entry, "w") as part:
        shutil.copyfileobj(content, part, 1 << 20)


def fitting(text: str) -> str:
    """The text, cut where one cell cannot hold it, and never one that the library takes for formatted text and writes as it is."""
    text = text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
