"""Which file is read: a path, the newest match of a pattern, and what is said where there is none."""

from __future__ import annotations

import os

import pytest

from provision.errors import RosterError
from provision.job.settings import RosterSettings
from provision.roster import read_roster


def put(path, login, seconds):
    path.write_text(f"login\n{login}\n")
    os.utime(path, (seconds, seconds))


def settings(path):
    return RosterSettings.model_validate({"path": str(path)})


def test_the_newest_match_of_a_pattern_is_read(tmp_path):
    put(tmp_path / "staff-1.csv", "old@x.example", 1000)
    put(tmp_path / "staff-0.csv", "new@x.example", 2000)
    put(tmp_path / "~$staff-2.csv", "lock@x.example", 3000)
    (tmp_path / "staff-folder.csv").mkdir()
    roster = read_roster(settings(tmp_path / "*.csv"))

    assert roster.frame["login"].tolist() == ["new@x.example"]
    assert "staff-0.csv is the newest of 2 files that match the pattern" in roster.notes


def test_of_files_of_the_same_time_the_last_by_name_is_read(tmp_path):
    for name in ("staff-2.csv", "staff-3.csv", "staff-1.csv"):
        put(tmp_path / name, f"{name}@x.example", 1000)

    assert read_roster(settings(tmp_path / "staff-?.csv")).path.endswith("staff-3.csv")


def test_a_file_whose_name_looks_like_a_pattern_is_itself(tmp_path):
    put(tmp_path / "staff[1].csv", "a@x.example", 1000)

    assert read_roster(settings(tmp_path / "staff[1].csv")).path.endswith("staff[1].csv")


def test_a_path_given_for_this_run_wins(tmp_path):
    put(tmp_path / "staff.csv", "a@x.example", 1000)
    put(tmp_path / "other.csv", "b@x.example", 1000)
    roster = read_roster(settings(tmp_path / "staff.csv"), tmp_path / "other.csv")

    assert roster.frame["login"].tolist() == ["b@x.example"]


def test_an_upper_case_ending_is_known(tmp_path):
    put(tmp_path / "STAFF.CSV", "a@x.example", 1000)

    assert len(read_roster(settings(tmp_path / "STAFF.CSV")).frame) == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.csv", "missing.csv cannot be read: No such file or directory."),
        ("staff-*.csv", "No file matches the roster pattern"),
        ("folder.csv", "folder.csv cannot be read: Is a directory."),
        ("staff.docx", "staff.docx has an ending that no reader is for."),
        ("staff", "staff has an ending that no reader is for."),
        ("empty.csv", "empty.csv is empty: zero bytes."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name, message):
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "empty.csv").touch()

    with pytest.raises(RosterError) as refused:
        read_roster(settings(tmp_path / name))

    assert message in refused.value.what
    assert refused.value.cause
    assert refused.value.remedy


def test_an_address_is_refused_without_repeating_what_may_be_a_password():
    with pytest.raises(RosterError) as refused:
        read_roster(settings("sftp://hr:s3cret@files.example/staff.csv"))

    assert refused.value.what == "The roster sftp://… is not a file on this machine."
