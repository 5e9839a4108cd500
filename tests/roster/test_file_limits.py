"""Files that are too large to be meant, and how a job takes larger ones."""

from __future__ import annotations

import io

import openpyxl
import pytest

from provision.errors import RosterError

PEOPLE = "login,name,job_title\na@x.example,Ada,Clerk\nb@x.example,Bo,"
TOO_LARGE = {
    "cell": (PEOPLE + "x" * 300 + "\n", {"cell": 299}, "line 3: a cell is longer than 299", {"cell": 300}),
    "columns": (PEOPLE + "\n", {"columns": 2}, "has 3 columns; the job takes 2", {"columns": 3}),
    "longer than the usual cell": (PEOPLE + "\"" + "x" * 140_000 + "\"\n", {}, "line 3: a cell is longer than", {"cell": 150_000}),
}  # fmt: skip


@pytest.mark.parametrize("case", TOO_LARGE)
def test_a_text_beyond_a_limit_is_refused_unless_the_job_takes_it(read, case):
    text, limits, said, wider = TOO_LARGE[case]
    with pytest.raises(RosterError) as refused:
        read(text, limits=limits, columns={"job_title": "ignore"})

    assert said in refused.value.what
    assert read(text, limits=wider, columns={"job_title": "ignore"}).valid == 2


def test_a_cell_of_a_workbook_beyond_the_limit_is_named_with_its_place(read, workbook):
    content = workbook(Staff=[["login", "name"], ["a@x.example", "A" * 40]])
    with pytest.raises(RosterError, match='row 2, column "name" has 40 characters; the job takes 39 a cell'):
        read(content, "staff.xlsx", limits={"cell": 39})


def straying(far, *, only_formatted=False):
    """A workbook of two people, and something in a cell far away."""
    book = openpyxl.Workbook()
    for row in ("login", "name"), ("a@x.example", "Ada"), ("b@x.example", "Bo"):
        book.active.append(row)
    if only_formatted:
        book.active[far].font = openpyxl.styles.Font(bold=True)
    else:
        book.active[far] = "x"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_cell_that_strays_far_from_the_table_is_told_before_room_is_made_for_it(read):
    with pytest.raises(RosterError) as refused:
        read(straying("XFD1048576"), "staff.xlsx")

    assert refused.value.what == (
        'staff.xlsx, sheet "Sheet" reaches as far as row 1,048,576 and column 16,384, which is 17,179,869,184 cells; '
        "the job takes 50,000,000."
    )


def test_cells_that_are_only_coloured_do_not_count(read):
    assert read(straying("XFD1048576", only_formatted=True), "staff.xlsx").valid == 2


@pytest.mark.parametrize(
    ("limits", "said"), [({"rows": 4}, "takes 4 rows"), ({"cells": 9}, "takes 9."), ({"unpacked_gb": 1e-5}, "unpacks to"), ({"unpacked_gb": 1e-9}, "has more than")]
)  # fmt: skip
def test_a_workbook_beyond_a_limit_is_refused(read, limits, said):
    with pytest.raises(RosterError) as refused:
        read(straying("B5"), "staff.xlsx", limits=limits)

    assert said in refused.value.what
    assert "roster: limits: {" in refused.value.remedy
