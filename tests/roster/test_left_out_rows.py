"""Rows that the job leaves out of a roster: roster.where and roster.where_not."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from provision.errors import RosterError
from provision.findings import Code
from provision.job.settings import RosterSettings
from provision.roster.files import locate as find
from provision.roster.text import dialect, pieces

HEADER = "external_id,login,name,Employment Type,Site,end_date\n"
ROWS = (
    "E1,ada@x.example,Ada,Regular,Bonn,\n"
    "E2,bo@x.example,Bo,  REGULAR\u00a0,Oslo,\n"
    "E3,no address,,Contractor,Bonn,never\n"
    "E4,cy@x.example,Cy,Ｉntern,Bonn,\n"
    "E5,di@x.example,Di,,Bonn,\n"
)
WHERE = {"where": {"employment  type": ["regular", "Intern"]}, "where_not": {"Site": "OSLO"}}


def lines(found: Any) -> tuple[list[int], list[int], list[int]]:
    """The lines of good rows, of bad ones, and of those left out."""
    return found.frame["line"].tolist(), found.rejected["line"].tolist(), found.excluded["line"].tolist()


def told(found: Any, code: Code) -> list[str]:
    return [each.sentence for each in found.findings if each.code is code]


def test_rows_are_chosen_by_folded_words_and_an_excluded_one_is_no_error(read) -> None:
    found = read(HEADER + ROWS, **WHERE)

    assert lines(found) == ([2, 5], [], [3, 4, 6])
    assert (found.rows, found.valid, found.errors) == (5, 2, ())
    assert found.excluded["login"].tolist() == ["bo@x.example", "", "di@x.example"]
    assert found.excluded["reason"].tolist() == [
        "excluded:column=Site,key=roster.where_not",
        "excluded:column=employment type,key=roster.where",
        "excluded:column=employment type,key=roster.where",
    ]
    [sentence] = told(found, Code.ROWS_EXCLUDED)
    assert sentence == (
        '3 of 5 rows are left out: 2 where "employment type" is none of regular, Intern (roster.where); '
        '1 where "Site" is OSLO (roster.where_not)'
    )
    assert found.ignored == ()
    assert [each["login"] for each in found.reading.people] == ["ada@x.example", "cy@x.example"]


def test_every_format_and_any_pieces_say_the_same(read, write, workbook, tmp_path, monkeypatch) -> None:
    cells = [row.split(",") for row in (HEADER + ROWS).splitlines()]
    expected = lines(read(HEADER + ROWS, **WHERE))
    table = pd.DataFrame(cells[1:], columns=cells[0])
    table.to_parquet(tmp_path / "people.parquet")

    assert lines(read(workbook(People=cells), "people.xlsx", **WHERE)) == expected
    # rows of a Parquet file count from 1, and have no header above them
    assert lines(read(tmp_path / "people.parquet", **WHERE)) == tuple(
        [at - 1 for at in each] for each in expected
    )
    path = write(HEADER + ROWS)
    whole = told(read(path, **WHERE), Code.ROWS_EXCLUDED)
    for module, name, size in ((find, "LARGE", 0), (pieces, "PIECE", 60), (dialect, "_HEAD_LINES", 3)):
        monkeypatch.setattr(module, name, size)
    in_pieces = read(path, **WHERE)
    assert in_pieces.people.count > 1
    assert (lines(in_pieces), told(in_pieces, Code.ROWS_EXCLUDED)) == (expected, whole)


def test_an_excluded_row_is_nobodys_double(read) -> None:
    twice = "E1,ada@x.example,Ada,Contractor,Rome,2020-01-31\nE9,bo@x.example,Bo,Contractor,Rome,\n"
    found = read(HEADER + ROWS + twice, where={"Employment Type": "Regular"})

    assert lines(found) == ([2, 3], [], [4, 5, 6, 7, 8])
    assert not told(found, Code.ROSTER_DUPLICATES)


def test_without_conditions_or_with_such_as_fit_everybody_nothing_is_told(read) -> None:
    good = HEADER + "E1,ada@x.example,Ada,Regular,Bonn,\n"
    found = read(good, where={"Site": "Bonn"}, where_not={"Employment Type": ["", "Contractor"]})
    assert (found.valid, len(found.excluded), found.findings) == (1, 0, ())
    assert len(read(good).excluded) == 0


@pytest.mark.parametrize(("key", "column"), [("where", "Employement Typ"), ("where_not", "Sites")])
def test_a_header_that_is_not_there_is_an_error_with_the_nearest(read, key: str, column: str) -> None:
    with pytest.raises(RosterError) as refused:
        read(HEADER + ROWS, **{key: {column: "Regular"}})
    near = "Employment Type" if key == "where" else "Site"
    assert f'has no column "{column}", which the job asks for in roster.{key}' in str(refused.value)
    assert f'the header is "{near}"' in str(refused.value)


def test_a_header_twice_is_an_error(read) -> None:
    with pytest.raises(RosterError, match='the column "Site" twice'):
        read("login,name,Site,Site\na@x.example,A,Bonn,Rome\n", where={"Site": "Bonn"})


def test_a_word_that_may_be_misspelt_is_told(read) -> None:
    found = read(HEADER + ROWS, where={"Employment Type": ["Regulr", "Intern"]})
    assert told(found, Code.WORD_NOT_MET) == ['no row has "Regulr" in "Employment Type" (roster.where)']
    nobody = read(HEADER + ROWS, where={"Site": "Paris"})
    assert [each.level for each in nobody.findings if each.code is Code.ROWS_EXCLUDED] == ["warning"]
    assert told(nobody, Code.WORD_NOT_MET) == ['no row has one of its words in "Site" (roster.where)']


def test_where_it_cannot_be_told_the_row_is_an_error(read, workbook) -> None:
    """A formula without a value; a row whose cells may stand in other columns."""
    row = "E1,ada@x.example,Ada,#REF!,Bonn,\nE2,bo@x.example,Bo,x,Regular,Bonn,,\n"
    found = read(HEADER + row, where={"Employment Type": "Regular"})
    assert lines(found) == ([], [2, 3], [])
    assert '"Employment Type", which roster.where asks for, has no value' in found.rejected["reason"].iloc[0]
    # what another condition leaves out for sure is out
    assert lines(read(HEADER + row, where={"Employment Type": "Regular"}, where_not={"Site": "Bonn"}))[2] == [
        2
    ]


def test_text_for_a_spreadsheet_is_read_as_it_is_meant(read) -> None:
    found = read('login,name,No\na@x.example,A,="007"\nb@x.example,B,8\n', where={"No": "007"})
    assert lines(found) == ([2], [], [3])


def test_a_condition_needs_a_word() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RosterSettings(path="people.csv", where={"Site": []})
