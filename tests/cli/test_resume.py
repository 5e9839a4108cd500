"""Runs that were cut off and gone on with: the very same plan, each operation once, the same reconciliation in the end."""

from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from provision.errors import RunFolderError
from tests.examples import either

from .clocks import Gate
from .conftest import (
    accounts,
    complaint,
    creates,
    ended,
    logins,
    not_closed,
    person,
    run_folders,
    slow,
    stopping,
)

CREATE = {"method": "POST", "path": "^/2.0/users$"}
LIST = {"method": "GET", "path": "^/2.0/users$"}
PUT = {"method": "PUT", "path": "^/2.0/users/"}
NEW = [f"new{number}@acme.example" for number in range(6)]
NEWCOMERS = "login,name\n" + "".join(f"{login},New Person {at}\n" for at, login in enumerate(NEW))
PORTAL = {"kind": "app", "authority": "partial"}


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def job(make_job):
    return make_job(NEWCOMERS, roster={"authority": "partial"}, apply={"workers": 1})


def cut_off(launch, gate, *command: object) -> None:
    """Start a command and kill it while a slow call is under way."""
    process = launch(*command)
    gate.arrival()
    process.kill()
    process.wait(timeout=60)
    gate.open()


def outcomes(said) -> dict[str, int]:
    return {name: count for name, count in said.json["outcomes"].items() if count}


@pytest.mark.soak
def test_many_creates_with_faults_and_kills_are_as_many(box, provision, launch, gate, make_job):
    many = either(150, 600)
    kills = [40 + 70 * number for number in range(either(2, 8))]
    server = box(
        rules=[
            {"match": {**CREATE, "nth": kills}, "do": {"fault": "slow", "delay": 1}},
            {"match": {**CREATE, "every": 7}, "do": "503_written"},
            {"match": {**CREATE, "every": 11}, "do": "lost_answer"},
        ],
        clock=gate,
    )
    ids = [f"client-{number:04}" for number in range(100, 100 + many)]
    roster = "external_id,name\n" + "".join(f"{one},Client\n" for one in ids)
    job = make_job(roster, name="portal", roster=PORTAL, apply={"requests_per_minute": 600_000, "workers": 8})

    cut_off(launch, gate, "run", job)
    [folder] = run_folders(job.parent / "runs")
    for _ in kills[1:]:
        cut_off(launch, gate, "resume", folder)
    said = provision("resume", folder, "--json")

    assert (said.code, said.json["status"]) == (0, "applied")
    assert outcomes(said) == {"done": many}
    made = Counter(one["external_app_user_id"] for one in accounts(server).values())
    assert {one: made[one] for one in ids} == dict.fromkeys(ids, 1)
    assert made.total() - made[None] - made[""] == many + 2  # two were there before
    written = pd.read_csv(folder / "reconciliation.csv", dtype=str)
    assert set(written.loc[written["external_id"].isin(ids), "outcome"]) == {"done"}
    assert provision("verify", job).code == 0


def test_a_killed_run_is_finished_as_if_nothing_had_happened(
    box, provision, launch, gate, make_job, tmp_path
):
    roster = "login,name,job_title\n" + "".join(f"new{at}@acme.example,N {at},Clerk\n" for at in range(5))
    roster += "otto@acme.example,Otto Ömer,Director\n"
    job = make_job(roster, roster={"authority": "partial"}, apply={"workers": 2})
    server = box(rules=[slow(**PUT, nth=1)], clock=gate)
    cut_off(launch, gate, "run", job)
    [folder] = run_folders(job.parent / "runs")
    said = provision("resume", folder, "--json")

    assert (said.code, outcomes(said)) == (0, {"done": 6})
    assert said.json["planned"] == {"create": 5, "update": 1}
    assert said.folder == folder
    assert creates(server) == [201] * 5
    assert sum(line.method == "PUT" for line in server.log) == 1
    assert person(server, "otto@acme.example")["job_title"] == "Director"
    assert json.loads((folder / "summary.json").read_text()) == said.json


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_run_is_gone_on_with(box, provision, launch, gate, job, number):
    server = box(rules=[slow(**CREATE, nth=3)], clock=gate)
    process = launch("run", job, "--json")
    gate.arrival()
    seen = stopping(process, number)
    gate.open()
    said = ended(process, seen)
    assert "provision resume" in said.json["error"]

    again = provision("resume", said.json["run_id"], "--json")

    assert (again.code, outcomes(again)) == (0, {"done": 6})
    assert creates(server) == [201] * 6


