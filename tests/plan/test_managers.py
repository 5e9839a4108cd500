"""The protection of managers whom a roster names by name: nobody is removed who may be one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provision.model import Kind
from provision.plan.value import Plan
from provision.roster.value import PeopleNamed

from .builders import Cells, directory, make_job, memory, plan, roster, row, user

LEAVER, STAYS = "amelie@x.example", "bo@x.example"
JOB = {"scope": {"protect_managers": True}}


def made(manager: str, *rows: Cells, strangers: tuple[str, ...] = (), **sections: object) -> Plan:
    """The plan of a night in which Amelie leaves, and Bo says who the manager is; both have accounts."""
    job = make_job(**{**JOB, **sections})
    stays = row(STAYS, name="Bo Bay", manager=manager)
    named = PeopleNamed("manager", "Supervisor", 1, 1, strangers=frozenset(strangers))
    there = directory(user(LEAVER, "10", name="Amelie Brandt"), user(STAYS, "11", name="Bo Bay"))
    known = memory(user(LEAVER, "10"), user(STAYS, "11"))
    return plan(replace(roster(stays, *rows), named=(named,)), there, known, job)


GOES = row(LEAVER, name="Amelie Brandt", end_date="2026-02-27")


@pytest.mark.parametrize("name", ["Brandt, Amelie", "amelie brandt", "Amélie Brandt"])
def test_whoever_has_the_name_of_a_manager_is_not_removed(name: str) -> None:
    """Also where the name alone does not tell which of several is meant."""
    said = made(name, GOES)
    assert [change.kind for change in said.changes if not change.hold] == []
    assert [guard.name for guard in said.guards if guard.verdict == "refused"] == []


def test_nobody_is_removed_while_a_manager_is_not_known() -> None:
    stranger = "amy brandt"
    said = made("Amy Brandt", GOES, strangers=(stranger,))
    [guard] = [each for each in said.guards if each.name == "managers"]
    assert (guard.actual, guard.verdict) == (1, "refused")
    assert [guard.covers(change) for change in said.changes if change.kind is Kind.DEACTIVATE] == [True]
    assert "1 manager of active people is no login" in guard.sentence

    off = made("Amy Brandt", GOES, strangers=(stranger,), scope={})
    assert [each.name for each in off.guards if each.name == "managers"] == []


def test_the_manager_of_who_comes_back_in_the_same_plan_counts_too() -> None:
    job = make_job(**JOB)
    known = memory(user(LEAVER, "10"), user(STAYS, "11"))
    there = directory(
        user(LEAVER, "10", name="Amelie Brandt"), user(STAYS, "11", name="Bo Bay", status="inactive")
    )
    kinds = []
    for manager in (LEAVER, "Amy Brandt"):
        named = PeopleNamed("manager", "Supervisor", 1, 1, strangers=frozenset({manager.lower()} - {LEAVER}))
        rows = roster(row(STAYS, name="Bo Bay", manager=manager, status="active"), GOES)
        said = plan(replace(rows, named=(named,)), there, known, job)
        kinds.append([change.kind for change in said.changes if change.id not in said.holds])

    # she stays for the one who needs her, and nobody goes while it is not known whom he needs
    assert kinds == [[Kind.ACTIVATE], [Kind.ACTIVATE]]


@pytest.mark.parametrize(
    ("manager", "rows"),
    [
        ("Amelie Brandt", ()),  # absent from the roster, and there in Box
        (LEAVER, ()),
        ("Amy Brandt", (row(LEAVER, name="Amelie Brandt"),)),  # nobody is removed
    ],
)
def test_who_is_in_box_is_known_and_without_a_removal_nothing_is_asked(
    manager: str, rows: tuple[Cells, ...]
) -> None:
    said = made(
        manager,
        *rows,
        strangers=(manager.lower(),),
        lifecycle={"evidence": {"absent_runs": 1, "absent_hours": 0}},
    )
    assert [each.name for each in said.guards if each.name == "managers"] == []
    assert [change.kind for change in said.changes if not change.hold] == []


def test_a_stranger_named_by_somebody_who_leaves_too_stops_nothing() -> None:
    said = made("", GOES | {"manager": "Amy Brandt"}, strangers=("amy brandt",))
    assert [each.name for each in said.guards if each.name == "managers"] == []
    assert [change.kind for change in said.changes] == [Kind.DEACTIVATE]
