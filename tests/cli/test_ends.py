"""Ends that tell the truth: what a command found, what failed and what waits, for programs and for people."""

from __future__ import annotations

import json

import openpyxl

from .conftest import EVERY_FORMAT, ROSTER, accounts
from .staff import told

#: one row is bad, one person's login is in use elsewhere, one asks for rights, and a column is not used
MIXED = (
    "external_id,login,name,job_title,status,role,Desk\n"
    "E1,mia@acme.example,Mia Managed,Buyer,active,user,1\n"
    "E2,otto@acme.example,Otto Ömer,Director,active,coadmin,2\n"
    "E3,not an address,Ina Inactive,,active,user,3\n"
    "E4,taken@acme.example,Tina Taken,Clerk,active,user,4\n"
)


def mixed(make_job, **sections):
    return make_job(MIXED, guards={"owner": "Ines Iversen"}, **sections)


def test_a_run_tells_what_it_found_what_failed_and_what_waits_as_one_object(box, provision, make_job):
    box()

    said = provision("run", mixed(make_job, report=EVERY_FORMAT), "--yes", "--json")

    told = said.json
    found = {one["code"]: one for one in told["findings"]}
    bad, unused = found["row_rejected"], found["columns_ignored"]
    assert (said.code, told["findings_total"]) == (4, len(told["findings"]))
    assert list(bad) == ["code", "level", "sentence", "do", "file", "sheet", "row", "column", "key"]
    assert (bad["level"], bad["row"], bad["column"], bad["key"]) == ("error", 4, "login", "E3")
    assert bad["do"]
    assert (unused["level"], unused["sentence"]) == ("note", "columns that are not used: Desk")
    [failure] = told["failures"]
    assert (failure["kind"], failure["key"], failure["http_status"]) == ("create", "taken@acme.example", 409)
    assert failure["do"]
    [hold] = told["holds"]
    assert (hold["key"], hold["owner"]) == ("otto@acme.example", "Ines Iversen")
    assert hold["since"]
    assert json.loads((said.folder / "summary.json").read_text()) == told
    kept = json.loads((said.folder / "reconciliation.json").read_text())
    assert kept["findings"] == told["findings"]
    sheet = openpyxl.load_workbook(said.folder / "reconciliation.xlsx")["Findings"]
    assert [cell.value for cell in sheet["B"]][1:] == [one["code"] for one in told["findings"]]
    assert bad["sentence"] in (said.folder / "report.html").read_text()


def test_four_hundred_columns_are_a_short_note(box, provision, make_job):
    box()
    columns = ",".join(f"Column {number}" for number in range(400))
    job = make_job(f"external_id,login,name,{columns}\nE1,mia@acme.example,Mia Managed{',x' * 400}\n")

    for command in ("check", "plan"):
        said = provision(command, job, "--json")
        [note] = [one["sentence"] for one in said.json["findings"] if one["code"] == "columns_ignored"]
        assert note.endswith("Column 9 and 390 more")
        assert max(map(len, said.err.splitlines())) < 300


def test_what_failed_without_being_about_anybody_is_told_to_people_too(box, provision, make_job):
    box(rules=[{"do": "forbidden", "match": {"method": "POST", "path": "^/2.0/groups$"}}])
    people = "external_id,login,name,groups\nE1,mia@acme.example,Mia Managed,Board\n"
    html = {"formats": ["html"]}

    said = provision("run", make_job(people, groups={"create": True}, report=html), "--yes", "--json")

    assert (said.code, [one["key"] for one in said.json["failures"]]) == (4, ["Board"])
    assert "Failed (1)\n" in said.err
    assert "create the group Board: " in said.err
    assert "The app is not allowed to create groups." in said.err
    page = (said.folder / "report.html").read_text()
    assert "Enable the scope Manage groups" in page[page.index("Needs a person") :]


def test_every_command_that_reads_a_roster_tells_programs_what_it_found(box, provision, make_job):
    box()
    job = mixed(make_job)

    told = {command: provision(command, job, "--json").json for command in ("check", "plan", "verify")}

    for command, said in told.items():
        assert {"row_rejected", "columns_ignored"} <= {one["code"] for one in said["findings"]}, command


def test_what_waits_is_released_by_the_command_that_a_hold_names(box, provision, make_job):
    box()
    told = provision("plan", make_job(ROSTER, guards={"creates": {"count": 0}}), "--json").json

    [hold] = told["holds"]
    command, _, rest = hold["approve"].removeprefix("provision ").partition(" ")
    released = provision(command, *rest.replace("NAME", "Ines").split())

    assert (hold["kind"], hold["key"], released.code) == ("create", "nina@acme.example", 0)


def test_a_file_of_four_hundred_columns_is_told_in_a_line(provision, make_job):
    extra = [f"Column {number}" for number in range(400)]
    text = f"login,name,{','.join(extra)}\nmia@acme.example,Mia Managed{',x' * 400}\n"

    said = provision("check", make_job(text))

    assert "Column 9 and 390 more" in " ".join(said.err.split())
    assert len(said.err) < 2000


RENAMED = (
    "external_id,login,name,job_title\n"
    "E1,mia.new@acme.example,Mia Married,Buyer\n"
    "E2,otto@acme.example,Otto Ömer,Seller\n"
)


