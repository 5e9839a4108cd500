"""A text read in pieces says exactly what it says read whole: the same roster, or the same error."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from provision.batches import Held, Sifted
from provision.errors import InputError, RosterError
from provision.job.limits import FileLimits
from provision.job.settings import RosterSettings
from provision.roster import Roster, read_roster
from provision.roster.files import locate as find
from provision.roster.text import dialect, pieces
from tests.examples import examples

HEADER = ["external_id", "login", "name", "role", "start_date", "end_date"]
FRAMES = {"people", "rejected", "excluded"}
relaxed = examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def read(path: Path, piece: int = 0, head: int = 1 << 20, **choices: object) -> Roster:
    """The roster of the file, in pieces of so many bytes; 0: whole."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dialect, "_HEAD_LINES", 3)
        if piece:
            patch.setattr(find, "LARGE", 0)
            patch.setattr(find, "_HEAD", head)
            patch.setattr(pieces, "PIECE", piece)
        return read_roster(RosterSettings.model_validate({"path": str(path), **choices}))


def said(path: Path, *sizes: int, **choices: object) -> object:
    """Every field of the roster, or the error."""
    try:
        roster = read(path, *sizes, **choices)
    except RosterError as refused:
        return type(refused), str(refused)
    assert len(roster.people.whole()) == roster.valid
    return {each.name: getattr(roster, each.name) for each in fields(Roster)}


def assert_same(one: object, other: object) -> None:
    if not isinstance(one, dict) or not isinstance(other, dict):
        assert one == other
        return
    assert {name: one[name] for name in one.keys() - FRAMES} == {
        name: other[name] for name in other.keys() - FRAMES
    }
    pd.testing.assert_frame_equal(one["people"].whole(), other["people"].whole())
    pd.testing.assert_frame_equal(one["rejected"], other["rejected"])
    pd.testing.assert_frame_equal(one["excluded"], other["excluded"])


# --- whatever is in the file ---------------------------------------------------------------------------

keys = st.integers(0, 99).map(lambda number: [f"E{number:03d}", f"p{number}@x.example"])
odd_keys = st.sampled_from(
    [["", ""], ["", "P7@x.example"], ["E007", "p1@x.example"], ["1E+10", "no address"]]
)
names = st.sampled_from(
    ["Ada", "Zoë", "", "Doe, Jane", "Two\nlines", 'The "Rock"', "A;B", "Three\r\nlong\nlines", "M?ller", "  "]
)
roles = st.sampled_from(["", "", "user", "admin", "coadmin"])
days = st.sampled_from(["", "2024-03-01", "03/04/2024", "3/3/2024", "0000-00-00", "soon"])
telling = st.sampled_from(["25/12/2024", "12/25/2024"])
dates = st.lists(st.one_of([days] * 9 + [telling]), min_size=2, max_size=2)
good = st.tuples(keys, names, roles, dates).map(lambda row: [*row[0], row[1], row[2], *row[3]])
rows = st.one_of(
    *[good] * 12,
    st.tuples(odd_keys, good).map(lambda both: [*both[0], *both[1][2:]]),
    st.tuples(good, st.integers(1, 5)).map(lambda both: both[0][: both[1]]),
    good.map(lambda row: [*row, "more"]),
    st.sampled_from([[], ["", "", ""], [" "] * 6]),
)
tables = st.integers(0, 30).flatmap(lambda least: st.lists(rows, min_size=least, max_size=40))
#: what only the whole file can be read with, or not at all
damage = st.sampled_from(
    [b"\xff", b"\0", b'"', b'E1,"x"y,\n', "Zoë".encode("cp1252"), b"E1;p1@x.example;Ada;;;\n", b"\r", b"\n\n\n\n", b"\x1a"]
)  # fmt: skip
ends = st.sampled_from(
    [*[b""] * 6, b"Total: 7\n", b"TRAILER|12\n", b"\n\n", b"Total,9", b"E1,p1@x", b"\x1a", b'"', b",,,,,\n"]
)
writers = st.sampled_from(
    [
        {"lineterminator": "\n", "quoting": csv.QUOTE_MINIMAL},
        {"lineterminator": "\r\n", "quoting": csv.QUOTE_MINIMAL},
        {"lineterminator": "\r\n", "quoting": csv.QUOTE_ALL},
        {"lineterminator": "\n", "quoting": csv.QUOTE_MINIMAL, "delimiter": ";"},
    ]
)


