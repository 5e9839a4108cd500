"""One person forgotten: nothing of them is left in any byte of runs and state, and what was done stays told."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import shutil
import sqlite3
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from provision.job.settings import Job
from provision.runs.forgetting import forget as forgetting
from provision.runs.forgetting import swap
from provision.runs.forgetting.eraser import Eraser
from provision.runs.seal.key import SealKey
from provision.runs.seal.seal import is_proven

from .conftest import EVERY_FORMAT, complaint, person

HEADER = "external_id,login,name,job_title,phone,address,status,manager\n"
GONE = "E4711,quirina@acme.example,Quirina Vexworth,Chief Zymurgist,+99 4455 667788,17 Xylophone Quay,{status},otto@acme.example\n"
REST = (
    "E2,otto@acme.example,Otto Ömer,Director,,,active,\n"
    "E1,mia@acme.example,Mia Managed,Buyer,,,active,{manager}\n"
)
#: all that the program was told of her
VALUES = ("quirina", "vexworth", "zymurgist", "4455 667788", "xylophone", "e4711")
#: on a page that shows what `provision explain` tells of its people
HISTORIES = 'id="histories"'
STAGES = {
    "leavers": [{"after": "0d", "do": "deactivate"}, {"after": "1d", "do": "delete", "content": "destroy"}]
}
LAX = {
    "removals": {"count": 9},
    "creates": {"count": 9},
    "updates": {"count": 9},
    "mass_change": "off",
    "shrink": {"percent": 90},
}


def roster(status="active", manager="quirina@acme.example"):
    own = GONE.format(status=status) if status else ""
    return HEADER + own + REST.format(manager=manager)


@pytest.fixture
def server(box):
    return box()


@pytest.fixture
def lived(server, provision, make_job, hands):
    """Quirina comes, is held and approved, leaves, is deleted, and stands in no roster any more: the job, her Box id and the runs."""

    def live(last=True, report=EVERY_FORMAT):
        more = {"lifecycle": STAGES, "report": report}
        job = make_job(roster(), guards=LAX, **more)
        runs = [provision("run", job, "--yes", "--json")]
        box_id = person(server, "quirina@acme.example")["id"]
        job = make_job(
            roster("inactive", "otto@acme.example"),
            guards={**LAX, "removals": {"count": 0, "percent": 0}},
            **more,
        )
        held = provision("plan", job, "--json")
        assert held.code == 3, held.err
        provision("approve", held.folder, "--all", "--by", "Ines")
        provision("report", held.folder, "--annotated")
        runs.append(provision("apply", held.folder, "--yes", "--json"))
        assert runs[-1].code == 0, runs[-1].err
        job = make_job(roster("inactive", "otto@acme.example"), guards=LAX, **more)
        hands.move(60)
        if last:
            runs.append(provision("run", job, "--yes", "--json", "--allow", "changed_job=9"))
            assert runs[-1].code == 0, runs[-1].err
            make_job(roster("", "otto@acme.example"), guards=LAX, **more)
            hands.move(61)
            runs.append(provision("run", job, "--yes", "--json"))
            assert runs[-1].code == 0, runs[-1].err
        return job, box_id, [run.folder for run in runs]

    return live


def forget(provision, job, who="quirina@acme.example", *flags):
    return provision("forget", job, who, "--by", "Ines Iversen", "--json", *flags)


def texts(path):
    """All that a file says, unpacked."""
    content = path.read_bytes()
    yield content.decode("utf-8", "replace")
    yield content.decode("utf-16-le", "replace")
    if content.startswith(b"PK"):
        with zipfile.ZipFile(path) as packed:
            yield from (packed.read(name).decode() for name in packed.namelist())
    if content.startswith(b"PAR1"):
        yield pd.read_parquet(path).to_csv()
    if content.startswith(b"SQLite"):
        with contextlib.closing(sqlite3.connect(path)) as database:
            yield "\n".join(database.iterdump())


def showing(*folders, values):
    """Which files below the folders show one of these values, by bytes and unpacked."""
    return [
        (path.name, value)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for text in texts(path)
        for value in values
        if value in text.casefold()
    ]


def test_no_byte_of_runs_and_state_tells_of_her_and_what_was_done_stays(lived, provision, tmp_path, make_job):
    job, box_id, runs = lived()
    values = (*VALUES, box_id)
    assert {value for _, value in showing(tmp_path / "runs", values=values)} == set(values)
    outlook = forget(provision, job, "E4711", "--dry-run").json
    assert (outlook["dry_run"], len(outlook["rewritten"])) == (True, 3)
    assert showing(tmp_path / "runs", values=[box_id])

    with_histories = [run for run in runs if HISTORIES in (run / "report.html").read_text()]

    said = forget(provision, job)

    assert said.code == 0, said.err
    assert showing(tmp_path / "runs", tmp_path / "state", tmp_path / "home", values=values) == []
    assert with_histories
    assert [run for run in runs if HISTORIES in (run / "report.html").read_text()] == with_histories
    loaded = Job.load(job)
    assert [is_proven(run, loaded) for run in runs] == [True] * 4
    applied = json.loads((runs[1] / "summary.json").read_text())
    assert (applied["status"], applied["outcomes"]["done"]) == ("applied", 1)
    table = pd.read_csv(runs[2] / "reconciliation.csv", dtype=str, encoding="utf-8-sig")
    [row] = table[table["verdict"] == "delete"].to_dict("records")
    assert (row["outcome"], row["box_id"] in said.json["pseudonyms"]) == ("done", True)
    explained = provision("explain", job, row["box_id"])
    assert (explained.code, "delete" in explained.out, "Ines" in explained.out) == (0, True, True), (
        explained.err
    )
    assert "backups" in said.json["not_reached"]
    record = json.loads((tmp_path / "runs" / "forgotten.jsonl").read_text())
    assert (record["by"], record["runs"], record["pseudonyms"]) == (
        "Ines Iversen", said.json["rewritten"], said.json["pseudonyms"],
    )  # fmt: skip


def test_others_stay_as_they_were_and_the_next_nights_go_on(lived, provision, tmp_path, server):
    job, _, runs = lived()
    before = {run: pd.read_parquet(run / "people.parquet") for run in runs}
    assert forget(provision, job).code == 0

    for run, table in before.items():
        others = table[~table["external_id"].isin(["E4711"]) & (table["login"] != "quirina@acme.example")]
        now = pd.read_parquet(run / "people.parquet").loc[others.index]
        named = [name for name in now.columns if name not in ("manager", "because")]
        pd.testing.assert_frame_equal(now[named], others[named])
    assert provision("run", job, "--yes").code == 0
    assert provision("report", runs[1]).code == 0
    (tmp_path / "state" / "provision.db").unlink()
    rebuilt = provision("runs", job, "--rebuild")
    assert rebuilt.code == 0, rebuilt.err
    assert provision("run", job, "--yes").code == 0
    again = forget(provision, job)
    assert (again.code, "Nobody called quirina" in complaint(again)) == (1, True)


def test_copies_of_the_ledger_that_a_migration_kept_go_with_her(lived, provision, tmp_path):
    job, box_id, _ = lived(report={"formats": ["csv"]})
    ledger = tmp_path / "state" / "provision.db"
    shows, silent = (ledger.with_name(f"provision.db.version-{number}") for number in (19, 20))
    for path, cell in ((shows, box_id), (silent, "11")):
        shutil.copyfile(ledger, path)
        with contextlib.closing(sqlite3.connect(path)) as older:
            older.execute("CREATE TABLE accounts_of_before (box_id TEXT)")
            older.execute("INSERT INTO accounts_of_before VALUES (?)", [cell])
            older.commit()

    outlook = forget(provision, job, "E4711", "--dry-run")
    assert (outlook.json["removed"], shows.exists()) == (["provision.db.version-19"], True)
    assert "to be deleted, since it cannot be rewritten: provision.db.version-19" in outlook.err
    said = forget(provision, job)

    assert (said.code, said.json["left"]) == (0, []), said.err
    assert "provision.db.version-19" in said.json["removed"]
    assert (shows.exists(), silent.exists()) == (False, True)
    assert showing(tmp_path / "state", values=(*VALUES, box_id)) == []


def test_who_is_still_needed_is_not_forgotten(lived, provision, make_job, tmp_path):
    job, *_ = lived(last=False)
    assert "is still in the roster" in complaint(forget(provision, job))
    make_job(roster("", "otto@acme.example"), guards=LAX, lifecycle=STAGES)
    said = forget(provision, job)
    assert (said.code, "still has an account" in complaint(said)) == (1, True)
    (tmp_path / "nightly.csv").unlink()
    assert forget(provision, job).code == 1
    assert showing(tmp_path / "runs", values=["zymurgist"])
    assert "Nobody called nobody" in complaint(forget(provision, job, "nobody@acme.example"))


def test_what_cannot_be_written_anew_is_named_and_the_rest_is_done(lived, provision, tmp_path):
    job, box_id, runs = lived(report={"formats": ["csv"]})
    plan = runs[0] / "plan.json"
    plan.write_text(plan.read_text().replace("Chief", "Cheap"))
    (runs[1] / "notes-of-hr.txt").write_text("Quirina Vexworth was loud")

    said = forget(provision, job)

    assert said.code == 4
    named = {one["file"]: one["why"] for one in said.json["left"]}
    assert "was changed after it was made" in named[str(runs[0])]
    assert named[str(runs[1] / "notes-of-hr.txt")] == ""
    assert len(said.json["rewritten"]) == 2
    assert showing(runs[2], tmp_path / "state", values=(*VALUES, box_id)) == []


class Killed(BaseException):
    """The process is gone."""


def dying(work, steps, at):
    """A step of the work before which the process is killed, if it is the one of this number."""

    def step(*arguments, **named):
        if next(steps) == at:
            raise Killed
        return work(*arguments, **named)

    return step


def test_killed_halfway_it_is_finished_by_the_next_one(lived, provision, tmp_path, monkeypatch):
    job, box_id, runs = lived(report={"formats": ["csv"]})
    for name, at in (("rewrite", 2), ("ledger_of", 1), ("_record", 1)):
        with monkeypatch.context() as during, pytest.raises(Killed):
            during.setattr(forgetting, name, dying(getattr(forgetting, name), itertools.count(1), at))
            forget(provision, job)

    said = forget(provision, job)

    assert (said.code, said.json["left"]) == (0, []), said.err
    assert showing(tmp_path / "runs", tmp_path / "state", values=(*VALUES, box_id)) == []
    assert [path.name for path in (tmp_path / "runs").iterdir() if path.name.startswith(".")] == []
    assert all(is_proven(run, Job.load(job)) for run in runs)


@pytest.mark.parametrize("at", range(1, 6))
def test_a_folder_is_the_old_one_or_the_new_one_wherever_the_process_is_killed(tmp_path, monkeypatch, at):
    folder, steps = tmp_path / "run", itertools.count(1)
    folder.mkdir()
    (folder / "plan.json").write_text("old")
    with monkeypatch.context() as during, pytest.raises(Killed):
        for place, name in ((swap, "_clear"), (shutil, "copytree"), (Path, "rename")):
            during.setattr(place, name, dying(getattr(place, name), steps, at))
        swap.replaced(folder, lambda copy: (copy / "plan.json").write_text("new"))

    swap.finish(tmp_path)

    assert (folder / "plan.json").read_text() == ("old" if at < 4 else "new")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.fixture
def eraser():
    ids = frozenset({"7", "E4711", "ann@acme.example", "28000000014"})
    return Eraser(ids, frozenset({"Ann O'Hara"}), SealKey(b"x" * 32))


def test_a_value_is_told_from_other_words(eraser):
    ann, seven = eraser.pseudonym("ann@acme.example"), eraser.pseudonym("7")
    digest = hashlib.sha256(b"ann@acme.example").hexdigest()[:16]

    told = {
        "7": seven,
        "update:7": f"update:{seven}",
        "7 rows of 17": "7 rows of 17",
        "17": "17",
        f"create:login={digest}": f"create:{ann}",
        "goes to ANN@acme.example, who leaves": f"goes to {ann}, who leaves",
        "joann@acme.example": "joann@acme.example",
        "ann@acme.example.org": "ann@acme.example.org",
        "<b>Ann O&#x27;Hara</b>": "<b>(forgotten)</b>",
        "alias_add:28000000014:x@acme.example": f"alias_add:{eraser.pseudonym('28000000014')}:x@acme.example",
    }
    assert {text: eraser.text(text) for text in told} == told


def test_what_is_told_of_somebody_goes_and_what_was_decided_stays(eraser):
    record = {
        "kind": "update",
        "login": "ann@acme.example",
        "name": "Ann",
        "because": "end_date:day=2026-01-31;goes_to:named_by=manager,to=bo@acme.example",
        "fields": [{"field": "phone", "before": "1", "after": "2"}],
        "status": "active",
        "line": 3,
    }

    told = eraser.tree({"changes": [record], "job": "nightly"})

    [kept] = told["changes"]
    assert (kept["name"], kept["status"], kept["line"]) == ("(forgotten)", "active", 3)
    assert kept["fields"] == [{"field": "phone", "before": "", "after": ""}]
    assert "2026-01-31" in kept["because"]
    assert "bo@" not in kept["because"]


def test_a_run_that_ended_before_its_plan_is_in_nobodys_way(server, provision, make_job):
    job = make_job(roster(), guards=LAX)
    assert provision("plan", job, "--json", "--roster", "not_there.csv").code == 1

    for who in ("", "otto@acme.example"):
        said = forget(provision, job, who)
        assert (
            said.code,
            "Nothing was erased" in said.json["error"] or "nobody" in said.json["error"].lower(),
        ) == (1, True)
