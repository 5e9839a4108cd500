"""Small enterprises, each with a roster and the plan that makes them one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import count

import pandas as pd

from provision.apply.stale import moved_targets
from provision.batches import Held
from provision.box.accounts import COLUMNS
from provision.directory.scope import Directory, survey
from provision.journal.value import Note
from provision.ledger.value import ACCOUNT_COLUMNS, Memory, blank
from provision.operations.value import Change
from provision.plan.build import Occasion, make_plan
from provision.plan.value import Plan
from provision.roster.value import Roster
from tests.apply.people import JOB, ME, PEOPLE, Person, roster_of
from tests.apply.village import ENTERPRISE

#: what a listing shows: one row a user, in the order of COLUMNS; pure functions of it are worked out once
Listed = tuple[tuple[str, ...], ...]

START = datetime(2026, 3, 2, tzinfo=UTC)

_APPS = tuple(
    Person(
        f"client-{n}",
        {},
        {"kind": "app", "external_id": f"client-{n}", "name": f"Client {n}", "phone": str(n)},
    )
    for n in range(1, 5)
)
_MOVERS = tuple(
    Person(
        f"app-{n}",
        {"kind": "app", "external_id": f"app-{n}", "name": "Old", "status": "active", "phone": "1"},
        {"kind": "app", "external_id": f"app-{n}", "name": f"New {n}", "phone": "2"},
    )
    for n in range(1, 4)
)
_GONE = tuple(
    Person(
        f"left{n}@a.example",
        {"kind": "managed", "login": f"left{n}@a.example", "name": "L", "status": "active"},
        {"kind": "managed", "login": f"left{n}@a.example", "name": "L", "action": "delete"},
    )
    for n in (1, 2)
)
_BY_KEY: Mapping[str, Person] = {each.key: each for each in (*PEOPLE, *_APPS, *_MOVERS, *_GONE)}
#: everybody has somebody in it whom nothing is planned for
_STAY = ("same@a.example", "theirs@a.example")

#: who is in each world
_CASTS = (
    ("client-1", "client-2", "client-3"),
    ("client-1", "client-2", "client-3", "client-4", "new@a.example", "mail@a.example"),
    ("new-app", "new@a.example", "mail@a.example"),
    ("mail@a.example", "client-1", "app-1", "out@a.example"),
    ("app-1", "app-2", "app-3", "mover@a.example"),
    ("out@a.example", "gone@a.example", "left1@a.example", "back@a.example"),
    ("gone@a.example", "left1@a.example", "left2@a.example"),
    ("new-app", "new@a.example", "mail@a.example", "mover@a.example", "app-mover", "back@a.example", "out@a.example",
     "gone@a.example"),
)  # fmt: skip


#: how many there are
WORLDS = len(_CASTS)


@dataclass(frozen=True)
class World:
    """One enterprise and its roster. ``plan`` makes the one the other."""

    number: int
    people: tuple[Person, ...]
    roster: Roster
    plan: Plan

    @property
    def users(self) -> list[Mapping[str, str]]:
        """Who is there before."""
        return [each.before for each in self.people if each.before]


@cache
def world(number: int) -> World:
    """One of the worlds, from 0 to below WORLDS."""
    people = tuple(_BY_KEY[key] for key in (*_CASTS[number], *_STAY))
    roster = roster_of(people)
    ids, users = count(1000), []
    for each in people:
        if each.before:
            box_id = str(next(ids))
            standard = {"role": "user", "enterprise_id": ENTERPRISE, "login": f"AppUser_{box_id}@box.example"}
            users.append(dict.fromkeys(COLUMNS, "") | standard | dict(each.before) | {"box_id": box_id})
    shown = tuple(tuple(user[name] for name in COLUMNS) for user in users)
    return World(number, people, roster, _planned(roster, shown, blank(), START))


@lru_cache(maxsize=4096)
def directory(listed: Listed) -> Directory:
    """The enterprise as a listing shows it."""
    frame = pd.DataFrame(list(listed), columns=list(COLUMNS), dtype="str")
    return survey(Held(frame), JOB.scope, JOB.roster.kinds, ME)


@lru_cache(maxsize=4096)
def moved(changes: tuple[Change, ...], listed: Listed) -> Mapping[str, tuple[Note, ...]]:
    """Operations whose target is no longer what the plan saw."""
    return moved_targets(changes, directory(listed))


def planned(number: int, listed: Listed, memory: Memory) -> Plan:
    """A later plan of the job for the roster of a world."""
    owned = tuple(memory.accounts.itertuples(index=False, name=None))
    return _planned_once(number, listed, owned)


@lru_cache(maxsize=4096)
def _planned_once(number: int, listed: Listed, owned: tuple[tuple[str, ...], ...]) -> Plan:
    accounts = pd.DataFrame(list(owned), columns=list(ACCOUNT_COLUMNS), dtype="str")
    return _planned(
        world(number).roster, listed, replace(blank(), accounts=accounts), START + timedelta(days=1)
    )


def _planned(roster: Roster, listed: Listed, memory: Memory, now: datetime) -> Plan:
    return make_plan(roster, directory(listed), memory, JOB, Occasion(now, ENTERPRISE))
