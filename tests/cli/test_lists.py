"""Tracking codes are one list, which Box takes whole: what others put into it stays, and what was not read is not written."""

from __future__ import annotations

import json

import pytest

from provision.sandbox.choices import Choices
from provision.sandbox.fields import Fields

from .conftest import SEED, accounts, person
from .staff import edited

PEOPLE = [
    {
        "name": "Mia Managed",
        "login": "mia@acme.example",
        "tracking_codes": {"Cost": "1", "Dept": "D", "Badge": "77"},
    },
    {"name": "Otto Other", "login": "otto@acme.example", "tracking_codes": {"Cost": "1", "Dept": "D"}},
]
WORLD = {**SEED, "users": PEOPLE}
ROSTER = (
    "external_id,login,name,job_title,tracking_codes.Cost\n"
    "E1,mia@acme.example,Mia Managed,Buyer,2\n"
    "E2,otto@acme.example,Otto Other,,1\n"
)


def codes(server, login):
    return dict(person(server, login)["tracking_codes"])


def hide_codes(server):
    """From now on the token may not see tracking codes."""
    seen = Fields(server.enterprise, Choices(hidden_attributes=("tracking_codes",)))
    server.service.world.fields.columns = seen.columns


def reason(said, key):
    lines = (said.folder / "reconciliation.csv").read_text(encoding="utf-8-sig").splitlines()
    return next(line for line in lines if key in line)


def test_code_that_somebody_writes_between_listing_and_update_stays(box, provision, make_job):
    theirs = {"fault": "edited", "edit": {"tracking_codes": {"Dept": "new", "Site": "B"}}}
    server = box(
        seed=WORLD, rules=[{"match": {"method": "GET", "path": "^/2.0/users/[0-9]+$"}, "do": theirs}]
    )

    said = provision("run", make_job(ROSTER), "--json", "--yes")

    assert (said.code, said.json["outcomes"]["done"]) == (0, 1)
    assert codes(server, "mia@acme.example") == {"Cost": "2", "Dept": "new", "Badge": "77", "Site": "B"}
    assert person(server, "mia@acme.example")["job_title"] == "Buyer"


def test_code_of_the_roster_that_somebody_changes_meanwhile_is_left_alone(box, provision, make_job):
    theirs = {"fault": "edited", "edit": {"tracking_codes": {"Cost": "9"}}}
    server = box(
        seed=WORLD, rules=[{"match": {"method": "GET", "path": "^/2.0/users/[0-9]+$"}, "do": theirs}]
    )

    said = provision("run", make_job(ROSTER), "--json", "--yes")

    assert (said.code, said.json["outcomes"]["skipped"]) == (3, 1)
    assert codes(server, "mia@acme.example")["Cost"] == "9"
    assert "tracking_codes changed in Box after the plan was made" in reason(said, "mia@")


def test_look_before_a_list_is_forecast(box, provision, make_job):
    server = box(seed=WORLD)
    planned = provision("plan", make_job(ROSTER), "--json")
    forecast = json.loads((planned.folder / "plan.json").read_text())["forecast"]
    before = len(server.log)

    provision("apply", planned.folder, "--json", "--yes")

    token = 1  # is no call to the API
    assert len(server.log) - before == token + forecast["reading"] + forecast["calls"]


@pytest.mark.parametrize("shown", ["absent", "null"])
def test_codes_that_the_token_may_not_see_are_never_written_over(box, provision, make_job, shown):
    server = box(seed=WORLD, choices={"hidden_attributes": ["tracking_codes"], "hidden_as": shown})
    job = make_job(ROSTER)

    said = provision("run", job, "--json", "--yes")

    assert codes(server, "mia@acme.example") == {"Cost": "1", "Dept": "D", "Badge": "77"}
    assert person(server, "mia@acme.example")["job_title"] == "Buyer"
    assert "tracking_codes.Cost waits: Box does not show it to this sign-in" in reason(said, "mia@")
    assert "right to view settings" in reason(said, "otto@")
    assert provision("verify", job, "--json").json["outcomes"]["held"] == 2


@pytest.mark.parametrize("shown", ["absent", "null"])
def test_a_text_that_the_token_may_not_see_is_never_written_over(box, provision, make_job, shown):
    """Where an account has no job title, Box says so by an empty one."""
    people = [{**PEOPLE[0], "job_title": "Clerk"}, PEOPLE[1]]
    server = box(
        seed={**WORLD, "users": people}, choices={"hidden_attributes": ["job_title"], "hidden_as": shown}
    )
    job = make_job(ROSTER)

    said = provision("run", job, "--json", "--yes")

    assert (said.code, said.json["outcomes"]["done"], said.json["outcomes"]["held"]) == (3, 1, 1)
    assert person(server, "mia@acme.example")["job_title"] == "Clerk"
    assert codes(server, "mia@acme.example")["Cost"] == "2"
    assert "job_title waits: Box does not show it to this sign-in" in reason(said, "mia@")
    assert provision("verify", job, "--json").code == 3


