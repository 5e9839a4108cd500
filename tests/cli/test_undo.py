"""Undo from the command line: a run is taken back by a run of its own, and what cannot come back is named."""

from __future__ import annotations

import json
import stat

import pandas as pd
import pytest

from .clocks import Gate
from .conftest import EVERY_FORMAT, ROSTER, SEED, accounts, complaint, person, run_folders, slow
from .test_terminal import Terminal

#: deletes Mia, changes Otto, deactivates Zoë, makes Nina
PARTIAL = (
    "external_id,login,name,job_title,action\n"
    "E1,mia@acme.example,Mia Managed,,delete\n"
    "E2,otto@acme.example,Otto Ömer,Director,upsert\n"
    "E5,zoe@acme.example,Zoë Unowned,,deactivate\n"
    "E4,nina@acme.example,Nina Néw,Clerk,upsert\n"
)
IS_PARTIAL = {"roster": {"authority": "partial"}}


@pytest.fixture
def applied(provision, make_job):
    """Applies a roster; the answer, whose folder is the run to be undone."""

    def run(text=ROSTER, **sections):
        said = provision("run", make_job(text, **sections), "--json")
        assert said.code == 0, said.err
        return said

    return run


def people(server):
    """Everybody by login, without what every write changes."""
    return {
        cells["login"]: {name: cell for name, cell in cells.items() if name != "modified_at"}
        for cells in accounts(server).values()
    }


@pytest.mark.parametrize("either_way", ["on disk"], indirect=True)
@pytest.mark.usefixtures("either_way")
def test_undo_takes_back_on_disk_too(box, provision, applied):
    server = box()
    before = people(server)
    done = applied()
    assert done.json["planned"] == {"create": 1, "update": 1, "activate": 1}

    undone = provision("undo", done.folder, "--json")
    assert (undone.code, undone.json["status"], undone.json["outcomes"]["done"]) == (0, "applied", 3)
    assert undone.json["planned"] == {"update": 1, "deactivate": 2}
    nina = people(server).pop("nina@acme.example")
    assert nina["status"] == "inactive"
    assert people(server) == before | {"nina@acme.example": nina}


def test_what_was_deleted_is_named_with_a_request_to_box_support_and_the_undo_can_be_undone(
    box, provision, applied
):
    server = box()
    mia = person(server, "mia@acme.example")
    before = people(server)
    done = applied(PARTIAL, **IS_PARTIAL, report=EVERY_FORMAT)
    after = people(server)
    assert done.json["planned"] == {"create": 1, "update": 1, "deactivate": 1, "delete": 1}

    said = provision("undo", done.folder)

    assert said.code == 4  # somebody is still missing
    now = people(server)
    assert now.pop("nina@acme.example")["status"] == "inactive"
    assert now == {login: cells for login, cells in before.items() if login != "mia@acme.example"}
    [folder] = [one for one in run_folders(done.folder.parent) if one != done.folder]
    assert f"mia@acme.example (Box id {mia['id']})" in said.err
    assert str(folder / "restore-request.txt") in said.err
    request = (folder / "restore-request.txt").read_text(encoding="utf-8")
    assert all(word in request for word in ("Mia Managed", "mia@acme.example", mia["id"], "27335"))
    assert stat.S_IMODE((folder / "restore-request.txt").stat().st_mode) == 0o600
    assert "makes these changes again" in " ".join(said.err.split())
    the_report_says_what_it_is(folder, done)

    # who goes on with it is told what cannot come back as well
    again = provision("resume", folder, "--json")
    assert again.code == 4
    assert "1 deleted account cannot be brought back" in again.json["error"]
    assert json.loads((folder / "summary.json").read_text())["exit_code"] == 4

    back = provision("undo", folder, "--json")
    assert (back.code, people(server)) == (0, after)
    assert "again" not in back.err


