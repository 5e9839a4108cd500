"""Two rosters night after night, and what happens to their files and in Box meanwhile: one seed, one story.

What a file says is known without reading it: it is built row by row, damaged on purpose, and keeps whose row is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from tests.cli.rosters import DAMAGES, LIKELY, Row, Sheet, written

from .worlds import START

#: the jobs that share the enterprise and the ledger
JOBS = ("sales", "labs")
#: how many people there are, with those who are hired later
_PEOPLE = range(1, 10)
_HEADERS = {
    "managed": ("external_id", "login", "name", "phone", "status", "end_date"),
    "app": ("external_id", "name", "phone", "status", "end_date"),
}
#: accounts that no job may ever write to, by how they are named; "boss" is protected by the job, "far" out of its scope
UNTOUCHED = ("admin", "helper", "boss", "far", "stranger")
#: how often a night brings somebody a new login
_RARE = 0.2
#: hours between two nights
_GAPS = (24, 24, 24, 24, 48, 12.5, 1, 400)
#: the column that says whose rows count, and what stands in it
_TEAM, _STAFF, _GUEST = "Team", "staff", "guest"
#: words by which a row says that somebody has left
_GONE = ("inactive", "terminated")
#: how long after the deactivation somebody is deleted, in hours
DELETED_AFTER = 240
_STAGES: Mapping[str, list[dict[str, str]]] = {
    "deactivate": [{"after": "0d", "do": "deactivate"}],
    "deactivate, then delete": [{"after": "0d", "do": "deactivate"}, {"after": "10d", "do": "delete"}],
    "delete at once": [{"after": "0d", "do": "delete"}],
}


def login(who: int, names: int = 0) -> str:
    """The login of a person, after so many changes of the name in it."""
    return f"p{who:03d}.n{names}@acme.example" if names else f"p{who:03d}@acme.example"


def name_of(who: int) -> str:
    """A name that shares no word with another one."""
    return f"Given{who:03d} Family{who:03d}"


@dataclass(frozen=True, slots=True)
class Rules:
    """What both jobs say. ``loose``: guards let everything pass but damaged files; ``stamped``: no two exports have the same bytes.

    ``partial``: whose roster names only some people. ``chosen``: rows of guests do not count (``roster.where``).
    """

    kind: str
    absent_runs: int
    absent_hours: int
    stages: str
    loose: bool
    stamped: bool
    partial: tuple[str, ...] = ()
    chosen: bool = False

    def roster(self, job: str) -> dict[str, Any]:
        """What the roster section of a job says beside its path."""
        authority = "partial" if job in self.partial else "full"
        where = {"where": {_TEAM: [_STAFF]}} if self.chosen else {}
        return {"kind": self.kind, "authority": authority, **where}

    def sections(self) -> dict[str, Any]:
        """The sections of a job file that say so."""
        resent = "ignore" if self.stamped else "count"
        evidence = {
            "absent_runs": self.absent_runs,
            "absent_hours": self.absent_hours,
            "resent_files": resent,
        }
        off = dict.fromkeys(("creates", "updates", "mass_change"), "off")
        guards = {**off, "removals": {"count": 100}, "shrink": {"percent": 100}, "stale": "off"}
        return {
            "lifecycle": {"evidence": evidence, "leavers": _STAGES[self.stages]},
            "guards": guards if self.loose else {"stale": "off"},
            "scope": {"domains": ["acme.example"], "protect": ["boss@acme.example"]},
        }

    @property
    def deletes_at_once(self) -> bool:
        """Whether nobody is deactivated before."""
        return self.stages == "delete at once"


@dataclass(slots=True)
class Life:
    """One person, and what each job's roster says: ``rows`` by job, the status and the last day."""

    who: int
    phone: int = 0
    names: int = 0
    guest: bool = False
    rows: dict[str, tuple[str, str]] = field(default_factory=dict)

    def cells(self, job: str, kind: str) -> Row:
        """The row in the roster of a job."""
        status, end_date = self.rows[job]
        mail = (login(self.who, self.names),) if kind == "managed" else ()
        return (f"{self.who:08d}", *mail, name_of(self.who), phone(self.who, self.phone), status, end_date)


def phone(who: int, version: int) -> str:
    """A phone number that is nobody's key."""
    return f"+49 {who:03d} {version:03d}"


