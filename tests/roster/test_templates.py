"""Templates over headers: parts that are empty, parts that may be, and filters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provision.errors import RosterError
from provision.findings import Code
from provision.job.settings import RosterSettings
from provision.roster.read import read_roster
from provision.roster.value import Roster


def read(folder: Path, text: str, **settings: Any) -> Roster:
    path = folder / "people.csv"
    path.write_text(text, encoding="utf-8")
    return read_roster(RosterSettings(path=str(path), **settings))


def cells(found: Roster, field: str) -> list[str]:
    return list(found.frame[field].tolist())


@pytest.mark.parametrize(
    ("template", "row", "expected"),
    [
        ("{A}, {B}", ",", ""),
        ("{A}, {B}", "x,", "x"),
        ("{A}, {B}", ",y", "y"),
        ("{A} {B}, {C}", "x,,z", "x, z"),
        ("{A} {B}, {C} {D}", "x,y,,w", "x y, w"),
        ("{A}, {B}, {C}", "x,,z", "x, z"),
        ("{A} ({B})", "x,", "x"),
        ("({A}) {B}", ",y", "y"),
        ("to {A}", "x", "to x"),
        ("{A}{B}", "x,y", "xy"),
        ("{A|lower}.{B|upper}", "Xa,yb", "xa.YB"),
        ("{A|ascii|lower}", "Łucja Zoë", "lucja zoe"),
        ("{A|title}", "hafen weg", "Hafen Weg"),
        ("{A|replace: :.}", "x y z", "x.y.z"),
        ("{A|default:here}", ",y", "here"),
        ("{A|map:sites}", "muc", "Munich"),
        ("{A|map:sites|default:elsewhere}", "ber", "elsewhere"),
        ("{A|map:sites}, {B}", "ber,y", "y"),
    ],
)
def test_an_empty_part_takes_the_text_beside_it_along(
    tmp_path: Path, template: str, row: str, expected: str
) -> None:
    row = f"a@x.example,{row}{',' * (3 - row.count(','))}"
    found = read(
        tmp_path,
        f"login,A,B,C,D\n{row}\n",
        columns={template: "address"},
        values={"sites": {"MUC": "Munich"}} if "map:" in template else {},
    )

    assert cells(found, "address") == [expected]


@pytest.mark.parametrize(
    ("template", "row", "good"),
    [
        ("{Region}-{No}", "EU,", False),
        ("{Region}-{No}", "EU,7", True),
        ("{Region?}-{No}", ",7", True),
        ("{Region|default:EU}-{No}", ",7", True),
        ("{Region|map:regions}-{No}", "Mars,7", False),
    ],
)
def test_a_key_with_an_empty_part_is_no_key(tmp_path: Path, template: str, row: str, good: bool) -> None:
    values = {"regions": {"Europe": "EU"}} if "map:" in template else {}
    columns = {template: "external_id"}
    found = read(tmp_path, f"Region,No,name\n{row},Client\n", kind="app", columns=columns, values=values)

    assert (found.valid == 1) is good
    if not good:
        assert "a part of" in found.errors[0].reason
        assert found.rejected["external_id"].tolist() == [""]


def test_a_name_with_an_empty_part_is_told_and_one_that_may_be_empty_is_not(tmp_path: Path) -> None:
    text = "login,First Name,Middle,Last Name\na@x.example,,,Marsh\nb@x.example,Mia,,Marsh\n"

    found = read(tmp_path, text)
    chosen = read(tmp_path, text, columns={"{First Name} {Middle?} {Last Name}": "name"})

    assert cells(found, "name") == cells(chosen, "name") == ["Marsh", "Mia Marsh"]
    assert [(each.code, each.row) for each in found.findings] == [(Code.HALF_NAME, 2)]
    assert found.half_names == chosen.half_names == (2,)


def test_a_word_of_a_database_in_a_part_of_several_names_is_told_with_the_way_out(tmp_path: Path) -> None:
    text = "Mail,First,Middle,Last\na@x.example,Ada,NULL,Byron\nb@x.example,Bo,NULL,Null\n"
    columns = {"Mail": "login", "{First} {Middle?} {Last}": "name"}

    found = read(tmp_path, text, columns=columns)
    assert cells(found, "name") == ["Ada NULL Byron", "Bo NULL Null"]
    assert [(each.code, each.row) for each in found.findings] == [(Code.NOTHING_IN_PART, 2)]
    assert "{Header?|replace:NULL:}" in found.findings[0].do
    mended = read(tmp_path, text, columns={"Mail": "login", "{First} {Middle?|replace:NULL:} {Last}": "name"})
    assert cells(mended, "name") == ["Ada Byron", "Bo Null"]


def test_a_header_that_looks_like_a_filter_is_the_header(tmp_path: Path) -> None:
    found = read(
        tmp_path, "login,Team|lower,OK?\na@x.example,X,Y\n", columns={"{Team|lower}-{OK?}": "job_title"}
    )

    assert cells(found, "job_title") == ["X-Y"]


@pytest.mark.parametrize(
    ("template", "words"), [("{A|lowr}", '"lower" may be meant'), ("{A|map:site}", 'the table "site"')]
)
def test_an_unknown_filter_or_table_is_an_error(tmp_path: Path, template: str, words: str) -> None:
    with pytest.raises(RosterError) as caught:
        read(tmp_path, "login,A\na@x.example,x\n", columns={template: "address"})

    assert words in str(caught.value)


def test_the_job_says_what_words_mean_above_what_is_known(tmp_path: Path) -> None:
    rows = ("Leave of  absence", "RETIRED", "On leave", "Hired", "Employed on trial")
    text = "login,status,role\n" + "".join(f"p{at}@x.example,{word},Chief\n" for at, word in enumerate(rows))
    words = {
        "status": {
            "Leave of Absence": "active",
            "Retired": "inactive",
            "on leave": "inactive",
            "Hired": "active",
        },
        "role": {"Chief": "coadmin"},
    }

    found = read(tmp_path, text, values=words)

    assert cells(found, "status") == ["active", "inactive", "inactive", "active"]
    assert set(cells(found, "role")) == {"coadmin"}
    assert '"Employed on trial" is no status' in found.errors[0].reason


def test_a_status_in_another_script_is_said_so_that_the_job_can_say_what_it_means(tmp_path: Path) -> None:
    for word in ("En congé", "休職", "9"):
        found = read(tmp_path, f"external_id,login,name,status\nE1,mia@acme.example,Mia,{word}\n")
        assert f'"{word}" is no status' in found.errors[0].reason
    assert "roster: values: {status:" in found.errors[0].reason


def test_words_for_nothing_that_there_is_are_refused() -> None:
    with pytest.raises(ValueError, match="no roster field and no table"):
        RosterSettings(path="x.csv", values={"statuss": {"Retired": "inactive"}})


@pytest.mark.parametrize("cell", ["A²", "a2", "\u200bＡ２ "])
def test_a_word_is_the_same_in_tables_and_fields(tmp_path: Path, cell: str) -> None:
    """Whatever letters and blanks it is written in; once, tables and fields folded words in two ways."""
    found = read(
        tmp_path,
        f"login,Abt,title\na@x.example,{cell},{cell}\n",
        columns={"{Abt|map:T}": "address", "title": "job_title"},
        values={"T": {"A²": "Alpha"}, "job_title": {"A²": "Alpha"}},
    )
    assert (cells(found, "address"), cells(found, "job_title")) == (["Alpha"], ["Alpha"])


def test_a_word_that_is_taught_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match='values of "status" has a word twice'):
        RosterSettings(path="people.csv", values={"status": {"On Leave": "active", "on  leave": "inactive"}})
