"""Several rows of one person: which of them counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provision.findings import Code
from provision.job.settings import RosterSettings
from provision.roster.read import read_roster
from provision.roster.value import Roster

HEADER = "external_id,login,name,job_title,status,start_date,end_date\n"
TODAY = "2026-03-02"
MIA = "E1,mia@x.example,Mia,{},{},{},{}\n"


def read(folder: Path, *rows: str, **settings: Any) -> Roster:
    path = folder / "people.csv"
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return read_roster(RosterSettings(path=str(path), **settings), None, TODAY)


def mia(title: str, status: str = "", start: str = "", end: str = "") -> str:
    return MIA.format(title, status, start, end)


def counts(found: Roster) -> list[int]:
    """The lines that count."""
    frame = found.frame
    return list(frame.loc[frame["action"] == "upsert", "line"].tolist())


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ([mia("A"), mia("A")], [2]),
        ([mia("A", end="2026-03-01"), mia("B")], [3]),
        ([mia("A"), mia("B", status="Terminated")], [2]),
        ([mia("A", status="Active", end="2020-01-01"), mia("B", status="Active")], [3]),
        ([mia("A", start="2020-01-01"), mia("B", start="2026-03-03")], [2]),  # the next one has not begun
        ([mia("A", end="2020-01-01"), mia("B", start="2026-03-03")], [3]),
        ([mia("A", end="2026-02-01"), mia("B", end="2026-03-01"), mia("C", end="2026-02-02")], [3]),
        ([mia("A"), mia("B")], []),
        ([mia("A"), mia("B"), mia("C", end="2020-01-01")], []),
        ([mia("A"), mia("A").replace("E1", "E2")], []),  # two ids: not certainly one person
        ([mia("A"), mia("B", end="2026-03-01").replace("E1", "")], [2]),
        ([mia("A", end="2026-03-01"), mia("B").replace("mia@", "mia.m@")], [3]),
        ([mia("A"), f"E1,mia@x.example,{'M' * 60},B,Active,,\n"], []),  # one of them is bad
    ],
)
def test_the_running_row_of_a_person_counts(tmp_path: Path, rows: list[str], lines: list[int]) -> None:
    found = read(tmp_path, *rows)

    assert counts(found) == lines
    assert found.valid == (len(rows) if lines else 0)
    others = [each.row for each in found.findings if each.code is Code.ROW_SUPERSEDED]
    assert len(others) == (len(rows) - 1 if lines else 0)


@pytest.mark.parametrize(
    ("choice", "line"), [("error", None), ("first", 2), ("last", 4), ("latest_start", 3)]
)
def test_where_several_run_and_differ_the_job_says_which_counts(
    tmp_path: Path, choice: str, line: int | None
) -> None:
    rows = [mia("A", start="2020-01-01"), mia("B", start="2024-01-01"), mia("C", start="2022-01-01")]

    found = read(tmp_path, *rows, duplicates=choice)

    assert counts(found) == ([line] if line else [])
    if not line:
        assert "roster: duplicates" in next(
            each.do for each in found.findings if each.code is Code.ROWS_DIFFER
        )


def test_the_row_that_counts_has_the_keys_that_only_another_one_says(tmp_path: Path) -> None:
    found = read(tmp_path, mia("A").replace("E1", ""), mia("B", status="Terminated"))

    frame = found.frame
    assert frame.loc[frame["line"] == 2, "external_id"].tolist() == ["E1"]


def test_a_row_that_does_not_count_is_no_example_of_a_person(tmp_path: Path) -> None:
    found = read(tmp_path, mia("A"), mia("A"))

    assert found.reading is not None
    assert [person.get("login") for person in found.reading.people] == ["mia@x.example"]
