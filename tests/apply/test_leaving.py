"""The last stages of leaving: a transfer is sent once whatever becomes of it, and nobody goes before a snapshot is kept."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest

from provision.apply.snapshot import SNAPSHOTS
from provision.model import Kind, Status
from provision.report.sentences.notes import words_of
from tests.live import SEED, Live, Start

from .changes import DEACTIVATE, END_SESSIONS, ROLL_OUT, change
from .conftest import Begin

OTTO, MIA, INA = "301", "300", "302"
TRANSFER = replace(change(Kind.TRANSFER, OTTO, login="otto@acme.example", fields={}), to=MIA, to_key="mia")
DELETE = change(Kind.DELETE, OTTO, login="otto@acme.example", fields={})
SENT = {"method": "PUT", "path": "^/2.0/users/[0-9]+/folders/0$"}


@pytest.fixture
def owning(start: Start) -> Any:
    """Starts an enterprise in which Otto owns four things."""
    seed = copy.deepcopy(SEED)
    otto = next(one for one in seed["users"] if one["id"] == OTTO)
    otto |= {"files": 3, "folders": ["Projects"], "space_used": 4096}

    def go(*rules: dict[str, Any], **options: Any) -> Live:
        return start(rules=rules, seed=seed, **options)

    return go


def sent(live: Live) -> list[int]:
    """Statuses of the transfers that were sent."""
    return [one.status for one in live.server.log if one.method == "PUT" and one.path.endswith("/folders/0")]


def landed(live: Live) -> int:
    return sum(one.name.endswith("Files and Folders") for one in live.server.enterprise.content)


DOUBTS = [
    {"fault": "html_error", "status": 504},
    {"fault": "html_error", "status": 504, "written": True},
    "503_written",
    "503_not_written",
    "lost_answer",
    "lost_request",
    {"fault": "written_late", "delay": 5},
]


@pytest.mark.parametrize("fault", DOUBTS, ids=str)
def test_a_doubtful_transfer_is_in_doubt_and_not_sent_again(owning: Any, begin: Begin, fault: Any) -> None:
    live = owning({"match": SENT, "do": fault})
    run = begin(live)
    outcome = run.one(TRANSFER)
    at_the_end = run.look_again([TRANSFER], {TRANSFER.id: outcome})

    assert (outcome.status, outcome.attempts, len(sent(live))) == (Status.IN_DOUBT, 1, 1)
    assert "it is not sent again" in words_of(outcome)
    assert at_the_end == {TRANSFER.id: outcome}


def test_what_a_gateway_answered_is_told_with_the_doubt(owning: Any, begin: Begin) -> None:
    outcome = begin(owning({"match": SENT, "do": DOUBTS[0]})).one(TRANSFER)

    assert outcome.answer.http_status == 504


@pytest.mark.parametrize("fault", DOUBTS, ids=str)
def test_who_goes_on_with_the_run_does_not_send_it_either(owning: Any, begin: Begin, fault: Any) -> None:
    live = owning({"match": SENT, "do": fault})
    run = begin(live)
    run.one(TRANSFER)
    resumed = run.resume([TRANSFER])

    assert [each.status for each in resumed.values()] == [Status.IN_DOUBT]
    assert (len(sent(live)), landed(live) <= 1) == (1, True)


@pytest.mark.parametrize("fault", [429, "expired_token"])
def test_a_transfer_that_surely_did_not_begin_is_sent_again(owning: Any, begin: Begin, fault: Any) -> None:
    live = owning({"match": SENT | {"times": 1}, "do": fault})
    outcome = begin(live).one(TRANSFER)

    assert (outcome.status, outcome.attempts, landed(live)) == (Status.DONE, 1, 1)


def test_a_transfer_killed_after_it_was_sent_is_left_to_the_next_run(owning: Any, begin: Begin) -> None:
    live = owning()
    run = begin(live)
    run.journal.begin(TRANSFER.id)
    run.connection.box.transfer(OTTO, MIA)  # the process ends here, before it has written down the answer
    resumed = run.resume([TRANSFER])

    assert [each.status for each in resumed.values()] == [Status.IN_DOUBT]
    assert (len(sent(live)), landed(live)) == (1, 1)


def test_a_transfer_that_may_have_begun_stays_in_doubt_although_the_account_has_moved(
    owning: Any, begin: Begin
) -> None:
    live = owning()
    run = begin(live)
    run.journal.begin(TRANSFER.id)
    resumed = run.resume([replace(TRANSFER, status="inactive")])

    assert [each.status for each in resumed.values()] == [Status.IN_DOUBT]
    assert sent(live) == []


@pytest.mark.parametrize(
    ("to", "note"),
    [
        (INA, "moved: the account that was to receive the content is inactive now"),
        ("999", "moved: the account that was to receive the content no longer exists"),
    ],
)
def test_a_receiver_that_is_another_one_now_gets_nothing(
    owning: Any, begin: Begin, to: str, note: str
) -> None:
    live = owning()
    outcome = begin(live).one(replace(TRANSFER, to=to))

    assert (outcome.status, words_of(outcome), sent(live)) == (Status.SKIPPED, note, [])


def test_a_source_that_is_active_again_keeps_its_content(owning: Any, begin: Begin) -> None:
    live = owning()
    outcome = begin(live).one(replace(TRANSFER, status="inactive"))

    assert (outcome.status, words_of(outcome), sent(live)) == (
        Status.SKIPPED,
        "moved: the account is active now",
        [],
    )


@pytest.mark.parametrize("gone", [DELETE, ROLL_OUT], ids=lambda each: each.kind)
def test_nobody_goes_whose_snapshot_cannot_be_kept(owning: Any, begin: Begin, gone: Any) -> None:
    live = owning()
    run = begin(live)
    (run.folder / SNAPSHOTS).write_text("a file where the folder would be")
    outcome = run.one(gone)

    assert outcome.status is Status.FAILED
    assert words_of(outcome).startswith("not sent: the state of the account could not be recorded")
    assert outcome.attempts == 0
    assert gone.box_id in {one.id for one in live.server.enterprise.accounts}


@pytest.mark.parametrize("path", ["memberships", "email_aliases"])
def test_nobody_goes_while_box_does_not_answer_for_the_snapshot(owning: Any, begin: Begin, path: str) -> None:
    live = owning({"match": {"path": f"^/2.0/users/300/{path}$"}, "do": "503_not_written"})
    outcome = begin(live).one(ROLL_OUT)

    assert (outcome.status, outcome.attempts) == (Status.FAILED, 0)
    assert words_of(outcome) == "not sent: the account could not be looked at just before"


def test_the_snapshot_is_there_before_the_request_leaves(owning: Any, begin: Begin) -> None:
    live = owning({"match": {"method": "DELETE"}, "do": "forbidden"})
    run = begin(live)
    outcome = run.one(DELETE)
    kept = json.loads((run.folder / SNAPSHOTS / f"{OTTO}.json").read_text(encoding="utf-8"))

    assert (outcome.status, kept["settings"]["login"]) == (Status.FAILED, "otto@acme.example")


def test_ending_sessions_twice_does_no_harm(owning: Any, begin: Begin) -> None:
    rule = {"match": {"path": "/2.0/users/terminate_sessions", "times": 1}, "do": "lost_answer"}
    live = owning(rule)
    outcome = begin(live).one(END_SESSIONS)

    assert (outcome.status, outcome.attempts) == (Status.DONE, 2)


def test_a_deactivation_found_done_after_a_lost_answer_ends_the_sessions_too(
    owning: Any, begin: Begin
) -> None:
    live = owning({"match": {"method": "PUT", "path": "^/2.0/users/300$", "times": 1}, "do": "lost_answer"})
    signed_out = replace(END_SESSIONS, needs=(DEACTIVATE.id,), completes=DEACTIVATE.id)
    outcome = begin(live).carry_out([DEACTIVATE, signed_out])[signed_out.id]
    [mia] = [one for one in live.server.enterprise.accounts if one.id == MIA]

    assert (outcome.status, mia.status, bool(mia.sessions_ended_at)) == (Status.DONE, "inactive", True)
