"""The ledger made anew from the run folders: it knows what it knew, and the next plan says the same."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from provision.because import Because
from provision.errors import InputError, RunFolderError
from provision.journal.book import Journal
from provision.ledger.store import open_ledger
from provision.report.sentences.reasons import WORDS
from provision.runs.applying import execute

from .conftest import complaint, not_closed, person, run_folders

MIA = "E1,mia@acme.example,Mia Managed\n"
OTTO = "E2,otto@acme.example,Otto Ömer\n"
NINA = "E4,nina@acme.example,Nina Néw\n"
HEADER = "external_id,login,name\n"
STAGES = {"lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "5d", "do": "delete"}]}}


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state" / "provision.db"


@pytest.fixture
def night(provision, make_job, clock):
    """Runs a job with these people, so many days after the first night."""

    def run(day, *people, command="run", header=HEADER, **sections):
        clock(24 * day)
        return provision(command, make_job(header + "".join(people), **{**STAGES, **sections}), "--json")

    return run


@pytest.fixture
def some_nights(box, night):
    """Hired, absent, deactivated, absent; one preview between, and a bad row."""
    server = box()
    nights = [
        (MIA, OTTO),
        (OTTO, NINA),
        (OTTO, NINA),
        (MIA, OTTO),
        (MIA, NINA),
        (MIA, NINA, ",,Otto Nobody\n"),
    ]
    for day, people in enumerate(nights):
        night(day, *people)
    night(5, OTTO, command="plan")
    assert person(server, "mia@acme.example")["status"] == "active"
    return server


@pytest.fixture
def two_nights(box, night):
    box()
    night(0, MIA, OTTO)
    night(1, OTTO, NINA)


def knowledge(state: Path, job: str = "nightly", enterprise: str = "27335"):
    """All that the planner is told."""
    with contextlib.closing(open_ledger(f"sqlite:///{state}")) as ledger:
        memory = ledger.memory(enterprise, job)
        frames = [frame.to_numpy().tolist() for frame in (memory.accounts, memory.absences)]
        return (*frames, memory.accepted_rows, ledger.runs_taught(enterprise, job))


def lost(state: Path) -> None:
    for path in state.parent.glob("provision.db*"):
        path.unlink()


def rebuilt(provision, tmp_path):
    return provision("runs", tmp_path / "nightly.yaml", "--rebuild", "--json")


def applied(tmp_path):
    """The folders of runs that were applied, oldest first."""
    return [path for path in run_folders(tmp_path / "runs") if (path / "journal.sqlite").exists()]


def test_rebuilt_ledger_knows_what_it_knew_and_the_next_plan_says_the_same(
    some_nights, night, provision, state, tmp_path
):
    before = knowledge(state)
    assert all(before)
    planned = night(6, NINA, command="plan").json["planned"]
    assert planned
    lost(state)

    said = rebuilt(provision, tmp_path)
    assert said.code == 0
    assert said.json == {
        "job": "nightly", "ledger": f"sqlite:///{state}", "moved_aside": None, "taught": 6, "only_planned": 2,
        "left_out": [], "exit_code": 0, "error": None,
    }  # fmt: skip
    assert knowledge(state) == before
    assert night(6, NINA, command="plan").json["planned"] == planned


def test_a_sound_ledger_is_rebuilt_without_a_change_also_to_the_run_folders_and_what_other_jobs_know(
    two_nights, night, provision, state, tmp_path
):
    from filelock import FileLock

    night(2, OTTO, name="other")
    other, before = knowledge(state, "other"), knowledge(state)
    assert other[0]
    folders = contents(tmp_path / "runs")

    for _ in range(2):
        assert rebuilt(provision, tmp_path).code == 0
        assert (knowledge(state), knowledge(state, "other")) == (before, other)
    assert contents(tmp_path / "runs") == folders
    with FileLock(state.parent / "enterprise-27335.lock"):
        assert rebuilt(provision, tmp_path).code == 6

    # it is not made poorer
    applied(tmp_path)[0].rename(tmp_path / "elsewhere")
    said = rebuilt(provision, tmp_path)
    assert (said.code, said.json["status"]) == (1, "failed")
    assert f"The ledger has learned from 1 runs that have no folder in {tmp_path / 'runs'}" in complaint(said)
    assert (knowledge(state), knowledge(state, "other")) == (before, other)


def contents(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_broken_ledger_is_moved_aside_and_named_and_rebuilt_without_a_box(
    two_nights, night, provision, state, tmp_path, no_sockets
):
    before, whole = knowledge(state), state.read_bytes()
    for damaged in (b"rubbish" * 1000, whole[:4096] + b"\xa5" * (len(whole) - 4096)):
        lost(state)
        state.write_bytes(damaged)
        refused = night(6, MIA)
        assert refused.code == 1
        assert "provision runs JOB --rebuild" in complaint(refused)

        said = rebuilt(provision, tmp_path)
        assert said.code == 0
        aside = Path(said.json["moved_aside"])
        assert aside.name.startswith("provision.db.broken-")
        assert aside.read_bytes() == damaged
        assert knowledge(state) == before
        aside.unlink()

    lost(state)
    no_sockets()
    said = provision("runs", tmp_path / "nightly.yaml", "--rebuild")
    assert said.code == 0
    assert said.out == (
        "The ledger of job nightly was rebuilt from 2 runs; 2 were only planned, 0 could not be read.\n"
    )
    assert knowledge(state) == before


def test_a_run_with_an_edited_plan_or_a_damaged_file_is_named_and_left_out(
    two_nights, provision, state, tmp_path
):
    first, second = applied(tmp_path)
    for run, part, why in [
        (first, "people.parquet", ""),
        (first, "journal.sqlite", ""),
        (second, "plan.json", "was changed after it was made"),
    ]:
        lost(state)
        whole = (run / part).read_bytes()
        edited = whole.replace(b"nina", b"nora")
        (run / part).write_bytes(edited if part == "plan.json" else b"rubbish" * 1000)

        said = rebuilt(provision, tmp_path)
        assert (said.code, said.json["exit_code"], said.json["taught"]) == (1, 1, 1), part
        assert [one["run_dir"] for one in said.json["left_out"]] == [str(run)], part
        assert why in said.json["left_out"][0]["why"]
        assert run.name in said.err
        assert knowledge(state)[3] == {first.name, second.name} - {run.name}
        (run / part).write_bytes(whole)


def cut_off(folder):
    """Leaves of a run what a kill before its end would have left."""
    (folder / "summary.json").unlink()
    not_closed(folder)
    with contextlib.closing(sqlite3.connect(folder / "journal.sqlite")) as journal, journal:
        journal.execute("DELETE FROM about WHERE name = 'finished'")


def test_run_that_was_cut_off_teaches_what_it_did_and_accepts_no_roster_and_the_last_one_waits_for_the_next_run(
    box, night, provision, state, tmp_path
):
    box()
    first = night(0, MIA, OTTO).folder
    cut_off(night(1, NINA).folder)
    lost(state)
    assert rebuilt(provision, tmp_path).code == 0
    assert knowledge(state)[3] == {first.name}

    night(2, OTTO)
    lost(state)
    assert rebuilt(provision, tmp_path).code == 0
    accounts, absences, rows, runs = knowledge(state)
    assert [row[3] for row in accounts] == ["mia@acme.example", "otto@acme.example", "nina@acme.example"]
    # absent from the last roster; the one before does not count
    assert [row[1] for row in absences] == [1, 1]
    assert (rows, len(runs)) == (1, 3)


def test_nothing_to_rebuild_from_is_told_and_the_ledger_stays(box, night, provision, state, tmp_path):
    box()
    night(0, MIA, command="plan")

    said = provision("runs", tmp_path / "nightly.yaml", "--rebuild", "--json")
    assert (said.code, said.json["status"]) == (1, "failed")
    assert "There is no run in" in complaint(said)


def test_rebuild_needs_its_job(provision):
    said = provision("runs", "--rebuild")

    assert said.code == 1
    assert "--rebuild, --trust and --new-ledger need a JOB" in complaint(said)


# --- provision runs without it -----------------------------------------------------------------------


def test_runs_folder_that_is_none_is_a_sentence(provision, make_job, said_where, tmp_path):
    (tmp_path / "runs").write_text("a file")

    said = provision("runs", make_job(), "--json")
    assert (said.code, said.json["status"]) == (1, "failed")
    assert f"The runs in {tmp_path / 'runs'} cannot be listed: Not a directory." in complaint(said)


@pytest.mark.parametrize(
    "text", ["[]", '"text"', "{", '{"planned": [], "status": 7}', '{"planned": {"create": {}}}']
)
def test_summary_that_is_none_is_listed_with_what_is_known(provision, tmp_path, text):
    folder = tmp_path / "runs" / "20260302T010007Z-nightly-ab12"
    folder.mkdir(parents=True)
    (folder / "summary.json").write_text(text)

    said = provision("runs")
    damaged = text in ("[]", '"text"', "{")
    assert (said.code, said.out.split()[0]) == (int(damaged), folder.name)
    assert not damaged or f"{folder.name}/summary.json cannot be read" in complaint(said)
    assert provision("runs", "--json").json["runs"][0]["run_dir"] == f"runs/{folder.name}"


def test_another_word_for_ignored_makes_nobody_a_leaver(box, night, provision, state, tmp_path, monkeypatch):
    """Words may be polished: whom the roster said to ignore is not owned, also by a ledger made anew afterwards."""
    zoe = "E5,zoe@acme.example,Zoë Unowned,{}\n"
    people = [row.replace("\n", ",\n") for row in (MIA, OTTO)]
    once = {"lifecycle": {**STAGES["lifecycle"], "evidence": {"absent_runs": 1}}}
    box()
    night(0, *people, zoe.format("ignore"), header="external_id,login,name,action\n", **once)
    owned = {account[3] for account in knowledge(state)[0]}
    assert owned == {"mia@acme.example", "otto@acme.example"}

    monkeypatch.setitem(WORDS, Because.IGNORED, "this row is to be ignored")
    lost(state)
    assert provision("runs", tmp_path / "nightly.yaml", "--rebuild").code == 0

    assert {account[3] for account in knowledge(state)[0]} == owned
    said = night(1, *people, command="plan", header="external_id,login,name,action\n", **once)
    assert said.json["planned"] == {}


def test_a_run_whose_disk_was_full_accepts_no_roster_when_it_is_learned_again(
    box, night, provision, state, tmp_path, monkeypatch
):
    box()
    night(0, MIA, OTTO)

    def full(self, change_id):
        raise RunFolderError("Cannot write journal.sqlite: No space left on device.")

    with monkeypatch.context() as broken:
        broken.setattr(Journal, "begin", full)
        assert night(1, OTTO, NINA).code == 4
    before = knowledge(state)
    assert provision("runs", tmp_path / "nightly.yaml", "--rebuild").code == 0

    assert [row[1] for row in knowledge(state)[1]] == [row[1] for row in before[1]] == []


def test_a_ledger_that_cannot_be_written_is_told_in_the_run_folder_too(box, night, monkeypatch):
    box()

    def broken(job):
        raise InputError("The ledger cannot be used: disk I/O error.")

    monkeypatch.setattr(execute, "ledger_of", broken)
    said = night(0, MIA, OTTO, NINA)
    kept = json.loads((said.folder / "summary.json").read_text())

    assert (said.code, kept["exit_code"], kept["status"]) == (4, 4, "partial")
    assert "disk I/O error" in kept["error"]
