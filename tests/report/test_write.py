"""Files of the run folder: private or not at all, and errors that say what to do."""

from __future__ import annotations

import errno
import json
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

    assert {path.name for path in tmp_path.iterdir()} == first


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
