"""Every kind of operation meets every fault, over the real SDK and real sockets: done once, or told as it is."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

import pytest

from provision.apply.context import WorkList
from provision.journal.book import JOURNAL_NAME
from provision.model import Kind, Status, UserKind
from provision.operations.registry import ENDINGS, REMOVALS
from provision.operations.value import Change
from provision.report.sentences.notes import words_of
from provision.sandbox.clock import SystemClock
from tests.live import Live, Start

from .changes import ACTIVATE, DEACTIVATE, DELETE, EVERY_KIND, UPDATE, change, new_app, new_managed, showing
from .conftest import Begin

#: requests that write; sign-in is none
WRITES = {"method": ["POST", "PUT", "DELETE"], "path": "/2.0/users"}

#: what may go wrong once, and whether the request may have been carried out for all we know
PASSING = {
    "429": ({"status": 429, "retry_after": 2}, False),
    "500": ("500", True),
    "503 not written": ("503_not_written", True),
    "503 written": ("503_written", True),
    "503 with a wait": ({"fault": "503_written", "retry_after": 9}, True),
    "lost answer": ("lost_answer", True),
    "lost request": ("lost_request", True),
    "late after 503": ({"fault": "written_late", "delay": 3}, True),
    "late after silence": ({"fault": "written_late", "delay": 3, "answer": "lost_answer"}, True),
    "late at once": ({"fault": "written_late", "delay": 0}, True),
    "stalled body": ("stalled_body", True),
    "expired token": ("expired_token", False),
    "no JSON, not written": ("not_json", True),
    "no JSON, written": ({"fault": "not_json", "written": True}, True),
    "gateway": ({"fault": "html_error", "status": 502}, True),
}
KINDS = pytest.mark.parametrize("wanted", EVERY_KIND, ids=lambda each: f"{each.kind}-{each.user_kind}")


@pytest.mark.parametrize("name", PASSING)
@KINDS
def test_what_fails_once_is_done_once(start: Start, begin: Begin, wanted: Change, name: str) -> None:
    fault, _ = PASSING[name]
    live = start([{"match": {**WRITES, "nth": 1}, "do": fault}])
    run = begin(live)

    outcome = run.one(wanted)

    live.time.move(60)
    assert outcome.status is Status.DONE
    assert showing(live, wanted) == 1
    assert outcome.box_id == (wanted.box_id or _made(live, wanted))
    assert run.halt.reason is None


@pytest.mark.parametrize("name", ["503 written", "lost answer", "stalled body", "no JSON, written"])
@KINDS
def test_what_was_written_is_not_sent_again(start: Start, begin: Begin, wanted: Change, name: str) -> None:
    live = start([{"match": {**WRITES, "nth": 1}, "do": PASSING[name][0]}])
    outcome = begin(live).one(wanted)
    writes = sum(live.asked(method, "/2.0/users") for method in WRITES["method"])

    assert (outcome.attempts, writes) == (1, 1)
    # a deletion has no body that could stall
    assert words_of(outcome) or (wanted.kind is Kind.DELETE and name == "stalled body")


@pytest.mark.parametrize("seconds", [0, 1, 2, 3, 5, 6])
@pytest.mark.parametrize("answer", ["503", "lost_answer"])
@pytest.mark.parametrize("wanted", [new_app(), new_managed()], ids=["app", "managed"])
def test_a_create_that_lands_within_six_seconds_is_not_sent_again(
    start: Start, begin: Begin, wanted: Change, answer: str, seconds: int
) -> None:
    late = {"fault": "written_late", "delay": seconds, "answer": answer}
    live = start([{"match": {**WRITES, "nth": 1}, "do": late}], {"external_id_taken": "accepted"})
    outcome = begin(live).one(wanted)

    assert (outcome.status, outcome.attempts, live.asked("POST", "/2.0/users")) == (Status.DONE, 1, 1)


@pytest.mark.parametrize("name", [name for name, (_, doubtful) in PASSING.items() if not doubtful])
@KINDS
def test_what_surely_was_not_written_is_sent_again_unlooked(
    start: Start, begin: Begin, wanted: Change, name: str
) -> None:
    live = start([{"match": {**WRITES, "nth": 1}, "do": PASSING[name][0]}])
    before = live.asked("GET", "/2.0/users")
    outcome = begin(live).one(wanted)

    assert outcome.attempts == 1
    looked = live.asked("GET", "/2.0/users") - before - 1  # one says who we are
    # whoever loses something is looked at before, always; for good, with groups and aliases
    assert looked == (wanted.kind in REMOVALS) + 2 * (wanted.kind in ENDINGS)


def _made(live: Live, wanted: Change) -> str:
    accounts = live.server.enterprise.accounts
    app = wanted.user_kind is UserKind.APP
    found = accounts.with_external_id(wanted.external_id) if app else accounts.with_login(wanted.login)
    return found.id if found else ""


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("503", (503, "unavailable")),
        ("500", (500, "internal_server_error")),
        ("lost_request", (0, "")),
        ("not_json", (0, "")),
    ],
)
@KINDS
def test_what_stays_unanswered_is_in_doubt(
    start: Start, begin: Begin, wanted: Change, fault: str, answer: tuple[int, str]
) -> None:
    live = start([{"match": WRITES, "do": fault}])
    run = begin(live)

    outcome = run.one(wanted)

    assert outcome.status is Status.IN_DOUBT
    assert outcome.attempts == 7
    assert (outcome.answer.http_status, outcome.answer.code) == answer or fault == "not_json"
    assert showing(live, wanted) == 0
    assert run.look_again([wanted], {wanted.id: outcome})[wanted.id].status is Status.IN_DOUBT


@KINDS
def test_one_persons_refusal_is_their_outcome_only(start: Start, begin: Begin, wanted: Change) -> None:
    live = start([{"match": {**WRITES, "nth": 1}, "do": "forbidden"}])
    run = begin(live)
    outcomes = run.carry_out([wanted, new_app(9)])

    refused, other = outcomes.values()
    assert (refused.status, other.status) == (Status.FAILED, Status.DONE)
    assert (refused.answer.http_status, refused.attempts) == (403, 1)
    assert words_of(refused).startswith("Box refused it")
    assert run.halt.reason is None


def test_an_update_of_which_half_shows_has_not_happened(start: Start, begin: Begin) -> None:
    live = start([{"match": {**WRITES, "nth": 1}, "do": "lost_request"}])
    fields = {
        "job_title": ("Clerk", "Buyer"),
        "phone": ("", "77"),
    }  # the first is so already, by somebody else
    wanted = change(Kind.UPDATE, "300", login="mia@acme.example", fields=fields)
    outcome = begin(live).one(wanted)

    assert (outcome.status, outcome.attempts) == (Status.DONE, 2)
    assert showing(live, wanted) == 1


def test_an_app_user_without_a_key_is_never_sent_twice(start: Start, begin: Begin) -> None:
    live = start([{"match": {**WRITES, "nth": 1}, "do": "503_written"}])
    keyless = change(Kind.CREATE, user_kind=UserKind.APP, line=1, fields={"name": "Nadia Neu"})
    outcome = begin(live).one(keyless)

    assert outcome.status is Status.IN_DOUBT
    assert live.asked("POST", "/2.0/users") == 1


LOOKS = {"method": "GET", "query": "external_app_user_id"}


def test_whoever_a_doubtful_listing_may_have_missed_is_looked_for_and_left_alone_if_there(
    start: Start, begin: Begin
) -> None:
    live = start()
    run = begin(live)
    there, new = new_app(1), new_app(2)
    box_id = run.context.remote.users.create(UserKind.APP, {"name": "Nora", "external_id": there.external_id})
    outcomes = run.go_on(WorkList([there, new], wary=True))

    assert (outcomes[there.id].status, outcomes[there.id].box_id) == (Status.SKIPPED, box_id)
    assert outcomes[new.id].status is Status.DONE
    assert live.asked("POST", "/2.0/users") == 2


def test_whoever_cannot_be_looked_for_beside_a_doubtful_listing_is_not_made(
    start: Start, begin: Begin
) -> None:
    live = start([{"match": {**LOOKS, "nth": 1}, "do": {"fault": "html_error", "status": 400}}])
    unseen, new = new_app(1), new_app(2)
    outcomes = begin(live).go_on(WorkList([unseen, new], wary=True))

    assert (outcomes[unseen.id].status, outcomes[unseen.id].answer.http_status) == (Status.FAILED, 400)
    assert words_of(outcomes[unseen.id]) == "not sent: the account could not be looked at just before"
    assert outcomes[new.id].status is Status.DONE
    assert live.asked("POST", "/2.0/users") == 1


@pytest.mark.parametrize("wanted", [UPDATE, ACTIVATE, DEACTIVATE], ids=lambda each: str(each.kind))
def test_an_account_that_is_gone_fails(start: Start, begin: Begin, wanted: Change) -> None:
    live = start()
    live.connect().box.delete(wanted.box_id)
    outcome = begin(live).one(wanted)

    assert (outcome.status, words_of(outcome)) == (Status.FAILED, "the account no longer exists")
    assert outcome.answer.http_status == 404


def test_a_deletion_of_somebody_who_is_gone_is_done(start: Start, begin: Begin) -> None:
    live = start()
    live.connect().box.delete("300")
    outcome = begin(live).one(DELETE)

    assert (outcome.status, words_of(outcome), outcome.attempts) == (Status.DONE, "was already gone", 0)


def test_somebody_who_vanishes_between_the_look_and_the_deletion_is_gone(start: Start, begin: Begin) -> None:
    live = start([{"match": {"method": "DELETE"}, "do": {"fault": "html_error", "status": 404}}])
    outcome = begin(live).one(DELETE)

    assert (outcome.status, words_of(outcome)) == (Status.DONE, "was already gone")


@pytest.mark.parametrize(
    ("wanted", "note"),
    [
        (new_managed("private@mail.example"), "the login belongs to a personal account"),
        (new_managed("guest@partner.example"), "the login belongs to a personal account, an external user"),
        (
            change(Kind.CREATE, user_kind=UserKind.APP, external_id="theirs", line=1,
                   fields={"external_id": "theirs", "name": "N"}),
            "an account with this key appeared after the plan was made",
        ),
        (new_managed("mia@acme.example"), "an account with this key appeared after the plan was made"),
    ],
)  # fmt: skip
def test_a_key_that_is_taken_is_that_persons_outcome(
    start: Start, begin: Begin, wanted: Change, note: str
) -> None:
    live = start()
    live.connect().box.create(UserKind.APP, {"external_id": "theirs", "name": "N"})
    before = len(live.server.enterprise.accounts)
    outcome = begin(live).one(wanted)

    assert outcome.status is Status.FAILED
    assert words_of(outcome).startswith(note)
    assert outcome.answer.http_status == 409
    assert len(live.server.enterprise.accounts) == before


@pytest.mark.parametrize("fault", ["503_written", "lost_answer", {"fault": "written_late", "delay": 0}])
def test_an_app_user_of_ours_that_no_listing_shows_yet_is_known_by_the_id_in_the_conflict(
    start: Start, begin: Begin, fault: object
) -> None:
    live = start([{"match": {**WRITES, "nth": 1}, "do": fault}], choices={"listing_delay": 10_000})
    outcome = begin(live).one(new_app())

    assert (outcome.status, words_of(outcome)) == (Status.DONE, "made by an earlier try of this run")
    assert outcome.box_id == _made(live, new_app())
    assert showing(live, new_app()) == 1


def test_a_managed_user_of_ours_that_no_listing_shows_yet_is_in_doubt_until_it_does(
    start: Start, begin: Begin
) -> None:
    live = start([{"match": {**WRITES, "nth": 1}, "do": "503_written"}], choices={"listing_delay": 500})
    run = begin(live)
    wanted = new_managed()
    outcome = run.one(wanted)

    assert (outcome.status, outcome.answer.http_status) == (Status.IN_DOUBT, 409)
    live.time.move(500)
    found = run.look_again([wanted], {wanted.id: outcome})[wanted.id]
    assert (found.status, words_of(found)) == (Status.DONE, "found done at the end of the run")
    assert (found.box_id, found.attempts) == (_made(live, wanted), 2)
    assert run.journal.outcomes()[wanted.id] == found


@pytest.mark.parametrize("wanted", EVERY_KIND[:5], ids=lambda each: f"{each.kind}-{each.user_kind}")
def test_a_write_that_comes_after_all_tries_is_found_at_the_end(
    start: Start, begin: Begin, wanted: Change
) -> None:
    late = {"match": {**WRITES, "nth": 1}, "do": {"fault": "written_late", "delay": 3000}}
    live = start([late, {"match": WRITES, "do": "503"}])
    run = begin(live)
    outcome = run.one(wanted)
    live.time.move(3000)
    found = run.look_again([wanted], {wanted.id: outcome})[wanted.id]

    assert (outcome.status, found.status) == (Status.IN_DOUBT, Status.DONE)
    assert found.box_id == (wanted.box_id or _made(live, wanted))
    assert showing(live, wanted) == 1


def test_an_answer_slower_than_the_patience_is_lost_and_looked_for(start: Start, begin: Begin) -> None:
    slow = {"match": {**WRITES, "nth": 1}, "do": {"fault": "slow", "delay": 0.25}}
    live = start([slow], clock=SystemClock())
    run = begin(live, apply={"timeout_seconds": 0.15})

    outcome = run.one(new_app())

    assert outcome.status is Status.DONE
    assert showing(live, new_app()) == 1


def test_the_begin_is_on_the_disk_before_the_request_arrives(start: Start, begin: Begin) -> None:
    live = start()
    run = begin(live, workers=3)
    path = run.folder / JOURNAL_NAME
    deliver, found = live.server.service.deliver, []
    lock = threading.Lock()

    def watched(request: Any) -> Any:
        if request.method == "POST" and request.path == "/2.0/users":
            with lock, sqlite3.connect(path) as reader:
                rows = reader.execute("SELECT change_id FROM entries WHERE event = 'begin'").fetchall()
                found.append([key for (key,) in rows if key.removeprefix("create:") in request.body.decode()])
            reader.close()
        return deliver(request)

    live.server.service.deliver = watched
    run.carry_out([new_app(number) for number in range(100, 112)])

    assert sorted(found) == [[f"create:new-{number}"] for number in range(100, 112)]


@pytest.mark.parametrize("fault", ["", "503", "forbidden", "lost_answer", "not_json"])
def test_nothing_personal_is_in_the_journal(start: Start, begin: Begin, fault: str) -> None:
    live = start([{"match": WRITES, "do": fault}] if fault else [])
    run = begin(live, workers=2)
    wanted = [new_app(notification_email=""), new_managed(phone="+49 30 77", address="Nirgendwo 7"), UPDATE]
    run.look_again(wanted, run.carry_out(wanted))
    run.journal.close()
    content = b"".join(path.read_bytes() for path in run.folder.iterdir())
    keys = {each.login for each in wanted} | {each.external_id for each in wanted}
    values = {value for each in wanted for cell in each.fields for value in (cell.before, cell.after)} - keys

    assert len(values) >= 7
    assert not [value for value in values if value and value.encode() in content]
