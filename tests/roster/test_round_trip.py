"""Laws of the room: what is written reads back as it was, and no row is ever lost or counted twice."""

from __future__ import annotations

import csv
import io
import string
import unicodedata
from itertools import pairwise
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from provision.errors import UsageError
from provision.job.settings import RosterSettings
from provision.model import STATUSES
from provision.roster import read_roster, write_roster
from provision.roster.cells.text_columns import tidy_text
from provision.roster.mapping.pick import filled_rows
from provision.roster.text.dialect import recognise
from provision.roster.text.reader import by_csv, cells_of, strict
from provision.wording import MEANINGLESS
from tests.examples import examples

FORMATS = ("csv", "tsv", "xlsx", "parquet")
relaxed = examples(60, suppress_health_check=[HealthCheck.function_scoped_fixture])

AWKWARD = [
    "NA", "null", "=1+1", "@Scale", "-", "+49 30 5550", "O'Hara", 'Dwayne "The Rock"', "Doe, Jane", "a;b|c\td", "007",
    "1e5", "TRUE", "2026-01-05", "Łukasz", "विक्रम", "مریم", "山田 太郎", "Zoë", "_x000D_", "sep=;", "#1", "{First}", "'",
]  # fmt: skip


def canonical(text):
    """Text as it comes out of the reader, and that no check refuses."""
    damaged, tidy = text.startswith("#") or "\ufffd" in text, unicodedata.normalize("NFC", text.strip())
    unseen = any(letter in MEANINGLESS for letter in text)
    return text == tidy and text.isprintable() and not damaged and not unseen and not twice_encoded(text)


def twice_encoded(text):
    raw = text.encode("cp1252", "ignore").decode("latin-1")
    return any("\x80" <= second <= "\xbf" for first, second in pairwise(raw) if first > "\xc1")


letters = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co", "Zs", "Zl", "Zp", "Cf"])
texts = (st.sampled_from(AWKWARD) | st.text(letters, max_size=20)).filter(canonical)
said = texts.filter(lambda text: text != "null")
ids = st.text(string.ascii_letters + string.digits + "-_.", max_size=8)


@st.composite
def people(draw):
    """A frame of roster fields as ``export`` writes them: canonical cells, no key twice."""
    count = draw(st.integers(1, 8))
    keys = draw(st.lists(ids, min_size=count, max_size=count, unique=True))
    rows = [
        {
            "external_id": key,
            "login": f"p{number}@x.example",
            "name": draw(texts),
            "kind": "managed",
            "job_title": draw(said),
            "address": draw(said | st.just("1 Road\n\nTown")),
            "status": draw(st.sampled_from(["", *STATUSES])),
            "space_amount": draw(st.sampled_from(["", "-1", "10737418240"])),
            "end_date": draw(st.sampled_from(["", "2026-01-05"])),
            "tracking_codes.Cost Center": draw(said),
        }
        for number, key in enumerate(keys)
    ]
    return pd.DataFrame(rows).astype("str")


def read(path, **choices):
    return read_roster(RosterSettings.model_validate({"path": str(path), **choices}))


@relaxed
@given(people(), st.sampled_from(FORMATS))
def test_what_is_written_reads_back_as_it_was(tmp_path, users, form):
    path = tmp_path / f"users.{form}"
    write_roster(users, path)
    roster = read(path)

    assert roster.errors == ()
    assert roster.frame[list(users)].to_dict("list") == users.to_dict("list")


@relaxed
@given(people(), st.randoms(use_true_random=False))
def test_the_order_of_columns_does_not_matter(tmp_path, users, random):
    columns = list(users)
    random.shuffle(columns)
    write_roster(users, tmp_path / "one.csv")
    write_roster(users[columns], tmp_path / "other.csv")

    one, other = read(tmp_path / "one.csv"), read(tmp_path / "other.csv")
    pd.testing.assert_frame_equal(one.frame, other.frame)


cells = st.sampled_from(
    ["", " ", "a@x.example", "A@x.example", "b@x.example", "ada", "007", "7", "xx", "en", "(clear)"]
)


@relaxed
@given(st.lists(st.lists(cells, min_size=1, max_size=5), min_size=1, max_size=12))
def test_every_row_that_is_not_blank_is_either_valid_or_rejected(tmp_path, rows):
    path = tmp_path / "staff.csv"
    lines = [",".join(row) + "\n" for row in [["1", "ok@x.example", "en"], *rows]]
    path.write_text("external_id,login,language\n" + "".join(lines))
    roster = read(path)

    filled = [number for number, row in enumerate(rows, 3) if any(cell.strip() for cell in row)]
    assert sorted([*roster.frame["line"], *roster.rejected["line"]]) == [2, *filled]
    assert roster.rows == len(filled) + 1
    assert {error.line for error in roster.errors} == set(roster.rejected["line"])


#: the writer is sure to quote a line end within a cell if it is one of its own, or if it quotes everything
writers = st.sampled_from(
    [
        {"lineterminator": "\r\n", "quoting": csv.QUOTE_MINIMAL},
        {"lineterminator": "\n", "quoting": csv.QUOTE_ALL},
        {"lineterminator": "\r", "quoting": csv.QUOTE_ALL},
    ]
)
plain = st.text(st.sampled_from("ab \",\n\r'é"), max_size=6)


