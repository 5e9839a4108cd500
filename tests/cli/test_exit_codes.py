"""Each exit code, reached the way a person would reach it."""

from __future__ import annotations

import json
import sqlite3

import pytest

from .conftest import (
    ROSTER,
    SEED,
    accounts,
    creates,
    logins,
    person,
    run_folders,
)

LEAVING = "login,action\n" + "".join(f"{who}@acme.example,deactivate\n" for who in ("mia", "otto", "zoe"))
PARTIAL = {"authority": "partial"}


@pytest.fixture
def removing(make_job):
    """A job that would deactivate three people and may deactivate two."""
    return make_job(LEAVING, roster=PARTIAL, guards={"removals": {"count": 2}})


# --- 1: the input is wrong ------------------------------------------------------------------------


#: what may be otherwise in the job when a plan is applied
CHANGED = [
    {"scope": {"domains": ["acme.example", "partner.example"]}},
    {"scope": {"domains": ["acme.example"], "protect": ["nina@*"]}},
    {"guards": {"creates": {"count": 0}}},
    {"roster": {"columns": {"job_title": "address"}}},
    {"lifecycle": {"leavers": [{"after": "0d", "do": "delete"}]}},
]


def test_a_plan_that_was_edited_or_damaged_or_whose_job_has_changed_is_refused_and_a_good_one_applied_once(
    box, provision, make_job
):
    server, job = box(), make_job()
    folder = provision("plan", job, "--json").folder
    before, plan = accounts(server), folder / "plan.json"
    whole = plan.read_bytes()

    plan.write_bytes(whole.replace(b"nina@acme.example", b"nora@acme.example"))
    said = provision("apply", folder)
    assert said.code == 1
    assert "was changed after it was made (its digest does not fit)" in said.err
    plan.write_bytes(whole)

    for name in ("plan.json", "people.parquet", "run.json"):
        whole = (folder / name).read_bytes()
        (folder / name).write_bytes(whole[:-40])
        said = provision("apply", folder, "--json")
        assert (said.code, said.json["status"]) == (1, "failed"), name
        assert "do: " in said.json["error"], name
        (folder / name).write_bytes(whole)

    for change in CHANGED:
        make_job(**change)
        said = provision("apply", folder)
        assert said.code == 1, change
        assert "was changed after this plan was made" in said.err, change
    assert accounts(server) == before

    # other words in the job file do not make a plan stale
    make_job()
    job.write_text(f"# reviewed\n{job.read_text()}\n")
    assert provision("apply", folder).code == 0
    after, summary = accounts(server), (folder / "summary.json").read_text()
    assert after != before

    said = provision("apply", folder)
    assert said.code == 1
    assert "was applied already" in said.err
    assert accounts(server) == after
    assert (folder / "summary.json").read_text() == summary


def test_plan_of_another_enterprise_is_refused(box, provision, make_job):
    server = box()
    folder = provision("plan", make_job(), "--json").folder
    server.close()
    port = int(server.announcement["url"].rpartition(":")[2])
    other = box(seed={**SEED, "enterprise": {**SEED["enterprise"], "id": "555"}}, port=port)
    before = accounts(other)

    said = provision("apply", folder)

    assert said.code == 1
    assert "The plan is for enterprise 27335, the sign-in is for 555." in said.err
    assert accounts(other) == before


def test_everything_but_bad_rows_is_done_and_the_code_tells_of_them(box, provision, make_job):
    """A plan with changes exits with two in spite of them."""
    server, job = box(), make_job(f"{ROSTER}E5,no-address,Nobody,,\n")
    said = provision("plan", job, "--json")
    assert (said.code, said.json["roster"]["rejected"]) == (2, 1)

    said = provision("run", job, "--json")
    assert (said.code, said.json["status"]) == (1, "partial")
    assert said.json["roster"]["rejected"] == 1
    assert said.json["outcomes"]["done"] == 3
    assert "nina@acme.example" in logins(server)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plan",), "Missing argument 'JOB'"),
        (("plam", "job.yaml"), "No such command 'plam'"),
        (("plan", "job.yaml", "--alow", "x"), "No such option '--alow'"),
        (("plan", "job.yaml", "--allow", "removals"), "--allow removals is not GUARD=N"),
        (("plan", "job.yaml", "--allow", "removals=-1"), "is not GUARD=N"),
        (("plan", "job.yaml", "--allow", "removals=all"), "is not GUARD=N"),
        (("apply", "run", "--only", "creates"), "There is no kind of operation 'creates'"),
        (("report", "run", "--format", "pdf"), "There is no report format 'pdf'"),
        (("sandbox", "--rate-limit", "many"), "--rate-limit many is not N/SECONDS"),
    ],
)
def test_usage_errors_are_sentences(provision, arguments, told):
    said = provision(*arguments)

    assert said.code == 1
    assert told in said.err
    assert "\n  do: " in said.err
    assert "see " not in said.err or "see provision" in said.err
    assert said.out == ""