def the_report_says_what_it_is(folder, done):
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert f"undo of run {done.folder.name}" in page
    assert "cannot be undone: mia@acme.example" in page
    [mia] = [
        line
        for line in json.loads((folder / "reconciliation.json").read_text(encoding="utf-8"))["rows"]
        if line["login"] == "mia@acme.example"
    ]
    assert (mia["verdict"], mia["box_id"]) == ("unchanged", "")
    assert "deleted by the undone run" in mia["reason"]


def test_an_app_user_named_like_a_box_id_is_undone_beside_its_namesake(box, provision, make_job):
    server = box()
    mia = person(server, "mia@acme.example")["id"]
    roster = {"roster": {"kind": "column"}, "guards": {"updates": "off", "mass_change": "off"}}
    before = f"external_id,login,name,kind\nE1,mia@acme.example,Mia Managed,managed\n{mia},,Client,app\n"
    assert provision("run", make_job(before, **roster)).code == 0
    done = provision(
        "run", make_job(before.replace("Client", "Client B").replace("Managed", "M"), **roster), "--json"
    )
    assert done.json["planned"] == {"update": 2}
    undone = provision("undo", done.folder, "--json")

    assert (undone.code, undone.json["outcomes"]["done"]) == (0, 2)
    assert (person(server, mia)["name"], person(server, "mia@acme.example")["name"]) == (
        "Client",
        "Mia Managed",
    )


def test_a_saved_undo_is_applied_like_any_plan_is_no_accepted_roster_and_leaves_owned_what_it_locked(
    box, provision, applied, make_job
):
    """It is previewed, then taken back, then nothing is left to do."""
    server = box()
    before = people(server)
    shrink = {"guards": {"shrink": {"percent": 5}}}
    done = applied(**shrink)
    after = accounts(server)
    saved = provision("undo", done.folder, "--dry-run", "--json")
    assert (saved.code, saved.json["planned"]) == (2, {"update": 1, "deactivate": 2})
    assert accounts(server) == after

    said = provision("apply", saved.folder, "--json")
    assert (said.code, said.json["outcomes"]["done"]) == (0, 3)
    nina = people(server)["nina@acme.example"]
    assert nina["status"] == "inactive"
    assert people(server) == before | {"nina@acme.example": nina}
    assert provision("report", saved.folder, "--json").code == 0
    again = provision("undo", done.folder, "--json")
    assert (again.code, again.json["status"], again.json["planned"]) == (0, "no_changes", {})
    assert people(server) == before | {"nina@acme.example": nina}

    *others, _nina = ROSTER.splitlines(keepends=True)
    shrunk = provision("plan", make_job("".join(others[:2]), **shrink), "--json")
    without_nina = provision("plan", make_job("".join(others), **shrink), "--json")

    assert (shrunk.code, shrunk.json["status"]) == (3, "refused")
    nina = pd.read_parquet(without_nina.folder / "people.parquet").set_index("login").loc["nina@acme.example"]
    assert (nina["verdict"], nina["because"]) == ("unchanged", "not_yet;absent_so_far:missed=1,needed=2")
    assert person(server, "nina@acme.example")["status"] == "inactive"


def test_what_somebody_changed_since_is_left_and_whoever_is_protected_since(
    box, provision, applied, make_job
):
    server = box()
    done = applied()
    changed = ROSTER.replace("Director", "Partner")
    applied(changed)
    make_job(changed, scope={"domains": ["acme.example"], "protect": ["ina@*"]})

    said = provision("undo", done.folder)

    words = " ".join(said.err.split())
    assert said.code == 0
    assert person(server, "otto@acme.example")["job_title"] == "Partner"
    assert "otto@acme.example: left as it is: job_title, changed since" in words
    assert person(server, "ina@acme.example")["status"] == "active"
    assert "ina@acme.example: protected now" in words
    assert person(server, "nina@acme.example")["status"] == "inactive"
    assert "the job was changed since that run" in words