@relaxed
@given(st.lists(st.lists(plain, max_size=4), min_size=1, max_size=8), writers)
def test_the_fast_reader_sees_the_same_rows_as_the_strict_one(rows, writer):
    stream = io.StringIO(newline="")
    csv.writer(stream, **writer).writerows([("login", "name", "phone"), ("a", "b", "c"), *rows])
    content = stream.getvalue().encode()
    dialect = recognise(content, RosterSettings(path="staff.csv", delimiter=","), "staff.csv")
    body = strict(content, dialect, "staff.csv")
    fast = filled_rows(cells_of(body, "staff.csv"))
    slow = filled_rows(by_csv(body, "staff.csv", body.widths > 0))

    assert rows_with_lines(fast) == rows_with_lines(slow)
    assert fast.faults == slow.faults
    wanted = [["a", "b", "c"], *(row for row in rows if any(cell.strip() for cell in row))]
    assert [row for row in wanted if len(row) == 3] == [
        list(row) for place, (_, row) in enumerate(rows_with_lines(fast)) if place not in faulty(fast)
    ]


def rows_with_lines(grid):
    rows = zip(*(column.to_pylist() for column in grid.cells.columns), strict=True)
    return list(zip(grid.lines.tolist(), rows, strict=True))


def faulty(grid):
    return {fault.row for fault in grid.faults}


def test_workbook_cells_are_text_that_no_spreadsheet_runs(tmp_path):
    users = pd.DataFrame({"external_id": ["007"], "login": ["a@x.example"], "name": ["=1+1"]}).astype("str")
    write_roster(users, tmp_path / "users.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "users.xlsx").active

    assert [(cell.value, cell.data_type) for cell in sheet[2]] == [
        ("007", "s"),
        ("a@x.example", "s"),
        ("=1+1", "s"),
    ]


def test_text_files_are_plain_utf_8_and_leave_the_line_column_out(tmp_path):
    users = pd.DataFrame({"line": [2], "login": ["a@x.example"], "name": ["=Zoë"]}).astype({"name": "str"})
    write_roster(users, tmp_path / "users.csv")

    assert (tmp_path / "users.csv").read_bytes() == "login,name\r\na@x.example,=Zoë\r\n".encode()


@pytest.mark.parametrize(
    "name", ["users.docx", "missing/users.csv", "missing/users.xlsx", "missing/users.parquet"]
)
def test_a_file_that_cannot_be_written_is_a_usage_error_and_leaves_nothing(tmp_path, name):
    users = pd.DataFrame({"login": ["a@x.example"]}).astype("str")

    with pytest.raises(UsageError):
        write_roster(users, tmp_path / name)

    assert list(Path(tmp_path).iterdir()) == []


def test_a_text_too_long_for_a_sheet_is_refused(tmp_path):
    users = pd.DataFrame({"login": ["a@x.example"], "tracking_codes.note": ["x" * 40_000]}).astype("str")

    with pytest.raises(UsageError, match="up to 40,000 characters a cell"):
        write_roster(users, tmp_path / "users.xlsx")

    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_replaced_whole(tmp_path):
    path = tmp_path / "users.csv"
    path.write_text("old\n" * 100)
    write_roster(pd.DataFrame({"login": ["a@x.example"]}).astype("str"), path)

    assert path.read_bytes() == b"login\r\na@x.example\r\n"
    assert [file.name for file in tmp_path.iterdir()] == ["users.csv"]


def test_cells_that_no_roster_can_say_are_counted(tmp_path):
    users = pd.DataFrame(
        {
            "login": ["a@x.example", "b@x.example", "c@x.example"],
            "name": ["Ada\tByron", "#N/A", "Cy"],
            "timezone": ["Europe/Berlin", "europe/berlin", "Mars"],
            "space_amount": ["1", "1048576", "-1"],
        }
    ).astype("str")
    notes = write_roster(users, tmp_path / "users.csv")

    assert notes == (
        "name: 2 of 3 cells cannot be said in a roster and are left empty",
        "timezone: 2 of 3 cells cannot be said in a roster and are left empty",
    )
    roster = read(tmp_path / "users.csv")
    assert roster.errors == ()
    assert roster.frame[["name", "timezone", "space_amount"]].to_numpy().tolist() == [
        ["", "Europe/Berlin", "1"],
        ["", "", "1048576"],
        ["Cy", "", "-1"],
    ]


@relaxed
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6), st.sampled_from(FORMATS))
@example(["\x1f\r"] * 5, "csv")
def test_whatever_text_box_holds_reads_back_as_it_is_or_not_at_all(tmp_path, names, form):
    logins = [f"p{number}@x.example" for number in range(len(names))]
    users = pd.DataFrame({"login": logins, "name": names, "job_title": names}).astype("str")
    write_roster(users, tmp_path / f"users.{form}")
    roster = read(tmp_path / f"users.{form}")

    assert (roster.errors, roster.frame["login"].tolist()) == ((), logins)
    for field in ("name", "job_title"):
        assert all(
            cell in ("", tidy)
            for cell, tidy in zip(roster.frame[field], tidy_text(users[field]), strict=True)
        )