@pytest.mark.parametrize(
    ("attribute", "shown", "told"),
    [
        ("is_platform_access_only", "null", "Box did not say what kind of user this is"),
        ("role", "absent", "Box did not say this user's role"),
        ("role", "super_admin", "says one that this program does not know"),
    ],
)
def test_who_cannot_be_told_from_an_admin_or_a_client_is_held_and_not_called_right(
    box, provision, make_job, attribute, shown, told
):
    hidden = {"hidden_attributes": [attribute], "hidden_as": shown}
    server = box(seed=WORLD, choices=hidden if shown in ("null", "absent") else None)
    if shown == "super_admin":
        for login in ("mia@acme.example", "otto@acme.example"):
            edited(server, login, role=shown)
    before = accounts(server)

    said = provision("run", make_job(ROSTER), "--json", "--yes")

    assert (said.code, said.json["outcomes"]["held"]) == (3, 2)
    assert all(told in reason(said, who) for who in ("mia@", "otto@"))
    assert {one["key"] for one in said.json["holds"]} == {"mia@acme.example", "otto@acme.example"}
    assert accounts(server) == before


def test_right_that_is_lost_between_plan_and_apply_writes_nothing_over(box, provision, make_job):
    server = box(seed=WORLD)
    planned = provision("plan", make_job(ROSTER), "--json")
    hide_codes(server)

    said = provision("apply", planned.folder, "--json", "--yes")

    assert (said.code, said.json["outcomes"]["skipped"]) == (3, 1)
    assert "Box does not show tracking_codes to this sign-in" in reason(said, "mia@")
    assert codes(server, "mia@acme.example")["Cost"] == "1"


def test_undo_leaves_codes_that_it_may_not_see(box, provision, make_job):
    server = box(seed=WORLD)
    done = provision("run", make_job(ROSTER), "--json", "--yes")
    hide_codes(server)

    back = provision("undo", done.folder, "--json", "--yes")

    assert codes(server, "mia@acme.example") == {"Cost": "2", "Dept": "D", "Badge": "77"}
    assert person(server, "mia@acme.example")["job_title"] == ""
    assert "tracking_codes, which Box does not show to this sign-in" in reason(back, "mia@")


def test_one_code_is_cleared_and_the_others_stay(box, nights):
    server = box(seed=WORLD)

    said = nights(0, ROSTER.replace(",Buyer,2", ",,(clear)"))

    assert (said.code, said.json["outcomes"]["done"]) == (0, 1)
    assert codes(server, "mia@acme.example") == {"Dept": "D", "Badge": "77"}
    assert nights(1, ROSTER.replace(",Buyer,2", ",,(clear)")).json["status"] == "no_changes"


HIDDEN = {"hidden_attributes": ["tracking_codes"], "hidden_as": "empty"}
#: three whose codes are to change
THREE = {
    **WORLD,
    "users": [
        *PEOPLE,
        {"name": "Tia Third", "login": "tia@acme.example", "tracking_codes": {"Cost": "1", "Dept": "T"}},
    ],
}
ALL_NEW = (
    "external_id,login,name,tracking_codes.Cost\n"
    "E1,mia@acme.example,Mia Managed,{0}\n"
    "E2,otto@acme.example,Otto Other,{0}\n"
    "E3,tia@acme.example,Tia Third,{0}\n"
)


def written_over(server):
    """Who lost codes that the roster does not name."""
    return {one["login"] for one in THREE["users"] if "Dept" not in codes(server, one["login"])}


def hide_as_empty(server):
    """From now on the token sees empty lists of codes."""
    seen = Fields(server.enterprise, Choices(hidden_attributes=("tracking_codes",), hidden_as="empty"))
    server.service.world.fields.columns = seen.columns


def test_lists_that_are_shown_empty_are_not_believed_once_this_job_has_written_to_them(box, nights):
    server = box(seed=THREE)
    assert nights(0, ALL_NEW.format("2")).code == 0
    hide_as_empty(server)

    same, other = nights(1, ALL_NEW.format("2")), nights(2, ALL_NEW.format("3"))

    assert [(said.code, said.json["outcomes"]["held"]) for said in (same, other)] == [(3, 3)] * 2
    assert written_over(server) == set()
    assert "tracking_codes.Cost waits: Box shows no tracking code of anybody" in reason(other, "tia@")


