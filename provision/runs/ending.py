"""The one place where it is decided how a run, a plan, a verification, a check or a look ends, in a word and in the exit code.

The most serious fact counts: 70, 7, 5, 6, 4, 3, 1, 2, 0. A guard's no stands above all others where something was to be
sent, since then nothing was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from provision.because import Because, among_them
from provision.errors import BoxRefused, ExitCode, InputError, Interrupted, Locked, ProvisionError
from provision.job.settings import Job
from provision.journal.value import Outcome
from provision.model import Status, Verdict
from provision.plan.value import Plan
from provision.report.summary import Summary
from provision.report.value import Reconciliation, RunStatus
from provision.wording import counted

#: exit codes, the most serious first
_GRAVITY = (
    ExitCode.OUR_FAULT,
    ExitCode.BOX_REFUSED,
    ExitCode.INTERRUPTED,
    ExitCode.LOCKED,
    ExitCode.PARTIAL,
    ExitCode.HELD,
    ExitCode.INPUT,
    ExitCode.CHANGES,
    ExitCode.DONE,
)


def gravest(codes: Iterable[int]) -> ExitCode:
    """The most serious of some exit codes; DONE for none."""
    return min(map(ExitCode, codes), key=_GRAVITY.index, default=ExitCode.DONE)


class Course(StrEnum):
    """What comes to its end."""

    PLAN = "plan"
    RUN = "run"
    VERIFY = "verify"
    CHECK = "check"
    REBUILD = "rebuild"
    #: what only looks: runs and people told of, plans compared, rules asked of one, what a run needs
    LOOK = "look"
    FORGET = "forget"


class Fact(StrEnum):
    """What decides how it ends."""

    #: by a guard, or by the rules that a look asks
    REFUSED = "refused"
    #: Box turned us away on the way
    BOX_REFUSED = "box_refused"
    INTERRUPTED = "interrupted"
    #: another run took the enterprise over
    OVERTAKEN = "overtaken"
    #: a report or the ledger could not be written
    UNWRITTEN = "unwritten"
    #: an undo cannot bring everything back
    LOST = "lost"
    #: an operation failed, is in doubt or was never tried, or the fresh listing contradicts one
    TROUBLE = "trouble"
    #: something waits for a person, was skipped because its account had moved, or a source of the roster could not be used
    HELD = "held"
    #: no row of the roster can be used, or a look found what has to be put right
    UNUSABLE = "unusable"
    #: bad roster rows
    REJECTED = "rejected"
    #: run folders that could not be read
    UNREAD = "unread"
    #: there were operations, or two plans differ
    PLANNED = "planned"
    #: one of them at least was carried out
    DONE = "done"
    #: a program of the job failed that runs after a run
    AFTER_RUN = "after_run"
    #: files still show a person who was to be forgotten
    LEFT = "left"


Situation = frozenset[Fact]


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How it ended, in the summary's word and in the exit code."""

    status: RunStatus
    exit_code: ExitCode


@dataclass(frozen=True, slots=True)
class EndingRule:
    """One line of the decision: the first that fits counts."""

    of: tuple[Course, ...]
    facts: frozenset[Fact]
    conclusion: Conclusion

    def fits(self, course: Course, situation: Situation) -> bool:
        """Whether this line is about such an end."""
        return course in self.of and self.facts <= situation


def _rule(of: tuple[Course, ...], facts: tuple[Fact, ...], status: RunStatus, code: ExitCode) -> EndingRule:
    return EndingRule(of, frozenset(facts), Conclusion(status, code))


_PLAN, _RUN, _VERIFY, _CHECK, _REBUILD, _LOOK, _FORGET = ((course,) for course in Course)
_ANY = tuple(Course)

