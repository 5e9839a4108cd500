"""Every file of sample_data/broken: what a person is told about it, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provision.errors import RosterError
from provision.job.settings import RosterSettings
from provision.roster import format_row_errors, read_roster

BROKEN = Path(__file__).parents[2] / "sample_data" / "broken"
SETTINGS = {"bad_action.csv": {"authority": "partial"}, "wrong_sheet.xlsx": {"sheet": "Employees"}}

#: files that are refused whole
REFUSED = {
    "corrupt.xlsx": "corrupt.xlsx is a damaged workbook: it cannot be opened.",
    "duplicate_header.csv": 'duplicate_header.csv (header in row 1) has the column "name" twice (columns 3 and 4).',
    "header_only.csv": "header_only.csv has a header (line 1) and not one row.",
    "html_instead_of_csv.csv": "html_instead_of_csv.csv, line 1 begins with <: it is a web page or XML, not CSV.",
    "missing_login_column.csv": "missing_login_column.csv (header in row 1) has no column for the login (the e-mail "
    'address a managed user signs in with); its headers are: "external_id", "name".',
    "no_header_known.csv": "no_header_known.csv (header in row 1) has no column for the login (the e-mail address a "
    'managed user signs in with); its headers are: "Spalte1", "Spalte2", "Spalte3".',
    "not_utf8_binary_junk.csv": "not_utf8_binary_junk.csv is not a text file: 192 of its first 2,048 bytes are control "
    "characters.",
    "nul_byte.csv": "nul_byte.csv, line 4: a NUL byte (1 in the file).",
    "password_protected.xlsx": "password_protected.xlsx is protected by a password.",
    "semicolons_and_commas_mixed.csv": 'semicolons_and_commas_mixed.csv, line 3: cells are separated by ";", in the '
    'header by ",".',
    "truncated_last_line.csv": "truncated_last_line.csv, line 5: the file seems cut off; its last line has 2 of 3 cells "
    "and no line end.",
    "unclosed_quote.csv": "unclosed_quote.csv, line 4: a quotation mark opens a cell and is not closed where the cell "
    "ends.",
    "wrong_sheet.xlsx": 'wrong_sheet.xlsx has no sheet "Employees"; it has "Notes", "Pivot".',
    "xlsx_renamed_csv.csv": "xlsx_renamed_csv.csv is a zip archive or Excel workbook, not a text file.",
    "zero_bytes.csv": "zero_bytes.csv is empty: zero bytes.",
}

#: files with single bad rows
ROW_ERRORS = {
    "ambiguous_date.csv": [
        'row 4, column "end_date": day and month cannot be told apart in this column; write YYYY-MM-DD'
    ],
    "app_user_with_role.csv": ['row 3, column "role": an app user cannot have role; leave the cell empty'],
    "app_user_without_external_id.csv": [
        'row 3, column "external_id": the external_id is empty; an app user is found by it'
    ],
    "bad_action.csv": [
        'row 4, column "action": "obliterate" is no action; known are upsert, deactivate, delete, ignore'
    ],
    "bad_boolean.csv": [
        'row 4, column "is_sync_enabled": "perhaps" is neither yes nor no; write true or false'
    ],
    "bad_date.csv": ['row 4, column "end_date": no such day in the calendar; write YYYY-MM-DD'],
    "bad_space_amount.csv": [
        'row 4, column "space_amount": not a size; write bytes, a number with a unit as 10 GB, or unlimited'
    ],
    "duplicate_external_id.csv": [
        'row 3, column "external_id": the same external_id is in row 4',
        'row 4, column "external_id": the same external_id is in row 3',
    ],
    "duplicate_login.csv": [
        'row 3, column "login": the same login is in row 4',
        'row 4, column "login": the same login is in row 3',
    ],
    "line_of_totals.csv": [
        'row 4, column "login": reads like a line of totals, not a person; remove it from the export'
    ],
    "login_no_email.csv": [
        'row 4, column "login": "cy.exemple(at)acme.example" is no e-mail address: there is no @ in it'
    ],
    "mojibake.csv": [
        'row 4, column "name": UTF-8 was read as Windows-1252 on the way (as Ã© for é); export it again as UTF-8'
    ],
    "name_missing.csv": [],
    "name_too_long.csv": ['row 4, column "name": 51 characters; Box takes 50'],
    "no_date.csv": [
        (
            'row 4, column "end_date": a day before 1970; usual cause: "no date" of another system, as 1900-01-01 or '
            "0001-01-01; leave the cell empty"
        )
    ],
    "number_as_id.xlsx": [
        (
            'sheet "Employees", row 2, column "external_id": the workbook stores this id as a number that is not whole or '
            "has over 10 digits; format the column as text and enter the ids again"
        ),
        (
            'sheet "Employees", row 3, column "external_id": the workbook stores this id as a number that is not whole or '
            "has over 10 digits; format the column as text and enter the ids again"
        ),
        (
            'sheet "Employees", row 4, column "external_id": the workbook stores the ids of this column as numbers, and some '
            "of them are rounded; format the column as text and enter the ids again"
        ),
    ],
    "row_too_long.csv": [
        'row 4: the row has 5 cells instead of 4; a cell with "," in it is not in quotation marks'
    ],
    "row_too_short.csv": ["row 4: the row has 2 of 3 cells; a delimiter or the end of the row is missing"],
    "tracking_code_on_app_user.csv": [
        'row 3, column "tracking_codes.department": an app user cannot have tracking_codes.department; leave the cell empty'
    ],
    "two_rows_one_account.csv": [
        'row 3, column "login": the same login is in row 4',
        'row 4, column "login": the same login is in row 3',
    ],
    "unknown_language.csv": [
        (
            'row 4, column "language": "vi" is no language of Box; known are bn da de e2 e3 en es f2 fi fr gb hi it ja ko nb '
            "nl pl pt ru s2 sv tr zh zt; the job can say what a word means, as roster: values: {language: {Czech: en}}"
        )
    ],
    "unknown_status.csv": [
        (
            'row 4, column "status": "sabbatical" is no status; known are active, inactive, cannot_delete_edit, '
            "cannot_delete_edit_upload; the job can say what a word means, as roster: values: {status: {Retired: inactive}}"
        )
    ],
    "unknown_timezone.csv": [
        'row 4, column "timezone": "Europe/Munich" is no time zone; write one as Europe/Berlin'
    ],
    "wrong_column.csv": [
        (
            'row 4, column "language": the cell is no language of Box; known are bn da de e2 e3 en es f2 fi fr gb hi it ja '
            "ko nb nl pl pt ru s2 sv tr zh zt; the job can say what a word means, as roster: values: {language: {Czech: en}}"
        )
    ],
}


def listed():
    """File name to roster kind, from the list that people read."""
    rows = re.findall(
        r"^\| \[([\w.]+)\]\([\w.]+\) \| (managed|app) \|", (BROKEN / "README.md").read_text(), re.M
    )
    return dict(rows)


def read(name):
    return read_roster(
        RosterSettings.model_validate(
            {"path": str(BROKEN / name), "kind": listed()[name], **SETTINGS.get(name, {})}
        )
    )


def test_every_file_is_listed_and_expected_here():
    files = {path.name for path in BROKEN.iterdir() if path.is_file() and path.name != "README.md"}

    assert files == set(listed())
    assert files == {*REFUSED, *ROW_ERRORS}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused(name):
    with pytest.raises(RosterError) as refused:
        read(name)

    assert refused.value.what == REFUSED[name]
    assert len(str(refused.value).splitlines()) == 3


@pytest.mark.parametrize("name", ROW_ERRORS)
def test_a_file_with_bad_rows_names_them_and_keeps_the_others(name):
    roster = read(name)
    lines = [line.removeprefix(f"{name}, ") for line in format_row_errors(roster)]

    assert lines == ROW_ERRORS[name]
    assert len(roster.frame) + len({error.line for error in roster.errors}) == roster.rows
