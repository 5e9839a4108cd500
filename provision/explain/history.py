"""Every decision about one person over all runs of a job, and what comes next: from values to an :class:`Explanation`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from provision.deciders import Decider
from provision.explain.next_step import Ahead, Standing, look_ahead
from provision.explain.trace import Sighting
from provision.job.settings import Authority, Job
from provision.journal.value import Outcome
from provision.ledger.progress import Progress, progress_of
from provision.ledger.value import Memory
from provision.model import Kind, PersonKey, Status, Verdict
from provision.operations.value import Change, wholes
from provision.plan.leavers.stages import Absence, absences_of
from provision.plan.value import UNDO, GuardVerdict, RosterFacts

_OPERATIONS = (Verdict.HELD.value, *(kind.value for kind in Kind))


@dataclass(frozen=True, slots=True)
class PastDecision:
    """What one run decided about one line: the verdict table's line, its operation and what became of that, if any.

    ``after`` are the operations that complete it, likewise.
    """

    line: Sighting
    change: Change | None = None
    outcome: Outcome | None = None
    after: tuple[tuple[Change, Outcome | None], ...] = ()

    @property
    def box_id(self) -> str:
        """The account it is about, also one that this operation made; "" for none."""
        return self.line.box_id or (self.outcome.box_id if self.outcome else "")

    @property
    def done(self) -> bool:
        """Whether its operation was carried out."""
        return self.outcome is not None and self.outcome.status is Status.DONE

    @property
    def parts(self) -> tuple[tuple[Change, Outcome | None], ...]:
        """All its operations with what became of each, the first half first."""
        return () if self.change is None else ((self.change, self.outcome), *self.after)

    @property
    def undone(self) -> Change | None:
        """The first of its operations that was not carried out, None if all were."""
        left = (change for change, outcome in self.parts if not (outcome and outcome.status is Status.DONE))
        return next(left, None)


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run in which the person occurs.

    ``at`` is the time of its plan, ISO with offset. ``status`` is how it ended, "" if no summary tells. ``applied``: it has a
    journal, so operations may have been sent. ``undone_by`` is the run that took this person's operation back, "" for none.
    """

    run_id: str
    at: str
    status: str
    applied: bool
    roster: RosterFacts
    guards: tuple[GuardVerdict, ...]
    decisions: tuple[PastDecision, ...]
    undone_by: str = ""

    @property
    def undo(self) -> bool:
        """Whether this run itself takes another one back."""
        return self.roster.authority == UNDO


@dataclass(frozen=True)
class Known:
    """What the ledger knows of this job and enterprise: its memory, and the ids of the runs it has learned from.

    Made ready once, however many people are asked about.
    """

    memory: Memory
    taught: AbstractSet[str] = frozenset()

    @cached_property
    def left_at(self) -> Mapping[str, str]:
        """When each account that is the job's was deactivated because its person left, by box id, "" for never."""
        accounts = self.memory.accounts
        return dict(zip(accounts["box_id"].tolist(), accounts["left_at"].tolist(), strict=True))

    @cached_property
    def absences(self) -> Mapping[str, Absence]:
        """The absences so far, by box id."""
        return absences_of(self.memory)

    @cached_property
    def stages(self) -> Mapping[str, Progress]:
        """The stages that accounts have behind them, by box id."""
        return progress_of(self.memory)

    @cached_property
    def held(self) -> Mapping[str, str]:
        """Why what waits does, by id of the hold."""
        return {hold.hold_id: hold.because for hold in self.memory.holds}


