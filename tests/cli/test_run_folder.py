"""What a run leaves, and the commands that read it again."""

from __future__ import annotations

import errno
import json
import re
import stat
import tempfile

import pytest

from provision.directory import gather, listing

from .conftest import EVERY_FORMAT, KEYS, accounts, logins, person, run_folders

PLANNED = {
    "plan.json", "people.parquet", "preview.html", "reconciliation.csv", "reconciliation.xlsx", "operations.csv",
    "reconciliation.json", "identities.csv", "summary.json", "log.jsonl",
}  # fmt: skip
APPLIED = (PLANNED - {"preview.html"}) | {"journal.sqlite", "report.html"}


@pytest.fixture
def applied(box, provision, make_job):
    box()
    return provision("run", make_job(report=EVERY_FORMAT), "--json").folder


def names(folder):
    return {path.name for path in folder.iterdir()}


def test_run_has_the_files_of_the_contract(applied):
    assert names(applied) >= APPLIED
    assert not [name for name in names(applied) if name.endswith((".part", "-wal", "-shm", "-journal"))]


def test_plan_has_its_files_and_no_journal(box, provision, make_job):
    box()
    folder = provision("plan", make_job(report={}), "--json").folder

    assert names(folder) >= PLANNED
    assert not names(folder) & {"journal.sqlite", "report.html"}


def test_applied_plan_has_both_pages(box, provision, make_job):
    box()
    folder = provision("plan", make_job(report=EVERY_FORMAT), "--json").folder
    provision("apply", folder)

    assert names(folder) >= APPLIED | {"preview.html"}


def test_only_its_owner_can_read_a_run(applied, tmp_path):
    assert {stat.S_IMODE(path.stat().st_mode) for path in applied.iterdir()} == {0o600}
    assert stat.S_IMODE(applied.stat().st_mode) == 0o700
    assert stat.S_IMODE(applied.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()} == {0o600}


def test_run_id_is_time_job_and_four_digits(applied):
    assert re.fullmatch(r"\d{8}T\d{6}Z-nightly-[0-9a-f]{4}", applied.name)
    assert json.loads((applied / "summary.json").read_text())["run_id"] == applied.name


def test_files_the_summary_names_are_there(applied):
    files = json.loads((applied / "summary.json").read_text())["files"]

    assert files.pop("run_dir") == str(applied)
    assert {name: path for name, path in files.items() if not (applied / path).is_file()} == {}


def test_nothing_is_left_in_the_temporary_folder(box, provision, make_job, tmp_path, monkeypatch):
    box()
    job = make_job(report=EVERY_FORMAT)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    monkeypatch.setattr(tempfile, "tempdir", None)

    for command in (("plan", job), ("run", job), ("verify", job), ("export", job, "--out", "all.xlsx")):
        provision(*command)

    assert list((tmp_path / "temporary").iterdir()) == []
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("wanted", [["csv"], ["html", "json"], ["xlsx"], []])
def test_only_the_formats_of_the_job_are_written(box, provision, make_job, wanted):
    box()
    folder = provision("run", make_job(report={"formats": wanted}), "--json").folder

    pages = {"html": "report.html", **{form: f"reconciliation.{form}" for form in ("csv", "xlsx", "json")}}
    assert {form for form, name in pages.items() if name in names(folder)} == set(wanted)


def test_report_is_written_again_in_the_format_asked_for(applied, provision):
    before = (applied / "reconciliation.csv").read_bytes()
    for name in ("reconciliation.csv", "reconciliation.xlsx", "report.html"):
        (applied / name).unlink()

    said = provision("report", applied, "--format", "csv", "--json")

    assert (said.code, said.json["exit_code"]) == (0, 0)
    assert (applied / "reconciliation.csv").read_bytes() == before
    assert not names(applied) & {"reconciliation.xlsx", "report.html"}
    assert stat.S_IMODE((applied / "reconciliation.csv").stat().st_mode) == 0o600


def test_report_needs_no_box_and_no_job_file(applied, provision, tmp_path, no_sockets):
    (tmp_path / "nightly.yaml").unlink()
    no_sockets()

    assert provision("report", applied).code == 0


