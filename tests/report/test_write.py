"""Files of the run folder: private or not at all, and errors that say what to do."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path

import pytest

from provision.errors import ExitCode, RunFolderError
from provision.files import whole
from provision.report.summary import Summary
from provision.report.value import Reconciliation, RunFacts
from provision.report.write import write_reports, write_summary

FORMATS = ("html", "csv", "xlsx", "json")


def test_report_files_have_their_names(verified: Reconciliation, facts: RunFacts, tmp_path: Path) -> None:
    written = write_reports(verified, facts, tmp_path, FORMATS)

    assert {form: path.name for form, path in written.items()} == {
        "html": "report.html",
        "csv": "reconciliation.csv",
        "xlsx": "reconciliation.xlsx",
        "json": "reconciliation.json",
    }


def test_only_the_formats_asked_for_are_written(
    preview: Reconciliation, preview_facts: RunFacts, tmp_path: Path
) -> None:
    write_reports(preview, preview_facts, tmp_path, ("html",))

    assert [path.name for path in tmp_path.iterdir()] == ["preview.html"]


def test_files_are_for_the_owner_only(verified: Reconciliation, facts: RunFacts, tmp_path: Path) -> None:
    paths = [*write_reports(verified, facts, tmp_path, FORMATS).values(), write_summary(Summary(), tmp_path)]

    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}


def test_writing_again_replaces_and_leaves_nothing_else(
    verified: Reconciliation, facts: RunFacts, tmp_path: Path
) -> None:
    first = {path.name for path in write_reports(verified, facts, tmp_path, FORMATS).values()}

    write_reports(verified, facts, tmp_path, FORMATS)

    assert {path.name for path in tmp_path.iterdir()} == {*first, "operations.csv"}


def test_summary_file_is_one_json_object(tmp_path: Path) -> None:
    path = write_summary(Summary(job="nightly"), tmp_path)

    assert path.name == "summary.json"
    assert json.loads(path.read_bytes())["job"] == "nightly"


def test_failed_write_keeps_what_stood_there(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text("before")

    with pytest.raises(RunFolderError):
        whole(path, _full_disk)

    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def _full_disk(part: Path) -> None:
    part.write_text("half")
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    ("number", "cause"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "the disk is mounted read-only"),
        (errno.EACCES, "the folder belongs to somebody else or is read-only"),
        (errno.EIO, "the disk is full or the folder is not writable"),
    ],
)
def test_error_says_what_why_and_what_to_do(number: int, cause: str, tmp_path: Path) -> None:
    def fail(_: Path) -> None:
        raise OSError(number, "it went wrong")

    with pytest.raises(RunFolderError) as caught:
        whole(tmp_path / "report.html", fail)

    what, why, remedy = str(caught.value).splitlines()
    assert what == f"Cannot write {tmp_path / 'report.html'}: it went wrong."
    assert why == f"  usual cause: {cause}"
    assert remedy.startswith("  do: ")
    assert "then run again" in remedy
    assert caught.value.exit_code is ExitCode.INPUT


@pytest.mark.parametrize("form", FORMATS)
def test_vanished_folder_is_an_error_a_person_can_act_on(
    form: str, verified: Reconciliation, facts: RunFacts, tmp_path: Path
) -> None:
    with pytest.raises(RunFolderError, match="Cannot write"):
        write_reports(verified, facts, tmp_path / "gone", (form,))


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What reaches the disk, in order: the content of a file, the name of a file, a folder."""
    taken: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synced(number: int) -> None:
        told = os.fstat(number)
        taken.append("folder" if stat.S_ISDIR(told.st_mode) else f"{told.st_size} bytes")
        fsync(number)

    def renamed(source: Path, target: Path) -> None:
        taken.append("name")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", renamed)
    return taken


def test_content_is_on_the_disk_before_it_gets_its_name(steps: list[str], tmp_path: Path) -> None:
    whole(tmp_path / "plan.json", lambda part: part.write_bytes(b"whole"))

    assert steps == ["5 bytes", "name", "folder"]


def test_system_that_cannot_write_a_folder_through_is_no_trouble(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fsync = os.fsync

    def refusing(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(number)

    monkeypatch.setattr(os, "fsync", refusing)

    assert whole(tmp_path / "plan.json", lambda part: part.write_bytes(b"whole")).read_bytes() == b"whole"


def test_content_that_does_not_reach_the_disk_replaces_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")

    def failing(number: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", failing)

    with pytest.raises(RunFolderError, match=r"plan\.json"):
        whole(path, lambda part: part.write_bytes(b"new"))
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"plan.json": b"old"}
