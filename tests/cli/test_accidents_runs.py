"""Accidents of other programs with what they did: limits, locks, exit codes, deletions and the way there.

Each test is one accident; its first line is the rule it taught.
"""

from __future__ import annotations

import csv
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from provision.job.load import load_job
from provision.runs.memory.lock import only_run
from provision.runs.observer import Unattended
from provision.sandbox.http.server import Server
from provision.sandbox.trouble.script import rule

from .conftest import EVERY_FORMAT, complaint, person
from .conftest import SEED as FEW
from .staff import AT_ONCE, GOOD, HEADER, SEED, calls, left, refused, roster, told, village

STAGES = [{"after": "0d", "do": "deactivate"}, {"after": "2d", "do": "delete"}]
DELETING = {"lifecycle": {"evidence": AT_ONCE, "leavers": STAGES}}


@pytest.fixture
def server(settled, nights) -> Server:
    """An enterprise whose forty people the job has come to own in a first good night."""
    return village(settled, nights)


def test_06_deletion_that_is_due_looks_at_the_source_of_that_night(box, nights):
    """Every destructive phase re-checks its own preconditions: what an earlier night allowed allows nothing tonight."""
    server = box(seed=SEED)
    assert nights(0, GOOD, **DELETING).code == 0
    assert nights(1, roster(range(2, 41)), **DELETING).json["planned"] == {"deactivate": 1}

    unread = [HEADER, GOOD[: len(GOOD) // 2], GOOD.removeprefix(HEADER), "<html>sorry</html>"]
    for night, bad in enumerate(unread, 4):
        assert nights(night, bad, **DELETING).code in (1, 3), bad
    assert person(server, "p1@acme.example")["status"] == "inactive"
    assert nights(8, roster(range(2, 41)), **DELETING).json["planned"] == {"delete": 1}


def test_06_plan_that_a_guard_refused_is_asked_again_when_it_is_applied(server, provision, make_job, clock):
    """A guard is not borrowed from another phase: the plan on the disk does not carry a permission."""
    job = make_job(GOOD, name="hand", roster={"authority": "partial"})
    people = "login,action\n" + "".join(f"p{n}@acme.example,delete\n" for n in range(1, 16))
    Path("hand.csv").write_text(people)
    clock(24)
    planned = provision("plan", job, "--json")
    assert (planned.code, refused(planned)) == (3, {"removals"})
    assert [provision("apply", planned.folder).code for _ in range(2)] == [3, 3]
    assert left(server) == set()


@pytest.mark.parametrize("choices", [{}, {"retention_refuses_unforced": True}])
def test_17_account_with_content_is_never_deleted_by_force(box, nights, choices):
    """Never force: whoever still owns content keeps the account, and the refusal is an outcome that is told."""
    mia = {"name": "Mia", "login": "mia@acme.example", "owns_content": True, "files": 7}
    server = box(seed={**FEW, "users": [mia, *FEW["users"][2:]]}, choices=choices)
    server.faults.add(rule("html_error", method="DELETE", query="force=true"))
    stages = {"lifecycle": {"evidence": AT_ONCE, "leavers": [{"after": "0d", "do": "delete"}]}}
    both = "login,name\nmia@acme.example,Mia\notto@acme.example,Otto Ömer\n"
    assert nights(0, both, **stages).code == 0

    for night in (1, 2):
        said = nights(night, both.replace("mia@acme.example,Mia\n", ""), **stages)
        assert said.code in (3, 4)
    assert person(server, "mia@acme.example")["files"] == 7
    assert {each.fault for each in server.log if each.method == "DELETE"} <= {""}


@pytest.mark.parametrize("choices", [{"transfer_seconds": 1e9}, {"transfer_looks": 10**6}])
def test_18_nobody_is_deleted_while_a_transfer_may_still_be_under_way(box, nights, choices):
    """A transfer goes on in the background: a deletion waits for the proof that nothing is left, however many nights."""
    server = box(seed=_owner(), choices=choices)
    nights(0, GOOD, **_moving("service_account"))
    for night in (1, 2, 3, 30):
        nights(night, roster(range(2, 41)), **_moving("service_account"))

    assert person(server, "p1@acme.example")["status"] == "inactive"
    # things without a size are not seen in advance: then it is Box that refuses, since nothing is deleted by force
    assert all(each.status >= 400 for each in server.log if each.method == "DELETE")


def test_27_archive_that_may_be_full_takes_nobodys_content_away(box, nights):
    """The archive has limits: a leaver whose content was not taken over keeps the account and every file."""
    server = box(seed=_owner())
    server.faults.add(rule("forbidden", method="PUT", path="^/2.0/users/[0-9]+/folders/0$"))
    nights(0, GOOD, **_moving("p40@acme.example"))
    for night in (1, 2, 4):
        said = nights(night, roster(range(2, 41)), **_moving("p40@acme.example"))

    assert said.code in (3, 4)
    assert person(server, "p1@acme.example")["files"] == 5
    assert calls(server, "DELETE") == []


def _owner():
    """Forty people of whom the first owns five files."""
    first, *others = SEED["users"]
    return {**SEED, "users": [{**first, "owns_content": True, "files": 5}, *others]}


def _moving(to: str):
    stages = [
        {"after": "0d", "do": "deactivate"},
        {"after": "1d", "do": "transfer", "to": to},
        {"after": "2d", "do": "delete"},
    ]
    return {"lifecycle": {"evidence": AT_ONCE, "leavers": stages}}


FORMULAS = {"mia": "=1+1", "otto": "+1", "ina": "-1", "zoe": "@SUM(A1)", "nina": "=cmd|' /C calc'!A0"}


def test_22_names_that_are_formulas_are_text_in_every_report(box, nights):
    """Reports neutralise what a spreadsheet would run, in CSV and workbook; JSON keeps the letters."""
    box()
    rows = "login,name,job_title\n"
    rows += "".join(f"{who}@acme.example,{formula},{formula}\n" for who, formula in FORMULAS.items())
    for night in (0, 1):
        folder = nights(night, rows, report=EVERY_FORMAT).folder
        with (folder / "reconciliation.csv").open(newline="", encoding="utf-8-sig") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []
        book = openpyxl.load_workbook(folder / "reconciliation.xlsx")
        types = [cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row]
        book.close()
        assert "f" not in types
        whole = (folder / "reconciliation.json").read_text()
        assert [formula for formula in FORMULAS.values() if json.dumps(formula) not in whole] == []


TROUBLES = {
    "a row that is wrong": (GOOD.replace("p7@acme", "p7-acme"), (), 1),
    "Box refuses one person": (GOOD.replace("Person 7,", "Paula 7,"), ("forbidden", "PUT"), 4),
    "a limit": (roster(range(3, 41)), (), 3),
    "an error instead of a page": (GOOD, ("not_json", "GET"), 7),
}


@pytest.mark.usefixtures("hurried")
def test_23_what_was_not_done_is_in_the_exit_code_every_night(box, nights):
    """Never 0 without the work: each night says by its exit code, and in words, what was left."""
    server = box(seed=SEED)
    terms = {"lifecycle": {"evidence": AT_ONCE}, "guards": {"removals": {"count": 1}}}
    assert nights(0, GOOD, **terms).code == 0

    for at, (what, (people, fault, code)) in enumerate(TROUBLES.items()):
        server.faults.clear()
        if fault:
            server.faults.add(rule(fault[0], method=fault[1], path="/2.0/users"))
        for night in (1, 2):
            said = nights(2 * at + night, people, "--quiet", **terms)
            assert (said.code, said.json["exit_code"]) == (code, code), what
            undone = said.json["outcomes"]["failed"] or said.json["roster"]["rejected"]
            assert said.json["error"] or undone, what


def test_24_a_few_a_night_do_not_add_up_to_everybody(box, nights, provision, make_job, clock):
    """Budgets roll over days: what a limit for one run would let pass night after night is stopped in sum."""
    server = box(seed=SEED)
    most = {"count": 2, "percent": 100, "per_day": 4, "per_week": 4, "per_month": 4}
    terms = {
        "lifecycle": {"evidence": AT_ONCE},
        "guards": {"removals": most, "shrink": {"percent": 100}},
    }
    assert nights(0, GOOD, **terms).code == 0
    assert [nights(at, roster(range(first, 41)), **terms).code for at, first in ((1, 3), (1.25, 5))] == [0, 0]

    found = {}
    for at in (1.5, 3, 12):
        clock(24 * at)
        said = provision("plan", make_job(roster(range(7, 41)), **terms), "--json")
        found[at] = (said.code, refused(said))

    month = {"removals_30d"}
    assert found == {
        1.5: (3, month | {"removals_24h", "removals_7d"}),
        3: (3, month | {"removals_7d"}),
        12: (3, month),
    }
    assert left(server) == {1, 2, 3, 4}


def test_25_what_is_held_is_told_every_night_until_somebody_decides(box, nights):
    """A held night does not fall silent: the same exit code, the same reason and the same people each time."""
    server = box(seed=SEED)
    gone = roster(range(13, 41))
    terms = {
        "lifecycle": {"evidence": {"absent_runs": 2, "absent_hours": 12}},
        "guards": {"shrink": {"percent": 100}},
    }
    assert [nights(night, people, **terms).code for night, people in enumerate((GOOD, gone))] == [0, 0]

    for night in (2, 3, 30):
        said = nights(night, gone, **terms)
        assert (said.code, refused(said)) == (3, {"removals"})
        assert "removes 12 of 40 accounts" in told(said)
    assert left(server) == set()


def test_26_two_runs_at_once_do_not_both_work(server, nights, make_job):
    """One run an enterprise at a time, by a lock that is the system's and not a file somebody looks for first."""
    job = load_job(make_job(GOOD), os.environ)
    changed = GOOD.replace("Person 7,", "Paula 7,")

    with only_run(job, "27335", "another", Unattended(lambda: datetime.now(UTC))):
        said = nights(1, changed)
    assert said.code == 6
    assert "Another run is working on enterprise 27335" in complaint(said)
    assert person(server, "p7@acme.example")["name"] == "Person 7"
    assert nights(2, changed).code == 0


def test_26_plan_that_a_newer_run_has_overtaken_is_not_applied(box, nights, provision, make_job, clock):
    """What is applied is the newest plan: the leavers of an older one may be back."""
    server = box(seed=SEED)
    terms = {"lifecycle": {"evidence": AT_ONCE}}
    nights(0, GOOD, **terms)
    clock(24)
    old = provision("plan", make_job(roster(range(2, 41)), **terms), "--json")
    assert old.json["planned"] == {"deactivate": 1}
    assert nights(2, GOOD, **terms).code == 0

    said = provision("apply", old.folder)

    assert said.code == 1
    assert "was overtaken" in complaint(said)
    assert left(server) == set()


def test_every_accident_has_its_test():
    """All twenty-eight are named in these files."""
    texts = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_accidents_*.py")]

    assert [n for n in range(1, 29) if not any(f"def test_{n:02d}_" in text for text in texts)] == []