def test_a_login_that_waits_beside_other_changes_is_held_everywhere(box, provision, make_job):
    """Exit 0 means that Box matches the roster; the name is written, the login is not."""
    box()
    first = "external_id,login,name\nE1,mia@acme.example,Mia Managed\nE2,otto@acme.example,Otto Ömer\n"
    assert provision("run", make_job(first), "--yes").code == 0
    job = make_job(RENAMED, report=EVERY_FORMAT)

    for command in ("plan", "verify", "run"):
        said = provision(command, job, "--json")
        assert (said.code, said.json["status"], said.json["outcomes"]["held"]) == (3, "held", 1), command
        [hold] = said.json["holds"]
        assert hold["key"] == "mia@acme.example", command
        assert "mia.new@acme.example" in hold["reason"], command
        assert "Held" in said.err, command

    assert said.json["outcomes"]["done"] == said.json["planned"]["update"] == 1
    assert provision("holds", job, "--json").json["holds"][0]["who"] == hold["key"]


LEFT = "external_id,login,name,status\nE1,mia@acme.example,Mia Managed,inactive\nE2,otto@acme.example,Otto Ömer,\n"


def test_a_protected_person_whose_row_says_she_left_is_held_until_somebody_says_it_is_known(
    box, provision, make_job, hands
):
    server = box()
    job = make_job(LEFT, scope={"domains": ["acme.example"], "protect": ["mia@*"]})
    said = provision("run", job, "--yes", "--json")
    before = accounts(server)

    [hold] = said.json["holds"]
    command, _, rest = hold["approve"].removeprefix("provision ").partition(" ")
    known = provision(command, *rest.replace("NAME", "Ines").split())

    assert (said.code, known.code) == (3, 0)
    assert "knows of mia@acme.example until" in " ".join(known.err.split())
    quiet = [provision("verify", job), provision("run", job, "--yes")]
    assert [one.code for one in quiet] == [0, 0]
    for one in quiet:  # nobody has to act, and still she has not left
        assert "mia@acme.example: the row says this person leaves, and the account stays" in told(one)
        assert "Box already matches the roster" not in told(one)
    assert "leaver_stays" in {each["code"] for each in provision("run", job, "--json").json["findings"]}
    hands.move(hours=24 * 8)
    assert provision("run", job, "--yes").code == 3
    assert accounts(server) == before


def test_night_on_which_somebody_is_absent_and_no_leaver_yet_is_no_match_in_its_headline(box, nights):
    box()
    rows = "external_id,login,name\nE1,mia@acme.example,Mia Managed\nE2,otto@acme.example,Otto Ömer\n"
    assert nights(0, rows).code == 0

    said = nights(1, rows[: rows.index("E2")], guards={"shrink": {"percent": 100}})

    assert (said.code, said.json["status"]) == (0, "no_changes")
    assert "Nothing to do yet; some people are absent" in told(said)
    [found] = [each for each in said.json["findings"] if each["code"] == "absent_so_far"]
    assert found["sentence"].startswith("1 person is absent from the roster, and no leaver yet")
    assert found["sentence"].endswith(": otto@acme.example")


#: a roster, the job's sections for it, and how plan and verify end
ENDS = {
    "changes": (ROSTER, {}, 2),
    "held beside changes": (MIXED, {}, 3),
    "rejected beside changes": (MIXED.replace("coadmin", "user"), {}, 2),
    "rejected only": ("login,name\nnobody,Nobody\nmia@acme.example,Mia Managed\n", {}, 1),
    "guard": (ROSTER, {"guards": {"creates": {"count": 0}}}, 3),
    "whole plan": ("login,name\nmia@other.example,Mia Managed\n", {}, 3),
    "match": ("login,name\nmia@acme.example,Mia Managed\n", {}, 0),
}


def test_plan_and_verify_end_alike_and_say_why(box, provision, make_job):
    box()
    for what, (text, sections, code) in ENDS.items():
        job = make_job(text, **sections)

        said = [provision(command, job, "--json") for command in ("plan", "verify")]

        assert [one.code for one in said] == [one.json["exit_code"] for one in said] == [code, code], what
        refused = [
            one for one in said if code == 1 or "refused" in {each["verdict"] for each in one.json["guards"]}
        ]
        assert all("do: " in (one.json["error"] or "") for one in refused), what


def test_joiners_whose_start_lies_ahead_are_told_with_name_and_date(box, provision, make_job):
    box()
    text = "login,name,start_date\nlea@acme.example,Lea Later,2199-04-01\nmia@acme.example,Mia Managed,\n"

    said = [provision(command, make_job(text, report=EVERY_FORMAT), "--json") for command in ("plan", "run")]

    assert [one.code for one in said] == [0, 0]
    assert all(
        "Lea Later: upcoming: the start date (2199-04-01)" in " ".join(one.err.split()) for one in said
    )
    lines = (said[1].folder / "reconciliation.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line for line in lines if ",starts_later," in line]
    assert "Start later" in (said[1].folder / "report.html").read_text()


def test_a_run_that_ends_before_its_plan_tells_what_it_found_all_the_same(
    box, provision, make_job, monkeypatch
):
    box()
    monkeypatch.setenv("BOX_CLIENT_SECRET", "wrong")

    told = provision("run", mixed(make_job), "--json").json

    assert (told["exit_code"], told["error"] is None) == (7, False)
    assert "row_rejected" in {one["code"] for one in told["findings"]}
