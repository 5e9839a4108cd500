"""Leavers over several nights: absence is not termination, and only what is owned can leave."""

from __future__ import annotations

import json

import pytest

from .conftest import accounts, person

MIA = "E1,mia@acme.example,Mia Managed\n"
OTTO = "E2,otto@acme.example,Otto Ömer\n"
HEADER = "external_id,login,name\n"
BOTH = HEADER + MIA + OTTO
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


def test_owned_person_absent_from_two_rosters_far_enough_apart_is_deactivated(box, night):
    server = box()
    night(0, BOTH)

    first = night(24, WITHOUT_MIA)
    assert (first.code, first.json["planned"], status(server)) == (0, {}, "active")

    second = night(48, WITHOUT_MIA)
    assert (second.code, second.json["planned"], status(server)) == (0, {"deactivate": 1}, "inactive")
    [change] = json.loads((second.folder / "plan.json").read_text())["changes"]
    assert change["login"] == "mia@acme.example"
    assert "leaver;absent:" in change["evidence"]
    assert "missed=2" in change["evidence"]
    assert (status(server, "otto"), status(server, "zoe")) == ("active", "active")


def test_rosters_too_close_together_count_once(box, night):
    server = box()
    night(0, BOTH)
    night(24, WITHOUT_MIA)

    for hours in (25, 30, 35.9):
        assert night(hours, WITHOUT_MIA).json["planned"] == {}
    assert status(server) == "active"
    assert night(36.1, WITHOUT_MIA).json["planned"] == {"deactivate": 1}


def test_more_runs_and_hours_may_be_asked_for(box, night):
    server = box()
    evidence = {"lifecycle": {"evidence": {"absent_runs": 3, "absent_hours": 20}}}
    night(0, BOTH, **evidence)

    planned = [night(hours, WITHOUT_MIA, **evidence).json["planned"] for hours in (24, 48, 72)]

    assert planned == [{}, {}, {"deactivate": 1}]
    assert status(server) == "inactive"


def test_who_comes_back_in_between_starts_afresh(box, night):
    box()
    nights = [BOTH, WITHOUT_MIA, BOTH, WITHOUT_MIA, WITHOUT_MIA]

    planned = [night(24 * number, roster).json["planned"] for number, roster in enumerate(nights)]

    assert planned == [{}, {}, {}, {}, {"deactivate": 1}]


def test_who_left_and_is_hired_again_is_activated(box, night):
    server = box()
    for number, roster in enumerate([BOTH, WITHOUT_MIA, WITHOUT_MIA]):
        night(24 * number, roster)
    assert status(server) == "inactive"

    assert night(72, BOTH).json["planned"] == {"activate": 1}
    assert status(server) == "active"


def test_preview_does_not_count_as_a_night(box, night, provision, make_job, clock):
    box()
    night(0, BOTH)
    for hours in (24, 48, 72):
        clock(hours)
        assert provision("plan", make_job(WITHOUT_MIA), "--json").json["planned"] == {}


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


def test_nobody_unowned_ever_leaves(box, night):
    server = box()
    before = accounts(server)
    roster = HEADER + OTTO

    planned = [night(24 * number, roster).json["planned"] for number in range(5)]

    assert planned == [{}] * 5
    assert accounts(server) == before


def test_rejected_row_protects_its_person(box, night):
    server = box()
    night(0, BOTH)
    bad = BOTH.replace("Mia Managed", "M" * 51)

    said = [night(24 * number, bad) for number in range(1, 5)]

    assert [(one.code, one.json["planned"]) for one in said] == [(1, {})] * 4
    assert status(server) == "active"


def test_row_whose_key_cannot_be_read_protects_whoever_it_may_be(box, night):
    """By the name it may be Mia."""
    server = box()
    night(0, BOTH)
    bad = HEADER + OTTO + ",,Mia Somebody\n"

    said = [night(24 * number, bad) for number in range(1, 5)]

    assert [one.json["planned"] for one in said] == [{}] * 4
    assert status(server) == "active"


def test_partial_roster_never_makes_a_leaver_of_who_is_absent(box, night):
    server = box()
    night(0, BOTH)

    planned = [
        night(24 * number, WITHOUT_MIA, roster={"authority": "partial"}).json["planned"]
        for number in range(1, 5)
    ]

    assert planned == [{}] * 4
    assert status(server) == "active"


def test_protected_person_survives_absence(box, night):
    server = box()
    guarded = {"scope": {"domains": ["acme.example"], "protect": ["mia@*"]}}
    night(0, BOTH, **guarded)

    for number in range(1, 4):
        night(24 * number, WITHOUT_MIA, **guarded)

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


def test_without_its_ledger_nobody_is_owned_so_nobody_leaves(box, night, tmp_path):
    server = box()
    night(0, BOTH)
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