RULES = (
    #     of                if all of this holds             the end is
    _rule(_VERIFY, (Fact.BOX_REFUSED,), RunStatus.PARTIAL, ExitCode.BOX_REFUSED),
    _rule((*_PLAN, *_RUN, *_VERIFY, *_LOOK), (Fact.REFUSED,), RunStatus.REFUSED, ExitCode.HELD),
    _rule(_RUN, (Fact.BOX_REFUSED, Fact.DONE), RunStatus.PARTIAL, ExitCode.BOX_REFUSED),
    _rule((*_RUN, *_LOOK), (Fact.BOX_REFUSED,), RunStatus.FAILED, ExitCode.BOX_REFUSED),
    _rule(_RUN, (Fact.INTERRUPTED,), RunStatus.INTERRUPTED, ExitCode.INTERRUPTED),
    _rule(_RUN, (Fact.OVERTAKEN,), RunStatus.INTERRUPTED, ExitCode.LOCKED),
    _rule(_RUN, (Fact.UNWRITTEN,), RunStatus.PARTIAL, ExitCode.PARTIAL),
    _rule(_RUN, (Fact.TROUBLE,), RunStatus.PARTIAL, ExitCode.PARTIAL),
    _rule(_RUN, (Fact.LOST,), RunStatus.PARTIAL, ExitCode.PARTIAL),
    _rule((*_CHECK, *_LOOK), (Fact.UNUSABLE,), RunStatus.FAILED, ExitCode.INPUT),
    _rule(_CHECK, (Fact.REFUSED,), RunStatus.REFUSED, ExitCode.HELD),
    _rule((*_PLAN, *_RUN, *_VERIFY), (Fact.HELD,), RunStatus.HELD, ExitCode.HELD),
    _rule(_RUN, (Fact.AFTER_RUN,), RunStatus.PARTIAL, ExitCode.HELD),
    _rule((*_PLAN, *_VERIFY, *_LOOK), (Fact.PLANNED,), RunStatus.PLANNED, ExitCode.CHANGES),
    _rule(_CHECK, (Fact.REJECTED,), RunStatus.FAILED, ExitCode.INPUT),
    _rule((*_REBUILD, *_LOOK), (Fact.UNREAD,), RunStatus.PARTIAL, ExitCode.INPUT),
    _rule(_FORGET, (Fact.LEFT,), RunStatus.PARTIAL, ExitCode.PARTIAL),
    _rule(_ANY, (Fact.REJECTED,), RunStatus.PARTIAL, ExitCode.INPUT),
    _rule(_RUN, (Fact.PLANNED,), RunStatus.APPLIED, ExitCode.DONE),
    _rule(_ANY, (), RunStatus.NO_CHANGES, ExitCode.DONE),
)  # fmt: skip

#: how a run ended that was cut off, by its folder
CUT_OFF = Conclusion(RunStatus.INTERRUPTED, ExitCode.INTERRUPTED)

_STATUSES = {ExitCode.HELD: RunStatus.REFUSED, ExitCode.INTERRUPTED: RunStatus.INTERRUPTED}


def conclude(course: Course, situation: Situation) -> Conclusion:
    """How such a course ends in this situation: the first rule that fits, and the last fits always."""
    return next(rule.conclusion for rule in RULES if rule.fits(course, situation))


def looked(facts: Mapping[Fact, bool]) -> Conclusion:
    """How a look ends that found what is true of these facts."""
    return conclude(Course.LOOK, frozenset(fact for fact, found in facts.items() if found))


def unsaid(end: Conclusion, plan: Plan) -> str:
    """Why it ended so where no error has said it: rows that were rejected, and nothing graver; "" for every other end."""
    if end.exit_code is not ExitCode.INPUT:
        return ""
    rows = counted(
        plan.verdicts.get(Verdict.REJECTED, 0),
        "roster row cannot be used as it is",
        "roster rows cannot be used as they are",
    )
    return str(
        InputError(
            f"{rows}; nothing was done about the people in them.",
            cause="mistyped cells, or an export that changed",
            remedy="correct them in the roster's source; the report names each row and column",
        )
    )


