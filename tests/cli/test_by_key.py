"""A few people in a large enterprise: they are looked up by key, and nobody lists the others."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from provision.runs.reading import by_key

from .conftest import accounts

PARTIAL = {"roster": {"authority": "partial", "kind": "column"}}
HEADER = "external_id,login,name,kind,job_title\n"
JOINERS = HEADER + "E4,nina@acme.example,Nina New,managed,Clerk\nportal-1,,Client New,app,\n"
#: somebody to be changed, a joiner, an app user in step, one elsewhere, one out of scope, one protected, and a bad row
EVERYBODY = HEADER + (
    "E2,otto@acme.example,Otto Ömer,managed,Director\n"
    "E4,nina@acme.example,Nina New,managed,Clerk\n"
    "client-1,,Client One,app,\n"
    "E9,guest@partner.example,Gus Guest,managed,\n"
    "E5,paul@partner.example,Paul Partner,managed,\n"
    "E6,cora@acme.example,Cora Coadmin,managed,\n"
    "E7,mia@acme.example,,managed,\n"
    "E7,mia@acme.example,Mia,nobody,\n"
)


@pytest.fixture
def large(monkeypatch):
    """An enterprise of some users is as one of many pages."""
    monkeypatch.setattr(by_key, "PAGE_SIZE", 1)


def pages_of(server, since: int = 0) -> list[str]:
    return [line.path for line in server.log[since:] if line.method == "GET" and line.path == "/2.0/users"]


def decided(said) -> list[tuple[str, ...]]:
    table = pd.read_parquet(said.folder / "people.parquet")
    rows = table[table["line"] > 0][["line", "box_id", "verdict", "because", "changes"]]
    return [tuple(map(str, row)) for row in rows.itertuples(index=False)]


@pytest.mark.usefixtures("large")
def test_joiners_are_looked_up_made_and_looked_at_again(box, provision, make_job):
    server = box()
    job = make_job(JOINERS, **PARTIAL)

    said = provision("run", job, "--json")

    assert (said.code, said.json["planned"]) == (0, {"create": 2})
    assert said.json["directory"] == {
        "users": None, "managed": None, "app": None, "groups": None, "read": "lookup",
    }  # fmt: skip
    calls = [(line.method, line.path.split("/")[2]) for line in server.log]
    assert (
        calls.count(("GET", "users")) == 6
    )  # who we are, how many they are, and each of both before and afterwards
    plan = json.loads((said.folder / "plan.json").read_text())
    assert plan["forecast"]["reading"] + plan["forecast"]["calls"] == 8
    assert "looked up by key" in (said.folder / "preview.html").read_text()
    assert len(pd.read_csv(said.folder / "reconciliation.csv")) == 2
    assert (provision("verify", job).code, provision("run", job).code) == (0, 0)


@pytest.mark.parametrize("way", ["looked up", "listed"])
def test_a_number_without_its_zeros_makes_nobody_new(box, provision, make_job, monkeypatch, way):
    """A spreadsheet eats them; a partial roster is not compared with the one before, so the people themselves tell."""
    monkeypatch.setattr(by_key, "PAGE_SIZE", 1 if way == "looked up" else 1_000)
    server = box()
    header, people = "external_id,name,kind\n", ("0007,Client Seven,app\n", "0008,Client Eight,app\n")
    assert provision("run", make_job(header + "".join(people), **PARTIAL), "--json").json["planned"] == {
        "create": 2
    }
    before = len(accounts(server))

    # a number of the job's own account means it under any name: who looks at a shifted column of names sees both wrong
    eaten = header + "7,Client Seven,app\n8,Somebody Else,app\n9,Client Nine,app\n"
    said = provision("run", make_job(eaten, **PARTIAL), "--json")
    assert said.json["directory"]["read"] == ("lookup" if way == "looked up" else "listing")
    assert (said.code, said.json["planned"]["create"]) == (3, 3)
    assert (said.json["outcomes"]["held"], len(accounts(server)) - before) == (2, 1)
    holds = {hold["key"]: hold["reason"] for hold in said.json["holds"]}
    assert ["0007" in holds["7"], "0008" in holds["8"]] == [True, True]


@pytest.mark.usefixtures("large")
def test_thirty_joiners_take_fewer_than_a_hundred_calls(box, provision, make_job):
    server = box()
    joiners = "".join(f"J{n},j{n}@acme.example,Joiner {n},managed,Clerk\n" for n in range(30))

    said = provision("run", make_job(HEADER + joiners, **PARTIAL), "--json")

    assert (said.code, said.json["outcomes"]["done"]) == (0, 30)
    assert len(server.log) < 100  # a look, the create and the proof of each, the sign-in and two counts


def test_a_small_enterprise_is_listed(box, provision, make_job):
    box()

    said = provision("plan", make_job(EVERYBODY, **PARTIAL), "--json")

    assert said.json["directory"]["read"] == "listing"
    assert said.json["directory"]["users"] > 0


def test_a_lookup_decides_as_a_listing_does(box, provision, make_job, monkeypatch):
    server = box()
    first = EVERYBODY.replace("Director", "Seller")
    assert provision("run", make_job(first, **PARTIAL)).code in (0, 1, 3)
    renamed = EVERYBODY.replace("otto@acme", "otto.o@acme")
    for people in (EVERYBODY, renamed):
        job = make_job(people, **PARTIAL)
        listed = provision("plan", job, "--json")
        with monkeypatch.context() as patch:
            patch.setattr(by_key, "PAGE_SIZE", 0.1)
            looked_up = provision("plan", job, "--json")

        assert (listed.json["directory"]["read"], looked_up.json["directory"]["read"]) == (
            "listing",
            "lookup",
        )
        assert decided(looked_up) == decided(listed)
        assert looked_up.code == listed.code
    assert accounts(server)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize(
    "section",
    [
        {"scope": {"domains": ["acme.example"], "protect_managers": True}},
        {"guards": {"by": "domain"}},
        {"guards": {"seats": 500}},
        {"lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "30d", "do": "transfer", "to": "manager"}]}},
        {"roster": {"authority": "full", "kind": "column"}},
    ],
    ids=["managers", "parts", "seats", "transfers", "full"],
)  # fmt: skip
def test_a_job_that_looks_at_everybody_lists(box, provision, make_job, section):
    box()

    said = provision("plan", make_job(JOINERS, **{**PARTIAL, **section}), "--json")

    assert said.json["directory"]["read"] == "listing"


@pytest.mark.usefixtures("large")
def test_resume_looks_up_whom_the_run_was_about(box, provision, make_job):
    server = box(
        rules=[{"match": {"method": "POST", "path": "^/2.0/users$", "nth": 1}, "do": {"status": 400}}]
    )
    job = make_job(JOINERS, **PARTIAL)
    said = provision("run", job, "--json")
    assert (said.code, said.json["outcomes"]["failed"]) == (4, 1)
    seen = len(server.log)

    again = provision("resume", said.folder, "--json")

    assert (again.code, again.json["outcomes"]["done"]) == (0, 2)
    assert len(pages_of(server, seen)) <= 3  # how many there are, and the one who is left


@pytest.mark.usefixtures("large")
def test_limits_in_percent_are_of_all_accounts_of_the_job(box, provision, make_job):
    people = HEADER + "".join(f"E{n},p{n}@acme.example,Person {n},managed,\n" for n in range(60))
    box()
    assert provision("run", make_job(people, **PARTIAL)).code == 0
    leavers = "login,action,kind\n" + "".join(f"p{n}@acme.example,deactivate,managed\n" for n in range(3))

    said = provision("run", make_job(leavers, **PARTIAL), "--json", "--yes")

    assert said.json["directory"]["read"] == "lookup"
    assert (said.code, said.json["planned"]) == (0, {"deactivate": 3})
