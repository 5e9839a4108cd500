"""Row errors as lines for the terminal: each tells file, sheet, row, column and reason; thousands do not flood."""

from __future__ import annotations

from provision.roster import format_row_errors


def test_a_line_names_file_row_column_and_reason(read):
    roster = read("Work Email,Status\na@x.example,Gone\n")

    assert format_row_errors(roster) == [
        (
            'employees.csv, row 2, column "Status": "Gone" is no status; '
            "known are active, inactive, cannot_delete_edit, cannot_delete_edit_upload; the job can say what a word means, as roster: values: {status: {Retired: inactive}}"
        )
    ]


def test_a_line_names_the_sheet_of_a_workbook(read, workbook):
    roster = read(workbook(Clients=[["login"], ["ada"]]), "clients.xlsx")

    assert format_row_errors(roster) == [
        'clients.xlsx, sheet "Clients", row 2, column "login": "ada" is no e-mail address: there is no @ in it'
    ]


def test_a_row_that_does_not_fit_has_no_column(read):
    roster = read("login,name\na@x.example\nb@x.example,Bo\n")

    assert format_row_errors(roster)[0].startswith("employees.csv, row 2: the row has 1 of 2 cells;")


def test_no_errors_are_no_lines(read):
    assert format_row_errors(read("login\na@x.example\n")) == []


def test_thousands_of_one_sort_do_not_hide_the_only_one_of_another(read):
    rows = "".join(f"p{number}@x.example,Mars\n" for number in range(10_000))
    roster = read(f"login,timezone\n{rows}ada,UTC\n")
    lines = format_row_errors(roster, limit=5)

    assert [line.split(":")[0] for line in lines[:5]] == [
        *(f'employees.csv, row {row}, column "timezone"' for row in (2, 3, 4, 5)),
        'employees.csv, row 10002, column "login"',
    ]
    assert lines[5:] == [
        '… and 9,996 more; all 10,001 are in the report (10,000 in column "timezone", 1 in column "login")'
    ]


def test_as_many_errors_as_the_limit_are_all_shown(read):
    roster = read("login\n" + "".join(f"p{number}\n" for number in range(20)))

    assert len(format_row_errors(roster, limit=20)) == 20
