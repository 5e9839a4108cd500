"""The reconciliation as a value, and the facts about the run that every form of it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

import pandas as pd

from provision.box.collaborators import Collaborator
from provision.directory.groups import GroupsRead
from provision.findings import NONE_FOUND, Findings
from provision.frames import equals
from provision.journal.value import Outcome
from provision.model import Kind, Status, Verdict
from provision.operations.value import Change
from provision.plan.guards.approvals import settled
from provision.plan.value import DirectoryFacts, Forecast, GuardVerdict, HealthLine, Plan, RosterFacts
from provision.report.chart_facts import NOTHING_TO_CHART, ChartFacts, stages_of
from provision.report.sentences.reasons import words
from provision.roster.profile.profile import Profile

#: columns of the reconciliation, in order; scripts hold on to them
COLUMNS = (
    "line", "external_id", "login", "name", "kind", "box_id", "verdict", "reason", "changes",
    "outcome", "error_code", "http_status", "attempts", "request_id", "at", "source",
)  # fmt: skip

#: columns of the table of operations, in order; scripts hold on to them
OPERATION_COLUMNS = (
    "id", "kind", "subject", "object", "line", "box_id", "because", "outcome", "error_code", "http_status", "attempts",
    "request_id", "at",
)  # fmt: skip

#: columns that hold numbers (int64); 0 in ``line`` and ``http_status`` means *none*
NUMBERS = ("line", "http_status", "attempts")

#: numbers whose 0 is shown as an empty cell
BLANK_IF_ZERO = ("line", "http_status")

#: verdicts that are operations, and those that are none
OPERATION_KINDS = tuple(kind.value for kind in Kind)
OTHERS = tuple(word for word in Verdict if word.value not in OPERATION_KINDS)

#: outcomes, the worst first: of a person's operations the worst one counts
GRAVEST = (
    Status.IN_DOUBT, Status.FAILED, Status.HELD, Status.WAITING, Status.NOT_ATTEMPTED, Status.SKIPPED, Status.DONE,
)  # fmt: skip

#: outcomes that a person has to look at
NEEDS_A_PERSON = (Status.FAILED, Status.IN_DOUBT, Status.HELD, Status.WAITING, Status.SKIPPED)


class Mode(StrEnum):
    """How much a reconciliation knows: the plan; its outcomes as well; a fresh listing of Box as well."""

    PREVIEW = "preview"
    APPLIED = "applied"
    VERIFIED = "verified"


class RunStatus(StrEnum):
    """How a run ended. The values are part of the JSON summary."""

    PLANNED = "planned"
    APPLIED = "applied"
    PARTIAL = "partial"
    HELD = "held"
    REFUSED = "refused"
    INTERRUPTED = "interrupted"
    FAILED = "failed"
    NO_CHANGES = "no_changes"


class ListingFindingCode(StrEnum):
    """What a fresh listing may show that the plan and its outcomes did not."""

    DOUBLE = "double"
    NOT_SEEN = "not_seen"
    OTHERWISE = "otherwise"
    LOCKED = "locked"
    APPEARED = "appeared"
    VANISHED = "vanished"
    CAME_AND_WENT = "came_and_went"
    SINGLY = "singly"


@dataclass(frozen=True, slots=True)
class ListingFinding:
    """One thing the fresh listing showed, in a sentence. ``box_ids`` are the accounts it is about."""

    code: ListingFindingCode
    sentence: str
    box_ids: tuple[str, ...] = ()

    @property
    def serious(self) -> bool:
        """Whether this run has something to do with it, so that it may not count as a success."""
        return self.code in (
            ListingFindingCode.DOUBLE,
            ListingFindingCode.NOT_SEEN,
            ListingFindingCode.OTHERWISE,
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of a fresh reading besides the users: what it showed of others, and whether it was everybody (``whole``).

    ``groups``: those that the run touched, with their members, None for none. ``folders``: who works with those that it touched,
    by folder, None where that was not read.
    """

    findings: tuple[ListingFinding, ...] = ()
    whole: bool = True
    groups: GroupsRead | None = None
    folders: Mapping[str, Sequence[Collaborator]] | None = None


