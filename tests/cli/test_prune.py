"""Old run folders deleted: those that nothing needs, and no others; the ledger can be made anew from what stays."""

from __future__ import annotations

import contextlib
import json
import shutil
from datetime import timedelta

import pytest

from provision.job.load import load_job
from provision.ledger.store import open_ledger
from provision.runs.memory.lock import locked
from provision.runs.past import retention
from provision.runs.past.prune import PruneOptions

from .conftest import run_folders
from .test_rebuild import lost

HEADER = "external_id,login,name,groups\n"
MIA, NINA = "E1,mia@acme.example,Mia Managed,\n", "E4,nina@acme.example,Nina Néw,\n"
OTTO = "E2,otto@acme.example,Otto Ömer,{}\n"
ENDS = {
    "groups": {"column": "groups", "create": True},
    "lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "300d", "do": "delete"}]},
}


@pytest.fixture
def nights_of_half_a_year(box, provision, make_job, clock, monkeypatch):
    """A group is made in the first night, and named then only.

    Mia is absent and locked in the first week, Nina is made in it; two nights a quarter later name Otto and Nina.
    """
    monkeypatch.setattr(retention, "BASELINES", 1)
    box()

    def night(day, *people, command="run"):
        clock(24 * day)
        return provision(
            command, make_job(HEADER + "".join(people).replace("{}", ""), **ENDS), "--json"
        ).folder

    return {
        "first": night(0, MIA, OTTO.format("Sales")),
        "planned": night(0.5, MIA, OTTO, command="plan"),
        "made": night(1, MIA, OTTO, NINA),
        "absent": night(2, OTTO, NINA),
        "locked": night(3, OTTO, NINA),
        "quarter": night(100, OTTO, NINA),
        "later": night(101, OTTO, NINA),
    }


def known(state):
    with contextlib.closing(open_ledger(f"sqlite:///{state}")) as ledger:
        memory = ledger.memory("27335", "nightly")
        columns = ["box_id", "external_id", "login", "left_at"]
        return (
            sorted(memory.accounts[columns].to_numpy().tolist()),
            memory.stages.drop(columns="at", errors="ignore").to_numpy().tolist(),
            memory.groups.to_numpy().tolist(),
            memory.accepted_rows,
        )


def test_what_goes_is_needed_for_nothing_and_the_ledger_can_be_made_anew(
    provision, nights_of_half_a_year, clock, tmp_path
):
    folders, state = nights_of_half_a_year, tmp_path / "state" / "provision.db"
    job, before = tmp_path / "nightly.yaml", known(state)
    clock(24 * 150)

    dry = provision("runs", job, "--prune", "--older-than", "90d", "--dry-run", "--json")
    assert (dry.code, dry.json["dry_run"], dry.json["bytes"] > 0) == (0, True, True)
    gone = {folders[name].name for name in ("planned", "absent")}
    assert {one["run_id"] for one in dry.json["deleted"]} == gone
    assert {one["run_id"]: one["code"] for one in dry.json["kept"]} == {
        folders["first"].name: "ledger",  # of the group
        folders["made"].name: "ledger",  # of Mia, whom no later run names
        folders["locked"].name: "ledger",
        folders["quarter"].name: "young",
        folders["later"].name: "young",
    }
    assert len(run_folders(tmp_path / "runs")) == 7

    said = provision("runs", "--prune", "--older-than", "90d", "--yes")
    assert said.code == 0
    assert "was only planned" in said.out
    assert "2 run folders deleted" in said.err
    assert "stays: no later run tells what it knows" in said.out
    assert all(len(line) <= 200 for line in said.out.splitlines())
    assert not any(path.name in gone for path in run_folders(tmp_path / "runs"))
    record = [json.loads(line) for line in (tmp_path / "runs" / "pruned.jsonl").read_text().splitlines()]
    assert {one["run_id"] for one in record} == gone

    lost(state)
    assert provision("runs", job, "--rebuild").code == 0
    assert known(state) == before


