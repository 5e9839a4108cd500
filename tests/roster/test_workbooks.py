"""Workbooks: sheets, titles above the header, numbers and dates as cells, ids that became numbers, damaged files."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from provision.errors import RosterError
from tests.examples import examples

HEADER = ["external_id", "login", "name"]
ADA = ["007", "a@x.example", "Ada"]
BO = ["008", "b@x.example", "Bo"]


def test_the_sheet_with_a_known_header_and_rows_is_read_and_rows_count_as_in_the_sheet(read, workbook):
    content = workbook(
        Cover=[["Staff list"], ["as of today"]],
        Template=[HEADER, []],
        Staff=[["All staff, confidential"], [], HEADER, ADA, [], BO],
    )
    roster = read(content, "staff.xlsx")

    assert roster.sheet == "Staff"
    assert roster.frame[["line", *HEADER]].to_numpy().tolist() == [[4, *ADA], [6, *BO]]


def test_several_sheets_that_read_like_a_roster_are_listed_unless_the_job_names_one(read, workbook):
    content = workbook(Leavers=[HEADER, ADA], Notes=[["x"]], Staff=[HEADER, BO])
    with pytest.raises(RosterError) as refused:
        read(content, "staff.xlsx")

    assert (
        refused.value.what == 'staff.xlsx has 2 sheets that read like a roster: "Leavers", "Staff".'
        and "roster: sheet" in str(refused.value)
    )
    assert read(content, "staff.xlsx", sheet="Staff").frame["name"].tolist() == ["Bo"]


def test_the_job_may_name_the_sheet_and_the_header_row(read, workbook):
    content = workbook(Staff=[HEADER, ADA], Old=[HEADER, ["x", "y", "z"], HEADER, BO])
    roster = read(content, "staff.xlsx", sheet="old", header_row=3)

    assert (roster.sheet, roster.frame["name"].tolist()) == ("Old", ["Bo"])


def test_a_sheet_that_is_not_there_is_refused_with_those_that_are(read, workbook):
    with pytest.raises(RosterError) as refused:
        read(workbook(Notes=[["x"]], Pivot=[["y"]]), "staff.xlsx", sheet="Staff")

    assert refused.value.what == 'staff.xlsx has no sheet "Staff"; it has "Notes", "Pivot".'


def test_cells_of_every_type_become_text(read, workbook):
    header = ["login", "name", "job_title", "phone", "is_sync_enabled", "start_date", "space_amount"]
    cells = ["a@x.example", 7, 1.5, 493055501, True, dt.date(2026, 1, 5), 10737418240]
    roster = read(workbook(Staff=[header, cells]), "staff.xlsx")

    assert roster.frame[header].loc[0].tolist() == [
        "a@x.example", "7", "1.5", "493055501", "true", "2026-01-05", "10737418240",
    ]  # fmt: skip


#: a cell, and what it reads as
CELLS = (
    ("NA", "NA"), ("None", ""), ("null", ""), ("#N/A n/a", "#N/A n/a"), ("00123", "00123"), ("1E+10", "1E+10"),
    ("Zoë", "Zoë"), ("TRUE", "TRUE"), (None, ""), (123, "123"), (10_000_000_000, "10000000000"), (10**15, "1000000000000000.0"),
    (0.1, "0.1"), (12.0000000001, "12.0000000001"), (-5, "-5"), (1e-7, "1e-07"), (True, "true"), (False, "false"),
    (dt.date(2026, 1, 5), "2026-01-05"), (dt.time(6, 7), "06:07:00"),
    (dt.datetime(2026, 1, 5, 6, 7, 8), "2026-01-05 06:07:08"),  # noqa: DTZ001 - a cell has no zone
)  # fmt: skip


@examples(40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(CELLS), min_size=1, max_size=12))
def test_what_a_cell_reads_as_does_not_depend_on_the_cells_around_it(read, workbook, column):
    rows = [[f"p{row}@x.example", "N", cell] for row, (cell, _) in enumerate(column)]
    roster = read(workbook(Staff=[["login", "name", "job_title"], *rows]), "staff.xlsx")

    assert roster.frame["job_title"].tolist() == [text for _, text in column]


def test_a_workbook_with_macros_is_read_like_one_without(read, workbook):
    assert read(workbook(Staff=[HEADER, ADA]), "staff.xlsm").frame["name"].tolist() == ["Ada"]


def test_a_hidden_column_is_read_like_any_other(read):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("Staff")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ADA)
        sheet.set_column(0, 0, None, None, {"hidden": True})
    roster = read(stream.getvalue(), "staff.xlsx")

    assert roster.frame["external_id"].tolist() == ["007"]


ROUNDED = "the workbook stores this id as a number that is not whole or has over 10 digits; format the column as text and enter the ids again"
ZEROS = "the workbook stores this id as a number and others as text, so leading zeros may be lost; format the column as text and enter the ids again"
BESIDE = "the workbook stores the ids of this column as numbers, and some of them are rounded; format the column as text and enter the ids again"
NUMBER_KEYS = {
    "all numbers": ([1, 423, 10423], {}),
    "numbers beside texts of the same length": ([10423, "10424"], {}),
    "a number beside a text with a leading zero": ([10423, "00424"], {2: ZEROS}),
    "a number beside a text of another length": ([423, "10424"], {2: ZEROS}),
    "a number beside texts of several lengths": ([423, "424", "10424"], {2: ZEROS}),
    "a number of eleven digits, and another": ([12000000417, 419], {2: ROUNDED, 3: BESIDE}),
    "a number with decimals": ([10.5, "10424"], {2: ROUNDED}),
    "a negative number": ([-5], {2: ROUNDED}),
}


@pytest.mark.parametrize("case", NUMBER_KEYS)
def test_an_id_stored_as_a_number_is_a_row_error_where_something_may_be_lost(read, workbook, case):
    keys, errors = NUMBER_KEYS[case]
    rows = [[key, f"p{number}@x.example", "N"] for number, key in enumerate(keys)]
    roster = read(workbook(Staff=[HEADER, *rows]), "staff.xlsx")

    assert {error.line: error.reason for error in roster.errors} == errors
    assert roster.frame["external_id"].tolist() == [
        str(key) for line, key in enumerate(keys, 2) if line not in errors
    ]


def test_an_id_that_may_be_another_is_not_kept_as_the_key_of_a_rejected_row(read, workbook):
    roster = read(workbook(Staff=[HEADER, [12000000417, "a@x.example", "Ada"]]), "staff.xlsx")

    assert roster.rejected[["external_id", "login"]].to_numpy().tolist() == [["", "a@x.example"]]


def test_one_id_stored_as_a_number_below_many_texts_is_found(read, workbook):
    rows = [
        [f"{number:05}" if number != 999 else number, f"p{number}@x.example", "N"] for number in range(1_200)
    ]
    roster = read(workbook(Staff=[HEADER, *rows]), "staff.xlsx")

    assert [(error.line, error.reason) for error in roster.errors] == [(1_001, ZEROS)]


def test_numbers_in_a_column_that_a_template_uses_are_looked_at_as_well(read, workbook):
    content = workbook(Clients=[["No", "name"], [12000000417, "Ada"]])
    roster = read(content, "clients.xlsx", kind="app", columns={"client-{No}": "external_id"})

    assert [error.reason for error in roster.errors] == [ROUNDED]


def test_ids_stored_as_numbers_are_named_in_the_notes(read, workbook):
    roster = read(workbook(Staff=[HEADER, [10423, "a@x.example", "Ada"]]), "staff.xlsx")

    assert "the external ids of the workbook are stored as numbers" in " ".join(roster.notes)


def test_a_cell_with_a_failed_formula_is_a_row_error(read):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        book.add_worksheet("Cover & notes").write(0, 0, "x")
        sheet = book.add_worksheet("Staff <all>")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ADA)
        sheet.write_formula(1, 2, "=VLOOKUP(A2,Z:Z,1,0)", None, "#N/A")
        sheet.write_row(2, 0, BO)
    roster = read(stream.getvalue(), "staff.xlsx")

    assert [(error.line, error.column, error.reason) for error in roster.errors] == [
        (2, "name", "a formula in the spreadsheet failed here (as #N/A or #REF!)")
    ]


def with_an_error(*, row, left=0, rows=2, notes=""):
    """A sheet whose table begins in the column ``left``; in one row the name is an error."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"constant_memory": True}) as book:  # text stands in the sheet itself
        sheet = book.add_worksheet("Staff")
        sheet.write_row(0, left, [*HEADER, "Notes"])
        for place in range(1, rows + 1):
            sheet.write_row(place, left, [f"{place:04}", f"p{place}@x.example", "N", notes])
            if place == row:
                sheet.write_formula(place, left + 2, "=NA()", None, "#N/A")
    return stream.getvalue()


