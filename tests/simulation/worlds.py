"""Small enterprises, each with a roster and the plan that makes them one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from itertools import count
from pathlib import Path

import pandas as pd

from provision.apply.stale import moved_targets
from provision.batches import Held
from provision.because import Because
from provision.box.accounts import COLUMNS
from provision.box.collaborators import Grantee
from provision.directory.groups import MEMBER_COLUMNS, GroupSeen, GroupsRead
from provision.directory.scope import Directory, survey
from provision.job.groups import GroupSettings
from provision.job.lifecycle import Lifecycle
from provision.job.onboarding import OnboardingSettings
from provision.job.settings import Job, LoginChanges, Match
from provision.journal.value import Note
from provision.ledger.progress import Look, Progress, TransferSent, rows_of
from provision.ledger.value import (
    ALIAS_COLUMNS,
    GROUP_COLUMNS,
    INVITE_COLUMNS,
    KNOWN_COLUMNS,
    ONBOARDING_COLUMNS,
    STAGE_COLUMNS,
    Memory,
    blank,
)
from provision.model import Kind, UserKind
from provision.operations.content.folders import COLLABORATIONS, written_access
from provision.operations.registry import in_order
from provision.operations.value import Change, FieldChange
from provision.plan.build import make_plan
from provision.plan.occasion import Occasion
from provision.plan.value import LeaverLooks, Plan
from provision.roster.value import Roster
from provision.trees import LocalFile, LocalTree
from tests.apply.people import JOB, ME, PEOPLE, Person, roster_of
from tests.apply.village import ENTERPRISE, Village

#: what a listing shows: one row a user, in the order of COLUMNS; pure functions of it are worked out once
Listed = tuple[tuple[str, ...], ...]

#: all groups, and a line a membership: its id, those of the group and the account, and the role
Grouped = tuple[tuple[GroupSeen, ...], tuple[tuple[str, str, str, str], ...]]

#: who works with which folder: the ids of folder and account, and the role
Shared = tuple[tuple[str, Grantee, str], ...]

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


def _leaver(key: str, last_day: str, **status: str) -> Person:
    """Somebody whose row names the last day."""
    cells = {"kind": "managed", "login": key, "name": "L"}
    return Person(key, cells | {"status": "active"} | status, cells | {"end_date": last_day})


def _renamed(number: str, before: str, login: str) -> Person:
    """Somebody whom earlier runs know by this number and whose login is another one now."""
    cells = {"kind": "managed", "name": f"R {number}"}
    return Person(
        login,
        cells | {"login": before, "status": "active"},
        cells | {"login": login, "external_id": number},
    )


_RENAMED = (
    _renamed("R1", "left@a.example", "right@a.example"),
    _renamed("R2", "right@a.example", "left@a.example"),
    _renamed("R3", "old@a.example", "other@a.example"),
    _renamed("R4", "maiden@a.example", "married@a.example"),
)
#: whose login becomes somebody else's
_HEIR = Person(
    "old@a.example", {}, {"kind": "managed", "login": "old@a.example", "external_id": "R9", "name": "Heir"}
)
#: under which numbers earlier runs know people, by the login of before
_NUMBERS = {each.before["login"]: each.row["external_id"] for each in _RENAMED}

#: who has an account elsewhere, as earlier runs have found; one of them is invited already
_OUTSIDE = tuple(
    Person(login, {}, {"kind": "managed", "login": login, "name": "Guest"})
    for login in ("guest1@a.example", "guest2@a.example")
)
_ASKED, _BEFORE = "79999", "2026-02-27T00:00:00+00:00"

_LAST_WEEK, _LONG_AGO = "2026-03-01", "2025-12-01"
_LEAVERS = (
    _leaver("leaves1@a.example", _LAST_WEEK),
    _leaver("leaves2@a.example", _LAST_WEEK),
    _leaver("locked@a.example", _LONG_AGO, status="inactive"),
    _leaver("gives1@a.example", _LONG_AGO, status="inactive"),
    _leaver("gives2@a.example", _LONG_AGO, status="inactive"),
    _leaver("given@a.example", _LONG_AGO, status="inactive"),
    _leaver("rolls1@a.example", _LONG_AGO, status="inactive"),
    _leaver("rolls2@a.example", _LONG_AGO, status="inactive"),
)
#: who of them has which stages behind them when a world begins; who is here was locked
_BEHIND: Mapping[str, Progress] = {
    "locked@a.example": Progress("2025-12-02T00:00:00+00:00"),
    **dict.fromkeys(
        ("gives1@a.example", "gives2@a.example", "rolls1@a.example", "rolls2@a.example"),
        Progress("2025-12-02T00:00:00+00:00", "2025-12-02T00:00:00+00:00"),
    ),
    "given@a.example": Progress(
        "2025-12-02T00:00:00+00:00",
        "2025-12-02T00:00:00+00:00",
        TransferSent("2026-01-05T00:00:00+00:00", "1", "1", told=True),
        empty_at="2026-01-06T00:00:00+00:00",
        moved_at="2026-01-07T00:00:00+00:00",
    ),
}
#: what becomes of leavers at last, as the action of a row would have it
_GO = {each.key: "deactivate" for each in _LEAVERS} | dict.fromkeys(
    ("given@a.example", "rolls1@a.example", "rolls2@a.example"), "delete"
)
#: whose content is to be given to somebody else
GIVING = ("gives1@a.example", "gives2@a.example")


def _managed(key: str, groups: str, **before: str) -> Person:
    """Somebody whose row names groups."""
    cells = {"kind": "managed", "login": key, "name": "G"}
    return Person(key, cells | {"status": "active"} | before if before else {}, cells | {"groups": groups})


_JOINING = (
    _managed("joins@a.example", "Fresh"),
    Person("joins-app", {}, {"kind": "app", "external_id": "joins-app", "name": "J", "groups": "fresh"}),
    _managed("moves@a.example", "Sales", phone="1"),
    _managed("role@a.example", "Sales (admin)", phone="2"),
)
#: who is in which group before, and at last; what begins with Board is managed
_IN_GROUPS = {
    10: (("Board", "moves@a.example"), ("Sales", "role@a.example")),
}
_AT_LAST = {
    10: {
        "Board": {},
        "Sales": {"moves@a.example": "member", "role@a.example": "admin"},
        "Fresh": {"joins@a.example": "member", "joins-app": "member"},
    },
}

_GUESTS = (
    Person("guest@a.example", {}, {"kind": "managed", "login": "guest@a.example", "name": "Guest"}),
    Person("guest-app", {}, {"kind": "app", "external_id": "guest-app", "name": "Client"}),
)
#: who works with which folder before, where nobody is to at last: what an undo takes back
_SHARED = {14: (("Left", "mover@a.example", "editor"), ("Left", "same@a.example", "viewer"))}
_LEAVES = "mover@a.example"
#: what is kept for new people to be given a copy, by path: the digest
_KEPT = {15: {"Starter/Read me": "1f", "Starter/More/Map": "2e"}}
#: what lies on this machine for new people, by its place in their root; one of the files goes in three parts
TREES = {
    "/Welcome": LocalTree(
        ("Maps",),
        (
            LocalFile("Maps/City", Path("City"), 20_000_000, "3d"),
            LocalFile("Rules", Path("Rules"), 5, "4c"),
        ),
    )
}
_COPIED = {"Starter": "", "Starter/More": "", **_KEPT[15]}
_UPLOADED = {"Welcome": "", "Welcome/Maps": "", "Welcome/Maps/City": "3d", "Welcome/Rules": "4c"}
_GIVEN = {15: {key: {**_COPIED, **_UPLOADED} for key in ("guest@a.example", "guest-app")}}
_AT_WORK = {
    14: {
        "/Left": {"same@a.example": "viewer"},
        "/House": {"Wardens": "viewer"},
        "/House/Guest": {"guest@a.example": "viewer uploader"},
        "/House/Client": {"guest-app": "viewer uploader"},
    },
    15: {"/Starter": {}},
}

_BY_KEY: Mapping[str, Person] = {
    each.key: each
    for each in (
        *PEOPLE,
        *_APPS,
        *_MOVERS,
        *_GONE,
        *_LEAVERS,
        *_JOINING,
        *_RENAMED,
        _HEIR,
        *_OUTSIDE,
        *_GUESTS,
    )
}
#: everybody has somebody in it whom nothing is planned for; the first one gets what leavers own
_STAY = ("same@a.example", "theirs@a.example")

_SIGNED_OUT = [{"after": "0d", "do": "deactivate"}, {"after": "0d", "do": "end_sessions"}]
_DELETING = [{"after": "30d", "do": "transfer", "to": _STAY[0]}, {"after": "60d", "do": "delete"}]
_ROLLING = [{"after": "60d", "do": "roll_out"}]


def _job(stages: list[dict[str, str]]) -> Job:
    told = {"leavers": [*_SIGNED_OUT, *stages], "archive": {"folder": "Leavers", "by": "month"}}
    lifecycle = Lifecycle.model_validate({"evidence": JOB.lifecycle.evidence, **told})
    return JOB.model_copy(update={"lifecycle": lifecycle})


_CHANGING = JOB.model_copy(update={"match": Match(login_changes=LoginChanges.APPLY)})


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
    ("leaves1@a.example", "gives1@a.example", "gives2@a.example", "given@a.example"),
    ("leaves1@a.example", "leaves2@a.example", "locked@a.example", "rolls1@a.example", "rolls2@a.example"),
    ("joins@a.example", "joins-app", "moves@a.example", "role@a.example"),
    ("right@a.example", "left@a.example"),
    ("other@a.example", "married@a.example", "old@a.example", "mover@a.example"),
    ("guest1@a.example", "guest2@a.example", "new@a.example"),
    ("guest@a.example", "guest-app", "mover@a.example"),
    ("guest@a.example", "guest-app", "app-1"),
)  # fmt: skip
#: how people leave where that takes several stages
_JOBS = {8: _job(_DELETING), 9: _job(_ROLLING), **dict.fromkeys((11, 12), _CHANGING)}
#: the one that looks after groups
_JOBS[13] = JOB.model_copy(update={"onboarding": OnboardingSettings(invite_existing=True)})
_JOBS[14] = JOB.model_copy(
    update={
        "groups": GroupSettings(create=True),
        "onboarding": OnboardingSettings.model_validate(
            {
                "collaborations": [
                    {"folder": "/House/{name}", "role": "viewer uploader", "create": True},
                    {"folder": "/House", "role": "viewer", "create": True, "group": "Wardens"},
                ]
            }
        ),
    }
)
_JOBS[15] = JOB.model_copy(
    update={
        "onboarding": OnboardingSettings.model_validate(
            {"content": [{"copy_folder": "70000"}, {"from": "/welcome", "into": "Welcome"}]}
        )
    }
)
_JOBS[10] = JOB.model_copy(update={"groups": GroupSettings(create=True, manage=("board*",))})


#: the tables of the ledger that a later plan is made with
_KNOWN = (KNOWN_COLUMNS, STAGE_COLUMNS, GROUP_COLUMNS, ALIAS_COLUMNS, INVITE_COLUMNS, ONBOARDING_COLUMNS)

#: how many there are
WORLDS = len(_CASTS)


@dataclass(frozen=True)
class World:
    """One enterprise and its roster. ``plan`` makes the one the other; ``memory`` is what earlier runs have taught ``job``."""

    number: int
    people: tuple[Person, ...]
    roster: Roster
    plan: Plan
    memory: Memory
    job: Job

    @property
    def users(self) -> list[Mapping[str, str]]:
        """Who is there before."""
        return [each.before for each in self.people if each.before]

    @property
    def joined(self) -> tuple[tuple[str, str], ...]:
        """The groups there are before, each with somebody in it."""
        return _IN_GROUPS.get(self.number, ())

    @property
    def outside(self) -> Mapping[str, str]:
        """The names of those who have an account elsewhere, by login."""
        return {each.key: each.row["name"] for each in self.people if each in _OUTSIDE}

    @property
    def invited(self) -> Mapping[str, tuple[str, str]]:
        """The invitations there are before, by id: the login and the status."""
        return {_ASKED: (_OUTSIDE[1].key, "pending")} if self.outside else {}

    @property
    def in_groups(self) -> Mapping[str, Mapping[str, str]]:
        """By name of a group who is in it at last, and as what."""
        return _AT_LAST.get(self.number, {})

    @property
    def shared(self) -> tuple[tuple[str, str, str], ...]:
        """The folders there are before, each with somebody who works with it, and as what."""
        return _SHARED.get(self.number, ())

    @property
    def at_work(self) -> Mapping[str, Mapping[str, str]]:
        """By path of a folder who works with it at last, and as what."""
        return _AT_WORK.get(self.number, {})

    @property
    def kept(self) -> Mapping[str, str]:
        """What the account behind the sign-in keeps before, by path: the digest."""
        return _KEPT.get(self.number, {})

    @property
    def given(self) -> Mapping[str, Mapping[str, str]]:
        """By key of a person what lies in the root at last, by path: the digest."""
        return _GIVEN.get(self.number, {})

    @property
    def aims(self) -> tuple[Person, ...]:
        """The people with rows that say where it all leads to."""
        return tuple(each._replace(row=_aim(each)) if each.key in _GO else each for each in self.people)


def _aim(leaver: Person) -> dict[str, str]:
    row = {name: cell for name, cell in leaver.row.items() if name != "end_date"}
    return row | {"action": _GO[leaver.key]}


@cache
def world(number: int) -> World:
    """One of the worlds, from 0 to below WORLDS."""
    people = tuple(_BY_KEY[key] for key in (*_CASTS[number], *_STAY))
    roster, job = roster_of(people), _JOBS.get(number, JOB)
    ids, users = count(1000), []
    for each in people:
        if each.before:
            box_id = str(next(ids))
            standard = {"role": "user", "enterprise_id": ENTERPRISE, "login": f"AppUser_{box_id}@box.example"}
            users.append(dict.fromkeys(COLUMNS, "") | standard | dict(each.before) | {"box_id": box_id})
    shown = tuple(tuple(user[name] for name in COLUMNS) for user in users)
    memory = _remembered(users)
    village = _begun(number, users)
    groups = _groups_read(groups_in(village), job)
    plan = make_plan(
        roster, directory(shown), memory, job, Occasion(START, ENTERPRISE, groups=groups, trees=TREES)
    )
    plan = _taking_back(plan, number, shared_in(village))
    return World(number, people, roster, plan, memory, job)


def _begun(number: int, users: Iterable[Mapping[str, str]]) -> Village:
    """The enterprise of a world at its beginning."""
    village = Village(users)
    ids = {user["login"]: box_id for box_id, user in village.users.items()}
    for name, login in _IN_GROUPS.get(number, ()):
        village.join(ids[login], name)
    for name, login, role in _SHARED.get(number, ()):
        village.share(name, ids[login], role)
    for path, sha1 in _KEPT.get(number, {}).items():
        village.keep(path, sha1)
    return village


def _taking_back(plan: Plan, number: int, shared: Shared) -> Plan:
    """The plan with what an undo of an earlier run adds to it, as long as that is to be done."""
    if number not in _SHARED:
        return plan
    row = plan.table[plan.table["login"] == _LEAVES].iloc[0]
    gone = [
        Change(
            kind=Kind.COLLABORATION_REMOVE,
            user_kind=UserKind.MANAGED,
            line=int(row["line"]),
            box_id=who.box_id,
            external_id="",
            login=_LEAVES,
            name=row["name"],
            fields=(FieldChange(COLLABORATIONS, written_access("/Left", role), ""),),
            because=Because.UNDO_COLLABORATION.value,
            object="/Left",
            folder=folder_id,
        )
        for folder_id, who, role in shared
        if who.box_id == row["box_id"]
    ]
    return replace(plan, changes=tuple(sorted((*plan.changes, *gone), key=in_order)))


def shared_in(village: Village) -> Shared:
    """Who works with which folder."""
    return tuple(village.working.values())


def groups_in(village: Village) -> Grouped:
    """All groups of an enterprise, and who is in them."""
    members = tuple((name, one.group_id, one.box_id, one.role) for name, one in village.members.items())
    return tuple(village.all_groups.values()), members


def _groups_read(grouped: Grouped, job: Job) -> GroupsRead | None:
    if job.groups is None:
        return None
    listed, members = grouped
    frame = pd.DataFrame(list(members), columns=list(MEMBER_COLUMNS), dtype="str")
    return GroupsRead(listed, frame, frozenset(one.group_id for one in listed))


def _remembered(users: Iterable[Mapping[str, str]]) -> Memory:
    """What earlier runs know of the leavers."""
    progress_by_id = {user["box_id"]: _BEHIND[user["login"]] for user in users if user["login"] in _BEHIND}
    rows = [
        (
            user["box_id"],
            user["kind"],
            user["external_id"],
            user["login"],
            progress_by_id[user["box_id"]].left_at,
            "2025-01-01T00:00:00+00:00",
        )
        for user in users
        if user["box_id"] in progress_by_id
    ]
    rows += [
        (
            user["box_id"],
            user["kind"],
            _NUMBERS[user["login"]],
            user["login"],
            "",
            "2025-01-01T00:00:00+00:00",
        )
        for user in users
        if user["login"] in _NUMBERS
    ]
    accounts = pd.DataFrame(rows, columns=list(KNOWN_COLUMNS), dtype="str")
    taken = [
        (_OUTSIDE[0].key, "taken", "", _BEFORE, _BEFORE),
        (_OUTSIDE[1].key, "invited", _ASKED, _BEFORE, _BEFORE),
    ]
    invites = pd.DataFrame(taken, columns=list(INVITE_COLUMNS), dtype="str")
    return replace(blank(), accounts=accounts, stages=rows_of(progress_by_id), invites=invites)


@lru_cache(maxsize=4096)
def directory(listed: Listed) -> Directory:
    """The enterprise as a listing shows it."""
    frame = pd.DataFrame(list(listed), columns=list(COLUMNS), dtype="str")
    return survey(Held(frame), JOB.scope, JOB.roster.kinds, ME)


@lru_cache(maxsize=4096)
def moved(
    changes: tuple[Change, ...], listed: Listed, whole: tuple[Change, ...]
) -> Mapping[str, tuple[Note, ...]]:
    """Operations whose target is no longer what the plan saw, of ``whole`` a plan."""
    return moved_targets(changes, directory(listed), whole)


def planned(
    number: int, there: tuple[Listed, Grouped, Shared], memory: Memory, looks: tuple[Look, ...], day: int
) -> Plan:
    """A later plan of the job for the roster of a world, so many days after the first one.

    ``there``: who is listed, the groups, and who works with folders; ``looks`` are what leavers own whose content is on its way.
    """
    frames = (
        memory.accounts,
        memory.stages,
        memory.groups,
        memory.aliases,
        memory.invites,
        memory.onboarding,
    )
    known = tuple(tuple(frame.itertuples(index=False, name=None)) for frame in frames)
    return _planned_once(number, there, known, looks, day)


@lru_cache(maxsize=4096)
def _planned_once(
    number: int,
    there: tuple[Listed, Grouped, Shared],
    known: tuple[Listed, ...],
    looks: tuple[Look, ...],
    day: int,
) -> Plan:
    owned, stages, groups, aliases, invites, onboarding = (
        pd.DataFrame(list(rows), columns=list(columns), dtype="str")
        for rows, columns in zip(known, _KNOWN, strict=True)
    )
    told = {"aliases": aliases, "invites": invites, "onboarding": onboarding}
    memory, lived = (
        replace(blank(), accounts=owned, stages=stages, groups=groups, **told),
        world(number),
    )
    listed, read = there[0], _groups_read(there[1], lived.job)
    occasion = Occasion(
        START + timedelta(days=day), ENTERPRISE, seen=LeaverLooks(looks), groups=read, trees=TREES
    )
    plan = make_plan(lived.roster, directory(listed), memory, lived.job, occasion)
    return _taking_back(plan, number, there[2])
