"""The plan as a value: every change with its reason, every guard's verdict, and one table row for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

from provision.batches import Batches
from provision.because import Because, joined, leading, reason
from provision.directory.groups import NamedGroup
from provision.findings import Code, Finding
from provision.job.settings import Authority
from provision.ledger.progress import Look
from provision.model import Kind, PersonKey, UserKind
from provision.operations.value import Change
from provision.plan.seats import Seats
from provision.roster.profile.profile import Profile
from provision.roster.reading import Reading, SourceReading

#: columns of the verdict table: one row for every roster row and one for every existing user in scope, matched pairs once
TABLE_COLUMNS: tuple[str, ...] = (
    "line", "external_id", "login", "name", "kind", "box_id", "verdict", "because", "changes", "owned",
    "manager", "transfer_to", "segment", "named_by", "starts_on", "ends_on", "groups", "aliases",
)  # fmt: skip

#: version of plan.json
PLAN_VERSION = 5
#: reasons why Box or the person has to act first: no word of anybody else releases it
WAITS_FOR_BOX = (
    Because.ALIAS_UNCONFIRMED, Because.LOGIN_REFUSED, Because.ARCHIVE_BLOCKED, Because.INVITE_PENDING, Because.INVITE_DENIED,
    Because.LOGIN_OUTSIDE, Because.LOGIN_ELSEWHERE, Because.LOGIN_NOBODYS,
    Because.COLLABORATION_PENDING, Because.MAIL_UNCONFIRMED, Because.SIGN_IN_UNSET, Because.TERMS_NOT_ACCEPTED,
)  # fmt: skip


class Ruling(StrEnum):
    """What a guard says of a number, as plans and summaries keep it."""

    OK = "ok"
    #: over the limit, but ``--allow`` named this number or more
    ALLOWED = "allowed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """What one guard said. ``limit`` and ``actual`` are counts of operations (rows for ``shrink``).

    ``kinds`` are the kinds of operation that wait for a person then, none if the whole plan is refused; of these only the
    operations that change ``field``, those on people of ``segment``, and those that wait for ``source``, if these are not "";
    and those on rows from ``from_line`` on, and on users of ``user_kind``, if any.
    """

    name: str
    limit: int
    actual: int
    verdict: Ruling
    sentence: str
    population: int = 0
    kinds: tuple[Kind, ...] = ()
    field: str = ""
    segment: str = ""
    source: str = ""
    from_line: int = 0
    user_kind: UserKind | None = None

    @property
    def numbers(self) -> dict[str, str | int]:
        """What a reason tells of it: the counts, and the field or the part of the people it is about, if any."""
        field = {"field": self.field} if self.field else {}
        return {"limit": self.limit, "actual": self.actual, "population": self.population, **field}

    def covers(self, change: Change) -> bool:
        """Whether this guard stops an operation when it refuses; one that a person has approved goes on, as does a look at an invitation."""
        if change.approved or change.completes or change.invite or change.kind not in self.kinds:
            return False
        if self.segment and change.segment != self.segment:
            return False
        if self.source and self.source not in change.missing:
            return False
        if change.line < self.from_line or self.user_kind not in (None, change.user_kind):
            return False
        return not self.field or any(each.field == self.field for each in change.fields)


class Opinion(StrEnum):
    """What one check says of a roster: nothing to say, somebody should look, or it is refused."""

    OK = "ok"
    LOOK = "look"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One check of the roster against the last accepted ones, in a sentence for the people who make rosters.

    ``name`` is that of the guard where the check is one.
    """

    name: str
    verdict: Opinion
    sentence: str


#: what stands in the place of a roster's authority: nobody is absent from an undo, and no roster is accepted by it
UNDO = "undo"