@pytest.mark.parametrize("left", [0, 1, 27])
def test_a_failed_formula_is_told_in_its_own_column_wherever_the_table_begins(read, left):
    roster = read(with_an_error(row=2, left=left), "staff.xlsx")

    assert [(error.line, error.column) for error in roster.errors] == [(3, "name")]


def test_a_failed_formula_far_down_is_told_with_its_row(read):
    roster = read(with_an_error(row=2_345, rows=2_500, notes="x" * 2_000), "staff.xlsx")

    assert [(error.line, error.column) for error in roster.errors] == [(2_346, "name")]


def test_a_failed_formula_is_found_however_its_cell_is_laid_out(read):
    def spread(_, part):
        return part.replace(b'<c r="C3"', b"<c" + b" " * 6_000_000 + b'r="C3"')

    roster = read(changed(with_an_error(row=2), spread), "staff.xlsx")

    assert [(error.line, error.column) for error in roster.errors] == [(3, "name")]


def test_a_failed_formula_above_the_header_is_no_error(read):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("Staff")
        sheet.write_formula(0, 0, "=NA()", None, "#N/A")
        sheet.write_row(1, 0, HEADER)
        sheet.write_row(2, 0, ADA)
    roster = read(stream.getvalue(), "staff.xlsx")

    assert (len(roster.frame), roster.errors) == (1, ())