def test_list_that_somebody_emptied_is_written_again_where_others_are_shown(box, nights):
    server = box(seed=THREE)
    assert nights(0, ALL_NEW.format("2")).code == 0
    edited(server, "mia@acme.example", tracking_codes=())

    assert nights(1, ALL_NEW.format("2")).code == 0
    assert codes(server, "mia@acme.example") == {"Cost": "2"}


def test_first_night_of_a_sign_in_that_sees_empty_lists_writes_over_no_more_than_one(box, nights):
    """Nothing tells them from empty ones before Box has answered to the first."""
    server = box(seed=THREE, choices=HIDDEN)

    first = nights(0, ALL_NEW.format("2"))
    lost = written_over(server)
    again = [nights(number, ALL_NEW.format("2")) for number in (1, 2, 3)]

    assert (first.code, first.json["outcomes"]["failed"], first.json["outcomes"]["skipped"]) == (4, 1, 2)
    assert len(lost) == 1
    assert [(said.code, said.json["outcomes"]["held"]) for said in again] == [(3, 3)] * 3
    assert written_over(server) == lost


def test_account_that_is_made_tells_that_lists_are_hidden_before_one_is_written_over(box, nights):
    server = box(seed=THREE, choices=HIDDEN)

    said = nights(0, ALL_NEW.format("2") + "E4,new@acme.example,New Person,2\n")

    assert (said.code, said.json["outcomes"]["skipped"]) == (4, 3)
    assert written_over(server) == set()


def test_lists_that_are_empty_are_filled_in_one_night(box, nights):
    bare = {**SEED, "users": [{**one, "tracking_codes": {}} for one in THREE["users"]]}
    server = box(seed=bare)

    assert nights(0, ALL_NEW.format("2")).json["outcomes"]["done"] == 3
    assert [codes(server, one["login"]) for one in THREE["users"]] == [{"Cost": "2"}] * 3


def test_right_that_is_lost_between_plan_and_apply_and_looks_like_empty_lists(box, provision, make_job):
    server = box(seed=THREE)
    planned = provision("plan", make_job(ALL_NEW.format("2")), "--json")
    hide_as_empty(server)

    said = provision("apply", planned.folder, "--json", "--yes")

    assert (said.code, said.json["outcomes"]["skipped"], written_over(server)) == (3, 3, set())


def test_undo_leaves_lists_that_are_shown_empty(box, provision, make_job):
    server = box(seed=WORLD)
    done = provision("run", make_job(ROSTER.replace(",Buyer,2", ",,(clear)")), "--json", "--yes")
    hide_as_empty(server)

    back = provision("undo", done.folder, "--json", "--yes")

    assert codes(server, "mia@acme.example") == {"Dept": "D", "Badge": "77"}
    assert "tracking_codes, which Box does not show to this sign-in" in reason(back, "mia@")


REGISTERED = {**WORLD, "enterprise": {**SEED["enterprise"], "tracking_codes": ["Cost", "Dept", "Badge"]}}


@pytest.mark.parametrize(
    ("column", "told"),
    [
        ("cost", 'Box has the tracking code "Cost", the roster names "cost"'),
        ("Region", 'no user in Box has the tracking code "Region" (they have Badge, Cost, Dept)'),
    ],
)
def test_name_that_box_does_not_take_is_told_before_and_after(box, provision, make_job, column, told):
    box(seed=REGISTERED)
    job = make_job(ROSTER.replace("tracking_codes.Cost", f"tracking_codes.{column}"))

    found = [
        one
        for one in provision("plan", job, "--json").json["findings"]
        if one["code"] == "tracking_code_unseen"
    ]
    assert [told in one["sentence"] for one in found] == [True]
    said = provision("run", job, "--json", "--yes")

    assert (said.code, said.json["outcomes"]["failed"]) == (4, 2)
    assert f"Box refused it; it sets the tracking codes {column}" in reason(said, "otto@")


def test_parameter_that_box_names_is_told(box, provision, make_job):
    box(seed=WORLD, choices={"unlimited_space": "refused"})

    said = provision(
        "run",
        make_job("login,name,space_amount\nmia@acme.example,Mia Managed,unlimited\n"),
        "--json",
        "--yes",
    )

    assert said.code == 4
    assert "Box refused it because of space_amount" in reason(said, "mia@")
