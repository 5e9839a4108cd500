"""Rows that are the title of those below them: left out where it is certain that they name nobody."""

from __future__ import annotations

import pytest

PEOPLE = ("1,a@x.example,Ada", "2,b@x.example,Bo", "3,c@x.example,Cy")
HEAD = "external_id,login,name\n"


def below(*rows: str) -> str:
    return HEAD + "".join(f"{row}\n" for row in rows)


def test_titles_above_people_are_left_out_and_told_once(read, workbook):
    text = read(below("Sales department,,", PEOPLE[0], "IT,,", *PEOPLE[1:]))
    rows = [["Department", "login", "name"], ["Sales", None, None], [None, "a@x.example", "Ada"]]
    sheet = read(workbook(Staff=rows), "staff.xlsx")

    assert (text.rows, text.valid, text.errors) == (3, 3, ())
    assert [(each.code, each.row, each.sentence) for each in text.findings] == [
        ("group_title", 2, "2 rows with one cell alone (rows 2, 4), as a title above people; left out, since a title names nobody"),
    ]  # fmt: skip
    assert (sheet.rows, sheet.valid, sheet.errors) == (1, 1, ())


@pytest.mark.parametrize(
    "text",
    [
        below("Sales,,", *PEOPLE),
        below("Sales,,", "IT,,", "CEO,d@x.example,Di", *PEOPLE),
        below("4,,", "5,,", *PEOPLE),
        below("Sales,,Ann", "IT,,Ben", *PEOPLE),
        "name,login,external_id\nAnn Arbor,,\nBen Boot,,\nAda,a@x.example,1\n",
        "status,login,name\ninactive,,\ninactive,,\n,a@x.example,Ada\n",
        "Site,login,name\nOslo,,\nOslo,a@x.example,Ada\n",
    ],
    ids=[
        "one alone",
        "ids of words",
        "numbers",
        "with a name",
        "names",
        "a field that is read",
        "people have it too",
    ],
)
def test_what_may_be_somebody_s_row_stays_an_error(read, text):
    roster = read(text)

    assert roster.errors
    assert "group_title" not in {each.code for each in roster.findings}
