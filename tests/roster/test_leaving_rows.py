"""Rows of people who have left or start later: what is missing in them is no error."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.job.settings import RosterSettings
from provision.roster.read import read_roster

HEADER = "external_id,login,name,phone,status,start_date,end_date\n"
TODAY = "2026-03-02"


@pytest.mark.parametrize(
    ("cells", "good"),
    [
        ("E1,,Mia,,Terminated,,", True),
        ("E1,,,,,,2026-03-01", True),
        ("E1,,Mia,,,,2026-03-02", False),  # still there
        ("E1,,Mia,,Active,,2020-01-01", False),
        (",,Mia,,Terminated,,", False),  # nobody knows who
        (f"E1,mia@x.example,{'M' * 60},,Terminated,,", True),
        ("E1,mia at x,Mia,,Terminated,,", True),
        (",mia at x,Mia,,Terminated,,", False),
        ("E1,,Mia,,Nobody knows,,2020-01-01", False),
        # a status counts at once, whatever the dates say: one of an earlier employment, or none at all
        ("E1,mia@x.example,Mia,,Terminated,2026-01-01,2024-05-31", True),
        ("E1,,Mia,,Terminated,,some day", True),
        ("E1,mia@x.example,Mia,,,2026-01-01,2024-05-31", False),
        ("E1,mia@x.example,Mia,,Active,,some day", False),
        ("E1,,Mia,,,2026-03-03,", True),
        ("E1,,Mia,,,2026-03-02,", False),
        ("E1,n/a,Mia,,,2026-03-03,", True),
        ("E1,noch offen,Mia,,,2026-03-03,", True),
        ("E1,-,Mia,,,2026-03-03,", True),
        ("E1,n/a,Mia,,,2026-03-02,", False),
        ("E1,mia at x,Mia,,,2026-03-03,", False),
        (f"E1,,{'M' * 60},,,2026-03-03,", False),
    ],
)
def test_who_has_left_or_starts_later_needs_no_address(tmp_path: Path, cells: str, good: bool) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + cells + "\n")

    found = read_roster(RosterSettings(path=str(path)), None, TODAY)

    assert (found.valid == 1) is good
    if good:
        assert (found.frame["name"].str.len() <= 50).all()
        assert not {*found.frame["login"]} & {"n/a", "-", "noch offen", "mia at x"}
        # no stage counts from a day that cannot be meant
        assert not {*found.frame["end_date"]} & {"2024-05-31", "some day"}