def concluded_by(error: ProvisionError) -> Conclusion:
    """The end of what an error ended before there was anything to reconcile."""
    return Conclusion(_STATUSES.get(error.exit_code, RunStatus.FAILED), error.exit_code)


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a plan, a run or a verification ended: ``summary`` as programs get it, and the values behind it.

    ``folder`` is the run folder, None for a verification, which leaves none; ``job`` is the job it was made with. ``situation`` is what decided the end.
    """

    course: Course
    situation: Situation
    summary: Summary
    plan: Plan = field(repr=False)
    reconciliation: Reconciliation = field(repr=False)
    folder: Path | None = None
    job: Job | None = field(default=None, repr=False)

    @property
    def exit_code(self) -> ExitCode:
        """What a command would end with."""
        return ExitCode(self.summary.exit_code)

    @property
    def status(self) -> RunStatus:
        """How it ended, in a word."""
        return self.summary.status

    def but(self, fact: Fact, error: str) -> RunResult:
        """The same with one more fact; its error is told if that decides the end now, or if nothing else is told."""
        situation = self.situation | {fact}
        before, end = conclude(self.course, self.situation), conclude(self.course, situation)
        if end == before and self.summary.error:
            return replace(self, situation=situation)
        summary = replace(self.summary, status=end.status, exit_code=int(end.exit_code), error=error)
        return replace(self, situation=situation, summary=summary)


def situation_of(
    reconciliation: Reconciliation, reason: ProvisionError | None = None, left_out: int = 0
) -> Situation:
    """The facts that a reconciliation brings, and the error that ended the work early, if one did.

    ``left_out`` operations were not attempted on purpose (``--only``).
    """
    return frozenset((*_found_in(reconciliation, left_out), *_brought_by(reason)))


def _brought_by(reason: ProvisionError | None) -> Iterator[Fact]:
    if isinstance(reason, BoxRefused):
        yield Fact.BOX_REFUSED
    if isinstance(reason, Interrupted):
        yield Fact.INTERRUPTED
    if isinstance(reason, Locked):
        yield Fact.OVERTAKEN
    if isinstance(reason, InputError):  # a disk that is full
        yield Fact.UNWRITTEN


def _found_in(reconciliation: Reconciliation, left_out: int) -> Iterator[Fact]:
    totals = reconciliation.totals
    outcomes, verdicts = totals.outcomes, totals.verdicts
    if reconciliation.refused:
        yield Fact.REFUSED
    if _troubled(reconciliation, left_out):
        yield Fact.TROUBLE
    if outcomes.get(Status.HELD, 0) + outcomes.get(Status.SKIPPED, 0):
        yield Fact.HELD
    if verdicts.get(Verdict.REJECTED, 0):
        yield Fact.REJECTED
    if totals.planned:
        yield Fact.PLANNED
    if outcomes.get(Status.DONE, 0):
        yield Fact.DONE
    if outcomes.get(Status.WAITING, 0) and _has_to_be_told(reconciliation):
        yield Fact.HELD


def _troubled(reconciliation: Reconciliation, left_out: int) -> bool:
    outcomes = reconciliation.totals.outcomes
    untried = _untried(reconciliation.outcomes) > left_out
    wrong = outcomes.get(Status.FAILED, 0) + outcomes.get(Status.IN_DOUBT, 0)
    serious = any(each.serious for each in reconciliation.findings)
    return bool(wrong) or untried or serious


def _has_to_be_told(reconciliation: Reconciliation) -> bool:
    """Whether something waits for Box or the person for the first time, or for too long; what waits behind it is told with it."""
    table = reconciliation.operations
    waiting_on = [Because.ALIAS_WAITS, Because.ARCHIVE_WAITS, Because.OUTSIDE_WAITS, Because.ONBOARDING_WAITS]
    known = among_them(table["because"], waiting_on)
    names = table["id"][(table["outcome"] == Status.WAITING.value) & ~known]
    return any(not reconciliation.outcomes[name].waits_for for name in names)


def _untried(outcomes: Mapping[str, Outcome]) -> int:
    """Operations that were not tried. What waits for another one is told of by that one, unless it was left out."""
    return sum(
        outcome.status is Status.NOT_ATTEMPTED and not _told_by_another(outcome, outcomes)
        for outcome in outcomes.values()
    )


def _told_by_another(outcome: Outcome, outcomes: Mapping[str, Outcome]) -> bool:
    need = outcomes.get(outcome.waits_for)
    return need is not None and (need.status is not Status.NOT_ATTEMPTED or bool(need.waits_for))