def test_a_run_that_left_failures_tries_them_again(box, provision, job):
    server = box(rules=[{"match": {**CREATE, "first": 1}, "do": "forbidden"}])
    first = provision("run", job, "--json")
    again = provision("resume", first.folder, "--json")

    assert (first.code, outcomes(first)) == (4, {"done": 5, "failed": 1})
    assert (again.code, outcomes(again)) == (0, {"done": 6})
    assert sorted(login for login in logins(server) if login.startswith("new")) == NEW


def test_what_was_excepted_and_what_was_allowed_stays_so(box, provision, launch, gate, make_job):
    guards = {"creates": {"count": 2}}
    roster = f"{NEWCOMERS.replace('login,name', 'login,name,job_title').replace('Person', 'P')}"
    roster = "".join(f"{line},\n" if "@" in line else f"{line}\n" for line in roster.splitlines())
    roster += "otto@acme.example,Otto Ömer,Director\n"
    job = make_job(roster, roster={"authority": "partial"}, apply={"workers": 1}, guards=guards)
    server = box(rules=[slow(**CREATE, nth=3)], clock=gate)
    planned = provision("plan", job, "--json", "--allow", "creates=6")
    cut_off(launch, gate, "apply", planned.folder, "--except", "update")
    again = provision("resume", planned.folder, "--json")

    assert outcomes(again) == {"done": 6, "not_attempted": 1} or outcomes(again) == {"done": 6}
    assert creates(server) == [201] * 6
    assert person(server, "otto@acme.example")["job_title"] == "Seller"


def test_a_run_that_was_only_planned_is_not_resumed(unchanged, provision, job):
    planned = provision("plan", job, "--json")
    said = provision("resume", planned.folder)

    assert said.code == 1
    assert "was only planned" in complaint(said)
    assert "provision apply" in said.err


def test_a_run_that_was_cut_off_is_told_of_and_offered_once_until_a_newer_one_has_overtaken_it(
    box, provision, launch, gate, job, clock
):
    box(rules=[slow(**CREATE, nth=3)], clock=gate)
    folder = provision("plan", job, "--json").folder
    cut_off(launch, gate, "apply", folder)

    [told] = provision("runs", job, "--json").json["runs"]
    assert (told["status"], told["exit_code"]) == ("interrupted", 5)

    # its journal is read where nothing can be written
    before = journal(folder)
    assert provision("explain", job, NEW[0], "--json").code == 0
    assert journal(folder) == before

    said = provision("report", folder, "--format", "csv", "--json")
    assert (said.code, said.json["status"]) == (0, "interrupted")
    written = pd.read_csv(Path(said.json["files"]["report_csv"]), dtype=str)
    assert Counter(written["outcome"].dropna()) >= Counter(done=2, in_doubt=1, not_attempted=3)

    clock(1)
    offered, later = provision("run", job), provision("run", job)
    assert f"Run {folder.name} was not finished: 4 of 6 operations are left" in " ".join(offered.err.split())
    assert "provision resume" in offered.err
    assert (offered.code, "was not finished" in later.err) == (0, False)

    said = provision("resume", folder)
    assert said.code == 1
    assert "overtaken" in complaint(said)


def journal(folder):
    return {
        one.name: one.read_bytes() for one in folder.glob("journal.sqlite*") if one.suffix != ".sqlite-shm"
    }


