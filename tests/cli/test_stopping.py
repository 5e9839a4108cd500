"""Signals, two runs at once, and a killed process: the journal stays whole, and running again converges."""

from __future__ import annotations

import json
import re
import signal
import sqlite3
from pathlib import Path

import pytest

from .clocks import Gate
from .conftest import (
    accounts,
    creates,
    ended,
    logins,
    person,
    run_folders,
    slow,
    slow_from_now,
    stopping,
)

NEW = [f"new{number}@acme.example" for number in range(6)]
NEWCOMERS = "login,name\n" + "".join(f"{login},New Person {at}\n" for at, login in enumerate(NEW))
CREATE = {"method": "POST", "path": "^/2.0/users$"}
LIST = {"method": "GET", "path": "^/2.0/users$"}


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def job(make_job):
    formats = {"formats": ["html"]}
    return make_job(NEWCOMERS, roster={"authority": "partial"}, apply={"workers": 1}, report=formats)


def journal_of(folder: Path) -> list[tuple[str, str, str]]:
    journal = sqlite3.connect(folder / "journal.sqlite")
    assert journal.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    rows = journal.execute("SELECT change_id, event, status FROM entries ORDER BY seq").fetchall()
    journal.close()
    return rows


def test_stopped_run_finishes_what_is_in_flight_and_the_next_one_converges(box, provision, launch, gate, job):
    server = box(rules=[slow(**CREATE, nth=3)], clock=gate)
    process = launch("run", job, "--json")
    gate.arrival()
    seen = stopping(process, signal.SIGTERM)
    gate.open()
    said = ended(process, seen)

    assert (said.code, said.json["status"]) == (5, "interrupted")
    assert said.json["outcomes"]["done"] == 3
    entries = journal_of(said.folder)
    assert [event for _, event, _ in entries] == ["begin", "end"] * 3
    assert {status for _, event, status in entries if event == "end"} == {"done"}
    assert json.loads((said.folder / "summary.json").read_text()) == said.json
    assert "report.html" in {path.name for path in said.folder.iterdir()}

    again = provision("run", job, "--json")
    assert (again.code, again.json["planned"]) == (0, {"create": 3})
    assert creates(server) == [201] * 6
    assert set(NEW) <= set(logins(server))


def test_second_signal_ends_at_once_and_the_next_run_converges(box, provision, launch, gate, job):
    server = box(rules=[slow(**CREATE, nth=3)], clock=gate)
    process = launch("run", job)
    gate.arrival()
    stopping(process, signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)
    gate.open()
    folder = run_folders(job.parent / "runs")[0]

    assert process.returncode != 0
    assert [event for _, event, _ in journal_of(folder)] == ["begin", "end"] * 2 + ["begin"]
    assert provision("run", job).code == 0
    assert sorted(login for login in logins(server) if login.startswith("new")) == NEW


@pytest.mark.parametrize("either_way", ["on disk"], indirect=True)
@pytest.mark.usefixtures("either_way")
def test_killed_run_leaves_a_whole_journal_and_nobody_is_there_twice(box, provision, launch, gate, job):
    server = box(rules=[slow(**CREATE, nth=3)], clock=gate)
    process = launch("run", job)
    gate.arrival()
    process.kill()
    process.wait(timeout=60)
    gate.open()
    folder = run_folders(job.parent / "runs")[0]
    assert [event for _, event, _ in journal_of(folder)] == ["begin", "end"] * 2 + ["begin"]
    assert re.match(f"{folder.name}  interrupted", provision("runs", job).out)

    assert provision("run", job).code == 0
    assert sorted(login for login in logins(server) if login.startswith("new")) == NEW
    assert provision("verify", job).code == 0


def test_signal_during_the_listing_changes_nothing(box, launch, gate, job):
    server = box(rules=[slow(**LIST, nth=1)], clock=gate)
    before = accounts(server)
    process = launch("run", job, "--json")
    gate.arrival()
    process.send_signal(signal.SIGINT)
    said = ended(process)
    gate.open()

    assert (said.code, said.json["status"]) == (5, "interrupted")
    assert "stopped" in said.json["error"]
    assert said.json["error"] in said.err
    assert accounts(server) == before
    assert json.loads((said.folder / "summary.json").read_text())["status"] == "interrupted"


def test_signal_after_the_operations_tells_no_untruth(box, provision, launch, gate, job):
    """Everything is done, and only the fresh listing is missing when the signal comes."""
    server = box(rules=[slow(**CREATE, nth=6)], clock=gate)
    process = launch("run", job, "--json")
    gate.arrival()
    slow_from_now(server, **LIST)
    gate.open()
    gate.arrival()
    seen = stopping(process, signal.SIGTERM)
    gate.open(20)
    said = ended(process, seen)

    # the listing may still come to its end in good order: then all is done and seen, and nothing was interrupted
    assert (said.code, said.json["status"]) in ((5, "interrupted"), (0, "applied"))
    assert "before anything was changed" not in said.err
    assert said.json["outcomes"]["done"] == 6
    assert json.loads((said.folder / "summary.json").read_text()) == said.json
    assert (said.folder / "report.html").is_file()
    server.faults.clear()
    assert provision("run", job, "--json").json["status"] == "no_changes"


def test_second_run_on_the_enterprise_is_locked_out_but_may_look(box, provision, launch, gate, job, make_job):
    server = box(rules=[slow(**CREATE, nth=1)], clock=gate)
    saved = provision("plan", job, "--json").folder
    process = launch("run", job, "--json")
    gate.arrival()
    before = accounts(server)

    said = provision("run", job, "--json")
    assert (said.code, said.json["status"]) == (6, "failed")
    assert "Another run is working on enterprise 27335." in said.err
    assert provision("apply", saved).code == 6
    assert provision("run", make_job("login,name\nother@acme.example,O\n", name="other")).code == 6
    assert accounts(server) == before
    assert [provision(word, job).code for word in ("plan", "verify", "check", "runs")] == [2, 2, 0, 0]

    gate.open()
    assert ended(process).code == 0
    assert provision("run", job).code == 0


def test_plan_that_a_later_run_of_the_job_overtook_is_refused(box, provision, make_job, clock):
    server = box()
    job = make_job("login,name\nnew@acme.example,New Person\n")
    folder = provision("plan", job, "--json").folder
    clock(hours=1)
    provision("run", job)
    calls = len(creates(server))

    said = provision("apply", folder, "--json")

    assert (said.code, said.json["status"]) == (1, "failed")
    assert "was overtaken" in said.json["error"]
    assert len(creates(server)) == calls


@pytest.mark.usefixtures("either_way")
def test_who_was_changed_or_made_by_hand_since_the_plan_is_left_alone_and_named(box, provision, make_job):
    server = box()
    roster = "login,name,job_title\nmia@acme.example,Mia Managed,Boss\nnew@acme.example,New Person,\n"
    folder = provision("plan", make_job(roster), "--json").folder
    provision("run", make_job(roster.replace("Boss", "Chief"), name="by-hand"))
    calls = creates(server)

    said = provision("apply", folder, "--json")

    assert (said.code, said.json["outcomes"]["skipped"], said.json["outcomes"]["done"]) == (3, 2, 0)
    assert person(server, "mia@acme.example")["job_title"] == "Chief"
    assert creates(server) == calls == [201]
