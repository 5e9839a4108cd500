"""Budgets over several nights, and a job that was changed between two of them."""

from __future__ import annotations

import pytest

from .conftest import complaint, person

HEADER = "login,name,status\n"
PEOPLE = [f"p{number}@acme.example" for number in range(6)]
LEAVERS = {"leavers": [{"after": "0d", "do": "deactivate"}]}
SEED = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [{"name": f"P {number}", "login": login} for number, login in enumerate(PEOPLE)],
}


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the job with the first so many people gone, so many hours after the first night."""

    def run(hours: float, gone: int, *flags: str, **sections):
        clock(hours)
        rows = [
            f"{login},P {number},{'inactive' if number < gone else 'active'}\n"
            for number, login in enumerate(PEOPLE)
        ]
        return provision(
            "run", make_job(HEADER + "".join(rows), lifecycle=LEAVERS, **sections), "--json", *flags
        )

    return run


def test_a_few_a_night_are_too_many_in_a_week(box, night):
    server = box(seed=SEED)
    guards = {"removals": {"count": 2, "per_week": 3}}
    assert night(0, 0, guards=guards).code == 0
    assert night(24, 2, guards=guards).json["planned"] == {"deactivate": 2}
    third = night(48, 4, guards=guards)

    assert third.code == 3
    [guard] = [guard for guard in third.json["guards"] if guard["name"] == "removals_7d"]
    assert guard == {"name": "removals_7d", "limit": 3, "actual": 4, "verdict": "refused"}
    assert "2 in the last 7 days and 2 planned; this job allows 3" in third.json["error"]
    assert person(server, PEOPLE[3])["status"] == "active"
    assert night(49, 4, "--allow", "removals_7d=4", guards=guards).code == 0
    assert night(48 + 24 * 8, 5, guards=guards).code == 0  # the first two are older than a week


def test_a_changed_job_wants_a_second_look_before_it_removes(box, night):
    server = box(seed=SEED)
    assert night(0, 0).code == 0
    changed = {"scope": {"domains": ["acme.example", "acme.test"]}}
    said = night(24, 1, **changed)

    assert said.code == 3
    assert "changed since it was last applied" in said.json["error"]
    assert "--allow changed_job=1" in complaint(said)
    assert person(server, PEOPLE[0])["status"] == "active"
    assert night(25, 1, "--allow", "changed_job=1", **changed).code == 0
    assert night(48, 2, **changed).code == 0


def test_a_job_whose_change_removes_nobody_needs_no_look(box, night):
    box(seed=SEED)
    assert night(0, 0).code == 0

    assert night(24, 0, scope={"domains": ["acme.example", "acme.test"]}).code == 0


def test_who_is_created_beyond_the_seats_waits(box, provision, make_job, clock):
    """Seven seats are taken; one more fits. An approval lets another in, and a seat is free once an account is gone."""
    server, guards = box(seed=SEED), {"seats": 8, "removals": {"count": 2}}
    rows = "".join(f"{login},P {number},active,upsert\n" for number, login in enumerate(PEOPLE))
    joiners = "".join(f"new{number}@acme.example,New {number},active,upsert\n" for number in range(3))

    def night(hours, text):
        clock(hours)
        job = make_job("login,name,status,action\n" + text, guards=guards, roster={"authority": "partial"})
        return provision("run", job, "--json", "--yes")

    first = night(0, rows + joiners)
    assert (first.code, first.json["planned"], first.json["outcomes"]["held"]) == (3, {"create": 3}, 2)
    [guard] = [guard for guard in first.json["guards"] if guard["name"] == "seats"]
    assert guard == {"name": "seats", "limit": 8, "actual": 10, "verdict": "refused"}
    assert "seats: 7 of 8 taken, inactive accounts too; 3 creates planned, 2 beyond" in first.json["error"]
    assert (
        "the enterprise would have 10 managed users (guard seats, which allows 8)"
        in first.json["holds"][0]["reason"]
    )
    assert [bool(person(server, f"new{number}@acme.example")) for number in range(3)] == [True, False, False]

    assert provision("approve", first.folder, "--person", "new2@acme.example", "--by", "Ines").code == 0
    second = night(24, rows.replace("P 0,active,upsert", "P 0,active,delete") + joiners)
    assert (second.code, second.json["outcomes"]["done"], second.json["outcomes"]["held"]) == (3, 2, 1)
    assert person(server, "new2@acme.example")
    assert not person(server, PEOPLE[0])

    third = provision(
        "run",
        make_job(
            "login,name\n" + "new1@acme.example,New 1\n", guards={"seats": 9}, roster={"authority": "partial"}
        ),
        "--json",
    )
    assert third.code == 0, third.json["error"]
