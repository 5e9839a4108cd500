"""The plan as a value: every change with its reason, every guard's verdict, and one table row for everybody."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

import pandas as pd

from provision.batches import Batches
from provision.because import Because, joined, reason
from provision.model import Kind, UserKind
from provision.roster.profile.profile import Profile

#: columns of the verdict table: one row for every roster row and one for every existing user in scope, matched pairs once
TABLE_COLUMNS = (
    "line", "external_id", "login", "name", "kind", "box_id", "verdict", "because", "changes", "owned",
    "manager", "transfer_to", "segment",
)  # fmt: skip

#: version of plan.json; another version is refused by name
PLAN_VERSION = 4


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one account: canonical text before and after; "" is empty."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One planned operation on one account.

    ``line`` is the roster row, 0 without one. ``box_id`` is "" for a create. ``status`` is that of the account as the plan
    saw it. ``because`` says why, ``evidence`` what proves a leaver, "" otherwise; ``hold`` why a person has to
    look at this operation before it is carried out, "" if nobody has to: reasons as text, see :mod:`provision.because`. ``approved`` says who has looked, and until when that
    counts. ``segment`` is the part of the people it falls into (``guards.by``).
    ``to`` and ``to_key`` are the Box id of who gets the content of a transfer, and how people name that account;
    ``archive`` names the folders, with a slash between, in whose last one it is to lie, "" for the receiver's root.
    ``ends_sessions``: a deactivation is followed by signing the account out everywhere. ``destroys``: a deletion takes
    what the account still owns with it. ``coadmin``: the account is one whom the job lists (``scope.coadmins``). ``asks``
    names the kind of ``hold`` and whom it is about, the same every night: an approval is for what was asked.
    """

    kind: Kind
    user_kind: UserKind
    line: int
    box_id: str
    external_id: str
    login: str
    name: str
    fields: tuple[FieldChange, ...]
    because: str
    evidence: str = ""
    status: str = ""
    hold: str = ""
    approved: str = ""
    segment: str = ""
    to: str = ""
    to_key: str = ""
    ends_sessions: bool = False
    destroys: bool = False
    archive: str = ""
    coadmin: bool = False
    asks: str = ""

    @property
    def id(self) -> str:
        """What names this operation in the journal: its kind and the account or key it is about."""
        return f"{self.kind}:{self.box_id or self.external_id or self.login}"

    @property
    def key(self) -> str:
        """How a person would name whom this is about."""
        return self.external_id if self.user_kind is UserKind.APP and self.external_id else self.login

    @property
    def aim(self) -> str:
        """A fingerprint of what the account is to be like: an approval counts for this and for nothing else."""
        told = "\0".join(
            f"{each.field}={each.after}" for each in sorted(self.fields, key=lambda each: each.field)
        )
        return hashlib.sha256(
            f"{self.id}\0{told}\0{self.to}\0{self.destroys}\0{self.asks}".encode()
        ).hexdigest()


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """What one guard said. ``limit`` and ``actual`` are counts of operations (rows for ``shrink``).

    ``verdict`` is ``ok``, ``allowed`` (over the limit, but ``--allow`` named this number or more) or ``refused``.
    ``kinds`` are the kinds of operation that wait for a person then, none if the whole plan is refused; of these only the
    operations that change ``field``, and those on people of ``segment``, if these are not "".
    """

    name: str
    limit: int
    actual: int
    verdict: str
    sentence: str
    population: int = 0
    kinds: tuple[Kind, ...] = ()
    field: str = ""
    segment: str = ""

    def covers(self, change: Change) -> bool:
        """Whether this guard stops an operation when it refuses; one that a person has approved goes on."""
        if change.approved or change.kind not in self.kinds:
            return False
        if self.segment and change.segment != self.segment:
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


