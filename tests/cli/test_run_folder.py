"""What a run leaves, and the commands that read it again."""

from __future__ import annotations

import errno
import json
import re
import stat
import tempfile

import pytest

from provision.directory import gather, listing

from .conftest import EVERY_FORMAT, KEYS, ROSTER, accounts, logins, person, run_folders

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


def test_run_has_the_files_of_the_contract_for_its_owner_alone(applied, tmp_path):
    """Under a name of time, job and four digits, for its owner alone; the summary names what is there."""
    assert names(applied) >= APPLIED
    assert not [name for name in names(applied) if name.endswith((".part", "-wal", "-shm", "-journal"))]

    assert {stat.S_IMODE(path.stat().st_mode) for path in applied.iterdir()} == {0o600}
    assert stat.S_IMODE(applied.stat().st_mode) == 0o700
    assert stat.S_IMODE(applied.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()} == {0o600}

    summary = json.loads((applied / "summary.json").read_text())
    assert re.fullmatch(r"\d{8}T\d{6}Z-nightly-[0-9a-f]{4}", applied.name)
    assert summary["run_id"] == applied.name
    files = summary["files"]
    assert files.pop("run_dir") == str(applied)
    assert {name: path for name, path in files.items() if not (applied / path).is_file()} == {}


def test_plan_has_its_files_and_no_journal_and_both_pages_once_it_is_applied(box, provision, make_job):
    box()
    folder = provision("plan", make_job(report={}), "--json").folder

    assert names(folder) >= PLANNED
    assert not names(folder) & {"journal.sqlite", "report.html"}

    provision("apply", folder)
    assert names(folder) >= APPLIED | {"preview.html"}


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


def test_only_the_formats_of_the_job_are_written(box, provision, make_job):
    box()
    pages = {"html": "report.html", **{form: f"reconciliation.{form}" for form in ("csv", "xlsx", "json")}}

    for wanted in (["csv", "json"], ["html", "xlsx"], []):
        folder = provision("run", make_job(report={"formats": wanted}), "--json").folder
        assert {form for form, name in pages.items() if name in names(folder)} == set(wanted)


def test_report_is_written_again_in_the_format_asked_for(applied, provision, tmp_path, no_sockets):
    """From the run folder alone: it needs no Box and no job file."""
    before = (applied / "reconciliation.csv").read_bytes()
    for name in ("reconciliation.csv", "reconciliation.xlsx", "report.html"):
        (applied / name).unlink()
    (tmp_path / "nightly.yaml").unlink()
    no_sockets()

    said = provision("report", applied, "--format", "csv", "--json")

    assert (said.code, said.json["exit_code"]) == (0, 0)
    assert (applied / "reconciliation.csv").read_bytes() == before
    assert not names(applied) & {"reconciliation.xlsx", "report.html"}
    assert stat.S_IMODE((applied / "reconciliation.csv").stat().st_mode) == 0o600


def test_run_is_found_by_its_id_its_folder_or_a_file_in_it_and_by_no_other_job(
    box, provision, make_job, tmp_path
):
    box()
    planned = provision("plan", make_job(), "--json").folder
    other = make_job(name="other")

    assert tmp_path == planned.parent.parent  # where an id alone is looked for
    named = (planned.name, planned, planned / "plan.json")
    assert [provision("report", name).code for name in named] == [0] * 3
    assert provision("runs", other).out == ""
    assert provision("runs", other, "--json").json == {"runs": [], "exit_code": 0, "error": None}
    assert planned.name in provision("runs").out


def test_runs_are_listed_newest_first(box, provision, make_job, clock):
    box()
    job = make_job()
    folders = []
    for hours in (0, 1):
        clock(hours)
        folders.append(provision("run", job, "--json").folder.name)

    said = provision("runs", job)
    assert [line.split()[0] for line in said.out.splitlines()] == folders[::-1]
    assert [line.split()[1] for line in said.out.splitlines()] == ["no_changes", "applied"]

    told = provision("runs", job, "--json")
    assert told.out.count("\n") == 1
    assert [one["run_id"] for one in told.json["runs"]] == folders[::-1]
    assert set(KEYS) <= set(told.json["runs"][0])


def test_runs_that_begin_in_one_second_do_not_meet(box, provision, make_job, clock, tmp_path):
    box()
    clock(0)
    job = make_job()
    for _ in range(3):
        provision("plan", job)

    assert len(run_folders(tmp_path / "runs")) == 3


# --- part of a plan ----------------------------------------------------------------------------------


def test_only_the_kinds_asked_for_are_applied(box, provision, make_job):
    """And what was left out is still to be done: each plan begins where the one before has left off."""
    server = box()
    more = ROSTER.replace("Director", "Chief") + "E5,nora@acme.example,Nora Nye,,active\n"
    asked = (
        (ROSTER, ("--only", "delete"), []),
        (ROSTER, ("--only", "create,update", "--except", "update"), ["create"]),
        (ROSTER, ("--only", "update"), ["create", "update"]),
        (more, ("--except", "create"), ["create", "update", "activate"]),
    )
    left = [{"create": 1, "update": 1, "activate": 1}] * 2 + [{"update": 1, "activate": 1}]
    left.append({"create": 1, "update": 1, "activate": 1})
    for at, (roster, flags, there) in enumerate(asked):
        planned = provision("plan", make_job(roster), "--json")
        assert planned.json["planned"] == left[at], flags
        said = provision("apply", planned.folder, *flags, "--json")

        title = person(server, "otto@acme.example")["job_title"]
        happened = {
            "create": person(server, "nina@acme.example") != {},
            "update": title == ("Director" if roster == ROSTER else "Chief"),
            "activate": person(server, "ina@acme.example")["status"] == "active",
        }
        assert said.code == 0, flags
        assert [kind for kind, yes in happened.items() if yes] == there, flags
        assert said.json["outcomes"]["done"] == (0, 1, 1, 2)[at], flags
    assert person(server, "nora@acme.example") == {}


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
    again = provision("plan", job, "--json")
    assert (again.code, again.json["planned"]) == (0, {})
