"""Ends that tell the truth: what a command found, what failed and what waits, for programs and for people."""

from __future__ import annotations

import json

import openpyxl
import pytest

from .conftest import EVERY_FORMAT, ROSTER

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


@pytest.mark.parametrize("command", ["check", "plan", "verify"])
def test_every_command_that_reads_a_roster_tells_programs_what_it_found(box, provision, make_job, command):
    box()

    told = provision(command, mixed(make_job), "--json").json

    assert {"row_rejected", "columns_ignored"} <= {one["code"] for one in told["findings"]}


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
