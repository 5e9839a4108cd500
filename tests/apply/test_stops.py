"""Faults that every further call would meet too stop the run; it can be gone on with."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provision.apply.halt import LastTime, Refusals
from provision.errors import BoxAnswer, Interrupted, Rejected, SignInRefused
from provision.model import Kind, Status
from provision.operations.value import Change
from provision.report.sentences.notes import words_of
from tests.live import SEED, Start

from .changes import change, new_app, new_managed, showing
from .conftest import Begin

#: requests that write; sign-in is none
WRITES = {"method": ["POST", "PUT", "DELETE"], "path": "/2.0/users"}


def test_a_box_that_is_away_stops_the_run(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live)
    live.server.close()
    outcomes = run.carry_out([new_app(number) for number in range(5)])

    [outcome] = outcomes.values()
    assert (outcome.status, words_of(outcome), outcome.attempts) == (
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
    assert "Box is throttling requests (HTTP 429 rate_limit_exceeded, at " in run.halt.reason.what
    assert "same account" in run.halt.reason.cause
    assert "network" not in str(run.halt.reason)


def test_patience_ends_when_the_job_says_so(start: Start, begin: Begin) -> None:
    live = start([{"match": WRITES, "do": {"status": 429, "retry_after": 600}}])
    run = begin(live, apply={"give_up_after": "2h"})
    before = live.time.now()
    run.one(new_app())

    assert 3600 < live.time.now() - before <= 7200


def test_a_scope_that_is_missing_stops_its_kind_and_nobody_else(start: Start, begin: Begin) -> None:
    live = start(seed={**SEED, "app": {"scopes": ["manage_managed_users", "manage_app_users"]}})
    run = begin(live)
    groups = [change(Kind.GROUP_CREATE, fields={"name": name}) for name in ("Buyers", "Sellers")]
    people = _updates(3)
    run.context = replace(run.context, refusals=Refusals([*groups, *people]))
    outcomes = run.carry_out([*groups, *people])

    assert {outcomes[each.id].answer.code for each in groups} == {"insufficient_scope"}
    assert {outcomes[each.id].status for each in people} == {Status.DONE}
    assert run.halt.reason is None
    reason = run.context.refusals.reason
    assert isinstance(reason, SignInRefused)
    assert "Manage groups" in reason.cause


def test_a_scope_that_is_missing_is_told_of_a_single_operation(start: Start, begin: Begin) -> None:
    live = start(seed={**SEED, "app": {"scopes": ["manage_app_users", "root_readwrite"]}})
    run = begin(live)
    lone = new_managed("lone@acme.example")
    last = LastTime(accepted=frozenset({Kind.CREATE}))
    run.context = replace(run.context, refusals=Refusals([lone], last))
    outcome = run.one(lone)

    assert (outcome.status, outcome.answer.code) == (Status.FAILED, "insufficient_scope")
    reason = run.context.refusals.reason
    assert isinstance(reason, SignInRefused)
    assert "'Manage users'" in reason.cause


def test_people_for_whom_a_scope_is_missing_keep_nobody_else_waiting() -> None:
    """An app that may manage managed users and no app users: both are creates."""
    people = _many(60)
    refusals = Refusals(people)

    for number, each in enumerate(refusals.in_turn(people)):
        assert not refusals.stopped(Kind.UPDATE)
        if number % 2:
            refusals.accepted(Kind.UPDATE)
        else:
            refusals.count(each, Rejected(BoxAnswer(403, "insufficient_scope"), scope_missing=True))
    assert refusals.reason is None


def test_a_sign_in_that_is_refused_for_good_stops_the_run(start: Start, begin: Begin) -> None:
    live = start([{"match": WRITES, "do": "expired_token"}])
    run = begin(live)
    outcomes = run.carry_out([new_app(1), new_app(2)])

    [outcome] = outcomes.values()
    assert (outcome.status, words_of(outcome)) == (Status.FAILED, "the sign-in was no longer accepted")
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


def test_an_outage_in_mid_run_is_waited_out_and_everybody_is_made_once(start: Start, begin: Begin) -> None:
    live = start([{"match": {"path": "/2.0/users", "after": 6, "times": 60}, "do": {"status": 503}}])
    run = begin(live)
    changes = [new_app(number) for number in range(12)]
    outcomes = run.look_again(changes, run.carry_out(changes))

    assert {outcome.status for outcome in outcomes.values()} == {Status.DONE}
    assert len(outcomes) == 12
    assert [showing(live, each) for each in changes] == [1] * 12
    assert run.halt.reason is None
    assert max(live.time.waits) >= 5


def test_an_outage_that_outlasts_the_patience_ends_the_run_so_that_it_can_be_resumed(
    start: Start, begin: Begin
) -> None:
    live = start([{"match": {"path": "/2.0/users", "after": 6}, "do": {"status": 503}}])
    run = begin(live, apply={"give_up_after": "10m"})
    before = live.time.now()
    outcomes = run.carry_out([new_app(number) for number in range(12)])

    assert isinstance(run.halt.reason, Interrupted)
    assert "provision resume" in run.halt.reason.remedy
    assert Status.NOT_ATTEMPTED not in {outcome.status for outcome in outcomes.values()}
    assert len(outcomes) < 12
    assert 600 <= live.time.now() - before <= 700


FORBIDDEN = {"match": {"method": "PUT", "path": "/2.0/users"}, "do": "forbidden"}


def _updates(count: int) -> list[Change]:
    people = [("300", "mia@acme.example"), ("301", "otto@acme.example"), ("302", "ina@acme.example")]
    people.append(("200", "cora@acme.example"))
    fields = {"phone": ("", "1")}
    return [change(Kind.UPDATE, box_id, login=login, fields=fields) for box_id, login in people[:count]]


def test_refusals_of_all_of_a_kind_stop_that_kind_and_nobody_else(start: Start, begin: Begin) -> None:
    live = start([FORBIDDEN])
    run = begin(live)
    updates = _updates(4)
    run.context = replace(run.context, refusals=Refusals(updates))
    outcomes = run.carry_out([*updates, new_app()])

    assert [outcome.status for outcome in outcomes.values()] == [Status.DONE] + [Status.FAILED] * 4
    assert run.halt.reason is None
    reason = run.context.refusals.reason
    assert isinstance(reason, SignInRefused)
    assert "all 4 operations of the kind update that were sent (HTTP 403" in str(reason)
    assert "Developer Console" in reason.remedy


def _refused(code: str = "access_denied_insufficient_permissions") -> Rejected:
    return Rejected(BoxAnswer(403, code))


def _many(count: int) -> list[Change]:
    return [
        change(Kind.UPDATE, str(number), login=f"p{number}@acme.example", fields={"phone": ("", "1")})
        for number in range(count)
    ]


def test_people_who_stand_together_and_are_refused_stop_nobody() -> None:
    people = _many(300)
    barrier = {each.id for each in people[:40]}
    refusals = Refusals(people)

    for each in refusals.in_turn(people):
        assert not refusals.stopped(Kind.UPDATE)
        if each.id in barrier:
            refusals.count(each, _refused())
        else:
            refusals.accepted(Kind.UPDATE)
    assert refusals.reason is None


@pytest.mark.parametrize("count", [1_000, 10_000])
def test_a_right_that_nobody_has_is_known_after_fifty(count: int) -> None:
    people = _many(count)
    refusals = Refusals(people)
    sent = 0

    for each in refusals.in_turn(people):
        if refusals.stopped(Kind.UPDATE):
            break
        refusals.count(each, _refused())
        sent += 1
    assert sent == 50


@pytest.mark.parametrize("code", ["denied_by_policy", "forbidden_by_policy"])
def test_a_policy_is_always_about_single_people(code: str) -> None:
    people = _many(60)
    refusals = Refusals(people)

    for each in people:
        refusals.count(each, _refused(code))
    assert refusals.reason is None


def test_whoever_was_refused_last_time_is_tried_last_and_says_nothing_of_the_kind() -> None:
    people = _many(5)
    last = LastTime(refused=frozenset({"update:0", "update:1", "update:2"}))
    refusals = Refusals(people[:3], last)

    assert [each.id for each in Refusals(people, last).in_turn(people)] == [
        f"update:{n}" for n in (3, 4, 0, 1, 2)
    ]
    for each in people[:3]:
        refusals.count(each, _refused())
    assert refusals.reason is None


def test_a_kind_of_which_somebody_was_let_through_last_time_goes_on() -> None:
    people = _many(60)
    refusals = Refusals(people, LastTime(accepted=frozenset({Kind.UPDATE})))

    for each in people:
        refusals.count(each, _refused())
    assert refusals.reason is None


def test_refusals_of_single_people_do_not_stop_the_run(start: Start, begin: Begin) -> None:
    rule = {"match": {**FORBIDDEN["match"], "nth": [1, 2, 4]}, "do": "forbidden"}
    run = begin(start([rule]))
    outcomes = run.carry_out(_updates(4))

    assert [outcome.status for outcome in outcomes.values()].count(Status.FAILED) == 3
    assert run.halt.reason is None