def test_run_may_be_named_by_its_id_its_folder_or_a_file_in_it(applied, provision, monkeypatch):
    monkeypatch.chdir(applied.parent.parent)

    assert [provision("report", name).code for name in (applied.name, applied, applied / "plan.json")] == [
        0
    ] * 3


def test_runs_are_listed_newest_first(box, provision, make_job, clock):
    box()
    job = make_job()
    folders = []
    for hours in (0, 1, 2):
        clock(hours)
        folders.append(provision("run", job, "--json").folder.name)

    said = provision("runs", job)
    assert [line.split()[0] for line in said.out.splitlines()] == folders[::-1]
    assert [line.split()[1] for line in said.out.splitlines()] == ["no_changes", "no_changes", "applied"]

    told = provision("runs", job, "--json")
    assert told.out.count("\n") == 1
    assert [one["run_id"] for one in told.json["runs"]] == folders[::-1]
    assert set(KEYS) <= set(told.json["runs"][0])


def test_runs_of_another_job_are_not_listed(applied, provision, make_job):
    other = make_job(name="other")

    assert provision("runs", other).out == ""
    assert provision("runs", other, "--json").json == {"runs": []}
    assert applied.name in provision("runs").out


def test_runs_that_begin_in_one_second_do_not_meet(box, provision, make_job, clock, tmp_path):
    box()
    clock(0)
    job = make_job()
    for _ in range(4):
        provision("plan", job)

    assert len(run_folders(tmp_path / "runs")) == 4


# --- part of a plan ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flags", "done"),
    [
        (("--only", "create"), ["create"]),
        (("--only", "create,update"), ["create", "update"]),
        (("--except", "create"), ["update", "activate"]),
        (("--only", "create,update", "--except", "update"), ["create"]),
        (("--only", "delete"), []),
    ],
)
def test_only_the_kinds_asked_for_are_applied(box, provision, make_job, flags, done):
    server = box()
    folder = provision("plan", make_job(), "--json").folder

    said = provision("apply", folder, *flags, "--json")

    happened = {
        "create": person(server, "nina@acme.example") != {},
        "update": person(server, "otto@acme.example")["job_title"] == "Director",
        "activate": person(server, "ina@acme.example")["status"] == "active",
    }
    assert said.code == 0
    assert [kind for kind, yes in happened.items() if yes] == done
    assert said.json["outcomes"]["done"] == len(done)


def test_what_was_left_out_is_still_to_be_done(box, provision, make_job):
    box()
    job = make_job()
    provision("apply", provision("plan", job, "--json").folder, "--only", "create")

    assert provision("plan", job, "--json").json["planned"] == {"update": 1, "activate": 1}


def test_kind_that_does_not_exist_applies_nothing(box, provision, make_job):
    server = box()
    folder = provision("plan", make_job(), "--json").folder
    before = accounts(server)

    said = provision("apply", folder, "--only", "create,invent")

    assert (said.code, accounts(server)) == (1, before)
    assert "There is no kind of operation 'invent'" in said.err


def test_a_disk_that_is_full_for_the_last_listing_hides_nothing_that_was_done(
    box, provision, make_job, monkeypatch
):
    server, job = box(), make_job()
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    monkeypatch.setattr(gather, "HELD", 1)
    monkeypatch.setattr(gather, "BATCH", 2)
    make = tempfile.TemporaryFile

    def full_at_last(**how):
        if "nina@acme.example" in logins(server):  # everything was planned before
            raise OSError(errno.ENOSPC, "No space left on device")
        return make(**how)

    with monkeypatch.context() as disk:
        disk.setattr(tempfile, "TemporaryFile", full_at_last)
        said = provision("run", job, "--json")

    assert (said.code, said.json["status"], said.json["outcomes"]["done"]) == (4, "partial", 3)
    assert "cannot be written among the temporary files: No space left on device" in said.json["error"]
    assert "nina@acme.example" in logins(server)
    again = provision("run", job, "--json")
    assert (again.code, again.json["planned"]) == (0, {})