@st.composite
def files(draw: Callable[..., object]) -> bytes:
    """A CSV of some kilobytes, mostly sound."""
    stream = io.StringIO(newline="")
    csv.writer(stream, **draw(writers)).writerows(
        [*draw(st.sampled_from([[], [["A report"], []]])), HEADER, *draw(tables)]
    )
    content = draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + stream.getvalue().encode() + draw(ends)
    if draw(st.integers(0, 9)) == 9:
        place = draw(st.integers(0, len(content)))
        content = content[:place] + draw(damage) + content[place:]
    return content[: draw(st.sampled_from([None, None, None, -1]))]


choices = st.sampled_from(
    [*[{}] * 6, {"encoding": "utf-8"}, {"encoding": "cp1252"}, {"authority": "partial"}, {"kind": "app"}]
)
sizes = st.tuples(st.sampled_from([300, 600, 1000]), st.sampled_from([200, 1 << 20]))


@relaxed
@given(files(), sizes, choices)
def test_in_pieces_a_file_says_what_it_says_whole(tmp_path, content, size, choice):
    path = tmp_path / "staff.csv"
    path.write_bytes(content)

    assert_same(said(path, *size, **choice), said(path, **choice))


# --- the sharp cases -----------------------------------------------------------------------------------


@pytest.fixture
def both(tmp_path: Path) -> Callable[..., Roster]:
    """Reads the file in pieces, sees that these say the same as the whole, and answers the roster."""

    def roster(content: str | bytes, piece: int = 300, **choices: object) -> Roster:
        path = tmp_path / "staff.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found = said(path, piece, **choices)
        assert_same(found, said(path, **choices))
        return Roster(**found) if isinstance(found, dict) else read(path, piece, **choices)

    return roster


def people(count: int, cells: str = "Ada,,,") -> str:
    return ",".join(HEADER) + "\n" + "".join(f"E{n:03d},p{n}@x.example,{cells}\n" for n in range(count))


def test_an_ordinary_file_stays_in_memory(tmp_path):
    (tmp_path / "staff.csv").write_text(people(40))

    assert isinstance(read(tmp_path / "staff.csv").people, Held)


def test_a_large_one_lies_on_disk_and_what_is_read_comes_in_pieces_of_one_size(both):
    found = both(people(40)).people
    counts = [len(frame) for frame in found.each(["login"])]

    assert isinstance(found, Sifted)
    assert (found.count, sum(counts)) == (4, 40)
    assert max(counts) - min(counts) <= 2


def test_a_key_that_stands_in_two_pieces_is_told_with_the_rows_of_both(both):
    roster = both(people(40) + "E999,P0@X.example,Ada,,,\n")

    assert roster.people.count > 1
    assert [(error.line, error.reason) for error in roster.errors] == [
        (2, "the same login is in row 42"),
        (42, "the same login is in row 2"),
    ]
    assert roster.frame["login"].tolist() == [f"p{n}@x.example" for n in range(1, 40)]
    assert roster.profile.duplicates == 2


def test_the_last_piece_may_prove_what_the_dates_of_all_others_mean(both):
    roster = both(people(40, "Ada,,,03/04/2024") + "E999,q@x.example,Ada,,,25/12/2024\n")

    assert roster.people.count > 1
    assert roster.errors == ()
    assert set(roster.frame["end_date"]) == {"2024-04-03", "2024-12-25"}


