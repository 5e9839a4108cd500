"""What is limited where a job says nothing: new and changed accounts, and one attribute that changes for many."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provision.deciders import Decider
from provision.job.fingerprint import fingerprint, same_job
from provision.ledger.value import Baseline, Memory
from provision.plan.value import Plan

from .builders import directory, make_job, memory, plan, roster, row, user

FIRST = memory()
LATER = memory(rows=100)
PORTAL = replace(memory(), baselines=(Baseline("{}", "2026-03-01T01:00:00+00:00", complete=False),))
ACCEPTED = replace(
    memory(), baselines=(Baseline("{}", "2026-03-01T01:00:00+00:00", Decider("Ines"), complete=True),)
)


def made(people: int, known: Memory, authority: str = "full", guards: Any = None, **changing: int) -> Plan:
    """The plan of a job with so many accounts; ``new`` people come, of so many each of the other fields changes."""
    new = changing.pop("new", 0)
    users = [user(f"p{n}@acme.example", str(1000 + n)) for n in range(people)]
    rows = [row(each["login"]) for each in users]
    for field, many in changing.items():
        for each in rows[:many]:
            each[field] = "Bo Other" if field == "name" else "1"
    rows += [row(f"new{n}@acme.example", name=f"New {n}") for n in range(new)]
    job = make_job(authority, guards={"shrink": {"percent": 100}, **(guards or {})})
    return plan(roster(*rows), directory(*users), known, job)


def stopped(made_plan: Plan) -> dict[str, tuple[int, int]]:
    """Limit and number of what was refused, by guard, a mass change with its attribute."""
    names = [f"{guard.name} {guard.field}".rstrip() for guard in made_plan.stopped]
    return dict(zip(names, [(guard.limit, guard.actual) for guard in made_plan.stopped], strict=True))


@pytest.mark.parametrize(
    ("known", "new", "expected"),
    [
        (FIRST, 500, {}),
        (ACCEPTED, 500, {}),  # looked at, and nothing was made yet
        (LATER, 25, {}),
        (LATER, 26, {"creates": (25, 26)}),
    ],
)
def test_creates_of_full_rosters(known: Memory, new: int, expected: dict[str, tuple[int, int]]) -> None:
    assert stopped(made(100, known, new=new)) == expected


@pytest.mark.parametrize(
    ("people", "phone", "job_title", "expected"),
    [
        (100, 13, 12, {}),
        (100, 26, 0, {"updates": (25, 26)}),
        (100, 31, 0, {"updates": (25, 31), "mass_change phone": (30, 31)}),
        (100, 31, 30, {"updates": (25, 31), "mass_change phone": (30, 31)}),
        (10, 5, 0, {}),  # a small team is judged as if it were twenty
        (10, 6, 0, {"updates": (5, 6)}),
        (3, 3, 0, {}),
    ],
)
def test_updates_of_full_rosters(
    people: int, phone: int, job_title: int, expected: dict[str, tuple[int, int]]
) -> None:
    assert stopped(made(people, LATER, phone=phone, job_title=job_title)) == expected
    assert stopped(made(people, FIRST, phone=phone, job_title=job_title)) == {}


@pytest.mark.parametrize("known", [FIRST, PORTAL])
@pytest.mark.parametrize("field", ["new", "phone"])
@pytest.mark.parametrize(("many", "refused"), [(500, False), (501, True)])
def test_creates_and_updates_of_partial_rosters(known: Memory, field: str, many: int, refused: bool) -> None:
    guard = {"new": "creates", "phone": "updates"}[field]
    found = stopped(made(2000, known, "partial", **{field: many}))

    assert found == ({guard: (500, 501)} if refused else {})


@pytest.mark.parametrize("authority", ["full", "partial"])
@pytest.mark.parametrize(
    ("people", "name", "expected"),
    [
        (44, 44, {"mass_change name": (13, 44)}),
        (44, 14, {"mass_change name": (13, 14)}),
        (44, 13, {}),
        (20, 7, {"mass_change name": (6, 7)}),
        (20, 6, {}),
        (19, 19, {}),  # too few for a share to say anything
    ],
)
def test_the_name_is_looked_at_from_the_first_roster_on(
    authority: str, people: int, name: int, expected: dict[str, tuple[int, int]]
) -> None:
    assert stopped(made(people, FIRST, authority, name=name)) == expected


@pytest.mark.parametrize(
    ("known", "looks"), [(FIRST, False), (ACCEPTED, False), (PORTAL, True), (LATER, True)]
)
def test_other_attributes_are_looked_at_after_the_first_roster(known: Memory, looks: bool) -> None:
    found = stopped(made(44, known, "partial", phone=44))

    assert found == ({"mass_change phone": (13, 44)} if looks else {})


@pytest.mark.parametrize(
    ("guards", "left"),
    [
        ({"creates": "off"}, {"updates", "mass_change phone", "mass_change name"}),
        ({"updates": "off"}, {"creates", "mass_change phone", "mass_change name"}),
        ({"mass_change": "off"}, {"creates", "updates"}),
        ({"mass_change": {"percent": 60}}, {"creates", "updates", "mass_change phone", "mass_change name"}),
        ({"creates": {"count": 60}}, {"updates", "mass_change phone", "mass_change name"}),
        ({"updates": {"per_day": 100}}, {"creates", "mass_change phone", "mass_change name"}),
        ({"creates": "off", "updates": "off", "mass_change": "off"}, set()),
    ],
)
def test_what_a_job_says_stands_in_place_of_the_default(guards: Any, left: set[str]) -> None:
    assert set(stopped(made(44, LATER, guards=guards, new=44, phone=44, name=44))) == left


def test_what_is_refused_by_default_says_so_and_waits() -> None:
    found = made(44, FIRST, name=44)

    assert found.refused == ()
    assert len(found.holds) == 44
    assert [guard.sentence for guard in found.stopped] == [
        "name changes for 44 of 44 people; this job allows 30%, which is so unless the job says otherwise"
    ]


def test_the_exact_number_is_the_way_past() -> None:
    users = [user(f"p{n}@acme.example", str(1000 + n)) for n in range(44)]
    rows = [row(each["login"], name="Bo Other") for each in users]

    def left(**allowed: int) -> dict[str, tuple[int, int]]:
        return stopped(plan(roster(*rows), directory(*users), FIRST, allowed=allowed))

    assert (left(mass_change=44), left(mass_change=43)) == ({}, {"mass_change name": (13, 44)})


def test_what_is_within_the_default_is_not_told() -> None:
    assert {guard.name for guard in made(100, LATER, new=1, phone=1).guards} == {"removals", "shrink"}


def test_a_fingerprint_names_the_limits_of_its_time_and_is_of_the_same_job_under_others() -> None:
    version, _, digest = fingerprint(make_job()).partition(":")

    assert (version, len(digest)) == ("1", 64)
    assert same_job(f"2:{digest}", f"1:{digest}")
    assert same_job(digest, f"1:{digest}")  # from before there were any
    assert not same_job(fingerprint(make_job(guards={"creates": "off"})), fingerprint(make_job()))
    assert not same_job(fingerprint(make_job(guards={"mass_change": "off"})), fingerprint(make_job()))


@pytest.mark.parametrize("version", ["", "0:", "7:"])
def test_an_upgrade_is_no_changed_job(version: str) -> None:
    digest = fingerprint(make_job()).partition(":")[2]
    leaver = row("a@acme.example", end_date="2026-01-01")
    known = replace(memory(), job_fingerprint=f"{version}{digest}")
    found = plan(roster(leaver), directory(user("a@acme.example", "10")), known)

    assert "changed_job" not in {guard.name for guard in found.guards}
