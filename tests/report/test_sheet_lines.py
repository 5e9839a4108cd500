"""Lines of a workbook are the bytes that the library writes of the same cells."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from provision.report.tables.sheet_lines import write_lines
from provision.report.tables.workbook import OPTIONS

#: what has another form in the file, is too long for one cell, is none, or is a number
CELLS = (
    "a", "Zoë", "", None, 0, 7, 123_456_789_012, "&<b>\"'", "a\nb", "a\r", "_x0007_", "_x", "\x07", "\x0b", " x", "x\t", "\u2028", "\ufffe", "\uffff",
    "\x7f", "y" * 32_767, "\U0001f600" * 16_383 + "ab",
)  # fmt: skip


def written(path: Path, lines: Sequence[tuple[str | int | None, ...]], *, singly: bool) -> dict[str, bytes]:
    """The sheets of a workbook with these lines, and an empty sheet behind."""
    book = xlsxwriter.Workbook(str(path), OPTIONS)
    formats = [book.add_format({"bold": True}), book.add_format({"text_wrap": True})]
    sheet = book.add_worksheet()
    for column, name in enumerate(("one", "two")):
        sheet.write_string(0, column, name)
    if not singly:
        write_lines(sheet, iter(lines), formats)
    for row, cells in enumerate(lines if singly else (), start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(row, column, cell, formats[column])
            elif cell:
                sheet.write_string(row, column, cell, formats[column])
    book.add_worksheet().write_string(0, 0, "behind")
    book.close()
    with zipfile.ZipFile(path) as pack:
        return {name: pack.read(name) for name in pack.namelist() if name.startswith("xl/")}


@pytest.mark.parametrize("number", [1, len(CELLS)])
def test_each_cell_is_what_the_library_makes_of_it(tmp_path: Path, number: int) -> None:
    lines = list(zip(CELLS[:number], CELLS[::-1][:number], strict=True))

    assert written(tmp_path / "ours.xlsx", lines, singly=False) == written(
        tmp_path / "theirs.xlsx", lines, singly=True
    )
