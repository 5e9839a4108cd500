"""Runs that did all they were to do, and cannot see it afterwards; and listings that show less than there is."""

from __future__ import annotations

import json
import signal

import pytest

from .conftest import SEED, creates, ended

PAGES = {"method": "GET", "path": "^/2.0/users$", "query": "usemarker=true"}
CLIENTS = "external_id,name\n" + "".join(f"portal-{n},Client {n}\n" for n in range(3))
PORTAL = {"roster": {"authority": "partial", "kind": "app"}}


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "short_page", "drop": 1},
        {"fault": "short_page", "drop": 99},
        {"fault": "html_error", "status": 400},
        "entries_null",
        "forbidden",
    ],
    ids=["lost", "empty", "refused", "null", "forbidden"],
)
def test_what_was_done_and_cannot_be_seen_is_kept_and_called_not_verified(box, provision, make_job, fault):
    box(rules=[{"match": {**PAGES, "after": 1}, "do": fault}])
    job = make_job()

    said = provision("run", job, "--json")

    assert (said.code, said.json["status"]) == (7, "partial")
    assert (said.json["outcomes"]["done"], said.json["outcomes"]["in_doubt"]) == (3, 0)
    what, _cause, remedy = said.json["error"].splitlines()
    assert what.startswith("All 3 operations were carried out, but not verified: ")
    assert f"provision verify {job}" in remedy
    assert json.loads((said.folder / "summary.json").read_text()) == said.json


def test_it_is_verified_by_the_next_look(box, provision, make_job):
    server = box(rules=[{"match": {**PAGES, "nth": [2, 3, 4]}, "do": "entries_null"}])
    job = make_job()
    said = provision("run", job)
    assert (said.code, "not verified" in said.err) == (7, True), said.err

    assert provision("verify", job).code == 0
    assert provision("run", job).code == 0
    assert len(creates(server)) == 1


def test_an_app_that_is_shown_nobody_makes_its_first_users_and_does_not_believe_in_an_empty_enterprise(
    box, provision, make_job
):
    foreign = {"name": "Foreign", "kind": "app", "created_by_other_app": True, "external_app_user_id": "f"}
    box({**SEED, "users": [foreign]}, rules=[{"match": PAGES, "do": {"fault": "short_page", "drop": 99}}])
    job = make_job(CLIENTS, **PORTAL)

    said = provision("run", job, "--json")

    assert (said.code, said.json["status"], said.json["outcomes"]["done"]) == (7, "partial", 3)
    assert "shows nobody at all" in said.json["error"]


@pytest.mark.parametrize(
    ("after", "code", "status", "done"),
    [(0, 7, "failed", 0), (1, 5, "interrupted", 3)],
    ids=["before", "after"],
)
def test_patience_ends_with_7_before_the_first_write_and_with_5_after_it(
    box, provision, make_job, after, code, status, done
):
    box(rules=[{"match": {**PAGES, "after": after}, "do": {"status": 429, "retry_after": 130}}])

    said = provision("run", make_job(apply={"give_up_after": "1m"}), "--json")

    assert (said.code, said.json["status"], said.json["outcomes"]["done"]) == (code, status, done)
    assert "Box is throttling requests (HTTP 429" in said.json["error"]
    assert "network" not in said.json["error"]


@pytest.mark.parametrize("where", ["/oauth2/token", "^/2.0/users$"])
def test_a_wait_before_the_first_write_says_why_and_can_be_stopped(box, launch, make_job, where):
    box(rules=[{"match": {"path": where}, "do": {"status": 429, "retry_after": 130}}])
    process = launch("plan", make_job())
    said = ""
    while "Box asks for a pause of 130 s (HTTP 429); going on at" not in said:
        said += process.stderr.readline()

    process.send_signal(signal.SIGTERM)

    assert ended(process).code == 5