def test_allowing_a_guard_that_does_not_exist_is_a_usage_error(box, provision, make_job):
    box()
    said = provision("plan", make_job(), "--allow", "deletes=3")

    assert said.code == 1
    assert "there is no guard 'deletes'" in said.err
    assert "name one of removals, creates, updates, " in said.err


# --- 2 and 0: verify --------------------------------------------------------------------------------


def test_verify_tells_whether_something_differs_and_leaves_no_run(box, provision, make_job, tmp_path):
    """Nor does it take files of the working folder for its own; the journal of the run goes with the code."""
    server, job = box(), make_job()
    before = accounts(server)
    (tmp_path / "plan.json").write_text("{}")
    (tmp_path / "reconciliation.csv").write_text("")

    said = provision("verify", job, "--json")
    assert (said.code, said.json["planned"]) == (2, {"create": 1, "update": 1, "activate": 1})
    assert accounts(server) == before
    assert run_folders(tmp_path / "runs") == []
    assert set(said.json["files"].values()) == {None}

    done = provision("run", job, "--json")
    assert provision("verify", job).code == 0
    with sqlite3.connect(done.json["files"]["journal"]) as journal:
        rows = journal.execute(
            "SELECT event, count(DISTINCT change_id) FROM entries GROUP BY event"
        ).fetchall()
    journal.close()
    assert dict(rows) == {"begin": 3, "end": 3}


# --- 3: a guard refuses, something is held -----------------------------------------------------------


def test_guard_refuses_and_names_the_exact_way_out_and_one_less_is_not_enough(box, provision, removing):
    server = box()
    before = accounts(server)

    for command in ("plan", "run"):
        said = provision(command, removing, "--json")
        assert (said.code, said.json["status"]) == (3, "refused"), command
        assert [
            (one["name"], one["limit"], one["actual"], one["verdict"]) for one in said.json["guards"]
        ] == [("removals", 2, 3, "refused")], command
        assert "--allow removals=3" in said.json["error"], command

    said = provision("run", removing, "--allow", "removals=2", "--json")
    assert (said.code, said.json["status"]) == (3, "refused")
    assert accounts(server) == before

    said = provision("run", removing, "--allow", "removals=3", "--json")
    assert (said.code, said.json["status"]) == (0, "applied")
    assert said.json["guards"][0]["verdict"] == "allowed"
    assert {person(server, f"{who}@acme.example")["status"] for who in ("mia", "otto", "zoe")} == {"inactive"}


def test_refused_plan_is_applied_with_the_number_only(box, provision, removing):
    server = box()
    folder = provision("plan", removing, "--json").folder
    before = accounts(server)

    assert provision("apply", folder).code == 3
    assert provision("apply", folder, "--allow", "removals=2").code == 3
    assert accounts(server) == before
    assert provision("apply", folder, "--allow", "removals=3").code == 0


def test_allowance_for_one_guard_is_none_for_another(box, provision, make_job):
    box()
    job = make_job(guards={"creates": {"count": 0}, "updates": {"count": 0}})

    said = provision("plan", job, "--allow", "creates=1", "--json")

    assert (said.code, {one["name"]: one["verdict"] for one in said.json["guards"]}) == (
        3,
        {"removals": "ok", "creates": "allowed", "updates": "refused"},
    )


def test_person_whose_login_changed_is_held(box, provision, make_job):
    server = box()
    provision("run", make_job("external_id,login,name\nE1,mia@acme.example,Mia Managed\n"))
    before = accounts(server)

    said = provision(
        "run", make_job("external_id,login,name\nE1,mia.new@acme.example,Mia Managed\n"), "--json"
    )

    assert (said.code, said.json["status"], said.json["outcomes"]["held"]) == (3, "held", 1)
    assert accounts(server) == before


# --- 4: some failed ----------------------------------------------------------------------------------


def test_address_taken_elsewhere_fails_alone(box, provision, make_job):
    server = box()
    said = provision(
        "run",
        make_job(f"{ROSTER}E5,taken@acme.example,Tara Taken,,\n", report={"formats": ["json"]}),
        "--json",
    )

    assert (said.code, said.json["status"]) == (4, "partial")
    assert said.json["outcomes"] == dict.fromkeys(said.json["outcomes"], 0) | {"done": 3, "failed": 1}
    assert sorted(creates(server)) == [201, 409]
    lines = json.loads((said.folder / "reconciliation.json").read_text())
    assert "user_login_already_used" in json.dumps(lines)


def test_operation_in_doubt_is_told_and_the_next_run_converges(box, provision, make_job):
    late = {"do": {"fault": "forbidden"}, "match": {"method": "PUT", "times": 1}}
    box(rules=[late])
    job = make_job()

    said = provision("run", job, "--json")
    assert (said.code, said.json["outcomes"]["failed"]) == (4, 1)

    said = provision("run", job, "--json")
    assert (said.code, sum(said.json["planned"].values())) == (0, 1)
    assert provision("verify", job).code == 0