def test_whom_a_killed_run_made_is_owned_even_if_he_leaves_the_roster(
    box, provision, launch, gate, make_job, clock
):
    server = box(rules=[slow(**CREATE, nth=3)], clock=gate)
    lifecycle = {
        "evidence": {"absent_runs": 1, "absent_hours": 0},
        "leavers": [{"after": "0d", "do": "deactivate"}],
    }
    mia = "login,name\nmia@acme.example,Mia Managed\n"
    options = {"lifecycle": lifecycle, "apply": {"workers": 1}}
    job = make_job(mia + NEWCOMERS.partition("\n")[2], **options)
    cut_off(launch, gate, "run", job)
    clock(1)
    make_job(mia, **options)
    said = provision("run", job, "--json", "--allow", "removals=3")

    assert (said.code, said.json["planned"]) == (
        0,
        {"deactivate": 3},
    )  # two were done, one was in doubt and is there
    assert {login: person(server, login)["status"] for login in NEW[:3]} == dict.fromkeys(NEW[:3], "inactive")


def test_whom_a_killed_apply_made_is_owned_where_people_only_plan_and_apply(
    box, provision, launch, gate, make_job, clock, tmp_path
):
    """No run comes that would learn from it; and a ledger that is made anew knows them, too."""
    server = box(rules=[slow(**CREATE, nth=3)], clock=gate)
    lifecycle = {
        "evidence": {"absent_runs": 1, "absent_hours": 0},
        "leavers": [{"after": "0d", "do": "deactivate"}],
    }
    mia = "login,name\nmia@acme.example,Mia Managed\n"
    options = {"lifecycle": lifecycle, "apply": {"workers": 1}}
    job = make_job(mia + NEWCOMERS.partition("\n")[2], **options)
    cut_off(launch, gate, "apply", provision("plan", job, "--json").folder)
    clock(1)
    make_job(mia, **options)
    planned = provision("plan", job, "--json", "--allow", "removals=3")

    said = provision("apply", planned.folder, "--yes", "--json")

    assert (said.code, said.json["planned"], said.json["outcomes"]["done"]) == (0, {"deactivate": 3}, 3)
    assert {login: person(server, login)["status"] for login in NEW[:3]} == dict.fromkeys(NEW[:3], "inactive")
    for part in (tmp_path / "state").glob("provision.db*"):
        part.unlink()
    assert provision("runs", job, "--rebuild", "--json").json["left_out"] == []


def test_a_run_killed_between_plan_and_first_call_is_finished(box, provision, launch, gate, job, monkeypatch):
    server = box()
    planned = provision("run", job, "--json")
    # the same folder as a process leaves it that is killed right after its plan
    not_closed(planned.folder)
    for name in ("journal.sqlite", "summary.json"):
        (planned.folder / name).unlink()
    log = planned.folder / "log.jsonl"
    log.write_bytes(log.read_bytes().partition(b'"event": "applying"')[0].rpartition(b"\n")[0] + b"\n")
    for login in NEW:
        server.enterprise.accounts.remove(server.enterprise.accounts.with_login(login))
    said = provision("resume", planned.folder, "--json")

    assert (said.code, outcomes(said)) == (0, {"done": 6})


def test_a_run_killed_before_it_had_a_plan_is_just_run_again(box, provision, launch, gate, job):
    server = box(rules=[slow(**LIST, nth=1)], clock=gate)
    cut_off(launch, gate, "run", job)
    [folder] = run_folders(job.parent / "runs")
    said = provision("resume", folder)

    assert said.code == 1
    assert "stopped before it had a plan" in complaint(said)
    assert creates(server) == []
    assert provision("run", job).code == 0


def test_a_run_killed_after_its_last_call_is_reported_all_the_same(box, provision, launch, gate, job):
    server = box(rules=[{**slow(**LIST), "match": {**LIST, "after": 3, "times": 1}}], clock=gate)
    cut_off(launch, gate, "run", job)
    [folder] = run_folders(job.parent / "runs")
    assert creates(server) == [201] * 6
    said = provision("resume", folder, "--json")

    assert (said.code, outcomes(said)) == (0, {"done": 6})
    assert creates(server) == [201] * 6