@dataclass(frozen=True, slots=True)
class RosterFacts:
    """What the plan remembers of the roster it was made from."""

    path: str
    sha256: str
    rows: int
    valid: int
    rejected: int
    authority: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectoryFacts:
    """What the plan remembers of the enterprise it was compared with. ``fingerprint`` is over all users listed."""

    users: int
    managed: int
    app: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Seats:
    """Managed users of the whole enterprise as listed, and how many of them are inactive; then the same after the plan.

    Every managed user holds a seat, an inactive one as well (Box community, thread "inactive users" 33354;
    github.com/box/box-java-sdk, issue 483). Accounts elsewhere that collaborate are not listed and not counted.
    ``since`` is when the one of those inactive before was deactivated that this job deactivated first, ISO, "" if none.
    """

    managed: int
    inactive: int
    managed_after: int
    inactive_after: int
    since: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What an account whose content was sent to another one was seen to own just before the plan was made.

    ``owns`` is in bytes, None if that could not be read. ``landing``: whether the folder that a transfer makes is in the
    root of the other account, None if nobody looked there or Box did not let us.
    """

    box_id: str
    owns: int | None
    landing: bool | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read beside the listing for the ways of leavers: ``looks``, and ``service_account``: its Box id, or ""."""

    looks: tuple[Look, ...] = ()
    service_account: str = ""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What it takes to carry a plan out, if nothing has to be repeated.

    ``calls``: requests for all operations and one listing afterwards, 0 if there is no operation; ``per_minute``: so
    many of them may leave in a minute. ``reading``: requests before the first operation, to sign in and to list the
    enterprise. ``used``: what earlier runs of the job made in the calendar month (UTC) of the plan; ``monthly``: what
    the job allows in one, None for no limit. ``mails``: people whom Box will send its welcome mail.
    """

    calls: int
    per_minute: float
    reading: int
    used: int
    monthly: int | None
    seats: Seats
    mails: int

    @property
    def month(self) -> int:
        """Calls of the month once the plan is carried out."""
        return self.used + self.reading + self.calls


@dataclass(frozen=True, slots=True)
class Question:
    """A doubt that a person settles by answering that a row and an account are one person.

    ``key``: how a person would name whom it is about, as :attr:`Change.key`. ``external_id`` is the row's, ``box_id`` the
    account's, ``login`` that of both. ``because`` is the doubt.
    """

    key: str
    line: int
    external_id: str
    login: str
    box_id: str
    because: str


@dataclass(frozen=True, slots=True)
class Plan:
    """All changes, sealed. Same roster, directory, ledger, job and date give the same bytes.

    ``people`` has one row for everybody (TABLE_COLUMNS; ``line`` int64 with 0 for none, ``owned`` bool, others text);
    ``verdicts`` counts it. ``as_of`` is an ISO time stamp with offset. ``job_fingerprint`` is of the job
    that wanted it. ``forecast`` is what carrying it out takes. ``drift`` are reasons that tell what was
    changed in Box and not in the roster. ``said`` is what the roster says as fingerprints (see
    :func:`provision.plan.roster_memory.recorded`), None for a plan that carries no roster out. ``health`` is what the roster looks like beside the last accepted ones, ``profile`` describes it for the
    next one. ``looks`` are at leavers whose
    content is on its way. ``questions`` are the doubts that an answer settles. ``digest`` is set when the plan is written or read.
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
    questions: tuple[Question, ...] = ()
    looks: tuple[Look, ...] = ()
    digest: str = ""

    @property
    def table(self) -> pd.DataFrame:
        """The verdict on everybody, in memory."""
        return self.people.whole()

    @property
    def refused(self) -> tuple[GuardVerdict, ...]:
        """The guards that say no to all of it."""
        return tuple(guard for guard in self.guards if guard.verdict == "refused" and not guard.kinds)

    @property
    def stopped(self) -> tuple[GuardVerdict, ...]:
        """The guards that say no to some operations; the others go on, and so does what people have approved by name."""
        said = (guard for guard in self.guards if guard.verdict == "refused" and guard.kinds)
        return tuple(guard for guard in said if any(map(guard.covers, self.changes)))

    @property
    def holds(self) -> dict[str, str]:
        """The operations that wait for a person, by id, and why, as reasons."""
        guards = self.stopped
        held = {}
        for change in self.changes:
            why = [change.hold] if change.hold and not change.approved else []
            why += [
                reason(Because.GUARD, name=guard.name, sentence=guard.sentence)
                for guard in guards
                if guard.covers(change)
            ]
            if why:
                held[change.id] = joined(*why)
        return held

    @property
    def counts(self) -> dict[str, int]:
        """Planned operations by kind, kinds without any left out."""
        kinds = [change.kind for change in self.changes]
        return {kind.value: kinds.count(kind) for kind in Kind if kind in kinds}
