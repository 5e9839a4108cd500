"""What a sheet shows and its cells do not say: formulas that were never calculated, merged cells, hidden rows."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest

from provision.sheets.ods_marks import marks_of_ods

from .bombs import ods_frame

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


SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
NOT_AVAILABLE = (
    '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" '
    'calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
)


def cell(text, more=""):
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def line(*cells, more=""):
    return f"<table:table-row {more}>{''.join(cells)}</table:table-row>"


def person(number, *, ends="<table:table-cell/>", team=None, more=""):
    keys = (cell(number), cell(f"p{number}@x.example"), cell(f"P {number}"))
    return line(*keys, ends, cell("Sales") if team is None else team, more=more)


def ods(*rows, columns="", before=""):
    """An .ods of a sheet Staff, as LibreOffice writes one; ``before`` are sheets in front of it."""
    head = line(*map(cell, HEADER))
    sheet = f'<table:table table:name="Staff">{columns}{head}{"".join(rows)}</table:table>'
    body = f"<office:body><office:spreadsheet>{before}{sheet}</office:spreadsheet></office:body>"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        ods_frame(archive)
        archive.writestr(
            "content.xml", f"<office:document-content {SPACES} {CALC}>{body}</office:document-content>"
        )
    return stream.getvalue()


def test_what_an_ods_sheet_does_not_show_is_told_like_that_of_an_xlsx(read):
    hidden = 'table:visibility="{}"'
    merged = cell("Sales", 'table:number-rows-spanned="2" table:number-columns-spanned="1"')
    other = f'<table:table table:name="Notes">{line(cell("x"), more=hidden.format("collapse"))}</table:table>'
    blanks = f'<table:table-row table:number-rows-repeated="2" {hidden.format("filter")}><table:table-cell/></table:table-row>'
    content = ods(
        person(1),
        person(2, team=merged),
        person(3, team="<table:covered-table-cell/>"),
        person(4, more=hidden.format("filter")),
        blanks,
        person(5, more=hidden.format("collapse")),
        columns=f'<table:table-column table:number-columns-repeated="2"/><table:table-column {hidden.format("collapse")}/>',
        before=other,
    )

    roster = read(content, "staff.ods", sheet="Staff")

    assert [(each.code, each.sheet, each.row, each.column) for each in roster.findings] == [
        ("merged_cells", "Staff", 0, "tracking_codes.Team"),
        ("hidden_columns", "Staff", 0, "name"),
        ("hidden_rows", "Staff", 5, ""),
    ]
    assert "(as E3:E4)" in roster.findings[0].sentence
    assert roster.findings[2].sentence.startswith("2 of 5 rows are hidden in the sheet")


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ('<table:table-cell table:formula="of:=DATE(2024;1;31)"/>', "was never calculated"),
        (NOT_AVAILABLE, "failed"),
    ],
)
def test_a_formula_of_an_ods_without_a_value_is_an_error_of_its_row(read, ends, told):
    roster = read(ods(person(1), person(2, ends=ends)), "staff.ods")

    assert [(error.line, error.column) for error in roster.errors] == [(3, "end_date")]
    assert told in roster.errors[0].reason


def test_marks_that_an_ods_repeats_without_end_take_no_memory():
    far = 'table:number-rows-repeated="1000000000"'
    failed = '<table:table-cell table:number-columns-repeated="10000" table:formula="of:=NA()"/>'
    content = ods(person(1), f"<table:table-row {far}>{failed * 100}</table:table-row>" * 100)

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len(marks_of_ods(archive, "Staff").uncalculated) <= 1_000_000
