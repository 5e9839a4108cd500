"""Whatever goes wrong, running again converges to the roster: nobody twice, nothing lost, everything accounted for.

A schedule is a list of fates, one for each request the program makes, kills of our own process included. Hypothesis makes
schedules up; a failing one is printed as the list it is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provision.apply.executor import Crew, carry_out, look_again
from provision.apply.halt import Halt, interrupted
from provision.apply.remember import lessons
from provision.box.client import Whoami
from provision.box.retry import Patience, Retry, Timing
from provision.directory.listing import list_users
from provision.directory.scope import Directory, survey
from provision.errors import BoxRefused
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME, Journal
from provision.journal.value import Outcome
from provision.ledger.store import Ledger, open_ledger
from provision.model import Kind, Status
from provision.plan.build import Occasion, make_plan
from provision.plan.value import Change, Plan
from provision.roster.value import FRAME_COLUMNS, REJECTED_COLUMNS, Roster

from .village import ENTERPRISE, Fate, Killed, Village

JOB = Job.model_validate(
    {
        "version": 1,
        "name": "nightly",
        "box": {"base_url": "https://box.example", "auth": {"method": "token", "token": "${T}"}},
        "roster": {"path": "r.csv", "kind": "column"},
        "lifecycle": {"evidence": {"absent_runs": 1, "absent_hours": 0}},
        "guards": {"removals": {"count": 100}, "shrink": {"percent": 100}},
        "state": "sqlite://",
    }
)
ME = Whoami("1", ENTERPRISE)

#: who is there before, and what the roster says; "" is nobody, or nothing said
PEOPLE = (
    #    key        before                                  row
    ("new-app", {}, {"kind": "app", "external_id": "new-app", "name": "Neu", "phone": "1"}),
    ("new-app2", {}, {"kind": "app", "external_id": "new-app2", "name": "Neu"}),
    ("new@a.example", {}, {"kind": "managed", "login": "new@a.example", "name": "N", "job_title": "Clerk"}),
    ("mail@a.example", {}, {"kind": "managed", "login": "mail@a.example", "name": "M", "notification_email": "m@b.example"}),
    ("same@a.example", {"kind": "managed", "login": "same@a.example", "name": "S", "status": "active"},
     {"kind": "managed", "login": "same@a.example", "name": "S"}),
    ("mover@a.example", {"kind": "managed", "login": "mover@a.example", "name": "M", "status": "active"},
     {"kind": "managed", "login": "mover@a.example", "name": "Mover", "phone": "77"}),
    ("app-mover", {"kind": "app", "external_id": "app-mover", "name": "A", "status": "active"},
     {"kind": "app", "external_id": "app-mover", "name": "B"}),
    ("back@a.example", {"kind": "managed", "login": "back@a.example", "name": "B", "status": "inactive"},
     {"kind": "managed", "login": "back@a.example", "name": "B", "status": "active"}),
    ("out@a.example", {"kind": "managed", "login": "out@a.example", "name": "O", "status": "active"},
     {"kind": "managed", "login": "out@a.example", "name": "O", "action": "deactivate"}),
    ("gone@a.example", {"kind": "managed", "login": "gone@a.example", "name": "G", "status": "active"},
     {"kind": "managed", "login": "gone@a.example", "name": "G", "action": "delete"}),
    ("theirs@a.example", {"kind": "managed", "login": "theirs@a.example", "name": "T", "status": "active"}, {}),
)  # fmt: skip


def _roster() -> Roster:
    columns = [*FRAME_COLUMNS, "status", "job_title", "phone", "notification_email"]
    blank = dict.fromkeys(columns, "") | {"action": "upsert"}
    rows = [{**blank, **row, "line": str(at)} for at, (_, _, row) in enumerate(PEOPLE, 2) if row]
    frame = pd.DataFrame(rows, columns=columns, dtype="str").astype({"line": "int64"})
    rejected = pd.DataFrame({name: pd.Series(dtype="str") for name in REJECTED_COLUMNS}).astype(
        {"line": "int64"}
    )
    return Roster("r.csv", "0" * 64, "", len(rows), frame, rejected, (), tuple(columns), (), (), ())


ROSTER = _roster()


class World:
    """A village, the ledger of a job that looks after it, and time; runs one after the other."""

    def __init__(self, fates: Iterable[Fate], late: int, folder: Path) -> None:
        self.village = Village([before for _, before, _ in PEOPLE if before], fates, late)
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
            crew = Crew(self.village, retry, journal, 1, halt, ENTERPRISE)
            try:
                outcomes = carry_out(plan.changes, {}, crew, lambda each: told.update({each.change_id: each}))
                outcomes = outcomes | look_again(plan.changes, outcomes, crew)
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
        directory: Directory = survey(list_users(self.village, patient), JOB.scope, JOB.roster.kinds, ME)
        memory = self._ledger.memory(ENTERPRISE, JOB.name)
        return make_plan(ROSTER, directory, memory, JOB, Occasion(self.now, ENTERPRISE))

    def _learn(self, plan: Plan, outcomes: dict[str, Outcome]) -> None:
        memory = self._ledger.memory(ENTERPRISE, JOB.name)
        taught = lessons(plan, outcomes, memory, JOB.lifecycle.evidence)
        self._ledger.learn(ENTERPRISE, JOB.name, taught, f"run {self.runs}", self.now.isoformat())

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
    by_key = {user["external_id"] or user["login"]: user for user in village.users.values()}
    assert set(by_key) == {key for key, _, row in PEOPLE if row.get("action") != "delete"}
    for key, before, row in PEOPLE:
        if row.get("action") == "delete":
            continue
        wanted = {name: cell for name, cell in row.items() if name not in ("action", "kind")}
        status = {"deactivate": "inactive"}.get(row.get("action", ""), "active")
        expected = (wanted or before) | {"status": status}
        assert {name: by_key[key][name] for name in expected} == expected
    assert village.needless == 0, "a create was sent again although the account was there to be seen"


def _true(change: Change, outcome: Outcome, village: Village) -> bool:
    """Whether an operation that is said to be done shows."""
    user = village.users.get(outcome.box_id)
    if change.kind is Kind.DELETE:
        return user is None
    return user is not None and all(user[each.field] == each.after for each in change.fields)


def _live_through(fates: list[Fate], late: int) -> World:
    with tempfile.TemporaryDirectory() as folder:
        world = World(fates, late, Path(folder))
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
@settings(max_examples=25, deadline=None, derandomize=True)
def test_running_again_converges_whatever_goes_wrong(fates: list[Fate], late: int) -> None:
    _live_through(fates, late)


@pytest.mark.parametrize("fate", list(Fate), ids=lambda fate: fate.name)
@pytest.mark.parametrize("at", (2, 5, 9, 14))
def test_every_fate_at_every_boundary_converges(fate: Fate, at: int) -> None:
    _live_through([*[Fate.FINE] * at, fate], late=2)


@pytest.mark.parametrize("fate", list(Fate), ids=lambda fate: fate.name)
def test_a_fate_that_meets_every_other_request_converges(fate: Fate) -> None:
    _live_through([each for _ in range(12) for each in (fate, Fate.FINE)], late=3)


def test_an_undisturbed_run_needs_one_go_and_leaves_nothing_to_do() -> None:
    world = _live_through([], late=1)

    assert world.runs == 2
