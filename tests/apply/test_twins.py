"""Where Box takes an external id twice, a create that was sent again may be there twice: the empty second one goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from provision.apply.context import WorkList
from provision.apply.halt import Halt, interrupted
from provision.journal.value import Outcome
from provision.model import Status
from provision.operations.remote import Users
from provision.report.sentences.notes import words_of
from provision.sandbox.trouble.script import rule
from tests.live import Live, Start

from .changes import Run, new_app, new_managed
from .conftest import Begin

CREATES = {"method": "POST", "path": "^/2.0/users$"}
#: seconds after which a late write has landed and listings show everybody
LATER = 90.0
TOLD = "made twice, since the first request was carried out late; the second, empty account {} was removed"


def _late(start: Start) -> Live:
    """The first request is carried out after the second: the account that Box confirms is the older one."""
    rule = {"match": {**CREATES, "nth": 1}, "do": {"fault": "written_late", "delay": 60}}
    return start([rule], {"external_id_taken": "accepted"})


def _hidden(start: Start) -> Live:
    """The first request is carried out, and no listing shows it: the account that Box confirms is the younger one."""
    rule = {"match": {**CREATES, "nth": 1}, "do": "503_written"}
    return start([rule], {"external_id_taken": "accepted", "listing_delay": 60})


def _twice(live: Live, begin: Begin) -> tuple[Run, Outcome, str]:
    """A run that made one account twice, its outcome so far, and the id of the second account."""
    run = begin(live)
    outcome = run.one(new_app())
    live.time.wait(LATER)
    [other] = {account.box_id for account in run.context.remote.users.find_app("new-1")} - {outcome.box_id}
    return run, outcome, other


def _there(run: Run) -> list[str]:
    return [account.box_id for account in run.context.remote.users.find_app("new-1")]


@pytest.mark.parametrize("world", [_late, _hidden])
def test_the_one_that_box_confirmed_is_kept_and_the_other_is_removed_and_told(
    start: Start, begin: Begin, world: Any
) -> None:
    run, outcome, other = _twice(world(start), begin)
    decided = run.look_again([new_app()], {outcome.change_id: outcome})[outcome.change_id]

    assert (outcome.status, outcome.attempts) == (Status.DONE, 2)
    assert _there(run) == [outcome.box_id] == [decided.box_id]
    assert (decided.status, words_of(decided)) == (Status.DONE, TOLD.format(other))
    assert run.journal.outcomes() == {outcome.change_id: decided}


def _owns_content(run: Run, box_id: str) -> None:
    enterprise = run.live.server.enterprise
    account = enterprise.accounts.get(box_id)
    assert account is not None
    enterprise.change(account, msgspec.structs.replace(account, space_used=5, owns_content=True))


def _has_another_name(run: Run, box_id: str) -> None:
    run.context.remote.users.update(box_id, {"name": "Somebody Else"})


def _was_known(_: Run, __: str) -> None:
    """Nothing to be done in Box."""


@pytest.mark.parametrize("spoil", [_owns_content, _has_another_name, _was_known])
def test_a_second_account_that_may_be_somebodys_is_left_and_told(
    start: Start, begin: Begin, spoil: Any
) -> None:
    run, outcome, other = _twice(_late(start), begin)
    spoil(run, other)
    known = {other} if spoil is _was_known else frozenset[str]()
    decided = run.resume([new_app()], known=known)[outcome.change_id]

    assert sorted(_there(run)) == sorted([outcome.box_id, other])
    assert decided.status is Status.IN_DOUBT
    assert words_of(decided).endswith(f"{outcome.box_id}, {other}; only one of them may stay")
    assert run.live.asked("DELETE") == 0


def test_a_second_account_that_box_will_not_delete_is_told(start: Start, begin: Begin) -> None:
    live = start(
        [
            {"match": {**CREATES, "nth": 1}, "do": {"fault": "written_late", "delay": 60}},
            {"match": {"method": "DELETE"}, "do": "forbidden"},
        ],
        {"external_id_taken": "accepted"},
    )
    run, outcome, other = _twice(live, begin)
    decided = run.resume([new_app()])[outcome.change_id]

    assert decided.status is Status.IN_DOUBT
    assert other in words_of(decided)


def test_the_answer_to_the_removal_may_be_lost_too(start: Start, begin: Begin) -> None:
    live = start(
        [
            {"match": {**CREATES, "nth": 1}, "do": {"fault": "written_late", "delay": 60}},
            {"match": {"method": "DELETE"}, "do": "503_written"},
        ],
        {"external_id_taken": "accepted"},
    )
    run, outcome, other = _twice(live, begin)
    decided = run.resume([new_app()])[outcome.change_id]

    assert (decided.status, words_of(decided)) == (Status.DONE, TOLD.format(other))
    assert live.asked("DELETE") == 1


def test_whichever_of_two_an_admin_removes_the_other_one_is_taken(start: Start, begin: Begin) -> None:
    run, outcome, other = _twice(_late(start), begin)
    _owns_content(run, other)
    told = run.resume([new_app()])[outcome.change_id]
    run.context.remote.users.delete(outcome.box_id)
    decided = run.resume([new_app()])[outcome.change_id]

    assert told.status is Status.IN_DOUBT
    assert (decided.status, decided.box_id) == (Status.DONE, other)
    assert run.live.asked("POST", "/2.0/users") == 2


class _Killed(BaseException):
    """The process ends here and now."""


class _CutOff:
    """Box's users, for a process that is killed around its first deletion."""

    def __init__(self, users: Users, *, sent: bool) -> None:
        self._users = users
        self._sent = sent

    def delete(self, box_id: str) -> str:
        if self._sent:
            self._users.delete(box_id)
        raise _Killed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._users, name)


