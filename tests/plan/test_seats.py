"""The guard on seats: managed users of the whole enterprise, of whom those who fit are created and the others wait."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provision.errors import UsageError
from provision.model import Kind
from provision.plan.guards.again import Today, judged_again
from provision.plan.guards.allow_names import check_allowed
from provision.plan.guards.approvals import expect_enough
from provision.plan.guards.refused import refusal
from provision.plan.planfile import read_plan, write_plan
from provision.plan.value import Plan

from .builders import NOW, app_row, app_user, directory, make_job, memory, plan, roster, row, user

#: four seats are taken, one of them by an inactive account and one outside the job's scope
THERE = [
    user("ada@acme.example", "10", role="admin"),
    user("far@other.example", "11"),
    user("back@acme.example", "12", status="inactive"),
    user("gone@acme.example", "13"),
    app_user("C1", "14"),
]
#: three managed users join, beside an app user; one comes back and one goes
ROWS = [
    row("p2@acme.example"),
    app_row("C2"),
    row("p1@acme.example"),
    row("p3@acme.example"),
    row("back@acme.example", status="active"),
    row("gone@acme.example", action="delete"),
]


def made(seats: object, **when: Any) -> Plan:
    job = make_job("partial", "column", scope={"domains": ["acme.example"]}, guards={"seats": seats})
    known = memory(THERE[3])
    return plan(roster(*ROWS), directory(*THERE, job=job), known, job, **when)


def verdict(said: Plan) -> tuple[int, int, str] | None:
    return next(((one.limit, one.actual, one.verdict) for one in said.guards if one.name == "seats"), None)


def held(said: Plan) -> list[str]:
    return [change.key for change in said.changes if change.id in said.holds]


@pytest.mark.parametrize(
    ("seats", "expected", "waiting"),
    [
        (7, (7, 7, "ok"), []),
        (6, (6, 7, "refused"), ["p3@acme.example"]),
        (5, (5, 7, "refused"), ["p1@acme.example", "p3@acme.example"]),
        (4, (4, 7, "refused"), ["p2@acme.example", "p1@acme.example", "p3@acme.example"]),
        (0, (0, 7, "refused"), ["p2@acme.example", "p1@acme.example", "p3@acme.example"]),
        ("off", None, []),
    ],
)
def test_those_who_fit_are_created_in_the_order_of_their_rows(
    seats: object, expected: tuple[int, int, str] | None, waiting: list[str]
) -> None:
    said = made(seats)

    assert (verdict(said), held(said)) == (expected, waiting)


def test_a_plan_that_creates_no_managed_user_is_not_judged() -> None:
    job = make_job("partial", "column", guards={"seats": 0})
    rows = roster(app_row("C2"), row("back@acme.example", status="active"))

    assert verdict(plan(rows, directory(*THERE, job=job), memory(), job)) is None


def test_the_way_past_is_the_exact_number_of_managed_users() -> None:
    refused = made(6)
    words = refusal(refused.stopped)
    assert "seats: 4 of 6 taken, inactive accounts too; 3 creates planned, 1 beyond" in str(words)
    assert "--allow seats=7" in (words.remedy or "")
    assert "seats were bought" in (words.cause or "")
    because = refused.holds[next(change.id for change in refused.changes if change.id in refused.holds)]
    assert "name=seats" in because or "seats" in because

    check_allowed({"seats": 7})
    assert (verdict(made(6, allowed={"seats": 7})), held(made(6, allowed={"seats": 7}))) == (
        (6, 7, "allowed"),
        [],
    )
    assert verdict(made(6, allowed={"seats": 6})) == (6, 7, "refused")
    with pytest.raises(UsageError, match=r"approvals\.required"):
        expect_enough({"seats": 7}, 2)


def test_a_saved_plan_is_judged_again_by_what_is_approved_and_done(tmp_path: Any) -> None:
    job = make_job("partial", "column", scope={"domains": ["acme.example"]}, guards={"seats": 6})
    write_plan(made(6), tmp_path)
    saved = read_plan(tmp_path)
    p2, p1, p3 = (one for one in saved.changes if one.kind is Kind.CREATE and one.login)

    def again(done: tuple[str, ...] = (), approved: tuple[str, ...] = (), **allowed: int) -> list[str]:
        changes = tuple(replace(one, approved="Ines" if one.id in approved else "") for one in saved.changes)
        now = replace(saved, changes=changes)
        return held(replace(now, guards=judged_again(now, Today(job, memory(), NOW, allowed, done))))

    assert again() == again(done=(p2.id, p1.id)) == ["p3@acme.example"]
    assert again(seats=7) == again(done=(p2.id, p1.id), approved=(p3.id,)) == []
    # who is approved takes a place: nobody else gets it
    assert again(approved=(p3.id,)) == ["p1@acme.example"]


def test_where_managed_users_were_not_counted_nobody_fits() -> None:
    said = made(6)
    job = make_job("partial", "column", scope={"domains": ["acme.example"]}, guards={"seats": 600})
    looked_up = replace(said, directory=replace(said.directory, read="lookup"))
    guards = judged_again(looked_up, Today(job, memory(), NOW))

    assert len(held(replace(looked_up, guards=guards))) == 3
    assert any("not counted" in one.sentence for one in guards)
