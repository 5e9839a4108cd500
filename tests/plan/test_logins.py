"""Logins that change: whom they are sure of, in which steps, and that the steps lead where they are to."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.because import Because, leading
from provision.job.settings import OldLogin
from provision.ledger.value import ALIAS_COLUMNS, Memory
from provision.model import Kind, UserKind
from provision.operations.people.addresses import is_on_the_way
from provision.operations.people.login_change import new_login
from provision.operations.value import Change, FieldChange
from provision.plan.value import Plan
from provision.plan.wants.stages import LoginTerms, steps_of
from tests.examples import examples

from .builders import Cells, directory, make_job, memory, plan, roster, row, user

APPLY = {"match": {"login_changes": "apply"}}
ADA = user("ada@acme.example", "10", name="Ada Alt")
BOB = user("bob@acme.example", "11", name="Bob Berg")
CID = user("cid@acme.example", "12", name="Cid Court")
DAN = user("dan@acme.example", "13", name="Dan Dorn")
KNOWN = [one | {"external_id": f"E{number}"} for number, one in enumerate((ADA, BOB, CID), 1)]


def named(login: str, number: int, name: str = "") -> Cells:
    """The row of one of them."""
    names = ("Ada Alt", "Bob Berg", "Cid Court")
    return row(login, external_id=f"E{number}", name=name or names[number - 1])


def made(*rows: Cells, known: Memory | None = None, **sections: object) -> Plan:
    job = make_job(**{**APPLY, **sections})
    return plan(roster(*rows), directory(ADA, BOB, CID, DAN, job=job), known or memory(*KNOWN), job)


def changed(plan: Plan) -> list[str]:
    """The ids of the accounts whose login changes."""
    return sorted(one.box_id for one in plan.changes if one.kind is Kind.LOGIN_CHANGE and not one.completes)


def test_a_login_goes_on_to_who_is_known_once_its_holder_moves_on() -> None:
    chain = made(named("bob@acme.example", 1), named("bob.new@acme.example", 2), named("cid@acme.example", 3))
    by_id = {one.id: one for one in chain.changes}

    assert changed(chain) == ["10", "11"]
    assert by_id["alias_add:10:bob@acme.example"].needs == ("alias_remove:11:bob@acme.example",)
    assert by_id["alias_remove:11:bob@acme.example"].needs == ("login_change:11",)
    assert "alias_remove:10:ada@acme.example" not in by_id


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([named("bob@acme.example", 1)], id="its holder is in no row"),
        pytest.param([named("bob@acme.example", 1), named("dan@acme.example", 2)], id="nobody knows the last holder"),
        pytest.param(
            [named("bob@acme.example", 1, "Bob Berg"), named("ada@acme.example", 2, "Ada Alt")],
            id="the names went with the logins, so the ids were mixed up",
        ),
    ],
)  # fmt: skip
def test_a_login_that_is_not_surely_let_go_is_held(rows: list[Cells]) -> None:
    found = made(*rows)

    assert changed(found) == []
    assert set(found.table["verdict"][found.table["line"] > 0]) == {"held"}


def test_a_login_outside_of_the_scope_stays_with_a_person() -> None:
    scope = {"domains": ["acme.example"]}
    found = made(named("ada@else.example", 1), scope=scope)

    assert changed(found) == []
    assert leading(found.table["because"][found.table["line"] > 0].item()) is Because.LOGIN_WAITS


def test_an_alias_that_somebody_kept_moves_on_to_who_wants_it_as_login() -> None:
    kept = pd.DataFrame([("11", "bobby@acme.example", "kept", "2026-01-01")], columns=list(ALIAS_COLUMNS))
    known = replace(memory(*KNOWN), aliases=kept.astype("str"))
    found = made(named("bobby@acme.example", 1), named("bob@acme.example", 2), known=known)
    by_id = {one.id: one for one in found.changes}

    assert by_id["alias_add:10:bobby@acme.example"].needs == ("alias_remove:11:bobby@acme.example",)
    assert leading(by_id["alias_remove:11:bobby@acme.example"].because) is Because.ADDRESS_MOVES


@pytest.mark.parametrize("there", [False, True])
def test_an_address_that_the_roster_gives_to_two_people_waits_for_a_person(there: bool) -> None:
    """As further address of one and login of somebody new: Box would refuse one of them every night, without saying who has it."""
    mine = pd.DataFrame([("10", "nina@acme.example", "added", "2026-01-01")], columns=list(ALIAS_COLUMNS))
    known = replace(memory(*KNOWN), aliases=mine[: int(there)].astype("str"))
    ada = named("ada@acme.example", 1) | {"aliases": "nina@acme.example;ada.alt@acme.example"}
    found = made(ada, row("nina@acme.example", external_id="E9", name="Nina Neu"), known=known)
    held = {one.id: leading(one.hold) for one in found.changes if one.hold}
    free = {one.id for one in found.changes if not one.hold}

    (waits,) = held
    assert held == {waits: Because.ADDRESS_OF_TWO}
    assert waits.startswith("create:" if there else "alias_add:10:nina@")
    assert any(one.startswith("alias_add:10:ada.alt@") for one in free)
    assert any(one.startswith("create:") for one in free) is not there


# --- the steps


def whole(number: int, before: str, after: str) -> Change:
    """What is to come of the login of an account."""
    fields = (FieldChange("login", before, after),)
    return Change(Kind.LOGIN_CHANGE, UserKind.MANAGED, number, str(number), "", before, "N", fields, "test")


@st.composite
def moves(draw: st.DrawFn) -> list[Change]:
    """People of whom each wants the login of another one, of nobody, or an own new one."""
    logins = [f"p{number}@{'ab'[number % 2]}.example" for number in range(draw(st.integers(2, 6)))]
    wanted = draw(st.permutations([*logins, *(f"new.{login}" for login in logins)]))[: len(logins)]
    return [
        whole(at, login, target)
        for at, (login, target) in enumerate(zip(logins, wanted, strict=True))
        if login != target
    ]


class Addresses:
    """A Box that knows nothing but who has which address."""

    def __init__(self, wanted: list[Change]) -> None:
        self.logins = {one.box_id: one.login for one in wanted}
        self.aliases: dict[str, set[str]] = {one.box_id: set() for one in wanted}

    def carry_out(self, step: Change) -> None:
        mine = self.aliases[step.box_id]
        if step.kind is Kind.ALIAS_ADD:
            assert step.object not in (
                *self.logins.values(),
                *(a for each in self.aliases.values() for a in each),
            )
            mine.add(step.object)
        elif step.kind is Kind.ALIAS_REMOVE:
            mine.remove(step.object)
        else:
            mine.remove(new_login(step))
            mine.add(self.logins[step.box_id])
            self.logins[step.box_id] = new_login(step)


@given(moves(), st.sampled_from(OldLogin), st.randoms(use_true_random=False))
@examples(150)
def test_whatever_the_order_the_steps_lead_where_they_are_to(wanted, old_login, random) -> None:
    targets = {one.box_id: one.fields[0].after for one in wanted}
    terms = LoginTerms(old_login, claimed=set(targets.values()), seed="now")
    left = [step for steps in steps_of(wanted, terms).values() for step in steps]
    box, done = Addresses(wanted), set()
    while left:
        ready = [step for step in left if done.issuperset(step.needs)]
        step = random.choice(ready)  # nothing is ready: IndexError
        box.carry_out(step)
        done.add(step.id)
        left.remove(step)

    assert box.logins == targets
    kept = {address for each in box.aliases.values() for address in each}
    olds = {one.login for one in wanted} - set(targets.values())
    assert kept == (olds if old_login is OldLogin.KEEP else set())
    assert not any(map(is_on_the_way, (*box.logins.values(), *kept)))


def test_no_login_moves_before_an_address_of_each_domain_counts() -> None:
    ring = [whole(1, "p@a.example", "q@b.example"), whole(2, "q@b.example", "p@a.example")]
    steps = [
        step
        for each in steps_of(ring, LoginTerms(claimed={"p@a.example", "q@b.example"})).values()
        for step in each
    ]
    on_the_way = {step.id for step in steps if step.kind is Kind.ALIAS_ADD and is_on_the_way(step.object)}
    [first] = [step for step in steps if step.kind is Kind.LOGIN_CHANGE and step.object]

    assert {name.rpartition("@")[2] for name in on_the_way} == {"a.example", "b.example"}
    assert set(first.needs) == on_the_way