@dataclass(frozen=True)
class Feed:
    """A file as it was fed, written at an ``hour``.

    ``people``: who has the beginning of a row in it, or is named in one; ``sound``: the cells of the rows that are as they
    should be; ``gone``: of whom a row may say that they left, by a word ("") or by these last days; ``left_out``: who is in rows
    that do not count, and in no other one.
    """

    content: bytes
    people: frozenset[int]
    sound: Mapping[int, Row]
    gone: Mapping[int, frozenset[str]]
    hour: float
    left_out: frozenset[int] = frozenset()

    def says_gone(self, who: int, today: date) -> bool:
        """Whether a row says that this person has left by this day."""
        return any(not last or last < today.isoformat() for last in self.gone.get(who, ()))

    def says_here(self, who: int, today: date) -> bool:
        """Whether the one row of this person is sound and says active, today and for now."""
        row = self.sound.get(who)
        return row is not None and row[-2] == "active" and (not row[-1] or row[-1] >= today.isoformat())


@dataclass(frozen=True)
class Edit:
    """What an admin does in Box between two nights: ``rename``, ``lock``, ``delete``, ``phone`` or ``make``."""

    what: str
    who: int


@dataclass(frozen=True)
class Night:
    """One job's night: so many hours after the first one, with this file. ``old``: it was not written since it was fed before."""

    number: int
    job: str
    hour: float
    feed: Feed
    old: bool = False
    edits: tuple[Edit, ...] = ()
    calm: bool = False

    @property
    def at(self) -> datetime:
        """The time of the night, UTC."""
        return _at(self.hour)

    @property
    def written(self) -> int:
        """The time of the last change of its file, in nanoseconds since 1970."""
        return int(_at(self.feed.hour).timestamp()) * 10**9


def _at(hour: float) -> datetime:
    return START + timedelta(hours=1 + hour)


