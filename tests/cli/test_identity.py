"""One person, one account, over several nights: renamed, hired again, reused, swapped, shared, aliases."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime

import msgspec
import pytest

from provision.deciders import Decider
from provision.ledger.store import open_ledger
from provision.ledger.value import IdentityAnswer
from provision.report.sentences.reasons import words

from .conftest import SEED, accounts, creates, logins, person

HEADER = "external_id,login,name,job_title\n"
MIA = "E1,mia@acme.example,Mia Managed,Buyer\n"
OTTO = "E2,otto@acme.example,Otto Ömer,Seller\n"
BOTH = HEADER + MIA + OTTO
WAITS = "login: mia@acme.example → mia.new@acme.example waits"


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many hours after the first night."""

    def run(hours: float, people: str, **sections):
        clock(hours)
        return provision("run", make_job(people, **sections), "--json")

    return run


@pytest.fixture
def answer(tmp_path):
    """Says that an external id and an account are one person."""

    def say(external_id: str, account: dict) -> None:
        at = datetime.now(UTC).isoformat()
        with contextlib.closing(open_ledger(f"sqlite:///{tmp_path / 'state' / 'provision.db'}")) as ledger:
            said = IdentityAnswer(external_id, account["login"], account["id"], Decider("Carla Chief"), at)
            ledger.answer(SEED["enterprise"]["id"], "nightly", said)

    return say


def both(settled, night):
    """An enterprise of which the job has come to own Mia and Otto in a first good night."""

    def first():
        assert night(0, BOTH).code == 0

    return settled("identity", SEED, first)


def plan_of(said) -> dict:
    return json.loads((said.folder / "plan.json").read_text(encoding="utf-8"))