def test_guard_refuses_to_lock_out_too_many(box, provision, applied):
    server = box()
    done = applied(guards={"removals": {"count": 1}})
    after = accounts(server)

    said = provision("undo", done.folder, "--json")
    assert (said.code, said.json["status"]) == (3, "refused")
    assert "--allow removals=2" in complaint(said)
    assert accounts(server) == after

    assert provision("undo", done.folder, "--allow", "removals=2", "--json").code == 0
    assert person(server, "nina@acme.example")["status"] == "inactive"


def test_a_killed_run_is_undone_but_not_while_it_runs(box, provision, launch, make_job):
    gate = Gate()
    server = box(rules=[slow(method="POST", path="^/2.0/users$", nth=3)], clock=gate)
    people = "login,name\n" + "".join(f"new{at}@acme.example,New Person\n" for at in range(4))
    plenty = {"removals": {"count": 10, "percent": 100}}
    job = make_job(people, guards=plenty, apply={"workers": 1}, **IS_PARTIAL)
    process = launch("run", job)
    gate.arrival()
    [folder] = run_folders(job.parent / "runs")

    assert provision("undo", folder).code == 6
    preview = provision("undo", folder, "--dry-run", "--json")
    assert (preview.code, preview.json["planned"]) == (2, {"deactivate": 2})

    process.kill()
    process.wait(timeout=60)
    gate.open()
    assert provision("undo", folder, "--json").code == 0
    assert {person(server, f"new{at}@acme.example")["status"] for at in (0, 1)} == {"inactive"}


def test_a_person_at_a_terminal_is_asked_before_anybody_is_locked_out(box, applied, launch):
    server = box()
    done = applied()
    after = accounts(server)

    terminal = Terminal(launch, "undo", done.folder)
    terminal.until("2 accounts will be deactivated. Continue? [y/N]")
    terminal.type("n\n")

    assert terminal.end() == 3
    assert accounts(server) == after


def test_nothing_steers_the_terminal_and_in_a_pipe_each_line_stays_whole(box, provision, applied):
    key = "client" + "-" * 90
    client = {"name": "Client\u202e", "kind": "app", "external_app_user_id": key}
    box(seed=SEED | {"users": [*SEED["users"], client]})
    people = f"external_id,kind,action\n{key},app,delete\n"
    done = applied(people, roster={"authority": "partial", "kind": "column"})

    said = provision("undo", done.folder)

    assert "\u202e" not in said.err
    assert any(key in line for line in said.err.splitlines())


# --- what is refused ---------------------------------------------------------------------------------------


def test_a_run_that_was_never_applied_cannot_be_undone(unchanged, provision, make_job):
    preview = provision("plan", make_job(), "--json")

    said = provision("undo", preview.folder)

    assert said.code == 1
    assert "was never applied" in complaint(said)


def test_an_edited_plan_and_a_run_of_another_job_or_enterprise_cannot_be_undone(
    box, provision, applied, make_job
):
    server = box()
    done = applied()
    after = accounts(server)
    plan, job = done.folder / "plan.json", done.folder.parents[1] / "nightly.yaml"
    other = make_job(name="other").read_text(encoding="utf-8")
    for path, text, words in [
        (
            plan,
            plan.read_text(encoding="utf-8").replace("Seller", "Owner"),
            "plan.json was changed after it was sealed",
        ),
        (job, other, "is one of the job nightly"),
    ]:
        whole = path.read_bytes()
        path.write_text(text, encoding="utf-8")
        said = provision("undo", done.folder)
        path.write_bytes(whole)

        assert (said.code, accounts(server)) == (1, after)
        assert words in complaint(said)
    assert "nightly.yaml as it was, then undo again" in said.err

    server.close()
    port = int(server.announcement["url"].rpartition(":")[2])
    elsewhere = box(seed=SEED | {"enterprise": SEED["enterprise"] | {"id": "999"}}, port=port)
    before = accounts(elsewhere)
    said = provision("undo", done.folder)

    assert (said.code, accounts(elsewhere)) == (1, before)
    assert "The run was for enterprise 27335" in complaint(said)


def test_no_run_is_no_traceback(provision):
    said = provision("undo", "runs/nothing")

    assert said.code == 1
    assert "There is no run folder" in complaint(said)
