"""What every kind of operation has to bring along. A new kind is held to it by its line in the registry."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from provision import operations
from provision.because import Because, reason
from provision.errors import BoxAnswer, BoxFault, Conflict, Lost, NotFound
from provision.job.settings import Guards
from provision.journal.value import Outcome
from provision.ledger.progress import Progress
from provision.model import STATUSES, Kind, Status, UserKind, Verdict
from provision.operations.content.folders import grantee_of, of_group
from provision.operations.kind import LookResult, Operation
from provision.operations.people.login_change import planned_logins
from provision.operations.registry import OPERATIONS, REMOVALS, operation_of
from provision.operations.remote import Remote
from provision.operations.value import Change
from provision.plan.guards.forecast import calls_of
from provision.plan.halves import in_halves
from provision.plan.undo.inverse import Trace, inverse_of
from provision.plan.undo.memberships import MembershipNow
from provision.report.kind_words import KIND_WORDS
from provision.report.sentences.notes import words_of, words_of_all
from provision.report.sentences.reasons import words
from tests.apply.changes import Run, new_managed
from tests.apply.conftest import Begin
from tests.apply.village import ENTERPRISE, Village
from tests.live import Live, Start
from tests.simulation.worlds import WORLDS, world

from .samples import (
    ALIAS_ADD,
    HERS,
    MIA,
    OTTO,
    SAMPLES,
    TRANSFER,
    after_a_doubt,
    enterprise,
    faults,
    from_here,
    kinds_of_fault,
)

T = TypeVar("T")

each_kind = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=lambda one: one.kind.value)
each_sample = pytest.mark.parametrize("wanted", SAMPLES.values(), ids=SAMPLES.keys())

#: what a look shows of each kind, before it is sent and after it was carried out
SIGHTS = {
    Kind.CREATE: (LookResult.NO, LookResult.YES),
    Kind.INVITE: (LookResult.AGAIN, LookResult.AGAIN),
    Kind.UPDATE: (LookResult.NO, LookResult.YES),
    Kind.ACTIVATE: (LookResult.NO, LookResult.YES),
    Kind.DEACTIVATE: (LookResult.NO, LookResult.YES),
    Kind.END_SESSIONS: (LookResult.AGAIN, LookResult.AGAIN),
    Kind.TRANSFER: (LookResult.ONLY_LATER, LookResult.ONLY_LATER),
    Kind.ARCHIVE_MOVE: (LookResult.AGAIN, LookResult.AGAIN),
    Kind.DELETE: (LookResult.NO, LookResult.YES),
    Kind.ROLL_OUT: (LookResult.NO, LookResult.YES),
    Kind.GROUP_CREATE: (LookResult.NO, LookResult.YES),
    Kind.MEMBERSHIP_ADD: (LookResult.NO, LookResult.YES),
    Kind.MEMBERSHIP_UPDATE: (LookResult.NO, LookResult.YES),
    Kind.MEMBERSHIP_REMOVE: (LookResult.NO, LookResult.YES),
    Kind.FOLDER_CREATE: (LookResult.NO, LookResult.YES),
    Kind.COLLABORATION_ADD: (LookResult.NO, LookResult.YES),
    Kind.COLLABORATION_REMOVE: (LookResult.NO, LookResult.YES),
    Kind.STARTER_CONTENT: (LookResult.NO, LookResult.YES),
    Kind.LOGIN_CHANGE: (LookResult.NO, LookResult.YES),
    Kind.ALIAS_ADD: (LookResult.NO, LookResult.YES),
    Kind.ALIAS_REMOVE: (LookResult.NO, LookResult.YES),
}
#: what takes each kind back, or why it stays
WAYS_BACK = {
    Kind.CREATE: Kind.DEACTIVATE,
    Kind.INVITE: Because.INVITE_STAYS.value,
    Kind.UPDATE: Kind.UPDATE,
    Kind.ACTIVATE: Kind.DEACTIVATE,
    Kind.DEACTIVATE: Kind.ACTIVATE,
    Kind.END_SESSIONS: Because.SESSIONS_ENDED.value,
    Kind.TRANSFER: reason(Because.CONTENT_GIVEN, to="mia"),
    Kind.DELETE: reason(Because.DELETED, box_id=MIA),
    Kind.ROLL_OUT: reason(Because.LEFT_ENTERPRISE, box_id=MIA),
    Kind.GROUP_CREATE: Because.GROUP_STAYS.value,
    Kind.MEMBERSHIP_ADD: Kind.MEMBERSHIP_REMOVE,
    Kind.MEMBERSHIP_UPDATE: Kind.MEMBERSHIP_UPDATE,
    Kind.MEMBERSHIP_REMOVE: Kind.MEMBERSHIP_ADD,
    Kind.FOLDER_CREATE: Because.FOLDER_STAYS.value,
    Kind.COLLABORATION_ADD: Kind.COLLABORATION_REMOVE,
    Kind.COLLABORATION_REMOVE: Kind.COLLABORATION_ADD,
    Kind.STARTER_CONTENT: Because.STARTER_CONTENT_STAYS.value,
    Kind.LOGIN_CHANGE: Kind.LOGIN_CHANGE,
    Kind.ALIAS_ADD: Kind.ALIAS_REMOVE,
    Kind.ALIAS_REMOVE: Kind.ALIAS_ADD,
}
#: kinds that wait for a person once Box took them
ANSWERED_LATER = (Kind.INVITE,)
#: kinds that nothing but another operation brings about: it is taken back, or stays, with that one
SECOND_HALVES = (Kind.ARCHIVE_MOVE,)


# --- the registry


def test_every_kind_has_a_file_of_its_own_and_is_registered_once() -> None:
    names = [each.name for each in pkgutil.walk_packages(operations.__path__, "provision.operations.")]
    files = {name.rpartition(".")[2]: importlib.import_module(name) for name in names}
    made = {
        id(one): one for file in files.values() for one in vars(file).values() if isinstance(one, Operation)
    }

    assert {kind: getattr(files[kind.value], kind.name) for kind in Kind} == dict(OPERATIONS)
    assert set(made) == set(map(id, OPERATIONS.values()))


def test_no_two_kinds_have_one_rank_and_the_registry_is_in_its_order() -> None:
    ranks = [one.rank for one in OPERATIONS.values()]

    assert ranks == sorted(set(ranks))


def test_there_is_a_sample_of_every_kind() -> None:
    assert {change.kind for change in SAMPLES.values()} == set(Kind)


@each_kind
def test_a_guard_counts_every_kind_but_those_that_take_nothing_away(operation: Operation) -> None:
    assert operation.guard in ("", *Guards.model_fields)
    assert operation.guard or not operation.takes_away
    assert operation.takes_away or not operation.ends_account


@pytest.mark.parametrize("kind", REMOVALS)
def test_what_takes_something_away_looks_at_its_account_just_before(kind: Kind) -> None:
    assert OPERATIONS[kind].looks_before
    assert OPERATIONS[kind].reads > 0


# --- faults


def test_there_is_a_fault_of_every_kind_to_be_met() -> None:
    assert {type(fault) for fault in faults()} == kinds_of_fault()


def at_once(call: Callable[[], T]) -> T:
    return call()


class Deaf(Village):
    """Nothing that is asked of it is answered."""

    def _asked(self, perform: Callable[[], T]) -> T:
        raise Lost(BoxAnswer(504))


def remotes() -> list[Remote]:
    """A Box that shows the account of the samples, one that shows nobody, and one that does not answer."""
    mia = {"login": "zoe@acme.example", "kind": "managed"}
    return [Remote(users, at_once, ENTERPRISE) for users in (Village([mia]), Village([]), Deaf([]))]


@pytest.mark.parametrize("fault", (*faults(), *after_a_doubt()), ids=repr)
@each_sample
def test_every_fault_is_an_outcome_with_words(wanted: Change, fault: BoxFault) -> None:
    for remote in remotes():
        refusal = operation_of(wanted).refused(wanted, fault, remote)
        outcome = Outcome(wanted.id, refusal.status, refusal.box_id, refusal.notes, fault.answer)

        assert refusal.status is not Status.SKIPPED
        assert words_of(outcome, wanted)
        assert words_of_all([(wanted, outcome)])


@pytest.mark.parametrize("fault", after_a_doubt(), ids=repr)
@each_sample
def test_what_may_have_happened_is_never_called_failed(wanted: Change, fault: BoxFault) -> None:
    """A refusal may itself show that it has happened; anything else leaves it in doubt."""
    for remote in remotes():
        refusal = operation_of(wanted).refused(wanted, fault, remote)

        assert refusal.status is Status.IN_DOUBT or (
            refusal.status is Status.DONE and isinstance(fault, NotFound | Conflict)
        )


# --- the ledger


@pytest.mark.parametrize("status", Status)
@each_sample
def test_only_what_was_carried_out_teaches_something(wanted: Change, status: Status) -> None:
    known = Progress("2026-01-01", "2026-01-02")
    taught = operation_of(wanted).teach(known, wanted, Outcome(wanted.id, status), "2026-02-01")
    may_have_begun = wanted.kind is Kind.TRANSFER and status is Status.IN_DOUBT

    assert taught == known or status is Status.DONE or may_have_begun


@pytest.mark.parametrize("status", ["", *STATUSES])
@each_sample
def test_a_listing_shows_what_takes_effect_on_it(wanted: Change, status: str) -> None:
    told = {Kind.ACTIVATE: "active", Kind.DEACTIVATE: "inactive", Kind.DELETE: "", Kind.ROLL_OUT: ""}

    assert operation_of(wanted).shown(wanted, status) == (told.get(wanted.kind) == status)


# --- Box, over sockets and the real SDK


@pytest.fixture
def live(start: Start) -> Live:
    return start(seed=enterprise())


def ready(wanted: Change, run: Run) -> Change:
    """An operation that can be sent alone: a second half with what the first one made, an address or a folder that is there to be used."""
    if wanted.kind in (Kind.COLLABORATION_ADD, Kind.COLLABORATION_REMOVE):
        return in_a_folder(wanted, run)
    if wanted.kind is Kind.STARTER_CONTENT and not wanted.folder:
        return from_here(wanted, run, {"Rules.txt": b"Be kind", "Maps/Zürich.txt": b"Here"})
    if wanted.kind is Kind.STARTER_CONTENT:
        folder = run.connection.box.create_folder("Starter")
        run.connection.box.create_folder("More", folder)
        return replace(wanted, object=folder, folder=folder)
    if wanted.kind in (Kind.LOGIN_CHANGE, Kind.ALIAS_REMOVE):
        run.connection.box.add_alias(MIA, ALIAS_ADD.object)
    made = run.connection.box.transfer(OTTO, MIA) if wanted.kind is Kind.ARCHIVE_MOVE else ""
    return replace(wanted, made=made, needs=(), completes="")


def in_a_folder(wanted: Change, run: Run) -> Change:
    """An operation on a collaboration of a folder that is there; one that is taken back is there, too."""
    folder = run.connection.box.create_folder("Work")
    if wanted.kind is Kind.COLLABORATION_REMOVE:
        run.connection.box.collaborate(folder, grantee_of(wanted), "viewer uploader")
    by_path = wanted.object.startswith("/")
    about = of_group(folder, wanted.name) if wanted.of_nobody else folder
    return wanted if by_path else replace(wanted, object=about, folder=folder)


def calls(live: Live) -> int:
    return live.asked() - live.asked(path="/oauth2")


@each_sample
def test_the_forecast_is_what_it_takes(wanted: Change, live: Live, begin: Begin) -> None:
    run = begin(live)
    change = ready(wanted, run)
    before, tokens = calls(live), live.asked(path="/oauth2")
    outcome = run.one(change)

    expected = Status.WAITING if wanted.kind in ANSWERED_LATER else Status.DONE
    assert outcome.status is expected, words_of(outcome, change)
    assert calls(live) - before == calls_of(change)
    assert live.asked(path="/oauth2") == tokens


def test_the_forecast_of_a_transfer_and_its_archive_that_is_there_already(live: Live, begin: Begin) -> None:
    run = begin(live)
    run.connection.box.create_folder("Leavers", as_user=MIA)
    both = (TRANSFER, SAMPLES["archive_move of two levels"])
    before = calls(live)
    outcomes = run.carry_out(both)

    assert [each.status for each in outcomes.values()] == [Status.DONE, Status.DONE]
    assert calls(live) - before == sum(map(calls_of, both))


def test_the_forecast_of_a_create_with_its_second_half(live: Live, begin: Begin) -> None:
    run = begin(live)
    both = in_halves({0: new_managed(notification_email="z@acme.test")}, {})[0]
    before = calls(live)
    run.carry_out(both)

    assert calls(live) - before == sum(map(calls_of, both)) == 2


@each_sample
def test_a_look_after_a_doubt_shows_what_it_may_conclude(wanted: Change, live: Live, begin: Begin) -> None:
    run = begin(live)
    change, look = ready(wanted, run), operation_of(wanted).seen
    before = look(change, run.context.remote)
    sent = run.one(change)
    after = look(change, run.context.remote)

    assert (before.seen, after.seen) == SIGHTS[wanted.kind]
    assert before.box_id == ""
    assert after.box_id in ("", sent.box_id)
    assert bool(after.box_id) == (after.seen is LookResult.YES)


# --- the way back


def afterwards(change: Change) -> dict[str, Any]:
    """The account of an operation once it was carried out, as a listing has it."""
    named = {"kind": change.user_kind.value, "login": change.login, "external_id": change.external_id}
    shown = {each.field: each.after for each in change.fields}
    role = "admin" if "(admin)" in shown.get("groups", "") else "member"
    there = {change.group: MembershipNow(HERS, role)} if shown.get("groups") else {}
    return {
        "status": "active",
        "name": "N",
        "protected": "",
        "untold": "",
        "in_scope": True,
        "memberships": there,
        **named,
        **shown,
        "box_id": MIA,
    }


def way_back(wanted: Change, *, sure: bool) -> Any:
    people = {} if operation_of(wanted).ends_account else {MIA: afterwards(wanted)}
    change = wanted if wanted.kind is Kind.CREATE else replace(wanted, box_id=MIA)
    status = Status.DONE if sure else Status.IN_DOUBT
    outcome = Outcome(change.id, status, MIA, at="2026-03-02T00:00:00+00:00")
    logins = frozenset(planned_logins([change]).get(MIA, ()))
    trace = Trace(change, outcome, sure, (MIA,), logins)
    return inverse_of(trace, people)


@each_sample
def test_every_kind_has_a_way_back_or_a_reason_why_not(wanted: Change) -> None:
    if wanted.kind in SECOND_HALVES:
        assert wanted.completes
        return
    inverse = way_back(wanted, sure=True)

    assert words(inverse.because)
    if inverse.change:
        assert inverse.change.kind is WAYS_BACK[wanted.kind]
        assert inverse.verdict == Verdict(inverse.change.kind.value)
    else:
        assert inverse.because == WAYS_BACK[wanted.kind]


@each_sample
def test_a_doubtful_one_is_taken_back_like_a_sure_one_or_left_alone(wanted: Change) -> None:
    if wanted.kind in SECOND_HALVES:
        return
    inverse = way_back(wanted, sure=False)

    assert inverse is None or inverse.change is None or inverse.change.kind is WAYS_BACK[wanted.kind]


def test_whoever_is_not_among_the_ways_back_completes_something() -> None:
    assert {*WAYS_BACK, *SECOND_HALVES} == set(Kind)


# --- words, and a place where its promises are tried


def test_every_kind_has_a_heading_a_sign_and_a_colour_of_its_own() -> None:
    assert set(KIND_WORDS) == set(Kind)
    assert all(map(all, KIND_WORDS.values()))
    for column in ("heading", "sign", "infinitive"):
        assert len({getattr(told, column) for told in KIND_WORDS.values()}) == len(Kind)


@each_kind
def test_the_simulation_lives_through_every_kind(operation: Operation) -> None:
    plans = [world(number).plan for number in range(WORLDS)]

    assert any(change.kind is operation.kind for plan in plans for change in plan.changes)


def test_the_samples_are_of_both_kinds_of_user() -> None:
    assert {change.user_kind for change in SAMPLES.values()} == set(UserKind)
