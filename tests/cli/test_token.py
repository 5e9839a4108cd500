"""`provision token`: a token of one app user, alone on standard output."""

from __future__ import annotations

import json
import urllib.request

import pytest

from provision.sandbox.trouble.script import rule

from .conftest import JWT, SEED, TOKEN, complaint, person

PORTAL = {
    **SEED,
    "users": [
        {"name": "Client Seven", "kind": "app", "external_app_user_id": "client-7"},
        {"name": "Client Eight", "kind": "app", "external_app_user_id": "client-8", "status": "inactive"},
        {"name": "Mia Managed", "login": "mia@acme.example"},
    ],
}


def who(server, token: str) -> dict[str, str]:
    asked = urllib.request.Request(f"{server.url}/2.0/users/me", headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


@pytest.mark.parametrize("by", ["external_app_user_id", "id", "login"])
def test_the_token_is_that_of_the_app_user_and_alone_on_standard_output(box, provision, make_job, by):
    server = box(seed=PORTAL)
    seven = person(server, "client-7")

    said = provision("token", make_job(), seven[by])

    assert said.code == 0
    assert said.out.count("\n") == 1
    assert who(server, said.out.strip())["id"] == seven["id"]


def test_the_object_says_whose_it_is_and_for_how_long(box, provision, make_job):
    server = box(seed=PORTAL)
    said = provision("token", make_job(), "client-7", "--json").json
    assert who(server, said["access_token"])["id"] == said["box_id"] == person(server, "client-7")["id"]
    assert said["expires_in"] > 0
    assert said["access_token"] not in provision("token", make_job(), "client-7", "--json").err


def test_a_jwt_app_signs_its_user_in_as_well(box, provision, make_job):
    server = box(seed=PORTAL)
    job = make_job(auth=JWT)
    said = provision("token", job, "client-7")
    assert (said.code, who(server, said.out.strip())["id"]) == (0, person(server, "client-7")["id"])


@pytest.mark.parametrize(
    ("whom", "why"),
    [
        ("client-9", "No app user of this app is called 'client-9'"),
        ("mia@acme.example", "is a managed user"),
        ("client-8", "is inactive: Box lets nobody act as that user"),
    ],
)
def test_nobody_else_gets_one(box, provision, make_job, whom, why):
    box(seed=PORTAL)
    said = provision("token", make_job(), whom)
    assert (said.code, said.out) == (1, "")
    assert why in said.err


def test_an_app_that_may_make_none_is_told_what_to_switch_on(box, provision, make_job):
    box(seed={**PORTAL, "app": {"user_tokens": False}})
    said = provision("token", make_job(), "client-7")
    assert (said.code, said.out) == (7, "")
    assert "Generate user access tokens" in complaint(said)


def test_a_developer_token_makes_none(box, provision, make_job):
    box(seed=PORTAL)
    said = provision("token", make_job(auth=TOKEN), "client-7")
    assert said.code == 1
    assert "jwt or ccg" in said.err


CLIENTS = "external_id,name\nclient-7,Client Seven\nclient-8,Client Eight\nclient-9,Client Nine\n"
WITH_NINE = {
    **PORTAL,
    "users": [*PORTAL["users"], {"name": "Client Nine", "kind": "app", "external_app_user_id": "client-9"}],
}


def as_users(provision, job, number):
    said = provision("verify", job, "--as-users", number, "--json")
    found = {each["code"]: each for each in said.json["findings"] if each["code"].endswith("signed_in")}
    return said.code, said.json["error"], found


def test_a_verification_signs_in_as_app_users_who_are_in_use(box, provision, make_job):
    server = box(seed=WITH_NINE)
    job = make_job(
        CLIENTS.replace("client-8,Client Eight\n", ""), roster={"kind": "app", "authority": "partial"}
    )
    before = len(server.log)

    code, error, found = as_users(provision, job, 5)

    assert (code, error) == (0, None)
    assert found["users_signed_in"]["sentence"] == (
        "signed in as 2 app users of 2 and listed each root folder; 5 were asked for, and the roster has no more in use"
    )
    looked = [line for line in server.log[before:] if line.path == "/2.0/folders/0/items"]
    assert [line.status for line in looked] == [200, 200]
    assert as_users(provision, job, 1)[2]["users_signed_in"]["sentence"].startswith(
        "signed in as 1 app user of 1"
    )
    assert as_users(provision, job, 0)[0] == 1


def test_a_verification_names_for_whom_the_app_cannot_act(box, provision, make_job):
    server = box(seed=WITH_NINE)
    job = make_job(CLIENTS, roster={"kind": "app", "authority": "partial"})
    assert provision("run", job).code == 0
    server.faults.add(rule("forbidden", path="^/2.0/folders/0/items$", times=1))
    server.faults.add(rule({"fault": "status", "status": 404}, path="^/2.0/folders/0/items$", nth=2))

    code, error, found = as_users(provision, job, 3)  # Client Eight is locked

    assert (code, found["users_signed_in"]["sentence"]) == (
        7,
        "signed in as 0 app users of 2 and listed each root folder; 3 were asked for, and the roster has no more in use",
    )
    assert found["user_not_signed_in"]["key"] in {"client-7", "client-9"}
    assert ": the app cannot act as this app user: " in error
    assert "HTTP 403" in error