class _Stopped:
    """Box's users, for a process that is asked to stop while it deletes."""

    def __init__(self, users: Users, halt: Halt) -> None:
        self._users = users
        self._halt = halt

    def delete(self, box_id: str) -> str:
        self._halt.request(interrupted())
        return self._users.delete(box_id)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._users, name)


@pytest.mark.parametrize("sent", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("world", [_late, _hidden])
def test_a_removal_that_was_cut_off_is_finished_by_the_next_process(
    start: Start, begin: Begin, world: Any, sent: bool
) -> None:
    run, outcome, other = _twice(world(start), begin)
    whole = run.context
    run.context = replace(whole, remote=replace(whole.remote, users=_CutOff(whole.remote.users, sent=sent)))
    with pytest.raises(_Killed):
        run.resume([new_app()])
    cut_off = run.journal.outcomes()[outcome.change_id]
    run.context = whole
    decided = run.resume([new_app()])[outcome.change_id]

    assert (cut_off.status, cut_off.box_id) == (Status.IN_DOUBT, outcome.box_id)
    assert other in words_of(cut_off)
    assert (decided.status, decided.box_id, decided.attempts) == (Status.DONE, outcome.box_id, 2)
    assert _there(run) == [outcome.box_id]
    assert run.live.asked("POST", "/2.0/users") == 2


def test_a_second_account_is_found_by_a_process_that_made_none(start: Start, begin: Begin) -> None:
    live = _hidden(start)
    run = begin(live)
    wanted = new_app()
    run.journal.begin(
        wanted.id
    )  # and the request left, was answered 503, was carried out: nobody was there to see it
    _sent_unseen(run, {"external_id": "new-1", "name": wanted.name, "phone": "+49 30 99"})
    run.go_on(WorkList([wanted], earlier=run.journal.outcomes()))
    live.time.wait(LATER)
    decided = run.resume([wanted])[wanted.id]

    assert (decided.status, len(_there(run))) == (Status.DONE, 1)
    assert "made twice" in words_of(decided)


def test_of_more_accounts_than_this_run_is_known_to_have_sent_none_is_removed(
    start: Start, begin: Begin
) -> None:
    live = start([{"match": {**CREATES, "first": 2}, "do": "503_written"}], {"external_id_taken": "accepted"})
    run = begin(live)
    wanted = new_app()
    run.journal.begin(wanted.id)
    for _ in range(2):
        _sent_unseen(run, {"external_id": "new-1", "name": wanted.name, "phone": "+49 30 99"})
    [found] = run.go_on(WorkList([wanted], earlier=run.journal.outcomes())).values()
    decided = run.resume([wanted])[wanted.id]

    assert (found.status, found.attempts) == (Status.DONE, 1)
    assert (decided.status, len(_there(run))) == (Status.IN_DOUBT, 2)
    assert all(box_id in words_of(decided) for box_id in _there(run))


def test_an_account_that_somebody_else_made_for_the_same_client_stays(start: Start, begin: Begin) -> None:
    live = start([{"match": {**CREATES, "nth": 1}, "do": "503_written"}], {"external_id_taken": "accepted"})
    run = begin(live)
    wanted = new_app()
    outcome = run.one(wanted)
    theirs = {"external_id": "new-1", "name": wanted.name, "phone": "+49 30 99"}
    other = run.context.remote.users.create(wanted.user_kind, theirs)
    decided = run.look_again([wanted], {wanted.id: outcome})[wanted.id]

    assert (decided.status, sorted(_there(run))) == (Status.IN_DOUBT, sorted([outcome.box_id, other]))
    assert other in words_of(decided)


def test_an_account_with_other_fields_than_asked_for_stays(start: Start, begin: Begin) -> None:
    run, outcome, other = _twice(_late(start), begin)
    run.context.remote.users.update(other, {"phone": "+49 89 1"})
    decided = run.look_again([new_app()], {outcome.change_id: outcome})[outcome.change_id]

    assert decided.status is Status.IN_DOUBT
    assert other in _there(run)


def _sent_unseen(run: Run, fields: Mapping[str, str]) -> None:
    with pytest.raises(Exception, match="ServerTrouble"):
        run.context.remote.users.create(new_app().user_kind, fields)


@pytest.mark.parametrize("wanted", [new_app(), new_managed()], ids=["app", "managed"])
def test_who_was_made_once_is_left_alone(start: Start, begin: Begin, wanted: Any) -> None:
    live = start([{"match": {**CREATES, "nth": 1}, "do": "503"}], {"external_id_taken": "accepted"})
    run = begin(live)
    outcome = run.one(wanted)
    decided = run.look_again([wanted], {wanted.id: outcome})[wanted.id]

    assert decided == outcome
    assert live.asked("DELETE") == 0


@pytest.mark.parametrize("fault", ["503", "forbidden"])
def test_a_second_account_that_nobody_can_look_into_is_left_and_told(
    start: Start, begin: Begin, fault: str
) -> None:
    live = start(
        [
            {"match": {**CREATES, "nth": 1}, "do": {"fault": "written_late", "delay": 60}},
            {"match": {"method": "GET", "query": "space_used"}, "do": fault},
        ],
        {"external_id_taken": "accepted"},
    )
    run, outcome, other = _twice(live, begin)
    decided = run.resume([new_app()])[outcome.change_id]

    assert decided.status is Status.IN_DOUBT
    assert words_of(decided).endswith(f"{outcome.box_id}, {other}; only one of them may stay")
    assert run.journal.outcomes() == {outcome.change_id: decided}


def test_a_stop_in_the_middle_of_a_removal_tells_both(start: Start, begin: Begin) -> None:
    live = start(
        [
            {"match": {**CREATES, "nth": 1}, "do": {"fault": "written_late", "delay": 60}},
            {"match": {"method": "DELETE"}, "do": "503"},
        ],
        {"external_id_taken": "accepted"},
    )
    run, outcome, other = _twice(live, begin)
    whole = run.context
    run.context = replace(whole, remote=replace(whole.remote, users=_Stopped(whole.remote.users, run.halt)))
    decided = run.resume([new_app()])[outcome.change_id]

    assert (decided.status, decided.box_id) == (Status.IN_DOUBT, outcome.box_id)
    assert other in words_of(decided)
    assert run.journal.outcomes() == {outcome.change_id: decided}


def test_what_cannot_be_looked_at_once_more_is_not_called_done(start: Start, begin: Begin) -> None:
    live = _late(start)
    run, outcome, _ = _twice(live, begin)
    live.server.faults.add(rule("500", method="GET", path="/2.0/users", query="external_app_user_id"))
    decided = run.look_again([new_app()], {outcome.change_id: outcome})[outcome.change_id]

    assert (decided.status, decided.box_id) == (Status.IN_DOUBT, outcome.box_id)
    assert "could not be looked into" in words_of(decided)