def test_a_deactivation_that_was_cut_off_is_finished(box, provision, launch, gate, make_job):
    lifecycle = {"leavers": [{"after": "0d", "do": "deactivate"}]}
    roster = (
        "login,name,status\nmia@acme.example,Mia Managed,inactive\notto@acme.example,Otto Ömer,inactive\n"
    )
    job = make_job(roster, roster={"authority": "partial"}, apply={"workers": 1}, lifecycle=lifecycle)
    server = box(rules=[slow(**PUT, nth=2)], clock=gate)
    cut_off(launch, gate, "run", job)
    [folder] = run_folders(job.parent / "runs")
    again = provision("resume", folder, "--json")

    assert (again.code, outcomes(again)) == (0, {"done": 2})
    assert [line.status for line in server.log if line.method == "PUT"] in ([200, 200], [200, 200, 200])


def test_a_run_that_was_taken_back_is_not_finished(box, provision, launch, gate, job):
    box(rules=[slow(**CREATE, nth=3)], clock=gate)
    cut_off(launch, gate, "run", job)
    [folder] = run_folders(job.parent / "runs")
    assert provision("undo", folder, "--allow", "removals=3").code == 0
    said = provision("resume", folder)

    assert said.code == 1
    assert "was taken back by run" in complaint(said)


def test_a_run_killed_right_after_its_plan_is_finished(box, provision, job):
    box()
    planned = provision("plan", job, "--json").folder
    # as a process leaves the folder that is killed between the plan and its preview
    for name in ("reconciliation.parquet", "reconciliation.facts.json", "summary.json"):
        (planned / name).unlink()
    said = provision("resume", planned, "--json")

    assert (said.code, outcomes(said)) == (0, {"done": 6})


def test_a_run_that_a_full_disk_ended_before_its_first_request_is_finished_and_said_to_have_sent_nothing(
    box, provision, job, monkeypatch
):
    server = box()

    def full(*_: object) -> None:
        raise RunFolderError("Cannot write preview.html: No space left on device.")

    with monkeypatch.context() as patched:
        patched.setattr("provision.runs.applying.execute.write_reports", full)
        said = provision("run", job, "--json")
    assert (said.code, said.json["status"], creates(server)) == (1, "failed", [])
    again = provision("resume", said.folder, "--json")

    assert (again.code, outcomes(again)) == (0, {"done": 6})
    assert "Nothing of this run was sent so far" in again.err


def test_a_run_whose_journal_was_taken_away_is_not_said_to_have_sent_nothing_and_keeps_its_report(
    box, provision, job
):
    server = box()
    first = provision("run", job, "--json")
    done, sent = first.folder, creates(server)
    again = provision("resume", done, "--json")  # what is finished sends nothing, and says the same
    assert (again.code, outcomes(again), creates(server)) == (0, {"done": 6}, [201] * 6)
    assert outcomes(again) == outcomes(first)

    (done / "journal.sqlite").unlink()
    told = json.loads((done / "summary.json").read_text())
    for status in ("interrupted", "failed", told["status"]):
        kept = json.dumps({**told, "status": status})
        (done / "summary.json").write_text(kept)
        said = provision("resume", done)

        assert said.code == 1
        assert "its journal is missing: nobody knows what was sent" in complaint(said), status
        assert creates(server) == sent
    assert (done / "summary.json").read_text() == kept


def test_an_empty_journal_is_not_one_that_allows_everything(box, provision, job):
    server = box()
    planned = provision("plan", job, "--json").folder
    (planned / "journal.sqlite").touch()
    said = provision("resume", planned)

    assert said.code == 1
    assert "is no journal at all" in complaint(said)
    assert creates(server) == []
