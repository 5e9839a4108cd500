"""The main job through the public door: plan, apply, and nothing left to do."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime

import pytest
import xlsxwriter

from .conftest import CCG, JWT, KEYS, ROSTER, TOKEN, accounts, creates, ended, environment, logins, person

CREATE_AND_UPDATE = {"create": 1, "update": 1, "activate": 1}


@pytest.fixture
def clients(tmp_path):
    """An Excel roster of app users: one to create, one to update, one to deactivate."""
    path = tmp_path / "clients.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Clients")
        sheet.write(0, 0, "Clients of the portal")
        for row, cells in enumerate(
            [
                ("Client No", "Contact", "Position", "Action"),
                ("1", "Client One", "Owner", ""),
                ("2", "Client Two", "", "deactivate"),
                ("007", "Żaneta O'Neil", "Partner", "upsert"),
            ],
            start=2,
        ):
            for column, cell in enumerate(cells):
                sheet.write_string(row, column, cell)
    return path


@pytest.fixture
def portal(make_job, clients):
    def write(auth=CCG):
        columns = {"client-{Client No}": "external_id", "Contact": "name", "Position": "job_title"}
        roster = {"kind": "app", "authority": "partial", "columns": columns | {"Action": "action"}}
        return make_job(clients, auth=auth, name="portal", roster=roster)

    return write


def test_managed_users_are_planned_applied_and_then_in_step(box, provision, make_job):
    """By the sign-in of most jobs; app users below come in by a key pair, and a run in one go by a token."""
    server, job = box(), make_job(auth=CCG)
    before = accounts(server)

    planned = provision("plan", job, "--json")
    assert (planned.code, planned.json["status"]) == (2, "planned")
    assert planned.json["planned"] == CREATE_AND_UPDATE
    assert accounts(server) == before

    applied = provision("apply", planned.folder, "--json")
    assert (applied.code, applied.json["status"]) == (0, "applied")
    assert applied.json["outcomes"] == dict.fromkeys(applied.json["outcomes"], 0) | {"done": 3}
    assert person(server, "nina@acme.example")["name"] == "Nina Néw"
    assert person(server, "otto@acme.example")["job_title"] == "Director"
    assert person(server, "ina@acme.example")["status"] == "active"
    assert set(accounts(server)) > set(before)

    # nothing to do costs only the listing, and everybody named in the roster is there once
    settled, calls = accounts(server), len(server.log)
    again = provision("run", job, "--json")
    assert (again.code, again.json["status"], again.json["planned"]) == (0, "no_changes", {})
    assert accounts(server) == settled
    spent = server.log[calls:]
    assert {line.method for line in spent if not line.path.startswith("/oauth2")} == {"GET"}
    assert {line.path for line in spent} == {"/oauth2/token", "/2.0/users/me", "/2.0/users"}
    wanted = [line.split(",")[1] for line in ROSTER.splitlines()[1:]]
    assert [logins(server).count(login) for login in wanted] == [1] * len(wanted)


def test_app_users_are_planned_applied_and_then_in_step(box, provision, portal):
    server, job = box(), portal(JWT)

    planned = provision("plan", job, "--json")
    assert (planned.code, planned.json["planned"]) == (2, {"create": 1, "update": 1, "deactivate": 1})

    applied = provision("apply", planned.folder, "--json")
    assert (applied.code, applied.json["outcomes"]["done"]) == (0, 3)
    assert person(server, "client-007") | {"kind": "app", "name": "Żaneta O'Neil"} == person(
        server, "client-007"
    )
    assert person(server, "client-1")["job_title"] == "Owner"
    assert person(server, "client-2")["status"] == "inactive"

    again = provision("run", job, "--json")
    assert (again.code, again.json["status"]) == (0, "no_changes")
    assert creates(server) == [201]


@pytest.mark.usefixtures("either_way")
def test_run_does_plan_and_apply_in_one(box, provision, make_job):
    server, job = box(), make_job(auth=TOKEN)

    said = provision("run", job, "--json")

    assert (said.code, said.json["planned"]) == (0, CREATE_AND_UPDATE)
    assert "nina@acme.example" in logins(server)
    assert (said.folder / "plan.json").is_file()


def test_dry_run_is_plan_and_another_roster_may_be_named_on_the_command_line(
    box, provision, make_job, tmp_path
):
    server, job = box(), make_job()
    before = accounts(server)
    (tmp_path / "other.csv").write_text("login,name\nolga@acme.example,Olga Other\n")

    said = provision("run", job, "--dry-run", "--json")
    assert (said.code, said.json["status"], said.json["planned"]) == (2, "planned", CREATE_AND_UPDATE)
    assert accounts(server) == before

    said = provision("run", job, "--roster", "other.csv", "--json")
    assert said.json["planned"] == {"create": 1}
    assert "olga@acme.example" in logins(server)


# --- the JSON object -----------------------------------------------------------------------------


#: every command, in an order in which each finds what it needs; {plan} and {run} are the folders of those two
COMMANDS = {
    "check": ("check", "{job}"),
    "verify": ("verify", "{job}"),
    "export": ("export", "{job}", "--out", "everybody.csv"),
    "plan": ("plan", "{job}"),
    "report of a plan": ("report", "{plan}"),
    "no such format": ("report", "{plan}", "--format", "pdf"),
    "apply": ("apply", "{plan}"),
    "apply again": ("apply", "{plan}"),
    "run": ("run", "{job}"),
    "report": ("report", "{run}"),
    "usage": ("apply", "20260101T000000Z-nightly-0000", "--only", "nonsense"),
    "no such job": ("plan", "nowhere.yaml"),
    "no such job of runs": ("runs", "nowhere.yaml"),
    "no such run": ("apply", "nowhere"),
    "no argument": ("plan",),
}
WITHOUT_RUN = ("check", "verify", "export")


def test_every_command_says_exactly_one_object_with_exactly_the_keys(box, provision, make_job):
    box()
    said, named = {}, {"job": make_job()}
    for name, arguments in COMMANDS.items():
        said[name] = provision(*(one.format(**named) for one in arguments), "--json")
        if name in ("plan", "run"):
            named[name] = said[name].folder

    assert {name: list(each.json) for name, each in said.items()} == dict.fromkeys(COMMANDS, KEYS)
    assert {name: each.out.count("\n") for name, each in said.items()} == dict.fromkeys(COMMANDS, 1)
    codes = {name: each.code for name, each in said.items()}
    assert {name: each.json["exit_code"] for name, each in said.items()} == codes
    # those without a run name no folder, count the calls that they make, and say when they began and ended
    for name in WITHOUT_RUN:
        told = said[name].json
        assert (told["run_id"], set(told["files"].values())) == (None, {None}), name
        assert name == "check" or told["api"]["requests"] >= 2, name
        began, ended_at = (datetime.fromisoformat(told[key]) for key in ("started_at", "finished_at"))
        assert began <= ended_at, name


def test_summary_tells_what_happened_in_inner_objects_with_exactly_their_keys(box, provision, make_job):
    server = box()
    answer = provision("run", make_job(), "--json")
    said = answer.json

    assert list(said["roster"]) == [
        "path", "sha256", "rows", "valid", "rejected", "written_at", "understood", "excluded", "people",
        "sources",
    ]  # fmt: skip
    assert list(said["directory"]) == ["users", "managed", "app", "groups", "read"]
    assert list(said["outcomes"]) == [
        "done", "failed", "in_doubt", "skipped", "held", "not_attempted", "waiting",
    ]  # fmt: skip
    assert {tuple(guard) for guard in said["guards"]} == {("name", "limit", "actual", "verdict")}
    assert list(said["api"]) == ["requests", "retries", "rate_limited", "seconds"]
    assert list(said["files"]) == [
        "run_dir", "plan", "journal", "report_html", "report_csv", "report_xlsx", "report_json",
    ]  # fmt: skip
    assert said["enterprise_id"] == "27335"
    assert said["job"] == "nightly"
    assert (said["roster"]["rows"], said["roster"]["valid"], said["roster"]["rejected"]) == (4, 4, 0)
    assert re.fullmatch("[0-9a-f]{64}", said["roster"]["sha256"])
    assert (said["directory"]["users"], said["directory"]["managed"], said["directory"]["app"]) == (9, 7, 2)
    assert said["api"]["requests"] == len(server.log)
    assert datetime.fromisoformat(said["started_at"]) <= datetime.fromisoformat(said["finished_at"])
    assert said["error"] is None
    assert json.loads((answer.folder / "summary.json").read_text()) == said  # the one in the folder


# --- as a process ----------------------------------------------------------------------------------


def test_plan_is_the_same_under_any_hash_seed(box, provision, make_job, launch):
    """Our own process has another seed than the new one, and by chance mostly."""
    box(users=40, seed=None)
    job = make_job(name="everybody", scope={})
    seed = "4711" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    plans = [
        provision("plan", job, "--json"),
        ended(launch("plan", job, "--json", afresh=True, env=environment(PYTHONHASHSEED=seed))),
    ]
    found = [json.loads((said.folder / "plan.json").read_text()) for said in plans]
    for plan in found:
        del plan["as_of"], plan["digest"]

    assert json.dumps(found[0]) == json.dumps(found[1])
    assert found[0]["people_sha256"]
    assert [(said.code, said.json["exit_code"], list(said.json)) for said in plans] == [(2, 2, KEYS)] * 2
    assert {said.out.count("\n") for said in plans} == {1}


def test_console_script_and_module_are_the_same_program(launch):
    said = ended(launch("--version", afresh=True))

    assert (said.code, said.out) == (0, "provision, version 0.1.0\n")
