"""The main job through the public door: plan, apply, and nothing left to do."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
import xlsxwriter

from .conftest import CCG, JWT, KEYS, ROSTER, TOKEN, accounts, creates, ended, environment, logins, person

SIGN_INS = pytest.mark.parametrize("auth", [CCG, JWT, TOKEN], ids=["ccg", "jwt", "token"])
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


@SIGN_INS
def test_managed_users_are_planned_applied_and_then_in_step(box, provision, make_job, auth):
    server, job = box(), make_job(auth=auth)
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

    settled = accounts(server)
    again = provision("run", job, "--json")
    assert (again.code, again.json["status"], again.json["planned"]) == (0, "no_changes", {})
    assert accounts(server) == settled


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
    server, job = box(), make_job()

    said = provision("run", job, "--json")

    assert (said.code, said.json["planned"]) == (0, CREATE_AND_UPDATE)
    assert "nina@acme.example" in logins(server)
    assert (said.folder / "plan.json").is_file()


def test_dry_run_is_plan(box, provision, make_job):
    server, job = box(), make_job()
    before = accounts(server)

    said = provision("run", job, "--dry-run", "--json")

    assert (said.code, said.json["status"], said.json["planned"]) == (2, "planned", CREATE_AND_UPDATE)
    assert accounts(server) == before


def test_nothing_to_do_costs_only_the_listing(box, provision, make_job):
    server, job = box(), make_job()
    provision("run", job)
    calls = len(server.log)

    provision("run", job)

    spent = server.log[calls:]
    assert {line.method for line in spent if not line.path.startswith("/oauth2")} == {"GET"}
    assert {line.path for line in spent} == {"/oauth2/token", "/2.0/users/me", "/2.0/users"}


def test_another_roster_may_be_named_on_the_command_line(box, provision, make_job, tmp_path):
    server, job = box(), make_job()
    (tmp_path / "other.csv").write_text("login,name\nolga@acme.example,Olga Other\n")

    said = provision("run", job, "--roster", "other.csv", "--json")

    assert said.json["planned"] == {"create": 1}
    assert "olga@acme.example" in logins(server)


# --- the JSON object -----------------------------------------------------------------------------


@pytest.fixture
def arguments(box, provision, make_job):
    """The arguments of one command, with all that has to be there for it."""
    box()
    job = make_job()

    def run_of(command):
        return provision(command, job, "--json").folder

    def of(name):
        return {
            "apply": lambda: ("apply", run_of("plan")),
            "apply_again": lambda: ("apply", run_of("run")),
            "report": lambda: ("report", run_of("run")),
            "report_of_plan": lambda: ("report", run_of("plan")),
            "no_such_format": lambda: ("report", run_of("plan"), "--format", "pdf"),
            "usage": lambda: ("apply", "20260101T000000Z-nightly-0000", "--only", "nonsense"),
            "export": lambda: ("export", job, "--out", "everybody.csv"),
            "no_such_job": lambda: ("plan", "nowhere.yaml"),
            "no_such_job_of_runs": lambda: ("runs", "nowhere.yaml"),
            "no_such_run": lambda: ("apply", "nowhere"),
            "no_argument": lambda: ("plan",),
        }.get(name, lambda: (name, job))()

    return of


NAMES = (
    "check", "plan", "apply", "apply_again", "run", "verify", "report", "report_of_plan", "export", "usage",
    "no_such_job", "no_such_job_of_runs", "no_such_run", "no_argument", "no_such_format",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_json_is_exactly_one_object_with_exactly_the_keys(arguments, provision, name):
    said = provision(*arguments(name), "--json")

    assert list(said.json) == KEYS
    assert said.out.count("\n") == 1
    assert said.json["exit_code"] == said.code


def test_inner_objects_have_exactly_their_keys(box, provision, make_job):
    box()
    said = provision("run", make_job(), "--json").json

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


def test_summary_tells_what_happened(box, provision, make_job):
    server = box()
    said = provision("run", make_job(), "--json").json

    assert said["enterprise_id"] == "27335"
    assert said["job"] == "nightly"
    assert (said["roster"]["rows"], said["roster"]["valid"], said["roster"]["rejected"]) == (4, 4, 0)
    assert re.fullmatch("[0-9a-f]{64}", said["roster"]["sha256"])
    assert (said["directory"]["users"], said["directory"]["managed"], said["directory"]["app"]) == (9, 7, 2)
    assert said["api"]["requests"] == len(server.log)
    assert datetime.fromisoformat(said["started_at"]) <= datetime.fromisoformat(said["finished_at"])
    assert said["error"] is None


def test_summary_on_standard_output_is_the_one_in_the_folder(box, provision, make_job):
    box()
    said = provision("run", make_job(), "--json")

    assert json.loads((said.folder / "summary.json").read_text()) == said.json


@pytest.mark.parametrize("command", ["verify", "export", "check"])
def test_commands_without_a_run_name_no_run_folder(arguments, provision, command):
    said = provision(*arguments(command), "--json").json

    assert said["run_id"] is None
    assert set(said["files"].values()) == {None}


@pytest.mark.parametrize("command", ["verify", "export"])
def test_calls_are_counted_for_every_command_that_makes_them(arguments, provision, command):
    said = provision(*arguments(command), "--json").json

    assert said["api"]["requests"] >= 2


@pytest.mark.parametrize("command", ["verify", "export", "check"])
def test_every_command_says_when_it_began_and_ended(arguments, provision, command):
    said = provision(*arguments(command), "--json").json

    assert datetime.fromisoformat(said["started_at"]) <= datetime.fromisoformat(said["finished_at"])


# --- as a process ----------------------------------------------------------------------------------


def test_plan_is_the_same_under_any_hash_seed(box, make_job, launch):
    box(users=40, seed=None)
    job = make_job(name="everybody", scope={})
    plans = [
        ended(launch("plan", job, "--json", afresh=True, env=environment(PYTHONHASHSEED=seed)))
        for seed in "12"
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


def test_everybody_named_in_the_roster_is_there_once(box, provision, make_job):
    server, job = box(), make_job()
    for _ in range(3):
        provision("run", job)

    wanted = [line.split(",")[1] for line in ROSTER.splitlines()[1:]]
    assert [logins(server).count(login) for login in wanted] == [1] * len(wanted)