def test_a_deletion_that_breaks_off_leaves_no_half_run(
    provision, nights_of_half_a_year, clock, tmp_path, monkeypatch
):
    job = tmp_path / "nightly.yaml"
    clock(24 * 150)
    listed = len(provision("runs", job, "--json").json["runs"])
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", lambda _: (_ for _ in ()).throw(OSError(5, "Input/output error")))
        assert provision("runs", job, "--prune", "--older-than", "90d").code == 1

    assert len(list((tmp_path / "runs").glob(".pruned-*"))) == 1
    assert len(provision("runs", job, "--json").json["runs"]) == listed - 1
    assert provision("explain", job, "mia@acme.example").code == 0
    assert provision("runs", job, "--prune", "--older-than", "90d").code == 0
    assert not list((tmp_path / "runs").glob(".pruned-*"))

    # what a link leads to stays, whoever put it there, and it stops no later deletion
    victim = tmp_path / "victim"
    victim.mkdir()
    for name in ("20200101T000000Z-nightly-abcd", ".pruned-20200101T000000Z-nightly-abce"):
        (tmp_path / "runs" / name).symlink_to(victim)
    (tmp_path / "runs" / ".pruned-20200101T000000Z-nightly-abcf").write_text("no folder")
    assert provision("runs", job, "--prune", "--older-than", "90d").code == 0
    assert victim.is_dir()
    assert not list((tmp_path / "runs").glob("*2020*"))

    # whoever works on the enterprise is not disturbed
    clock(24 * 400)
    with locked(load_job(job, {}, signs_in=False), "27335"):
        busy = provision("runs", job, "--prune", "--older-than", "1d", "--json")
    assert busy.code == 6


def test_a_folder_that_names_a_job_of_its_own_has_no_ledger_asked(
    box, provision, make_job, tmp_path, monkeypatch
):
    """The address of a ledger may hold any variable of the environment."""
    box()
    folder = provision("run", make_job(HEADER + MIA), "--json").folder
    foreign = shutil.copytree(folder, folder.with_name("29990101T000000Z-nightly-abcd"))
    theirs = tmp_path / "theirs.yaml"
    theirs.write_text((tmp_path / "nightly.yaml").read_text().replace("state/provision", "theirs/provision"))
    told = json.loads((foreign / "run.json").read_text()) | {"job_path": str(theirs), "run_id": foreign.name}
    (foreign / "run.json").write_text(json.dumps(told))
    asked = []
    monkeypatch.setattr("provision.runs.past.prune.judged", lambda job, *_: asked.append(job.path) or [])
    monkeypatch.chdir(tmp_path)

    said = provision("runs", "--prune", "--older-than", "90d", "--dry-run")
    assert (said.code, asked) == (0, []), said.err
    assert "The runs of job nightly stay" in said.err
    shutil.rmtree(foreign)
    assert provision("runs", "--prune", "--older-than", "90d", "--dry-run").code == 0
    assert [str(one) for one in asked] == [str(tmp_path / "nightly.yaml")]


def test_held_approved_and_damaged_folders_stay(box, provision, make_job, clock, tmp_path):
    box()
    clock(0)
    job = make_job(guards={"creates": {"count": 0}})
    held = provision("run", job, "--json").folder
    answered = provision("plan", job, "--json").folder
    assert provision("approve", answered, "--all", "--by", "Ines", "--until", "2099-01-01").code == 0
    damaged = provision("plan", job, "--json").folder
    (damaged / "approvals.json").write_text("{")
    (tmp_path / "runs" / "20269999T000000Z-nightly-0000").mkdir()  # of no day
    clock(24 * 200)

    said = provision("runs", job, "--prune", "--older-than", "90d", "--json").json

    assert {one["run_id"]: one["code"] for one in said["kept"]} == {
        held.name: "hold", answered.name: "approval", damaged.name: "not_believed",
    }  # fmt: skip
    assert {one["run_id"] for one in said["deleted"]} <= {"20269999T000000Z-nightly-0000"}


@pytest.mark.parametrize(
    "flags",
    [
        ["--prune"],
        ["--older-than", "90d"],
        ["--prune", "--older-than", "12h"],
        ["--prune", "--older-than", "soon"],
        ["--prune", "--older-than", "90d", "--rebuild"],
    ],
)
def test_flags_that_make_no_sense_are_told(provision, flags):
    assert provision("runs", "job.yaml", *flags).code == 1


def test_an_age_is_read_as_job_files_write_it():
    assert PruneOptions("12w").age == timedelta(days=84)