def reasons(said) -> str:
    return (said.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")


def rename(server, old: str, new: str, aliases: tuple[str, ...] = ()) -> None:
    """What an admin does in the Admin Console."""
    known = server.enterprise.accounts
    account = known.with_login(old)
    known.remove(account)
    known.add(msgspec.structs.replace(account, login=new, aliases=aliases))


def test_renamed_person_gets_no_second_account_and_never_leaves(box, night):
    server = box()
    before = logins(server)
    night(0, BOTH)
    renamed = BOTH.replace("mia@", "mia.new@")

    said = [night(24 * number, renamed) for number in range(1, 5)]

    assert [(one.code, one.json["planned"]) for one in said] == [(3, {})] * 4
    assert all(WAITS in reasons(one) for one in said)
    assert (logins(server), person(server, "mia@acme.example")["status"]) == (before, "active")


def test_renamed_person_is_updated_otherwise(settled, night):
    server = both(settled, night)

    said = night(24, BOTH.replace("mia@", "mia.new@").replace("Buyer", "Head"))

    assert said.json["planned"] == {"update": 1}
    assert person(server, "mia@acme.example")["job_title"] == "Head"
    assert WAITS in words(plan_of(said)["changes"][0]["because"])


def test_after_the_login_was_changed_in_box_the_night_is_quiet(box, night):
    server = box()
    renamed = BOTH.replace("mia@", "mia.new@")
    night(0, BOTH)
    night(24, renamed)
    rename(server, "mia@acme.example", "mia.new@acme.example", aliases=("mia@acme.example",))

    said = [night(hours, renamed) for hours in (48, 72)]

    assert [(one.code, one.json["planned"]) for one in said] == [(0, {})] * 2


@pytest.mark.parametrize("login", ["MIA@Acme.example", "mia@acme.example\u00a0", " \u200bmia@acme.example"])
def test_case_and_invisible_characters_make_no_other_login(settled, night, login):
    both(settled, night)

    said = night(24, BOTH.replace("mia@acme.example", login))

    assert (said.code, said.json["planned"]) == (0, {})


@pytest.mark.parametrize(
    ("one", "other"),
    [("strauß@acme.example", "strauss@acme.example"), ("ılse@acme.example", "ilse@acme.example")],
)
def test_letters_that_look_alike_are_other_letters(box, night, one, other):
    server = box(seed=SEED | {"users": [*SEED["users"], {"name": "Otto One", "login": one}]})
    before = person(server, one)

    said = night(0, f"{HEADER}E5,{other},Ina Other,Boss\n")

    assert said.json["planned"] == {"create": 1}
    assert person(server, one) == before


def test_reused_address_stops_with_an_offer_and_is_asked_once(settled, night, answer):
    server = both(settled, night)
    reused = BOTH.replace("E1,", "E9,").replace("Buyer", "Head")

    first = night(24, reused)
    [question] = plan_of(first)["questions"]
    assert (first.code, first.json["planned"], question["external_id"]) == (3, {}, "E9")
    assert "archive the old account" in reasons(first)

    answer("E9", person(server, "mia@acme.example"))
    second, third = night(48, reused), night(72, reused)
    assert (second.code, second.json["planned"]) == (0, {"update": 1})
    assert (third.code, third.json["planned"], plan_of(third)["questions"]) == (0, {}, [])
    assert person(server, "mia@acme.example")["status"] == "active"


def test_archived_account_makes_room_for_a_new_one(settled, night):
    server = both(settled, night)
    reused = BOTH.replace("E1,mia@acme.example,Mia Managed", "E9,mia@acme.example,Mila Neu")
    night(24, reused)
    old = person(server, "mia@acme.example")["id"]
    rename(server, "mia@acme.example", "archive-mia@acme.example")

    assert night(48, reused).json["planned"] == {"create": 1}
    assert person(server, "mia@acme.example")["id"] != old


def test_who_left_and_is_hired_again_under_a_new_number_is_asked_about_then_activated(box, night, answer):
    server = box()
    for number, roster in enumerate([BOTH, HEADER + OTTO, HEADER + OTTO]):
        night(24 * number, roster)
    again = BOTH.replace("E1,", "E9,")

    asked = night(72, again)
    assert (asked.code, asked.json["planned"]) == (3, {})
    assert "hired again under a new number" in words(plan_of(asked)["questions"][0]["because"])

    answer("E9", person(server, "mia@acme.example"))
    assert night(96, again).json["planned"] == {"activate": 1}
    assert person(server, "mia@acme.example")["status"] == "active"
    assert night(120, again).code == 0


def test_joiner_who_looks_like_somebody_gone_is_told_in_the_plan(settled, provision, make_job, night, clock):
    both(settled, night)
    clock(24)

    said = provision(
        "plan", make_job(HEADER + OTTO + 'E9,m.managed@acme.example,"Managed, Mia",Buyer\n'), "--json"
    )

    [change] = plan_of(said)["changes"]
    assert (change["kind"], words(change["hold"])[:44]) == (
        "create",
        "looks like the account mia@acme.example, whi",
    )


def test_address_that_is_an_alias_of_somebody_else_is_a_conflict_never_a_match(box, night):
    users = [
        one | {"aliases": ["mimi@acme.example"]} if one["name"].startswith("Mia") else one
        for one in SEED["users"]
    ]
    server = box(seed=SEED | {"users": users})
    before = accounts(server)

    said = [night(hours, f"{BOTH}E7,MIMI@acme.example,Mimi Other,\n") for hours in (0, 24)]

    assert [one.code for one in said] == [4, 0]  # it is told once, and waits for a person then
    assert "or is another user's alias" in reasons(said[0])
    assert (accounts(server), creates(server)) == (before, [409, 409])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ("E1,otto@acme.example,Mia Managed,Boss\nE2,mia@acme.example,Otto Ömer,Boss\n", "logins swapped with row 3"),
        (
            "E1,mia.new@acme.example,Mia Managed,Boss\nE9,mia@acme.example,Mia Managed,Boss\n" + OTTO,
            "(mia@acme.example): row 2 (E1, mia.new@acme.example) and row 3 (E9, mia@acme.example)",
        ),
    ],
)  # fmt: skip
def test_rows_that_contradict_each_other_are_both_held(settled, night, rows, words):
    server = both(settled, night)
    before = accounts(server)

    said = [night(24 * number, HEADER + rows) for number in range(1, 4)]

    assert [(one.code, one.json["planned"]) for one in said] == [(3, {})] * 3
    assert words in reasons(said[0])
    assert accounts(server) == before


def test_two_rows_of_one_number_are_errors_and_nobody_is_touched(settled, night):
    server = both(settled, night)
    before = accounts(server)

    said = [night(24 * number, f"{BOTH}E1,mia.new@acme.example,Mia Managed,\n") for number in range(1, 4)]

    assert [(one.code, one.json["planned"]) for one in said] == [(1, {})] * 3
    assert accounts(server) == before