@dataclass(frozen=True, slots=True)
class RosterFacts:
    """What the plan remembers of the roster it was made from, and how its file was understood.

    ``undoes`` is the run that is undone in the place of one, or "". ``people`` are those whom alone the plan is about, as
    they were named, and ``lines`` how many rows they have; none: it is about everybody. ``sources`` as in
    :class:`provision.roster.value.Roster`.
    """

    path: str
    sha256: str
    rows: int
    valid: int
    rejected: int
    authority: str
    notes: tuple[str, ...] = ()
    undoes: str = ""
    reading: Reading | None = None
    excluded: int = 0
    people: tuple[str, ...] = ()
    lines: int = 0
    sources: tuple[SourceReading, ...] = ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the sources that say nothing this time."""
        return tuple(each.name for each in self.sources if each.trouble)

    @property
    def complete(self) -> bool:
        """Whether who is not in the plan is absent: not from an undo, nor from a plan of a few people."""
        return self.authority == Authority.FULL and not self.people

    @property
    def counts(self) -> bool:
        """Whether it is a roster that counts as accepted, once the plan is carried out."""
        return bool(self.sha256) and not self.people

    @property
    def planned(self) -> int:
        """How many of its rows the plan is about."""
        return self.lines if self.people else self.rows


@dataclass(frozen=True, slots=True)
class DirectoryFacts:
    """What the plan remembers of the enterprise it was compared with. ``fingerprint`` is over all users read.

    ``read``: whether everybody was listed (``listing``), or only some people looked up (``lookup``), who are counted then. ``groups``: how many groups there are, None where they are not read.
    """

    users: int
    managed: int
    app: int
    fingerprint: str
    read: str = "listing"
    groups: int | None = None


@dataclass(frozen=True, slots=True)
class LeaverLooks:
    """What was read beside the listing for the ways of leavers: ``looks``, and ``service_account``: its Box id, or ""."""

    looks: tuple[Look, ...] = ()
    service_account: str = ""


@dataclass(frozen=True, slots=True)
class LateDouble:
    """A second account that a run made: for which external id, the account that stays (``kept``), and which run it was."""

    external_id: str
    kept: str
    run_id: str


@dataclass(frozen=True, slots=True)
class Forecast:
    """What it takes to carry a plan out, if nothing has to be repeated. Seats and mails are those of what goes on: nothing comes of what is held.

    ``calls``: requests for all operations and one listing afterwards, 0 if there is no operation; ``per_minute``: so
    many of them may leave in a minute. ``reading``: requests before the first operation, to sign in and to list the
    enterprise. ``used``: what earlier runs of the job made in the calendar month (UTC) of the plan; ``monthly``: what
    the job allows in one, None for no limit. ``mails``: people whom Box will send its welcome mail,
    ``invites``: those whom it will send an invitation, ``addresses``: addresses that it may ask to be confirmed.
    ``read``: how the enterprise is read; where people are looked up, seats are those of them only.
    """

    calls: int
    per_minute: float
    reading: int
    used: int
    monthly: int | None
    seats: Seats
    mails: int
    read: str = "listing"
    invites: int = 0
    addresses: int = 0

    @property
    def month(self) -> int:
        """Calls of the month once the plan is carried out."""
        return self.used + self.reading + self.calls


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt that a person settles by answering that a row and an account are one person, or a fact that somebody has to know.

    ``key``: how people name whom it is about, as :attr:`Change.key`. ``external_id`` is the row's, ``box_id`` the
    account's, ``login`` that of both. ``because`` is the doubt.
    """

    key: str
    line: int
    external_id: str
    login: str
    box_id: str
    because: str

    @property
    def person(self) -> PersonKey:
        """Whom it is about; of what kind, the question does not say."""
        return PersonKey("", self.external_id, self.login, self.box_id, self.line)

    @property
    def to_be_known(self) -> bool:
        """Whether nothing is asked: somebody has to say that it is known."""
        return leading(self.because) is Because.PROTECTED_LEAVES


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes, sealed. Same roster, directory, ledger, job and date give the same bytes.

    ``people`` has one row for everybody (TABLE_COLUMNS; ``line`` int64 with 0 for none, ``owned`` bool, others text);
    ``verdicts`` counts it. ``as_of`` is an ISO time stamp with offset. ``job_fingerprint`` is of the job
    that wanted it. ``forecast`` is what carrying it out takes. ``drift`` are reasons that tell what was
    changed in Box and not in the roster. ``said`` is what the roster says as fingerprints (see
    :func:`provision.plan.roster_memory.recorded`), None for a plan that carries no roster out, ``said_key`` the name of the key they
    were made with, "" for plain ones of an earlier release. ``health`` is what the roster looks like beside the last accepted ones, ``profile`` describes it for the
    next one. ``looks`` are at leavers whose
    content is on its way. ``questions`` are the doubts that an answer settles. ``findings`` are what was
    noticed of the roster and on the way to the plan. ``groups``: those that are named and exist. ``digest`` is set when the plan is written or read.
    """

    job: str
    enterprise_id: str
    as_of: str
    roster: RosterFacts
    directory: DirectoryFacts
    changes: tuple[Change, ...]
    guards: tuple[GuardVerdict, ...]
    verdicts: dict[str, int]
    people: Batches = field(repr=False, compare=False)
    job_fingerprint: str = ""
    health: tuple[HealthLine, ...] = ()
    profile: Profile | None = None
    forecast: Forecast | None = None
    drift: tuple[str, ...] = ()
    said: Batches | None = field(default=None, repr=False, compare=False)
    said_key: str = ""
    questions: tuple[Question, ...] = ()
    looks: tuple[Look, ...] = ()
    findings: tuple[Finding, ...] = ()
    groups: tuple[NamedGroup, ...] = ()
    digest: str = ""

    @property
    def supposed(self) -> bool:
        """Whether it tells what would be done on another day than that on which it was made, so that it cannot be applied."""
        return any(found.code is Code.SUPPOSED_DAY for found in self.findings)

    @property
    def goes_on(self) -> bool:
        """Whether something of it can be carried out as it is."""
        return not (self.refused or self.supposed) and len(self.holds) < len(self.changes)

    @property
    def table(self) -> pd.DataFrame:
        """The verdict on everybody, in memory."""
        return self.people.whole()

    @property
    def refused(self) -> tuple[GuardVerdict, ...]:
        """The guards that say no to all of it."""
        return tuple(guard for guard in self.guards if guard.verdict is Ruling.REFUSED and not guard.kinds)

    @property
    def stopped(self) -> tuple[GuardVerdict, ...]:
        """The guards that say no to some operations; the others go on, and so does what people have approved by name."""
        said = (guard for guard in self.guards if guard.verdict is Ruling.REFUSED and guard.kinds)
        return tuple(guard for guard in said if any(map(guard.covers, self.changes)))

    @property
    def holds(self) -> dict[str, str]:
        """The operations that wait for a person, by id, and why, as reasons."""
        guards = self.stopped
        held = {}
        for change in self.changes:
            why = [change.hold] if change.hold and not change.approved else []
            why += [
                reason(Because.GUARD, name=guard.name, **guard.numbers)
                for guard in guards
                if guard.covers(change)
            ]
            if why:
                held[change.id] = joined(*why, change.heard)
        return held | _not_begun(self.changes, held) if held else held

    @property
    def counts(self) -> dict[str, int]:
        """Planned operations by kind, kinds without any left out."""
        kinds = [change.kind for change in self.changes]
        return {kind.value: kinds.count(kind) for kind in Kind if kind in kinds}


def _not_begun(changes: tuple[Change, ...], held: Mapping[str, str]) -> dict[str, str]:
    """The first steps towards what cannot be brought to its end, since it, or what it needs, waits for a person: why it waits."""
    by_id = {change.id: change for change in changes}
    first = [each for each in changes if each.completes and each.completes not in each.needs]
    found = {}
    for step in first:
        left, passed = [step.completes], set()
        while left and step.id not in found:
            name = left.pop()
            if name in held:
                found[step.id] = held[name]
            if name in by_id and name not in passed:
                passed.add(name)
                left += by_id[name].needs
    return found


def verdict_counts(table: pd.DataFrame) -> dict[str, int]:
    """How many lines of a verdict table have each verdict."""
    counts = table["verdict"].value_counts().sort_index()
    return {str(name): int(count) for name, count in counts.items()}
