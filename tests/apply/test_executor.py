"""Phases, workers, stopping: one outcome for each operation whatever happens."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest

from provision.apply.context import WorkList
from provision.apply.executor import carry_out
from provision.apply.halt import Halt, interrupted
from provision.apply.stale import moved_targets
from provision.box.accounts import Whoami
from provision.directory.listing import list_users
from provision.directory.scope import survey
from provision.errors import Interrupted, RunFolderError
from provision.job.settings import Scope
from provision.journal.value import Noted, Outcome, noted
from provision.model import Kind, Status, UserKind
from provision.report.sentences.notes import words_of
from tests.live import SEED, Live, Start

from .changes import ACTIVATE, DELETE, UPDATE, change, new_app, new_managed, showing
from .conftest import Begin


def _watched(live: Live, seen: Any) -> None:
    """Have every request that writes shown before it is carried out."""
    deliver = live.server.service.deliver

    def watched(request: Any) -> Any:
        if request.method != "GET" and request.path.startswith("/2.0/users"):
            seen(request)
        return deliver(request)

    live.server.service.deliver = watched


def test_phases_follow_each_other_in_the_order_of_the_plan(start: Start, begin: Begin) -> None:
    logins = {str(number): f"person{number}@acme.example" for number in range(1000, 1024)}
    people = [{"id": box_id, "login": login, "name": "P"} for box_id, login in logins.items()]
    live = start(seed={**SEED, "users": people})
    ids = list(logins)
    deactivated, updated, deleted = ids[:8], ids[8:16], ids[16:]
    changes = [
        *(
            change(Kind.DEACTIVATE, i, login=logins[i], fields={"status": ("active", "inactive")})
            for i in deactivated
        ),
        *(new_app(number) for number in range(8)),
        *(change(Kind.UPDATE, i, login=logins[i], fields={"phone": "1"}) for i in updated),
        *(change(Kind.DELETE, i, login=logins[i], fields={}) for i in deleted),
    ]
    seen: list[str] = []
    _watched(live, lambda request: seen.append(f"{request.method} {request.path.rpartition('/')[2]}"))
    outcomes = begin(live, workers=6).carry_out(changes)

    assert {outcome.status for outcome in outcomes.values()} == {Status.DONE}
    phases = [seen[:8], seen[8:16], seen[16:24], seen[24:]]
    assert [sorted(phase) for phase in phases] == [
        sorted(f"PUT {i}" for i in deactivated),
        ["POST users"] * 8,
        sorted(f"PUT {i}" for i in updated),
        sorted(f"DELETE {i}" for i in deleted),
    ]


@pytest.mark.parametrize("workers", [1, 7])
def test_independent_people_go_on_when_one_fails(start: Start, begin: Begin, workers: int) -> None:
    live = start([{"match": {"body": "new-3"}, "do": "forbidden"}, {"match": {"body": "new-5"}, "do": "503"}])
    changes = [new_app(number) for number in range(8)]
    run = begin(live, workers=workers)
    outcomes = run.carry_out(changes)

    status = {key.removeprefix("create:new-"): outcome.status for key, outcome in outcomes.items()}
    assert status.pop("3") is Status.FAILED
    assert status.pop("5") is Status.IN_DOUBT
    assert set(status.values()) == {Status.DONE}
    assert sorted(outcome.change_id for outcome in run.told) == sorted(outcomes)
    assert run.journal.outcomes() == outcomes


def test_skipped_operations_are_named_and_not_sent(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live)
    outcomes = run.carry_out([new_app(1), new_app(2)], {"create:new-1": noted(Noted.MOVED_KEY)})

    assert outcomes["create:new-1"].status is Status.SKIPPED
    assert outcomes["create:new-1"].notes == noted(Noted.MOVED_KEY)
    assert [showing(live, new_app(number)) for number in (1, 2)] == [0, 1]


def test_a_stop_finishes_what_is_in_flight_and_begins_nothing_new(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live, workers=4)
    line = threading.Barrier(4, timeout=20)
    arrived: list[str] = []

    def stop_when_four_are_here(_: Any) -> None:
        arrived.append("")
        if len(arrived) <= 4 and line.wait() == 0:
            run.halt.request(interrupted())

    _watched(live, stop_when_four_are_here)
    changes = [new_app(number) for number in range(40)]
    outcomes = run.carry_out(changes)

    done = [key for key, outcome in outcomes.items() if outcome.status is Status.DONE]
    made = [each.id for each in changes if showing(live, each)]
    assert sorted(done) == sorted(made)
    assert 4 <= len(made) <= 8  # each worker may have taken up its next one as the stop came
    assert {outcome.status for outcome in outcomes.values()} <= {Status.DONE, Status.NOT_ATTEMPTED}
    assert isinstance(run.halt.reason, Interrupted)


def test_a_stop_while_waiting_to_try_again_leaves_it_in_doubt(start: Start, begin: Begin) -> None:
    live = start([{"match": {"method": "POST", "path": "/2.0/users"}, "do": "503_written"}])
    run = begin(live)
    _watched(live, lambda _: run.halt.request(interrupted()))
    wanted = new_app()
    outcomes = run.carry_out([wanted, new_app(2)])

    [outcome] = outcomes.values()
    assert (outcome.status, outcome.attempts) == (Status.IN_DOUBT, 1)
    live.time.move(1)  # so that a call may leave at once
    assert run.look_again([wanted], outcomes)[wanted.id].status is Status.DONE


def test_a_stop_before_anything_left_means_not_attempted(start: Start, begin: Begin) -> None:
    live = start([{"match": {"method": "POST", "path": "/2.0/users"}, "do": "429"}])
    run = begin(live)
    _watched(live, lambda _: run.halt.request(interrupted()))

    outcome = run.one(new_app())

    assert (outcome.status, outcome.attempts) == (Status.NOT_ATTEMPTED, 0)


def test_a_stop_while_a_conflict_is_looked_into_is_an_outcome_too(start: Start, begin: Begin) -> None:
    live = start([{"match": {"method": "GET", "query": "external_app_user_id"}, "do": "503"}])
    live.connect().box.create(UserKind.APP, {"external_id": "new-1", "name": "N"})
    run = begin(live)
    _watched(live, lambda _: run.halt.request(interrupted()))
    taken = new_app(1)
    deliver = live.server.service.deliver
    live.server.service.deliver = lambda request: deliver(_without_named_id(request))

    assert run.one(taken).status is Status.IN_DOUBT


def _without_named_id(request: Any) -> Any:
    """Asked for a single account, this server has none."""
    if request.method == "GET" and request.path.startswith("/2.0/users/2"):
        return request.__class__(**{**_fields(request), "path": "/2.0/users/1"})
    return request


def _fields(value: Any) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}


def test_a_run_stopped_before_it_begins_sends_nothing(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live, workers=3)
    run.halt.request(interrupted())

    assert run.carry_out([new_app(number) for number in range(9)]) == {}
    assert live.asked("POST", "/2.0/users") == 0
    assert run.journal.outcomes() == {}


def test_a_journal_that_cannot_be_written_stops_the_run_before_the_next_request(
    start: Start, begin: Begin
) -> None:
    live = start()
    run = begin(live, workers=2)
    _watched(live, lambda _: run.journal._connection.execute("PRAGMA query_only = ON"))

    with pytest.raises(RunFolderError, match="Cannot write"):
        run.carry_out([new_app(number) for number in range(50)])

    assert live.asked("POST", "/2.0/users") <= 2
    assert run.halt.wanted


def test_a_listener_that_fails_stops_the_run(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live)

    def told(_: Outcome) -> None:
        raise RunFolderError("the log cannot be written")

    with pytest.raises(RunFolderError):
        carry_out(WorkList([new_app(number) for number in range(50)]), run.context, told)

    assert live.asked("POST", "/2.0/users") < 10
    assert run.halt.reason is not None


@pytest.mark.parametrize("workers", [1, 12])
def test_app_users_exist_exactly_once_however_often_box_fails(
    start: Start, begin: Begin, workers: int
) -> None:
    creates = {"method": "POST", "path": "^/2.0/users$"}
    live = start(
        [
            {"match": {**creates, "every": 5}, "do": "503_written"},
            {"match": {**creates, "every": 7}, "do": "lost_answer"},
        ]
    )
    changes = [new_app(number) for number in range(60)]
    run = begin(live, workers=workers)
    outcomes = run.look_again(changes, run.carry_out(changes))

    assert {outcome.status for outcome in outcomes.values()} == {Status.DONE}
    made = [
        one for one in live.server.enterprise.accounts if (one.external_app_user_id or "").startswith("new-")
    ]
    assert len(made) == 60
    assert sorted(one.id for one in made) == sorted(outcome.box_id for outcome in outcomes.values())
    assert live.asked("POST", "/2.0/users") == 60  # nothing that had happened was sent again
    assert {outcome.status for outcome in run.journal.outcomes().values()} == {Status.DONE}


def test_looking_again_stops_when_box_is_away(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live)
    changes = [new_app(number) for number in range(20)]
    outcomes = {each.id: Outcome(each.id, Status.IN_DOUBT) for each in changes}
    run.halt.request(interrupted())
    live.server.close()
    live.time.move(1)  # so that a call may leave at once
    before = run.connection.box.traffic.requests

    assert run.look_again(changes, outcomes) == outcomes
    assert run.connection.box.traffic.requests - before == 1


def test_looking_again_leaves_what_is_decided_alone(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live)
    before = live.asked()
    outcomes = {UPDATE.id: Outcome(UPDATE.id, Status.FAILED), ACTIVATE.id: Outcome(ACTIVATE.id, Status.DONE)}

    assert run.look_again([UPDATE, ACTIVATE, DELETE], outcomes) == outcomes
    assert live.asked() == before


ON_THE_WAY = "provision-0123abcd@acme.example"
#: after it the account has the login that Box shows: whoever has it needs no way to it any more
LAST_STEP = change(
    Kind.LOGIN_CHANGE, "300", login="x@acme.example", fields={"login": ("x@acme.example", "mia@acme.example")}
)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (UPDATE, ""),
        (change(Kind.UPDATE, "300", login="MIA@acme.example", fields={"job_title": ("x", "Buyer")}), ""),
        (change(Kind.UPDATE, "300", login="mia@acme.example", fields={"job_title": ("x", "y")}),
         "moved: job_title changed in Box after the plan was made"),
        (change(Kind.UPDATE, "300", login="mia2@acme.example", fields={}), "moved: the account has another login now"),
        (change(Kind.DELETE, "200", login="cora@acme.example", fields={}), "moved: the account is coadmin now"),
        (change(Kind.DELETE, "100", login="ada@acme.example", fields={}), "moved: the account is admin now"),
        (change(Kind.DELETE, "999", login="x@acme.example", fields={}), "moved: the account no longer exists"),
        (change(Kind.DELETE, "400", user_kind=UserKind.APP, external_id="client-1", fields={}), ""),
        (change(Kind.DELETE, "400", user_kind=UserKind.APP, external_id="client-2", fields={}),
         "moved: the account has another external id now"),
        (new_app(1), ""),
        (new_managed(), ""),
        (new_managed("MIA@acme.example"), "moved: an account with this key exists now"),
        (change(Kind.CREATE, user_kind=UserKind.APP, external_id="client-1", fields={}),
         "moved: an account with this key exists now"),
        (new_managed("client-1"), ""),
        (replace(change(Kind.LOGIN_CHANGE, "300", login="x@acme.example", fields={}), object=ON_THE_WAY),
         "moved: the account has another login now"),
        (replace(change(Kind.LOGIN_CHANGE, "300", login="mia@acme.example", fields={}), object=ON_THE_WAY), ""),
    ],
)  # fmt: skip
def test_a_target_that_moved_since_the_plan_is_named(start: Start, wanted: Any, reason: str) -> None:
    connection = start().connect()
    users = list_users(connection.box, connection.retry).users
    directory = survey(users, Scope(), frozenset(UserKind), Whoami("1", "27335"))

    moved = {
        name: words_of(Outcome(name, Status.SKIPPED, notes=notes))
        for name, notes in moved_targets(
            [wanted], directory, [wanted, LAST_STEP] if wanted.object else ()
        ).items()
    }

    assert moved == ({wanted.id: reason} if reason else {})


def test_the_first_reason_to_stop_counts() -> None:
    halt = Halt()
    first, second = interrupted(), Interrupted("second")
    halt.request(first)
    halt.request(second)

    assert halt.reason is first


def test_a_sleep_ends_when_the_run_is_to_stop_and_so_do_all_later_ones() -> None:
    halt = Halt()
    halt.sleep(0.0)
    ended: list[bool] = []

    def sleeper() -> None:
        with pytest.raises(Interrupted):
            halt.sleep(60)
        ended.append(True)

    sleepers = [threading.Thread(target=sleeper) for _ in range(5)]
    for each in sleepers:
        each.start()
    halt.request(interrupted())
    for each in sleepers:
        each.join(10)
    with pytest.raises(Interrupted):
        halt.sleep(60)

    assert ended == [True] * 5


def test_a_stop_may_be_asked_for_in_the_middle_of_a_sleep_of_the_same_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import signal

    halt = Halt()
    before = signal.signal(signal.SIGALRM, lambda *_: halt.request(interrupted()))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    try:
        with pytest.raises(Interrupted):
            halt.sleep(60)
    finally:
        signal.signal(signal.SIGALRM, before)
