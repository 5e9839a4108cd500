"""The lines of a workbook are made without its library, and are what the library itself would have written."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from provision.model import SOURCE_LINES
from provision.report.tables import tables
from provision.report.tables.book import OPTIONS, WorkbookFile
from provision.report.tables.formulas import neutralised
from tests.examples import examples

#: any text at all, and more often what a workbook has to write otherwise
TEXTS = st.lists(
    st.one_of(
        st.text(max_size=6),
        st.text(st.sampled_from(" \t\n\r\0\x1f&<>\"'_x0041aé😀\ufffe\uffff=;"), max_size=9),
        st.sampled_from(["_x000D_", "_x00e9_x", "x" * 32_767, "é" * 32_768, "]]>", "&amp;"]),
    ).filter(lambda text: not text.startswith("<r>")),
    max_size=7,
)


def of(texts: Iterable[str], numbers: Iterable[int]) -> pd.DataFrame:
    table = pd.DataFrame({"line": list(numbers), "name": list(texts), "attempts": list(numbers)})
    table["reason"] = table["name"].iloc[::-1].to_numpy()
    return table.astype({"line": "int64", "name": "str", "attempts": "int64", "reason": "str"})


def sheet_in(file: Path | io.BytesIO) -> bytes:
    with zipfile.ZipFile(file) as book:
        return book.read("xl/worksheets/sheet1.xml")


def rows_of(sheet: bytes) -> list[bytes]:
    """The rows under the header, but for the numbers of styles, and for what keeps blanks that are none for XML.

    A line of empty cells is written or left out: a spreadsheet shows the same.
    """
    rows = re.findall(rb"<row.*?</row>", sheet, re.DOTALL)[1:]
    return [re.sub(rb' s="[0-9]+"| xml:space="preserve"', b"", row) for row in rows if b"<c" in row]


def by_the_library(table: pd.DataFrame) -> list[bytes]:
    file = io.BytesIO()
    shown = (
        table["line"] % SOURCE_LINES,
        neutralised(table["name"]),
        table["attempts"],
        neutralised(table["reason"]),
    )
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, table.columns)
        for row, (line, name, attempts, reason) in enumerate(zip(*shown, strict=True), start=1):
            if line:
                sheet.write_number(row, 0, line)
            if name:
                sheet.write_string(row, 1, name if len(name) <= 32_767 else name[:32_766] + "…")
            sheet.write_number(row, 2, attempts)
            if reason:
                sheet.write_string(row, 3, reason if len(reason) <= 32_767 else reason[:32_766] + "…")
    return rows_of(sheet_in(file))


def written(table: pd.DataFrame, folder: Path) -> Path:
    book = WorkbookFile(folder)
    book.add_table("Everybody", table)
    book.write(folder / "book.xlsx")
    return folder / "book.xlsx"


@examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS, number=st.integers(0, 3 * SOURCE_LINES))
def test_each_line_is_byte_for_byte_what_the_library_makes_of_it(
    texts: list[str], number: int, tmp_path: Path
) -> None:
    table = of(texts, [number + at if at % 2 else 0 for at in range(len(texts))])

    assert rows_of(sheet_in(written(table, tmp_path))) == by_the_library(table)


def test_blanks_at_the_edge_of_a_cell_are_kept(tmp_path: Path) -> None:
    path = written(of([" a", "b ", "c\n", "d"], [0] * 4), tmp_path)

    assert [cell.value for cell in openpyxl.load_workbook(path)["Everybody"]["B"][1:]] == [
        " a",
        "b ",
        "c\n",
        "d",
    ]
    assert sheet_in(path).count(b"preserve") == 6


def test_lines_go_on_from_piece_to_piece_and_each_column_has_its_style(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "PIECE", 3)
    table = of([f"P{at}" for at in range(8)], range(2, 10))

    sheet = openpyxl.load_workbook(written(table, tmp_path))["Everybody"]

    assert [cell.value for cell in sheet["B"]] == ["name", *table["name"]]
    assert (sheet.dimensions, sheet.auto_filter.ref, sheet.print_title_rows) == ("A1:D9", "A1:D9", "$1:$1")
    wrapped = [[cell.alignment.wrap_text for cell in row] for row in sheet["A2:D9"]]
    assert wrapped == [[None, None, None, True]] * 8


def test_a_table_of_nobody_is_its_header(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(written(of([], []), tmp_path))["Everybody"]

    assert [list(row) for row in sheet.values] == [["line", "name", "attempts", "reason"]]


def test_nothing_of_it_is_left_beside_the_workbook(tmp_path: Path) -> None:
    written(of(["a"], [1]), tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["book.xlsx"]
