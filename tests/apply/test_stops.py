"""Faults that every further call would meet too stop the run; it can be gone on with."""

from __future__ import annotations

from provision.errors import Interrupted, SignInRefused
from provision.model import Status
from tests.live import SEED, Start

from .changes import new_app, new_managed
from .conftest import Begin

#: requests that write; sign-in is none
WRITES = {"method": ["POST", "PUT", "DELETE"], "path": "/2.0/users"}


def test_a_box_that_is_away_stops_the_run(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live)
    live.server.close()
    outcomes = run.carry_out([new_app(number) for number in range(5)])

    [outcome] = outcomes.values()
    assert (outcome.status, outcome.note, outcome.attempts) == (
        Status.NOT_ATTEMPTED, "Box could not be reached", 0)  # fmt: skip
    assert isinstance(run.halt.reason, Interrupted)
    assert "could not be reached any more" in str(run.halt.reason)


def test_a_rate_limit_that_never_ends_stops_the_run(start: Start, begin: Begin) -> None:
    live = start([{"match": WRITES, "do": {"status": 429, "retry_after": 600}}])
    run = begin(live)
    outcomes = run.carry_out([new_app(1), new_app(2)])

    [outcome] = outcomes.values()
    assert outcome.status is Status.NOT_ATTEMPTED
    assert isinstance(run.halt.reason, Interrupted)


def test_patience_ends_when_the_job_says_so(start: Start, begin: Begin) -> None:
    live = start([{"match": WRITES, "do": {"status": 429, "retry_after": 600}}])
    run = begin(live, apply={"give_up_after": "2h"})
    before = live.time.now()
    run.one(new_app())

    assert 3600 < live.time.now() - before <= 7200


def test_a_scope_that_is_missing_stops_the_run(start: Start, begin: Begin) -> None:
    live = start(seed={**SEED, "app": {"scopes": ["manage_app_users", "root_readwrite"]}})
    run = begin(live)
    outcomes = run.carry_out([new_managed(f"{number}@acme.example") for number in range(4)])

    [outcome] = outcomes.values()
    assert (outcome.status, outcome.answer.code) == (Status.FAILED, "insufficient_scope")
    assert isinstance(run.halt.reason, SignInRefused)
    assert "Manage users" in run.halt.reason.cause


def test_a_sign_in_that_is_refused_for_good_stops_the_run(start: Start, begin: Begin) -> None:
    live = start([{"match": WRITES, "do": "expired_token"}])
    run = begin(live)
    outcomes = run.carry_out([new_app(1), new_app(2)])

    [outcome] = outcomes.values()
    assert (outcome.status, outcome.note) == (Status.FAILED, "the sign-in was no longer accepted")
    assert isinstance(run.halt.reason, SignInRefused)
    assert "HTTP 401" in str(run.halt.reason)


def test_a_developer_token_that_ends_stops_the_run_and_nothing_is_in_doubt(
    start: Start, begin: Begin
) -> None:
    live = start([{"match": {**WRITES, "nth": 2}, "do": "expired_token"}])
    run = begin(live, method="token")
    outcomes = run.carry_out([new_app(number) for number in range(4)])

    assert [outcome.status for outcome in outcomes.values()] == [Status.DONE, Status.NOT_ATTEMPTED]
    assert isinstance(run.halt.reason, SignInRefused)


def test_a_token_endpoint_that_turns_into_something_else_stops_the_run(start: Start, begin: Begin) -> None:
    live = start(
        [
            {"match": {**WRITES, "nth": 2}, "do": "expired_token"},
            {"match": {"path": "/oauth2/token", "after": 1}, "do": "not_json"},
        ]
    )
    run = begin(live)
    outcomes = run.carry_out([new_app(number) for number in range(4)])

    assert [outcome.status for outcome in outcomes.values()] == [Status.DONE, Status.NOT_ATTEMPTED]
    assert "does not speak Box's language" in str(run.halt.reason)