#: of a listing of everybody that showed nothing else
NOTHING_BESIDE = Beside()


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts that balance: ``rows`` lines are ``roster_rows`` plus ``without_row`` accounts that no row names.

    ``appeared`` of those came up while the run was under way. ``verdicts`` counts lines, ``planned`` operations by
    kind, ``outcomes`` operations by outcome, and among those held the ``decisions``: people about whom a person has to
    decide beside operations.
    """

    rows: int
    roster_rows: int
    without_row: int
    appeared: int
    verdicts: Mapping[str, int]
    planned: Mapping[str, int]
    outcomes: Mapping[str, int]
    decisions: int = 0

    @property
    def of_operations(self) -> Mapping[str, int]:
        """The outcomes of operations alone. A copy that an earlier release kept counts no decisions."""
        decided = max(self.decisions, self.verdicts.get(Verdict.HELD, 0))
        held = max(self.outcomes.get(Status.HELD, 0) - decided, 0)
        return {**self.outcomes, Status.HELD.value: held}


def no_operations() -> pd.DataFrame:
    """The table of operations of a run without any: OPERATION_COLUMNS, NUMBERS as int64, others text."""
    return pd.DataFrame(
        {name: pd.Series(dtype="int64" if name in NUMBERS else "str") for name in OPERATION_COLUMNS}
    )


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Planned × happened × now, balanced.

    ``table`` has one row for every roster row and every existing user in scope, none twice: COLUMNS, NUMBERS as int64,
    others text, "" for none. ``attention`` are the rows of it that need a person. ``refused`` are the guards that said
    no, ``findings`` what the fresh listing showed. ``statement`` tells the balance in words. ``changes`` gives what is
    planned at a table position, taken as a whole, ``outcomes`` what became of each operation of the plan, by its id.
    ``operations`` has one row for each of them, in the order of the plan: OPERATION_COLUMNS, NUMBERS as int64, others text;
    ``outcome`` is "" where none is known yet.
    """

    table: pd.DataFrame = field(repr=False, compare=False)
    mode: Mode
    totals: Totals
    attention: pd.DataFrame = field(repr=False, compare=False)
    refused: tuple[GuardVerdict, ...]
    findings: tuple[ListingFinding, ...]
    statement: str
    changes: Mapping[int, Change] = field(repr=False)
    outcomes: Mapping[str, Outcome] = field(default_factory=dict, repr=False, compare=False)
    operations: pd.DataFrame = field(default_factory=no_operations, repr=False, compare=False)

    def with_verdict(self, verdict: Kind | Verdict) -> Iterator[pd.DataFrame]:
        """The lines of one verdict, where there are any; which there are is counted already."""
        if verdict.value in self.totals.verdicts:
            yield self.table[equals(self.table["verdict"], verdict.value)]


@dataclass(frozen=True, slots=True)
class ApiFacts:
    """What the run cost: requests sent, of them repeats, answers 429, and seconds from first to last."""

    requests: int = 0
    retries: int = 0
    rate_limited: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class HoldLine:
    """One thing that waits for a person, as programs get it.

    ``kind`` is that of the operation, "" for a decision about somebody, ``since`` ISO, ``approve`` the command that
    releases it, "" where no word can.
    """

    kind: str
    key: str
    since: str
    reason: str
    owner: str
    approve: str


@dataclass(frozen=True, slots=True)
class Holds:
    """What waits: MOST at most are ``told``, ``total`` counts all."""

    told: tuple[HoldLine, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a report tells about its run apart from the people. Time stamps are ISO text, "" for not yet.

    ``digest`` is the plan's seal. ``ignored`` are roster headers that no field takes, ``later`` mapped fields this
    version does not carry out, ``row_errors`` the sentences about bad rows, ``error`` why the run ended early, ``health``
    what the roster looked like beside earlier ones, ``forecast`` what carrying the plan out was to take. ``oldest`` is since
    when the oldest hold waits, "" if no earlier run held anything of it. ``drift`` are those of the ``notes`` on what was changed in Box.
    ``findings`` are all that was noticed, for programs too, ``holds`` what waits for a person. ``written_at`` is when the
    roster's file was last written, ISO, "" where nobody knows. ``charts`` are counts that name nobody.
    """

    run_id: str
    job: str
    enterprise_id: str
    started_at: str
    as_of: str
    digest: str
    roster: RosterFacts
    directory: DirectoryFacts
    guards: tuple[GuardVerdict, ...]
    finished_at: str = ""
    status: RunStatus = RunStatus.PLANNED
    exit_code: int = 0
    api: ApiFacts = ApiFacts()
    ignored: tuple[str, ...] = ()
    #: of runs of earlier versions, which did not carry out all that they read
    later: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    drift: tuple[str, ...] = ()
    row_errors: tuple[str, ...] = ()
    error: str = ""
    health: tuple[HealthLine, ...] = ()
    forecast: Forecast | None = None
    oldest: str = ""
    findings: Findings = NONE_FOUND
    holds: Holds = Holds()
    written_at: str = ""
    charts: ChartFacts = NOTHING_TO_CHART


def facts_of(plan: Plan, run_id: str, started_at: str) -> RunFacts:
    """The facts that a plan brings along; what happens later is added with ``replace``."""
    drift = tuple(map(words, plan.drift))
    return RunFacts(
        run_id=run_id,
        job=plan.job,
        enterprise_id=plan.enterprise_id,
        started_at=started_at,
        as_of=plan.as_of,
        digest=plan.digest,
        roster=plan.roster,
        directory=plan.directory,
        guards=settled(plan.guards, plan.changes),
        health=plan.health,
        forecast=plan.forecast,
        notes=(*plan.roster.notes, *drift),
        drift=drift,
        written_at=written_at(plan.profile),
        charts=ChartFacts(stages=stages_of(plan)),
    )


def written_at(profile: Profile | None) -> str:
    """When the file of this profile was last written, ISO, "" where nobody knows."""
    if profile is None or profile.modified_ns <= 0:
        return ""
    return datetime.fromtimestamp(profile.modified_ns / 1e9, UTC).isoformat(timespec="seconds")
