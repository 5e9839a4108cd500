"""Accounts that were there before the job: listed, taken over by a recorded decision, and only then removable."""

from __future__ import annotations

import json

import pytest

from .conftest import accounts, complaint, person

LEAVERS = {
    "evidence": {"absent_runs": 1, "absent_hours": 0},
    "leavers": [{"after": "0d", "do": "deactivate"}],
}
MIA = "login,name\nmia@acme.example,Mia Managed\n"


@pytest.fixture
def job(make_job):
    return make_job(MIA, lifecycle=LEAVERS)


def test_who_can_be_adopted_is_listed_and_nobody_is(unchanged, provision, job):
    said = provision("adopt", job, "--json")

    assert said.code == 0
    assert {one["login"] for one in said.json["adoptable"]} == {
        "mia@acme.example", "otto@acme.example", "ina@acme.example", "zoe@acme.example",
    }  # fmt: skip
    assert provision("run", job, "--json").json["planned"] == {}


@pytest.mark.usefixtures("either_way")
def test_what_was_adopted_can_become_a_leaver_and_nobody_else(box, provision, job):
    server = box()
    said = provision("adopt", job, "--login", "ZOE@acme.example", "--by", "Carla Chief", "--json")
    record = json.loads((job.parent / "runs" / said.json["run_id"] / "adoption.json").read_text())

    assert said.code == 0
    assert (record["by"], [one["login"] for one in record["accounts"]]) == (
        "Carla Chief",
        ["zoe@acme.example"],
    )
    ran = provision("run", job, "--json")
    assert (ran.code, ran.json["planned"]) == (0, {"deactivate": 1})
    assert person(server, "zoe@acme.example")["status"] == "inactive"
    assert person(server, "otto@acme.example")["status"] == "active"


def test_all_takes_everybody_who_is_listed_once(box, provision, job):
    box()
    first = provision("adopt", job, "--all", "--json")
    again = provision("adopt", job, "--json")

    assert len(first.json["adopted"]) == 4
    assert again.json["adoptable"] == []


@pytest.mark.parametrize("name", ["otta@acme.example", "ada@acme.example", "paul@partner.example"])
def test_a_name_that_is_not_in_the_list_adopts_nobody(unchanged, provision, job, name):
    said = provision("adopt", job, "--login", "zoe@acme.example", "--login", name)

    assert said.code == 1
    assert f"--login {name}: nobody of that name can be adopted" in complaint(said)
    assert len(provision("adopt", job, "--json").json["adoptable"]) == 4


def test_a_near_name_is_offered(unchanged, provision, job):
    assert "did you mean otto@acme.example?" in provision("adopt", job, "--login", "otta@acme.example").err


def test_an_adoption_survives_a_ledger_that_is_lost(box, provision, job):
    server = box()
    provision("adopt", job, "--login", "zoe@acme.example")
    for file in (job.parent / "state").glob("*.db*"):  # the key stays
        file.unlink()

    assert provision("runs", job, "--rebuild").code == 0
    assert provision("run", job, "--json").json["planned"] == {"deactivate": 1}
    assert accounts(server)
