"""Leavers over several nights: absence is not termination, and only what is owned can leave."""

from __future__ import annotations

import json

import pytest

from .conftest import SEED, accounts, person
from .staff import BOTH, OTTO, couple

HEADER = "external_id,login,name\n"
WITHOUT_MIA = HEADER + OTTO


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many hours after the first night."""

    def run(hours: float, people: str, **sections):
        clock(hours)
        return provision("run", make_job(people, **sections), "--json")

    return run


def status(server, who="mia"):
    return person(server, f"{who}@acme.example")["status"]


#: who is in the rosters of six nights, a day apart: the row, - where there is none
SIX_NIGHTS = {
    "E1,mia@acme.example,Mia Managed": "x - - - x x",
    "E3,cleo@acme.example,Cleo Comesback": "x - x - - -",
    "E4,bea@acme.example,Bea Badrow": "x ! ! ! ! !",
    "E5,una@acme.example,Una Unread": "x x x x ? ?",
    "E6,pia@acme.example,Pia Protected": "x - - - - -",
    "E2,otto@acme.example,Otto Ömer": "x x x x x x",
    "E7,stan@acme.example,Stan Stays": "x x x x x x",
}


def of_night(number: int) -> str:
    """The roster of one of the six nights; ! is a row whose name is too long, ? one without keys."""
    lines = []
    for line, nights in SIX_NIGHTS.items():
        key, login, name = line.split(",")
        match nights.split()[number]:
            case "x":
                lines.append(line)
            case "!":
                lines.append(f"{key},{login},{name * 10}")
            case "?":
                lines.append(f",,{name}")
    return HEADER + "\n".join(lines) + "\n"


def test_only_who_is_owned_and_twice_absent_is_deactivated(box, night):
    """Mia comes back in time to be activated, Cleo in time to begin anew; bad rows and the job protect, Zoe is not ours."""
    pia = {"name": "Pia Protected", "login": "pia@acme.example"}
    server = box({**SEED, "users": [*SEED["users"], pia]})
    sections = {
        "scope": {"domains": ["acme.example"], "protect": ["pia@*"]},
        "guards": {"shrink": {"percent": 90}, "removals": {"count": 5}},
    }

    said = [night(24 * number, of_night(number), **sections) for number in range(6)]

    assert [one.json["planned"] for one in said] == [
        {"create": 4}, {}, {"deactivate": 1}, {}, {"activate": 1, "deactivate": 1}, {},
    ]  # fmt: skip
    assert [one.code for one in said] == [0, 1, 1, 1, 3, 3]
    [change] = json.loads((said[2].folder / "plan.json").read_text())["changes"]
    assert change["login"] == "mia@acme.example"
    assert "leaver;absent:" in change["evidence"]
    assert "missed=2" in change["evidence"]
    assert {who: status(server, who) for who in ("mia", "cleo", "bea", "una", "pia", "otto", "stan", "zoe")} == {
        "mia": "active", "cleo": "inactive", "bea": "active", "una": "active", "pia": "active", "otto": "active",
        "stan": "active", "zoe": "active",
    }  # fmt: skip


def test_rosters_too_close_together_count_once_and_a_preview_not_at_all(
    settled, night, provision, make_job, clock
):
    server = couple(settled, night)
    clock(24)
    assert provision("plan", make_job(WITHOUT_MIA), "--json").json["planned"] == {}

    for hours in (48, 49, 59.9):
        assert night(hours, WITHOUT_MIA).json["planned"] == {}
    assert status(server) == "active"
    assert night(60.1, WITHOUT_MIA).json["planned"] == {"deactivate": 1}


def test_more_runs_and_hours_may_be_asked_for(box, night):
    server = box()
    evidence = {"lifecycle": {"evidence": {"absent_runs": 3, "absent_hours": 20}}}
    night(0, BOTH, **evidence)

    planned = [night(hours, WITHOUT_MIA, **evidence).json["planned"] for hours in (24, 48, 72)]

    assert planned == [{}, {}, {"deactivate": 1}]
    assert status(server) == "inactive"


def test_second_stage_waits_for_its_day(box, night):
    server = box()
    stages = {
        "lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "30d", "do": "delete"}]}
    }
    nights = [(0, BOTH), (24, WITHOUT_MIA), (48, WITHOUT_MIA), (24 * 30, WITHOUT_MIA)]
    planned = [night(hours, roster, **stages).json["planned"] for hours, roster in nights]
    assert planned == [{}, {}, {"deactivate": 1}, {}]

    assert night(24 * 32, WITHOUT_MIA, **stages).json["planned"] == {"delete": 1}
    assert person(server, "mia@acme.example") == {}


def test_partial_roster_never_makes_a_leaver_of_who_is_absent(settled, night):
    server = couple(settled, night)

    planned = [
        night(24 * number, WITHOUT_MIA, roster={"authority": "partial"}).json["planned"]
        for number in range(1, 4)
    ]

    assert planned == [{}] * 3
    assert status(server) == "active"


def test_roster_that_shrank_is_refused(box, night):
    people = [f"E{number},p{number}@acme.example,Person {number}\n" for number in range(60)]
    guards = {"guards": {"shrink": {"percent": 5}}}
    server = box()
    assert night(0, HEADER + "".join(people), **guards).code == 0
    before = accounts(server)

    said = night(24, HEADER + "".join(people[:50]), **guards)

    assert (said.code, said.json["status"]) == (3, "refused")
    assert "--allow shrink=10" in said.json["error"]
    assert accounts(server) == before


def test_without_its_ledger_nobody_is_owned_so_nobody_leaves(settled, night, tmp_path):
    server = couple(settled, night)
    for path in (tmp_path / "state").glob("provision.db*"):
        path.unlink()

    for number in range(1, 4):
        assert night(24 * number, WITHOUT_MIA).json["planned"] == {}
    assert status(server) == "active"


def test_end_date_that_is_reached_counts_at_once(box, night):
    server = box()
    roster = (
        "external_id,login,name,end_date\n"
        "E1,mia@acme.example,Mia Managed,2020-01-31\nE2,otto@acme.example,Otto Ömer,2999-12-31\n"
    )

    assert night(0, roster).json["planned"] == {"deactivate": 1}
    assert (status(server), status(server, "otto")) == ("inactive", "active")


def test_who_has_not_started_yet_gets_no_account(box, night):
    roster = "login,name,start_date\nsoon@acme.example,Sue Soon,2999-01-01\n"

    box()
    assert night(0, roster).json["planned"] == {}
