"""One process of the program: it goes at a plan, with whatever an earlier one left in the journal, until its end or its death."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from provision.apply.again import look_again
from provision.apply.context import ExecutionContext, WorkList
from provision.apply.executor import carry_out, freed
from provision.apply.gate import Gate
from provision.apply.halt import Halt, interrupted
from provision.apply.snapshot import SNAPSHOTS, keeper
from provision.box.pacing.outage import Outage, Unwatched
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.journal.book import JOURNAL_NAME, Journal, read_journal
from provision.journal.value import Outcome
from provision.model import Kind, Status
from provision.operations.people.login_change import planned_logins
from provision.operations.remote import Remote
from provision.operations.value import Change
from provision.plan.value import Plan
from provision.report.sentences.notes import words_of
from provision.runs.selection import Attempt
from tests.apply.village import ENTERPRISE, Killed

from .baton import Baton, Lanes
from .town import Town
from .worlds import TREES, moved


class _Book(Journal):
    """A journal whose writes are boundaries too: a kill comes before the entry or after it."""

    def watched(self, town: Town, baton: Baton) -> _Book:
        self._town, self._baton = town, baton
        return self

    def begin(self, change_id: str) -> None:
        self._baton.point(f"before the begin of {change_id}")
        self._town.told(f"journal: begin {change_id}")
        super().begin(change_id)
        self._baton.point(f"after the begin of {change_id}")

    def end(self, outcome: Outcome) -> Outcome:
        self._baton.point(f"before the end of {outcome.change_id}")
        self._town.told(
            f"journal: {outcome.change_id} {outcome.status} {outcome.box_id} {words_of(outcome)}".rstrip()
        )
        ended = super().end(outcome)
        self._baton.point(f"after the end of {outcome.change_id}")
        return ended


class _Narrow(Gate):
    """A gate whose width changes with every few requests; who waits in front of it hands on the baton."""

    def __init__(self, town: Town, baton: Baton, workers: int) -> None:
        super().__init__(lambda: town.asked_for // 3 % workers)
        self._baton = baton

    def __enter__(self) -> None:
        while not self._has_room():
            self._baton.point("in front of the gate", 1.0)
        super().__enter__()


@dataclass(frozen=True)
class Means:
    """What a process works with. ``tries``, ``give_up_after``: its patience. ``seed`` is of its own jitter.

    ``sent`` are creates that other runs may have sent, by id of the operation: by how many requests. ``at_once``: the first
    process goes at what was planned just now, as ``provision run`` does.
    """

    town: Town
    baton: Baton
    stamp: Callable[[], str]
    folder: Path
    workers: int
    tries: int
    give_up_after: float
    seed: int
    sent: Mapping[str, int] = field(default_factory=dict)
    at_once: bool = False


@dataclass
class Ended:
    """How a process ended. ``outcomes`` is the last word on each operation; ``sent`` what this one sent, by name of the request."""

    plan: Plan
    earlier: Mapping[str, Outcome]
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    told: list[Outcome] = field(default_factory=list)
    killed: bool = False
    stopped: bool = False
    sent: dict[str, int] = field(default_factory=dict)

    @property
    def open(self) -> list[Change]:
        """What is not done."""
        return [change for change in self.plan.changes if self._status(change) is not Status.DONE]

    def leaves_to_the_next_run(self, change: Change) -> bool:
        """Whether this is a transfer in doubt: later looks at its source decide."""
        return change.kind is Kind.TRANSFER and self._status(change) is Status.IN_DOUBT

    def waits_for_somebody(self, change: Change) -> bool:
        """Whether Box took it, and a person has to answer."""
        return self._status(change) is Status.WAITING

    def _status(self, change: Change) -> Status | None:
        outcome = self.outcomes.get(change.id)
        return outcome.status if outcome else None


def _crew(means: Means, book: Journal, halt: Halt, name: str) -> ExecutionContext:
    keep = keeper(means.folder / f"{name}-{SNAPSHOTS}")
    gate = _Narrow(means.town, means.baton, means.workers)
    retry = _retry(means, halt)
    remote = Remote(means.town, retry.read, ENTERPRISE, trees=TREES, pause=retry.pause)
    return ExecutionContext(remote, retry, book, means.workers, halt, keep, gate=gate)


def live(plan: Plan, name: str, means: Means, halt: Halt) -> Ended:
    """Go at a plan as ``provision apply`` and ``provision resume`` do."""
    path, identity = means.folder / f"{name}-{JOURNAL_NAME}", {"plan": name}
    earlier, _ = read_journal(path, identity)
    ended = Ended(plan, earlier, dict(earlier))
    begun = tuple(change for change in plan.changes if not _done(earlier.get(change.id)))
    skipped = moved(begun, means.town.listed(), plan.changes) if path.exists() or not means.at_once else {}
    known = frozenset(plan.table["box_id"])
    held, logins = Attempt(earlier=earlier).held(plan), planned_logins(plan.changes)
    work = WorkList(plan.changes, skipped, earlier, known, held, means.sent, logins=logins)
    book = _Book(path, identity, means.stamp).watched(means.town, means.baton)
    try:
        _go(work, _crew(means, book, halt, name), ended, means)
    except Killed:
        ended.killed = True
    ended.stopped = halt.wanted
    ended.sent = dict(means.town.watch.sent)
    written = book.outcomes()
    book.close()
    assert ended.killed or written == ended.outcomes, "the journal says otherwise than the run"
    ended.outcomes = written
    return ended


def _go(work: WorkList, context: ExecutionContext, ended: Ended, means: Means) -> None:
    def pool(workers: int, operations: int) -> Executor:
        return Lanes(means.baton, workers, operations)

    ended.outcomes |= carry_out(work, context, ended.told.append, pool)
    if not means.town.unique:
        means.town.settle()  # what comes later still, no run can see
    ended.outcomes |= look_again(work, ended.outcomes, context)
    ended.outcomes |= carry_out(freed(work, ended.outcomes), context, ended.told.append, pool)


def _retry(means: Means, halt: Halt) -> Retry:
    baton = means.baton

    def sleep(seconds: float) -> None:
        if not halt.wanted:
            baton.point("asleep", seconds)
        if halt.wanted:
            raise interrupted()

    timing = Timing(lambda: baton.now, sleep, Random(means.seed))  # noqa: S311 - jitter
    patience = Patience(tries=means.tries, give_up_after=means.give_up_after)
    return Retry(patience, timing, outage=Outage(means.town.total, timing, Unwatched()))


def _done(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.status is Status.DONE
