"""Copies of previews and reports where others read them; a place that takes none is told, and fails nobody's run."""

from __future__ import annotations

import json
import stat
import sys
import threading
from pathlib import Path

import fsspec
import pytest

from provision.job import values
from provision.runs.afterwards import copies

from .conftest import EVERY_FORMAT

ALL = {
    "reconciliation.csv",
    "reconciliation.xlsx",
    "reconciliation.json",
    "operations.csv",
    "identities.csv",
    "summary.json",
}


def found(said) -> list[str]:
    return [one["sentence"] for one in said.json["findings"] if one["code"] == "copy_failed"]


def test_a_folder_gets_what_people_and_programs_read_and_nothing_to_apply(box, provision, make_job, tmp_path):
    box()
    job = make_job(report={**EVERY_FORMAT, "copy_to": "share"})
    missing = provision("plan", job, "--json")
    assert (missing.code, len(found(missing))) == (2, 1)
    assert f"not copied to {tmp_path / 'share'}" in found(missing)[0]
    assert "report.copy_to" in missing.err

    checked = provision("check", job)
    assert (checked.code, "The folder of report.copy_to" in checked.err) == (1, True)

    (tmp_path / "share").mkdir()
    assert "copies of reports: fine" in " ".join(provision("doctor", job).err.split())
    planned = provision("plan", job, "--json")
    copy = tmp_path / "share" / planned.json["run_id"]
    assert (planned.code, found(planned)) == (2, [])
    assert {"preview.html", "summary.json"} <= {path.name for path in copy.iterdir()}
    applied = provision("apply", planned.folder, "--json")
    assert (applied.code, found(applied)) == (0, [])
    assert {path.name for path in copy.iterdir()} == {"preview.html", "report.html", *ALL}
    assert json.loads((copy / "summary.json").read_text())["status"] == "applied"
    assert {stat.S_IMODE(path.stat().st_mode) for path in copy.iterdir()} == {0o640}
    assert stat.S_IMODE(copy.stat().st_mode) == 0o750


@pytest.mark.parametrize("place", ["share", "memory://share/of-links"])
def test_what_a_link_in_the_run_folder_leads_to_is_handed_to_nobody(
    box, provision, make_job, monkeypatch, tmp_path, place
):
    box()
    monkeypatch.setattr(values, "COPIED_TO", ("memory",))
    (tmp_path / "share").mkdir()
    planned = provision("plan", make_job(report={"formats": ["csv"], "copy_to": place}), "--json")
    key = tmp_path / "state" / "provision.key"
    (planned.folder / "reconciliation.xlsx").symlink_to(key)

    applied = provision("apply", planned.folder, "--json")

    assert applied.code == 0
    assert "a link lies in the place of reconciliation.xlsx" in found(applied)[0]
    system = fsspec.filesystem("memory")
    copies_there = [path.read_bytes() for path in (tmp_path / "share").rglob("*") if path.is_file()]
    copies_there += [system.cat_file(name) for name in system.find("/share")]
    assert copies_there
    assert not any(key.read_bytes() in one for one in copies_there)


def test_an_address_gets_them_too_and_what_goes_wrong_there_names_no_credentials(
    box, provision, make_job, monkeypatch
):
    box()
    monkeypatch.setattr(values, "COPIED_TO", ("memory",))
    monkeypatch.setenv("SHARE", "memory://user:hush@share/reports")
    job = make_job(report={"formats": ["csv"], "copy_to": "${SHARE}"})
    planned = provision("plan", job, "--json")
    assert (planned.code, found(planned)) == (2, [])
    system = fsspec.filesystem("memory")
    names = {Path(name).name for name in system.find("/") if planned.json["run_id"] in name}
    assert {"reconciliation.csv", "summary.json"} <= names

    monkeypatch.setattr(system, "put_file", lambda *_: (_ for _ in ()).throw(PermissionError("user:hush")))
    monkeypatch.setattr(
        type(system), "put_file", lambda *_: (_ for _ in ()).throw(PermissionError("user:hush"))
    )
    refused = provision("plan", job, "--json")
    assert (refused.code, len(found(refused))) == (2, 1)
    assert "memory://share/reports" in found(refused)[0]
    assert "hush" not in refused.out + refused.err

    monkeypatch.setattr(values, "COPIED_TO", ("abfs",))
    monkeypatch.setenv("SHARE", "abfs://share@hush.example/reports")
    monkeypatch.setitem(sys.modules, "adlfs", None)
    assert "pip install 'box-provision[azure]'" in found(provision("plan", job, "--json"))[0]

    never = threading.Event()
    monkeypatch.setattr(copies, "_send", lambda *_: never.wait(5))
    monkeypatch.setattr(copies, "_PATIENCE", 0.05)
    slow = provision("plan", job, "--json")
    never.set()
    assert "did not take them in time" in found(slow)[0]


@pytest.mark.parametrize("place", ["https://share.example/reports", "ftp://share.example/reports"])
def test_a_place_that_cannot_be_written_to_is_no_job(provision, make_job, place):
    said = provision("check", make_job(report={"copy_to": place}), "--json")

    assert said.code == 1
    assert "sftp://" in said.json["error"]