def test_a_failed_formula_without_a_result_below_the_last_row_is_no_error(read):
    def add(name, part):
        if name != "xl/worksheets/sheet1.xml":
            return part
        return part.replace(b"</sheetData>", b'<row r="9"><c r="B9" t="e"></c></row></sheetData>')

    roster = read(changed(with_an_error(row=2), add), "staff.xlsx")

    assert [(error.line, error.column) for error in roster.errors] == [(3, "name")]


def test_the_result_of_a_formula_is_read(read):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet("Staff")
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ADA)
        sheet.write_formula(1, 1, '=LOWER("A@X.EXAMPLE")', None, "a@x.example")
    roster = read(stream.getvalue(), "staff.xlsx")

    assert roster.frame["login"].tolist() == ["a@x.example"]


def test_a_sheet_of_many_rows_is_read_whole_and_in_order(read, workbook):
    rows = [[f"{number:06}", f"p{number}@x.example", "N"] for number in range(20_001)]
    roster = read(workbook(Staff=[HEADER, *rows]), "staff.xlsx")

    assert roster.frame["external_id"].tolist() == [row[0] for row in rows]
    assert roster.frame["line"].tolist() == list(range(2, 20_003))


def cut(content):
    return content[: len(content) // 2]


def without_a_part(content):
    return changed(content, lambda name, part: None if name == "xl/worksheets/sheet1.xml" else part)


def changed(content, change):
    """The workbook with each part as ``change`` gives it; None leaves it out."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
    return stream.getvalue()


BROKEN = {
    "cut in the middle": (cut, "staff.xlsx is a damaged workbook: it cannot be opened."),
    "a part missing": (without_a_part, "staff.xlsx is a damaged workbook: it cannot be opened."),
    "text renamed": (lambda _: b"login,name\n", "staff.xlsx is not a workbook, although its name says so."),
    "web page renamed": (
        lambda _: b"\xef\xbb\xbf\r\n<html><table><tr><td>login</td></tr></table></html>",
        "staff.xlsx is a web page, not a workbook, although its name says so.",
    ),
    "web archive renamed": (
        lambda _: b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n",
        "staff.xlsx is a web page, not a workbook, although its name says so.",
    ),
    "encrypted": (
        lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        "staff.xlsx is protected by a password.",
    ),
    "an old workbook that is none": (
        lambda _: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "staff.xlsx is a damaged workbook: it cannot be opened.",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_workbook_that_cannot_be_read_is_refused(read, workbook, case):
    damage, message = BROKEN[case]

    with pytest.raises(RosterError) as refused:
        read(damage(workbook(Staff=[HEADER, ADA])), "staff.xlsx")

    assert refused.value.what == message


@pytest.mark.parametrize(
    ("rows", "settings", "message"),
    [
        ([HEADER], {}, 'staff.xlsx, sheet "Staff" (header in row 1) has a header and not one row.'),
        ([], {}, 'staff.xlsx has no header: no sheet has text there ("Staff").'),
        (
            [HEADER, ADA],
            {"header_row": 9},
            'staff.xlsx has no header in row 9: no sheet has text there ("Staff").',
        ),
    ],
)
def test_a_sheet_without_rows_is_refused(read, workbook, rows, settings, message):
    with pytest.raises(RosterError) as refused:
        read(workbook(Staff=rows), "staff.xlsx", **settings)

    assert refused.value.what == message