def test_pieces_that_prove_opposite_orders_prove_none(both):
    first = people(40, "Ada,,,03/04/2024").replace("03/04", "12/25", 1)
    roster = both(first + "E999,q@x.example,Ada,,,25/12/2024\n")

    assert roster.people.count > 1
    assert len(roster.errors) == 41


def test_a_line_of_totals_is_left_out_below_the_last_piece(both):
    roster = both(people(40) + "Total rows: 40\n")

    assert (roster.people.count > 1, roster.rows, roster.profile.declared) == (True, 40, 40)
    assert (roster.findings[0].code, roster.findings[0].row) == ("footer_line", 42)


@pytest.mark.parametrize("piece", [300, 320, 340])
def test_a_cell_of_several_lines_is_never_cut_and_its_lines_count(both, piece):
    roster = both(people(40, '"Ada\nByron, ""Lady""\nLovelace",,,'), piece)

    assert roster.people.count > 1
    assert [error.line for error in roster.errors][:3] == [2, 5, 8]
    assert roster.rejected["line"].tolist() == list(range(2, 122, 3))


def test_a_quotation_mark_that_is_mere_text_costs_only_time(both):
    roster = both(people(40, '5" Ada,,,').replace('5" Ada', '"a\n""\nb"', 3))

    assert roster.rows == 40


def test_a_role_that_only_the_last_piece_has_is_noted(both):
    roster = both(people(40) + "E999,q@x.example,Ada,admin,,\n")

    assert roster.people.count > 1
    assert [note for note in roster.notes if "admin" in note] != []


@pytest.mark.parametrize(
    ("content", "choices"),
    [
        (people(40) + "E999,q@x.example,Zoë,,,\n".encode("cp1252").decode("latin-1"), {}),
        (people(40, "Zoë Müller,,,"), {"encoding": "cp1252"}),
        (people(40), {"encoding": "ascii"}),
    ],
    ids=["a late letter", "all along", "told"],
)
def test_another_encoding_is_read_in_memory(both, content, choices):
    assert both(content.encode("cp1252"), **choices).people.count == 1


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (
            b'E999,q@x.example,"Ada,,,\n',
            "staff.csv, line 42: a quotation mark opens a cell and is not closed",
        ),
        (b"E999,q@x.ex", "staff.csv, line 42: the file seems cut off; its last line has 2 of 6 cells"),
        (b"E999,q@x.example,A\0da,,,\n", "staff.csv, line 42: a NUL byte"),
        (b"E999;q@x.example;Ada;;;\n", 'staff.csv, line 42: cells are separated by ";"'),
    ],
)
def test_what_is_wrong_at_the_end_is_said_with_its_line_in_the_file(both, end, message):
    with pytest.raises(RosterError, match=message.replace(".", r"\.")):
        both(people(40).encode() + end)


def test_what_is_read_is_what_was_there_when_it_was_found(tmp_path, monkeypatch):
    monkeypatch.setattr(find, "LARGE", 0)
    monkeypatch.setattr(pieces, "PIECE", 300)
    path = tmp_path / "staff.csv"
    path.write_text(people(40))
    content = path.read_bytes()
    source = find.locate(str(path), None, FileLimits())
    path.write_bytes(b"")
    grids = list(pieces.in_pieces(source, RosterSettings(path=str(path))))

    assert source.sha256 == hashlib.sha256(content).hexdigest()
    assert sum(len(grid.lines) for grid in grids) == 40


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no limit of a file's size on this system")
@pytest.mark.parametrize("share", [0.5, 1.2], ids=["for the file", "for its rows"])
def test_a_disk_without_room_is_told_with_the_folder_to_change(tmp_path, share):
    import resource

    path = tmp_path / "staff.csv"
    path.write_text(people(2000))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(path.stat().st_size * share), before[1]))
    try:
        with pytest.raises(InputError, match=r"among the temporary files: .*\n.*\n.*TMPDIR"):
            read(path, 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
