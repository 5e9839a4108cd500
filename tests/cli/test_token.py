"""`provision token`: a token of one app user, alone on standard output."""

from __future__ import annotations

import json
import urllib.request

import pytest

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