@dataclass(frozen=True, slots=True)
class Now:
    """How the person stands with this job now. Times are ISO with offset, "" for none or not known.

    ``since`` is the first run known to have made the account the job's own, ``status`` the account's status as far as this
    job has set it, ``left_at`` when this job deactivated it because its person left, ``progress`` the stages it has behind it.
    """

    box_id: str = ""
    owned: bool = False
    since: str = ""
    status: str = ""
    left_at: str = ""
    absence: Absence = field(default_factory=Absence)
    progress: Progress = field(default_factory=Progress)


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody decided by name: when (ISO), who, in which run folder it is kept, and what."""

    at: str
    by: Decider
    run_id: str
    what: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """All about one person. Keys as they were written, the newest first; ``runs`` and ``words`` newest first.

    ``kind`` is the newest known kind of user, "" if none is. ``older``: runs of the job before these that were not looked into.
    """

    logins: tuple[str, ...]
    external_ids: tuple[str, ...]
    box_ids: tuple[str, ...]
    now: Now
    ahead: Ahead
    runs: tuple[PastRun, ...] = field(repr=False)
    words: tuple[Word, ...] = ()
    kind: str = ""
    older: int = 0

    @property
    def key(self) -> str:
        """How people name this person, by the newest keys."""
        keys = (self.external_ids, self.logins, self.box_ids)
        external_id, login, box_id = (next(iter(each), "") for each in keys)
        return PersonKey(self.kind, external_id, login, box_id).written


def decided(
    lines: Iterable[Sighting], changes: Iterable[Change], outcomes: Mapping[str, Outcome]
) -> tuple[PastDecision, ...]:
    """The lines of one run about a person, each with its operation and outcome; a line with two operations comes twice."""
    by_key: dict[str, list[Change]] = {}
    for change in changes:
        by_key.setdefault(change.person.anchor, []).append(change)
    found: list[PastDecision] = []
    for line in lines:
        parts = by_key.get(line.person.anchor, []) if operations([line]) else []
        found += _each(line, parts, outcomes) if parts else [PastDecision(line)]
    return tuple(found)


def _each(line: Sighting, parts: Sequence[Change], outcomes: Mapping[str, Outcome]) -> Iterator[PastDecision]:
    """Each operation that stands on its own, first the one that gave the line its verdict."""
    for at, whole in enumerate(sorted(wholes(parts), key=lambda one: one.kind.value != line.verdict)):
        about = replace(line, verdict=whole.kind.value, because=whole.because) if at else line
        after = tuple((part, outcomes.get(part.id)) for part in parts if part.completes == whole.id)
        yield PastDecision(about, whole, outcomes.get(whole.id), after)


def operations(lines: Iterable[Sighting]) -> bool:
    """Whether any of these lines may have an operation; one that is held may."""
    return any(line.verdict in _OPERATIONS for line in lines)


def explain(
    runs: Sequence[PastRun], known: Known, accounts: Sequence[Sighting], job: Job, as_of: datetime
) -> Explanation:
    """Explain one person. ``runs`` newest first; ``accounts`` are the ledger's own lines about the person."""
    runs = _with_undone(runs)
    lines = [*(each.line for run in runs for each in run.decisions if each.line.certain), *accounts]
    lines = lines or [each.line for run in runs for each in run.decisions]
    made = [each.box_id for run in runs for each in run.decisions if each.line.certain]
    box_ids = _distinct([*made, *(line.box_id for line in lines)])
    now = _now(runs, known, box_ids)
    return Explanation(
        logins=_distinct(line.login for line in lines),
        external_ids=_distinct(line.external_id for line in lines),
        box_ids=box_ids,
        now=now,
        ahead=_ahead(runs, now, known, job, as_of),
        runs=tuple(runs),
        kind=next((line.kind for line in lines if line.kind), ""),
    )


def _ahead(runs: Sequence[PastRun], now: Now, known: Known, job: Job, as_of: datetime) -> Ahead:
    """What comes next by the stages of the part of the people that the last run put this person into."""
    last = next((run for run in runs if not run.undo), None)
    segment = _surest(last.decisions).line.segment if last else ""
    return look_ahead(_standing(runs, now, known, job), job.lifecycle.of(segment), as_of)


def _distinct(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for key in keys if key))


def _with_undone(runs: Sequence[PastRun]) -> list[PastRun]:
    """The same runs, each with the latest one that took the person's operation back."""
    undoing = [run for run in runs if run.undo and any(each.done for each in run.decisions)]
    return [
        replace(
            run,
            undone_by=next((each.run_id for each in undoing if each.roster.undoes == run.run_id), ""),
        )
        for run in runs
    ]


def _now(runs: Sequence[PastRun], known: Known, box_ids: Sequence[str]) -> Now:
    """How the newest account stands that the job owns, else the newest there is."""
    owned = [each for each in box_ids if each in known.left_at]
    box_id = next(iter([*owned, *box_ids]), "")
    if not owned:
        return Now(box_id, status=_status(runs, box_id))
    left_at = known.left_at[box_id]
    absence = known.absences.get(box_id, Absence())
    status = "inactive" if left_at else _status(runs, box_id)
    progress = known.stages.get(box_id, Progress())
    return Now(box_id, True, _since(runs, known, box_id), status, left_at, absence, progress)


def _status(runs: Sequence[PastRun], box_id: str) -> str:
    """The status that the last operation of this job left; "" if it never set one."""
    left = {
        Kind.DEACTIVATE: "inactive",
        Kind.ACTIVATE: "active",
        Kind.CREATE: "active",
        Kind.DELETE: "deleted",
        Kind.ROLL_OUT: "rolled out",
    }
    for run in runs:
        for each in run.decisions:
            if each.done and each.change and each.box_id == box_id and each.change.kind in left:
                return left[each.change.kind]
    return ""


def _since(runs: Sequence[PastRun], known: Known, box_id: str) -> str:
    """The plan's time of the first run that made the account the job's own, or of the first that knew it was."""
    mine = [(run, each) for run in reversed(runs) for each in run.decisions if each.box_id == box_id]
    taking = [
        run.at for run, each in mine if run.run_id in known.taught and each.line.line and each.line.certain
    ]
    return next(iter([*taking, *(run.at for run, each in mine if each.line.owned)]), "")


def _surest(decisions: Sequence[PastDecision]) -> PastDecision:
    return next((each for each in decisions if each.line.certain), decisions[0])


def _standing(runs: Sequence[PastRun], now: Now, known: Known, job: Job) -> Standing:
    """What the job's last run said of the person, an undo not counted, beside what the ledger knows."""
    last = next((run for run in runs if not run.undo), None)
    each = _surest(last.decisions) if last else PastDecision(Sighting("", "", "", ""))
    left = each.undone
    return Standing(
        verdict=each.line.verdict,
        because=each.line.because,
        line=each.line.line,
        starts_on=each.line.starts_on,
        ends_on=each.line.ends_on,
        owned=now.owned,
        status=now.status,
        left_at=now.left_at,
        absence=now.absence,
        full=job.roster.authority is Authority.FULL,
        stages=now.progress,
        unfinished=left.kind.value if left else "",
        held=known.held.get(each.change.hold_id, "") if left and each.change and not each.done else "",
    )
