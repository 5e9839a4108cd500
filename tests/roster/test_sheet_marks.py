"""What a sheet shows and its cells do not say: formulas that were never calculated, merged cells, hidden rows."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest

HEADER = ["external_id", "login", "name", "end_date", "tracking_codes.Team"]


def made(change, name="Staff"):
    """A workbook of three people as a program writes it, changed."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = name
    for row in (HEADER, *([str(n), f"p{n}@x.example", f"P {n}", None, "Sales"] for n in (1, 2, 3))):
        sheet.append(row)
    change(sheet)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def rewritten(content, pattern, by):
    """The workbook with other XML in its sheet."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, re.sub(pattern, by, data) if "sheet1" in name else data)
    return stream.getvalue()


def formula(sheet):
    sheet["D3"] = '=IF(A3="2",DATE(2024,1,31),"")'


NO_RESULT = {
    "an empty result": (rb"", rb""),
    "none at all": (rb"<v ?/>", rb""),
    "a shared formula": (rb"<f>[^<]*</f><v ?/>", rb'<f t="shared" si="0"/>'),
    "a text without a result": (rb'(<c r="D3")[^>]*>(<f>[^<]*</f>)<v ?/>', rb'\1 t="str">\2'),
}


@pytest.mark.parametrize("case", NO_RESULT)
def test_a_formula_that_was_never_calculated_is_an_error_of_its_row(read, case):
    roster = read(rewritten(made(formula), *NO_RESULT[case]), "staff.xlsx")

    assert [(error.line, error.column) for error in roster.errors] == [(3, "end_date")]
    assert roster.errors[0].reason.startswith("the formula here was never calculated; open the workbook")


def test_a_formula_whose_result_is_no_text_is_an_empty_cell(read):
    empty = rewritten(made(formula), rb'(<c r="D3")[^>]*>(<f>[^<]*</f>)<v ?/>', rb'\1 t="str">\2<v></v>')

    assert read(empty, "staff.xlsx").errors == ()


def test_a_formula_without_a_result_in_a_part_of_a_name_is_an_error(read):
    content = made(lambda sheet: sheet.__setitem__("C3", "=UPPER(B3)"))
    roster = read(content, "staff.xlsx", columns={"{name} {tracking_codes.Team}": "name"})

    assert [(error.line, error.field) for error in roster.errors] == [(3, "name")]


def test_merged_cells_of_a_column_that_is_read_and_hidden_rows_are_told(read):
    def change(sheet):
        sheet.merge_cells("E2:E3")
        sheet.merge_cells("A1:A1")
        sheet.row_dimensions[4].hidden = True

    roster = read(made(change), "staff.xlsx")

    assert [(each.code, each.sheet, each.row, each.column) for each in roster.findings] == [
        ("merged_cells", "Staff", 0, "tracking_codes.Team"),
        ("hidden_rows", "Staff", 4, ""),
    ]
    assert "(as E2:E3)" in roster.findings[0].sentence
    assert roster.findings[1].sentence.startswith("1 of 3 rows is hidden in the sheet")


def test_a_hidden_column_that_is_read_is_told(read):
    def change(sheet):
        for letter in "AD":
            sheet.column_dimensions[letter].hidden = True

    content = made(change)

    found = read(content, "staff.xlsx").findings
    assert [(each.code, each.sheet, each.column) for each in found] == [
        ("hidden_columns", "Staff", "external_id"),
        ("hidden_columns", "Staff", "end_date"),
    ]
    assert found[1].do.endswith("roster.columns: {end_date: ignore}")
    ignored = {"end_date": "ignore", "external_id": "ignore"}
    assert read(content, "staff.xlsx", columns=ignored).findings == ()


@pytest.mark.parametrize(
    ("cells", "told"), [("B3:C3", ["name"]), ("E3:F3", []), ("E3:F4", ["tracking_codes.Team"])]
)
def test_cells_merged_side_by_side_lack_the_value_but_in_the_first_of_them(read, cells, told):
    roster = read(made(lambda sheet: sheet.merge_cells(cells)), "staff.xlsx")

    assert [each.column for each in roster.findings if each.code == "merged_cells"] == told


def test_what_is_merged_beside_the_table_is_of_no_interest(read):
    content = made(lambda sheet: sheet.merge_cells("E2:E3"))

    assert read(content, "staff.xlsx", columns={"tracking_codes.Team": "ignore"}).findings == ()
