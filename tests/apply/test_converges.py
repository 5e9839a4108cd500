"""Whatever goes wrong, running again converges to the roster: nobody twice, nothing lost, everything accounted for.

A schedule is a list of fates, one for each request the program makes, kills of our own process included. Hypothesis makes
schedules up; a failing one is printed as the list it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.apply.again import look_again
from provision.apply.context import ExecutionContext, WorkList
from provision.apply.executor import carry_out
from provision.apply.halt import Halt, interrupted
from provision.apply.snapshot import SNAPSHOTS, keeper
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.directory.listing import list_users
from provision.directory.scope import Directory, survey
from provision.errors import BoxRefused
from provision.journal.book import JOURNAL_NAME, Journal
from provision.journal.value import Outcome
from provision.ledger.store import Ledger, open_ledger
from provision.ledger.value import Taught
from provision.lessons.finished import lessons
from provision.model import Kind, Status
from provision.operations.remote import Remote
from provision.operations.value import Change
from provision.plan.build import make_plan
from provision.plan.occasion import Occasion
from provision.plan.value import Plan
from tests.examples import either, examples
from tests.place import quick_folder

from .people import JOB, ME, PEOPLE, assert_converged, roster_of
from .village import ENTERPRISE, Fate, Killed, Village

ROSTER = roster_of(PEOPLE)


class World:
    """A village, the ledger of a job that looks after it, and time; runs one after the other."""

    def __init__(self, fates: Iterable[Fate], late: int, folder: Path) -> None:
        self.village = Village([each.before for each in PEOPLE if each.before], fates, late)
        self.now = datetime(2026, 3, 2, tzinfo=UTC)
        self._folder = folder
        self.runs = 0
        self._ledger: Ledger = open_ledger(f"sqlite:///{folder / 'ledger.db'}")

    def close(self) -> None:
        self._ledger.close()

    def run(self) -> tuple[Plan | None, dict[str, Outcome]]:
        """Plan and apply once; the plan (None where the enterprise could not be read) and every outcome told."""
        self.runs += 1
        self.village.dead = False
        halt = Halt()
        retry = Retry(Patience(), Timing(self._clock, self._sleeper(halt), Random(self.runs)))  # noqa: S311 - jitter
        try:
            plan = self.planned(retry)
        except (BoxRefused, Killed):
            return None, {}
        told: dict[str, Outcome] = {}
        with self._journal() as journal:
            work = WorkList(plan.changes, known=frozenset(plan.table["box_id"]))
            remote = Remote(self.village, retry.read, ENTERPRISE)
            context = ExecutionContext(remote, retry, journal, 1, halt, keeper(self._folder / SNAPSHOTS))
            try:
                outcomes = carry_out(work, context, lambda each: told.update({each.change_id: each}))
                outcomes = outcomes | look_again(work, outcomes, context)
            except Killed:
                return plan, journal.outcomes()
            assert journal.outcomes() == outcomes
            assert told.keys() == outcomes.keys()
            if halt.reason is None:
                assert outcomes.keys() == {change.id for change in plan.changes}
        self._learn(plan, outcomes)
        return plan, outcomes

    def planned(self, retry: Retry | None = None) -> Plan:
        patient = retry or Retry(Patience(), Timing(self._clock, self._sleeper(Halt()), Random(0)))  # noqa: S311 - jitter
        directory: Directory = survey(
            list_users(self.village, patient).users, JOB.scope, JOB.roster.kinds, ME
        )
        memory = self._ledger.memory(ENTERPRISE, JOB.name)
        return make_plan(ROSTER, directory, memory, JOB, Occasion(self.now, ENTERPRISE))

    def _learn(self, plan: Plan, outcomes: dict[str, Outcome]) -> None:
        memory = self._ledger.memory(ENTERPRISE, JOB.name)
        taught = lessons(plan, outcomes, memory, JOB.lifecycle.evidence)
        origin = Taught(f"run {self.runs}", plan.as_of, self.now.isoformat())
        self._ledger.learn(ENTERPRISE, JOB.name, taught, origin)

    @contextmanager
    def _journal(self) -> Iterator[Journal]:
        path = self._folder / f"run{self.runs}-{JOURNAL_NAME}"
        journal = Journal(path, {"plan": str(self.runs)}, self.now.isoformat)
        yield journal
        journal.close()

    def _clock(self) -> float:
        return self.now.timestamp()

    def _sleeper(self, halt: Halt):
        def sleep(seconds: float) -> None:
            if halt.wanted:
                raise interrupted()
            self.now += timedelta(seconds=seconds)

        return sleep


def _assert_nobody_twice(village: Village) -> None:
    keys = [user["external_id"] or user["login"].casefold() for user in village.users.values()]
    assert len(keys) == len(set(keys))
    ever = [external_id or login for external_id, login in village.ever]
    assert len(ever) == len(set(ever)), "a second account was made for one key"


def _assert_converged(village: Village) -> None:
    assert_converged(village.users, PEOPLE)
    assert village.needless == 0, "a create was sent again although the account was there to be seen"


def _true(change: Change, outcome: Outcome, village: Village) -> bool:
    """Whether an operation that is said to be done shows."""
    user = village.users.get(outcome.box_id)
    if change.kind is Kind.DELETE:
        return user is None
    return user is not None and all(user[each.field] == each.after for each in change.fields)


def _live_through(fates: list[Fate], late: int) -> World:
    with quick_folder() as folder:
        world = World(fates, late, folder)
        try:
            while not _ran_empty(world):
                assert world.runs <= len(fates) + 3  # each run uses up a fate, but for the last ones
            _assert_converged(world.village)
        finally:
            world.close()
    return world


def _ran_empty(world: World) -> bool:
    """One run; whether it had nothing to do and nothing can go wrong any more."""
    plan, outcomes = world.run()
    _assert_nobody_twice(world.village)
    assert world.village.ghosts == 0, "a process that was killed has sent something"
    changes = {change.id: change for change in plan.changes} if plan else {}
    assert outcomes.keys() <= changes.keys()
    for key, outcome in outcomes.items():
        assert outcome.status is not Status.DONE or _true(changes[key], outcome, world.village)
    if plan is None or plan.changes:
        return False
    return world.village.calm()


@given(st.lists(st.sampled_from(list(Fate)), max_size=30), st.integers(1, 12))
@examples(25)
def test_running_again_converges_whatever_goes_wrong(fates: list[Fate], late: int) -> None:
    _live_through(fates, late)


#: what can go wrong with a request
_WRONG = [fate for fate in Fate if fate is not Fate.FINE]
#: before which request a fate comes; by default one of them for each fate, by turns
_PLACES = (2, 5, 9, 14)
_MEETINGS = [
    (fate, at) for number, fate in enumerate(_WRONG) for at in either(_PLACES[number % 4 :: 4], _PLACES)
]


@pytest.mark.soak
@pytest.mark.parametrize(("fate", "at"), _MEETINGS, ids=lambda each: getattr(each, "name", each))
def test_every_fate_at_every_boundary_converges(fate: Fate, at: int) -> None:
    _live_through([*[Fate.FINE] * at, fate], late=2)


@pytest.mark.parametrize("fate", _WRONG, ids=lambda fate: fate.name)
def test_a_fate_that_meets_every_other_request_converges(fate: Fate) -> None:
    _live_through([each for _ in range(12) for each in (fate, Fate.FINE)], late=3)


def test_an_undisturbed_run_needs_one_go_and_leaves_nothing_to_do() -> None:
    world = _live_through([], late=1)

    assert world.runs == 2