class Story:
    """What one seed says of people and files. ``here``: who has an account at the beginning."""

    def __init__(self, seed: int) -> None:
        self._random = random = Random(f"nights {seed}")  # noqa: S311 - chance is the point
        self._more = Random(f"more {seed}")  # noqa: S311 - likewise
        self.rules = Rules(
            kind=random.choice(("managed", "managed", "app")),
            absent_runs=random.choice((1, 2, 2, 3)),
            absent_hours=random.choice((0, 12, 12, 20)),
            stages=random.choice(tuple(_STAGES)),
            loose=random.random() < 0.7,
            stamped=random.random() < 0.7,
            partial=self._more.choice(((), (), (), ("labs",), ("sales",))),
            chosen=self._more.random() < 0.3,
        )
        self.lives = {who: Life(who) for who in _PEOPLE}
        self.here = frozenset(who for who in _PEOPLE if random.random() < 0.8)
        for life in self.lives.values():
            for job in random.choice((("sales",), ("sales",), ("labs",), ("labs",), JOBS, ())):
                life.rows[job] = ("active", "")
        self._fed: dict[str, list[Feed]] = {job: [] for job in JOBS}
        self._number, self._hour = 0, 0.0

    def nights(self) -> Iterator[Night]:
        """Both jobs begin with a whole roster; then whatever comes."""
        for job in JOBS:
            yield self._night(job, damaged=False, calm=True)
        for _ in range(self._random.randint(1, 5)):
            self._live_on()
            yield self._night(self._random.choice(JOBS), damaged=True, calm=False)

    def calm_nights(self, rounds: int) -> Iterator[Night]:
        """Whole rosters of the people as they are now, and nothing goes wrong any more."""
        for _ in range(rounds):
            self._hour += 36
            for job in JOBS:
                yield self._night(job, damaged=False, calm=True, gap=0.5)

    def _night(self, job: str, *, damaged: bool, calm: bool, gap: float | None = None) -> Night:
        random = self._random
        self._hour += random.choice(_GAPS) if gap is None else gap
        feed, old = self._feed(job), False
        if damaged and random.random() < 0.3:
            feed = self._damaged(job)
        elif damaged and self._fed[job] and random.random() < 0.1:
            feed, old = random.choice(self._fed[job]), True
        if not old:
            self._fed[job].append(feed)
        edits = () if calm or random.random() < 0.7 else (self._edit(),)
        self._number += 1
        return Night(self._number, job, self._hour, feed, old, edits, calm)

    # --- what happens to people

    def _live_on(self) -> None:
        for _ in range(self._random.choice((0, 1, 1, 2, 3))):
            self._happens(self._random.choice(list(self.lives.values())), self._random.choice(JOBS))
        if (
            self._more.random() < _RARE and not self.rules.partial
        ):  # which makes strangers, and tells of the name
            self._more.choice(list(self.lives.values())).names += 1
        if self.rules.chosen and self._more.random() < 2 * _RARE:
            life = self._more.choice(list(self.lives.values()))
            life.guest = not life.guest

    def _happens(self, life: Life, job: str) -> None:
        random, other = self._random, JOBS[1 - JOBS.index(job)]
        what = random.choice(("leaves", "leaves", "told", "ends", "moves", "phone", "comes", "everywhere"))
        if what == "comes":
            life.rows[job] = ("active", "")
        elif what == "everywhere":  # gone for good
            life.rows.clear()
        elif job not in life.rows:
            return
        elif what == "leaves":
            del life.rows[job]
        elif what == "told":
            life.rows[job] = (random.choice(_GONE), random.choice(("", self._day(-2))))
        elif what == "ends":
            life.rows[job] = ("active", self._day(random.choice((-20, -1, 0, 1, 3, 40))))
        elif what == "moves":
            life.rows[other] = life.rows.pop(job)
        elif what == "phone":
            life.phone += 1

    def _edit(self) -> Edit:
        what = self._random.choice(("lock", "delete", "phone", "phone", "make"))
        return Edit(what, self._random.choice(tuple(_PEOPLE)))

    def _day(self, days: int) -> str:
        return (START + timedelta(hours=self._hour, days=days)).date().isoformat()

    # --- what happens to files

    def _sheet(self, job: str) -> Sheet:
        kind = self.rules.kind
        rows = tuple((life.who, life.cells(job, kind)) for life in self.lives.values() if job in life.rows)
        return Sheet(_HEADERS[kind], rows)

    def _feed(self, job: str) -> Feed:
        return self._written(self._sheet(job), job)

    def _damaged(self, job: str) -> Feed:
        random, whole = self._random, self._sheet(job)
        for damage in random.choices(LIKELY + DAMAGES, k=random.choice((0, 1, 1, 1, 2))):
            if len(whole.rows) > 1:
                whole = damage(whole, random)
        encoding = random.choice(("utf-8",) * 8 + ("utf-8-sig", "utf-16", "cp1252"))
        cut = random.choice((None,) * 8 + (0.9, 0.5))
        return self._written(whole, job, encoding, cut)

    def _written(self, sheet: Sheet, job: str, encoding: str = "utf-8", cut: float | None = None) -> Feed:
        """The file of a sheet; whose rows are sound is told by comparing it with what it should be."""
        fed = written(self._stamped(sheet), encoding, cut)
        named = _named(sheet.rows)
        sound: dict[int, Row] = {}
        if cut is None and sheet.headers == _HEADERS[self.rules.kind]:
            true = {
                life.who: life.cells(job, self.rules.kind) for life in self.lives.values() if job in life.rows
            }
            sound = {who: row for who, row in sheet.rows if true.get(who) == row and named[who] == 1}
        guests = self._guests()
        out = frozenset(named.keys() - _named(each for each in sheet.rows if each[0] not in guests).keys())
        sound = {who: row for who, row in sound.items() if who not in guests}
        return Feed(fed.content, fed.people | named.keys(), sound, _gone(sheet.rows), self._hour, out)

    def _guests(self) -> frozenset[int]:
        """Whose rows do not count."""
        return frozenset(life.who for life in self.lives.values() if self.rules.chosen and life.guest)

    def _stamped(self, sheet: Sheet) -> Sheet:
        """With a column that nobody reads, where each export says when it was made, and one that says whose rows count."""
        if self.rules.chosen:
            guests = self._guests()
            rows = tuple((who, (*row, _GUEST if who in guests else _STAFF)) for who, row in sheet.rows)
            sheet = Sheet((*sheet.headers, _TEAM), rows)
        if self.rules.stamped:
            rows = tuple((who, (*row, f"export {self._number}")) for who, row in sheet.rows)
            sheet = Sheet((*sheet.headers, "Exported"), rows)
        return sheet


def mentioned(row: Iterable[str]) -> set[int]:
    """Whose keys stand in a row, in whatever column."""
    found = set()
    for cell in row:
        if match := re.fullmatch(r"0*(\d{1,3})|p(\d+)(?:\.n\d+)?@acme\.example|Given(\d+) Family\d+", cell):
            found.add(int(next(filter(None, match.groups()))))
    return found


def _named(rows: Iterable[tuple[int, Row]]) -> dict[int, int]:
    """In how many rows each person is: as their own, or by a key or a name."""
    named: dict[int, int] = {}
    for who, row in rows:
        for each in {who} | mentioned(row):
            named[each] = named.get(each, 0) + 1
    return named


def _gone(rows: Iterable[tuple[int, Row]]) -> dict[int, frozenset[str]]:
    """Of whom some row may say that they left: "" for a word, else the last day, in whatever column it stands."""
    gone: dict[int, frozenset[str]] = {}
    for who, row in rows:
        words = {""} & {"" for cell in row if cell.casefold() in _GONE}
        days = {cell for cell in row if re.fullmatch(r"\d{4}-\d\d-\d\d", cell)}
        for each in {who} | mentioned(row):
            gone[each] = gone.get(each, frozenset()) | words | days
    return gone
