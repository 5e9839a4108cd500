"""A few changes in a large enterprise are proven by reading these accounts again, unless that might miss somebody."""

from __future__ import annotations

import pytest

from provision.plan.guards import forecast

from .conftest import logins

#: everybody is as the roster says, but for these
ROSTER = "external_id,login,name,job_title\n"
UPDATE = ROSTER + "E1,mia@acme.example,Mia Managed,Buyer\nE2,otto@acme.example,Otto Ömer,Director\n"
CREATE = ROSTER + "E4,nina@acme.example,Nina New,Clerk\n"


@pytest.fixture
def large(monkeypatch):
    """An enterprise of some users is as one of many pages."""
    monkeypatch.setattr(forecast, "PAGE_SIZE", 1)


def reads(server) -> list[str]:
    """What was read after the last write."""
    last = max(at for at, line in enumerate(server.log) if line.method != "GET" and "/users" in line.path)
    return [line.path for line in server.log[last + 1 :]]


def noticed(said) -> list[str]:
    return [one["code"] for one in said.json["findings"] if one["code"].startswith("listed_")]


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("roster", [UPDATE, CREATE])
def test_only_the_accounts_of_the_run_are_read_again_and_the_report_says_so(box, provision, make_job, roster):
    server = box()
    job = make_job(roster)

    said = provision("run", job, "--json")

    assert (said.code, said.json["status"], noticed(said)) == (0, "applied", ["listed_singly"])
    assert said.json["directory"]["read"] == "listing"
    (again,) = reads(server)
    assert again.startswith("/2.0/users/")
    assert provision("report", said.folder, "--format", "html").code == 0
    assert "1 account of this run was read again singly" in (said.folder / "report.html").read_text()
    told = said.json["findings"][-1]
    assert (told["level"], "--prove listing" in told["sentence"]) == ("note", True)
    assert provision("verify", job).code == 0


@pytest.mark.usefixtures("large")
def test_the_forecast_counts_it(box, provision, make_job):
    box()

    planned = provision("plan", make_job(UPDATE), "--json")
    run = provision("apply", planned.folder, "--json")
    again = provision("run", make_job(UPDATE), "--json")

    assert (planned.code, run.code, again.code) == (2, 0, 0)
    calls = run.json["api"]["requests"] - again.json["api"]["requests"]
    assert calls == 1 + 1  # the update and the look; both read the enterprise before


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("command", ["run", "apply"])
def test_everybody_is_listed_where_somebody_asks_for_that(box, provision, make_job, command):
    server = box()
    job = make_job(UPDATE)
    what = provision("plan", job, "--json").folder if command == "apply" else job

    said = provision(command, what, "--prove", "listing", "--json")

    assert (said.code, noticed(said)) == (0, [])
    assert reads(server) == ["/2.0/users"] * 3


def test_a_listing_that_costs_hardly_more_is_made(box, provision, make_job):
    server = box()

    said = provision("run", make_job(UPDATE), "--json")

    assert (said.code, noticed(said), reads(server)) == (0, [], ["/2.0/users"] * 3)


@pytest.mark.usefixtures("large")
def test_a_value_that_does_not_show_is_found_singly_too(box, provision, make_job):
    edited = {"fault": "edited", "edit": {"job_title": "Intern"}, "moment": "after"}
    box(rules=[{"match": {"method": "PUT", "path": "/2.0/users/"}, "do": edited}])

    said = provision("run", make_job(UPDATE), "--json")

    assert (said.code, said.json["outcomes"]["failed"]) == (4, 1)
    assert set(noticed(said)) == {"listed_otherwise", "listed_singly"}


@pytest.mark.usefixtures("large", "hurried")
@pytest.mark.parametrize("fault", ["503_written", "lost_answer", "503_not_written"])
def test_a_create_that_was_sent_twice_is_proven_by_a_listing(box, provision, make_job, fault):
    """A request of which nobody knows what became may come late, under an id that nobody was told."""
    server = box(rules=[{"match": {"method": "POST", "path": "^/2.0/users$", "first": 1}, "do": fault}])

    said = provision("run", make_job(CREATE), "--json")

    assert (said.code, noticed(said)) == (0, [])
    assert "nina@acme.example" in logins(server)
    assert reads(server)[-1] == "/2.0/users"
