"""A run that is gone on with: what an earlier process left in the journal decides what is sent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from provision.journal.value import Note, Noted, Outcome, noted
from provision.model import Kind, Status
from provision.operations.value import Change
from provision.report.sentences.notes import words_of
from tests.live import SEED, Live, Start

from .changes import (
    ACTIVATE,
    DEACTIVATE,
    DELETE,
    EVERY_KIND,
    UPDATE,
    Run,
    new_app,
    new_managed,
    parts,
    showing,
)
from .conftest import Begin

#: the reason a fresh listing gives for not creating somebody who is there
THERE = noted(Noted.MOVED_KEY)


def _cut_off(begin: Begin, live: Live, changes: Sequence[Change], *, sent: bool) -> Run:
    """A process that began these operations, sent them or not, and was killed before any end was written."""
    run = begin(live)
    for each in changes:
        run.journal.begin(each.id)
        if sent:
            _send(run, each)
    return run


def _send(run: Run, wanted: Change) -> None:
    fields = {each.field: each.after for each in wanted.fields}
    match wanted.kind:
        case Kind.CREATE:
            run.context.remote.users.create(wanted.user_kind, fields)
        case Kind.DELETE:
            run.context.remote.users.delete(wanted.box_id)
        case _:
            run.context.remote.users.update(wanted.box_id, fields)


def _writes(live: Live) -> int:
    return sum(live.asked(method, "/2.0/users") for method in ("POST", "PUT", "DELETE"))


@pytest.mark.parametrize("wanted", EVERY_KIND, ids=lambda each: each.id)
def test_what_is_done_is_not_sent_again(start: Start, begin: Begin, wanted: Change) -> None:
    live = start()
    run = begin(live)
    run.one(wanted)
    writes = _writes(live)
    outcomes = run.resume([wanted])

    assert outcomes == {}
    assert _writes(live) == writes


@pytest.mark.parametrize("wanted", EVERY_KIND, ids=lambda each: each.id)
def test_what_happened_unseen_is_found_and_not_sent_again(start: Start, begin: Begin, wanted: Change) -> None:
    live = start()
    run = _cut_off(begin, live, [wanted], sent=True)
    writes = _writes(live)
    [outcome] = run.resume([wanted]).values()

    assert (outcome.status, outcome.attempts) == (Status.DONE, 1)
    assert _writes(live) == writes
    assert showing(live, wanted) == 1


@pytest.mark.parametrize("wanted", EVERY_KIND, ids=lambda each: each.id)
def test_what_was_begun_and_never_sent_is_sent_once(start: Start, begin: Begin, wanted: Change) -> None:
    live = start()
    [outcome] = _cut_off(begin, live, [wanted], sent=False).resume([wanted]).values()

    assert outcome.status is Status.DONE
    assert _writes(live) == 1
    assert showing(live, wanted) == 1


def test_the_look_comes_before_the_request(start: Start, begin: Begin) -> None:
    live = start()
    _cut_off(begin, live, [new_app()], sent=False).resume([new_app()])
    asked = [line.method for line in live.server.log if line.path.startswith("/2.0/users")]

    assert asked.index("GET") < asked.index("POST")


def test_what_failed_is_tried_again(start: Start, begin: Begin) -> None:
    live = start([{"match": {"body": "new-1", "nth": 1}, "do": "forbidden"}])
    run = begin(live)
    failed = run.one(new_app())
    [outcome] = run.resume([new_app()]).values()

    assert (failed.status, outcome.status) == (Status.FAILED, Status.DONE)
    assert outcome.attempts == 2
    assert showing(live, new_app()) == 1


def test_what_was_skipped_stays_skipped(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live)
    run.carry_out([new_app()], {new_app().id: THERE})

    assert run.resume([new_app()]) == {}
    assert _writes(live) == 0


@pytest.mark.parametrize("skipped", [{}, {new_managed().id: THERE}], ids=["unlisted", "listed"])
def test_an_account_without_its_notification_email_is_completed_and_not_made_again(
    start: Start, begin: Begin, skipped: dict[str, tuple[Note, ...]]
) -> None:
    live = start([{"match": {"method": "PUT", "nth": 1}, "do": "forbidden"}])
    wanted = new_managed(notification_email="zoe@mail.example")
    run = begin(live)
    _, unfinished = run.carry_out(parts(wanted)).values()
    [outcome] = run.resume(parts(wanted), skipped).values()

    made = live.server.enterprise.accounts.with_login(wanted.login)
    assert (unfinished.status, outcome.status) == (Status.FAILED, Status.DONE)
    assert made is not None
    assert (made.id, made.notification_email) == (outcome.box_id, "zoe@mail.example")
    assert (live.asked("POST", "/2.0/users"), live.asked("PUT", "/2.0/users")) == (1, 2)


@pytest.mark.parametrize("wanted", [UPDATE, ACTIVATE, DEACTIVATE], ids=lambda each: each.id)
def test_a_doubtful_change_of_an_account_that_an_admin_changed_is_skipped_and_named(
    start: Start, begin: Begin, wanted: Change
) -> None:
    live = start()
    run = _cut_off(begin, live, [wanted], sent=True)
    third = {"status": "cannot_delete_edit", "job_title": "Promoted"}
    [field] = [each.field for each in wanted.fields]
    run.context.remote.users.update(wanted.box_id, {field: third[field]})
    writes = _writes(live)
    [outcome] = run.resume([wanted]).values()

    assert (outcome.status, words_of(outcome)) == (
        Status.SKIPPED, f"moved: {field} changed in Box after the plan was made")  # fmt: skip
    assert _writes(live) == writes


def test_a_doubtful_deletion_of_somebody_who_is_an_admin_now_is_skipped(start: Start, begin: Begin) -> None:
    people = [{**user, "role": "coadmin"} if user["id"] == "300" else user for user in SEED["users"]]
    live = start(seed={**SEED, "users": people})
    [outcome] = _cut_off(begin, live, [DELETE], sent=False).resume([DELETE]).values()

    assert (outcome.status, words_of(outcome)) == (Status.SKIPPED, "moved: the account is coadmin now")
    assert live.asked("DELETE") == 0


def test_attempts_add_up_over_all_processes(start: Start, begin: Begin) -> None:
    live = start([{"match": {"method": "POST", "path": "^/2.0/users$", "first": 3}, "do": "503"}])
    wanted = new_app()
    run = begin(live)
    run.journal.end(Outcome(wanted.id, Status.IN_DOUBT, attempts=7))
    [outcome] = run.resume([wanted]).values()

    assert (outcome.status, outcome.attempts) == (Status.DONE, 7 + 4)


def test_a_process_that_was_cut_off_counts_as_an_attempt(start: Start, begin: Begin) -> None:
    live = start()
    [outcome] = _cut_off(begin, live, [new_app()], sent=False).resume([new_app()]).values()

    assert outcome.attempts == 2


def test_what_is_in_doubt_is_not_skipped_for_being_there(start: Start, begin: Begin) -> None:
    live = start()
    run = _cut_off(begin, live, [new_app()], sent=True)
    [outcome] = run.resume([new_app()], {new_app().id: THERE}).values()

    assert outcome.status is Status.DONE


def test_the_rest_goes_on_where_the_earlier_process_stopped(start: Start, begin: Begin) -> None:
    live = start()
    changes = [new_app(number) for number in range(12)]
    run = begin(live)
    run.carry_out(changes[:5])
    run.journal.begin(changes[5].id)
    _send(run, changes[5])
    outcomes = run.resume(changes)

    assert outcomes.keys() == {each.id for each in changes[5:]}
    assert [showing(live, each) for each in changes] == [1] * 12
    assert live.asked("POST", "/2.0/users") == 12
