"""Guards that look beyond one plan: over days, over a changed job, over one attribute; and rights nobody gives by file."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from provision.because import Because, leading
from provision.job.fingerprint import fingerprint
from provision.ledger.value import Memory, Spent
from provision.model import Verdict
from provision.plan.guards.allow_names import check_allowed
from provision.plan.value import Plan

from .builders import NOW, directory, make_job, memory, plan, roster, row, user


def leavers(removed: int, known: Memory, people: int = 30, **given: Any) -> Plan:
    """The plan of a job of which so many people leave by their end date."""
    users = [user(f"p{n}@acme.example", str(1000 + n)) for n in range(people)]
    rows = [row(each["login"]) for each in users]
    for n in range(removed):
        rows[n]["end_date"] = "2026-01-01"
    job = make_job(guards=given.pop("guards", {"removals": {"count": 50}}))
    return plan(roster(*rows), directory(*users), known, job, **given)


def verdict(made: Plan, name: str) -> tuple[int, int, str] | None:
    found = {guard.name: (guard.limit, guard.actual, guard.verdict) for guard in made.guards}
    return found.get(name)


def spent(*past: tuple[str, int, float]) -> Memory:
    """A memory of operations: kind, how many, so many hours ago."""
    return replace(
        memory(),
        spent=tuple(
            Spent(kind, done, (NOW - timedelta(hours=hours)).isoformat()) for kind, done, hours in past
        ),
    )


@pytest.mark.parametrize(
    ("key", "ending", "hours"), [("per_day", "24h", 24), ("per_week", "7d", 168), ("per_month", "30d", 720)]
)
def test_a_window_counts_what_earlier_runs_did(key: str, ending: str, hours: int) -> None:
    past = spent(
        ("deactivate", 3, hours - 0.1), ("delete", 1, 1), ("deactivate", 9, hours), ("update", 99, 1)
    )
    guards = {"removals": {"count": 50, key: 5}}

    assert verdict(leavers(1, past, guards=guards), f"removals_{ending}") == (5, 5, "ok")
    assert verdict(leavers(2, past, guards=guards), f"removals_{ending}") == (5, 6, "refused")
    assert verdict(leavers(0, past, guards=guards), f"removals_{ending}") == (5, 0, "ok")


def test_a_window_is_passed_by_its_exact_number() -> None:
    guards = {"removals": {"per_day": 5}}
    past = spent(("delete", 5, 2))

    assert verdict(leavers(2, past, guards=guards, allowed={"removals_24h": 7}), "removals_24h") == (
        5,
        7,
        "allowed",
    )
    assert verdict(leavers(2, past, guards=guards, allowed={"removals_24h": 6}), "removals_24h") == (
        5,
        7,
        "refused",
    )
    check_allowed({"removals_24h": 7, "creates_30d": 1, "changed_job": 1, "mass_change": 1})


def test_a_guard_of_windows_alone_has_no_limit_for_one_run() -> None:
    made = leavers(20, memory(), guards={"removals": {"per_week": 100}})

    assert verdict(made, "removals") is None
    assert verdict(made, "removals_7d") == (100, 20, "ok")


def test_a_changed_job_removes_nobody_before_a_second_look() -> None:
    known = replace(memory(), job_fingerprint="that of another job")

    assert verdict(leavers(2, known), "changed_job") == (0, 2, "refused")
    assert verdict(leavers(2, known, allowed={"changed_job": 2}), "changed_job") == (0, 2, "allowed")
    assert verdict(leavers(0, known), "changed_job") == (0, 0, "ok")


@pytest.mark.parametrize("known", ["", fingerprint(make_job(guards={"removals": {"count": 50}}))])
def test_the_job_that_was_applied_last_and_a_new_one_need_no_second_look(known: str) -> None:
    assert verdict(leavers(2, replace(memory(), job_fingerprint=known)), "changed_job") is None


@pytest.mark.parametrize(("moved", "expected"), [(10, (10, 10, "ok")), (11, (10, 11, "refused"))])
def test_one_attribute_that_changes_for_many_is_refused(moved: int, expected: tuple[int, int, str]) -> None:
    users = [user(f"p{n}@acme.example", str(1000 + n)) for n in range(100)]
    rows = [row(each["login"], phone="1" if n < moved else "") for n, each in enumerate(users)]
    job = make_job(guards={"mass_change": {"percent": 10}})
    made = plan(roster(*rows), directory(*users), memory(), job)

    assert verdict(made, "mass_change") == expected
    [guard] = [guard for guard in made.guards if guard.name == "mass_change"]
    assert guard.sentence.startswith(f"phone changes for {moved} of 100 people")


@pytest.mark.parametrize(
    ("percent", "people", "limit"),
    [(25, 30, 7), (25, 31, 7), (30, 25, 7), (2.5, 100, 2), (10, 5, 2), (50, 23, 11), (0, 100, 0)],
)
def test_the_share_of_a_mass_change_is_rounded_down(percent: float, people: int, limit: int) -> None:
    users = [user(f"p{n}@acme.example", str(1000 + n)) for n in range(people)]
    rows = [row(each["login"]) for each in users]
    job = make_job(guards={"mass_change": {"percent": percent}})

    assert verdict(plan(roster(*rows), directory(*users), memory(), job), "mass_change") == (limit, 0, "ok")


def test_rights_are_not_given_by_a_file() -> None:
    people = [row("mia@acme.example", role="coadmin"), row("new@acme.example", role="coadmin")]
    made = plan(roster(*people), directory(user("mia@acme.example", "11")), memory())

    assert made.changes == ()
    assert set(made.table["verdict"]) == {Verdict.HELD}
    assert all(leading(because) is Because.RIGHTS for because in made.table["because"])


def test_a_co_admin_who_has_the_rights_is_protected_as_ever() -> None:
    made = plan(
        roster(row("mia@acme.example", role="coadmin")),
        directory(user("mia@acme.example", "11", role="coadmin")),
        memory(),
    )

    assert list(made.table["verdict"]) == [Verdict.PROTECTED]
