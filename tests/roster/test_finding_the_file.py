"""Which file is read: a path, the newest match of a pattern, and what is said where there is none."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from threading import Thread

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
        read_roster(settings("ftp://hr:s3cret@files.example/staff.csv"))

    assert (
        refused.value.what
        == "The roster ftp://files.example/staff.csv is an address of a kind that is not read."
    )


@pytest.fixture
def piped(monkeypatch):
    """Makes standard input a pipe that holds some bytes."""
    with contextlib.ExitStack() as until_then:

        def pipe(content):
            inner, outer = os.pipe()
            os.write(outer, content)
            os.close(outer)
            monkeypatch.setattr("sys.stdin", until_then.enter_context(os.fdopen(inner)))

        yield pipe


def test_a_roster_may_come_from_standard_input(piped):
    piped(b"login,name\na@x.example,Ada\n")
    roster = read_roster(settings("-"))

    assert (roster.path, roster.frame["name"].tolist(), roster.profile.modified_ns) == ("-", ["Ada"], 0)
    assert roster.reading.file == "standard input"


def test_what_is_piped_in_may_be_a_workbook(piped, workbook):
    piped(workbook(Staff=[["login", "name"], ["a@x.example", "Ada"]]))

    assert read_roster(settings("staff.csv"), Path("-")).sheet == "Staff"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_read_to_its_end_and_one_that_stays_silent_is_an_error(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    writer = Thread(target=lambda: (tmp_path / "pipe").write_text("login\na@x.example\n"))
    writer.start()
    assert len(read_roster(settings(tmp_path / "pipe")).frame) == 1
    writer.join()

    monkeypatch.setattr("provision.roster.files.spool.PATIENCE", 0.01)
    with pytest.raises(RosterError, match=r"Nothing came from .*pipe for 0 seconds"):
        read_roster(settings(tmp_path / "pipe"))
    (tmp_path / "pipe").write_text("login\n")  # lets the thread go that still waits


def test_an_empty_pipe_is_an_empty_file(piped):
    piped(b"")
    with pytest.raises(RosterError, match="standard input is empty: zero bytes"):
        read_roster(settings("-"))


@pytest.mark.skipif(os.name == "nt", reason="this system has no such devices")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_other_devices_are_refused(device):
    with pytest.raises(RosterError, match="is a device or a socket"):
        read_roster(settings(device))
