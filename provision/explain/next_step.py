"""What comes next for one person, as the job stands now: the lifecycle's own rules, asked ahead of time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from provision.because import Because, coded, codes_of, leading, reason
from provision.job.lifecycle import Lifecycle
from provision.ledger.progress import Progress
from provision.model import Kind, Verdict, row_written
from provision.plan.leavers.stages import (
    Absence,
    DepartureProof,
    Step,
    next_step,
    proof_of_absence,
    proof_of_end_date,
)
from provision.plan.value import WAITS_FOR_BOX
from provision.report.kind_words import KIND_WORDS
from provision.report.sentences.reasons import words
from provision.wording import moment


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a person between two runs.

    ``verdict``, ``because`` and ``line`` (0 without a row) are those of the job's last run. ``held`` is why its operation waits for a person, as a reason. ``unfinished`` is the kind of
    an operation of that run that was not done, "" for none. ``stages`` is the way the ledger knows, None for none. ``full``: absence from the job's roster counts. ``starts_on`` and ``ends_on`` are the days of the row that lay ahead in that run, ISO, "" for none. The
    others are as in :class:`provision.explain.history.Now`.
    """

    verdict: str = ""
    because: str = ""
    line: int = 0
    starts_on: str = ""
    ends_on: str = ""
    owned: bool = False
    status: str = ""
    left_at: str = ""
    absence: Absence = field(default_factory=Absence)
    full: bool = True
    unfinished: str = ""
    held: str = ""
    stages: Progress | None = None

    @property
    def progress(self) -> Progress:
        """The stages the account has behind it."""
        return self.stages or Progress(left_at=self.left_at)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What comes next in words. ``kind`` is the operation it leads to, ``not_before`` an ISO time; "" for none."""

    words: str
    kind: str = ""
    not_before: str = ""


#: verdicts under which nothing happens, and what has to come first
_WAITING = {
    Verdict.PROTECTED: "nothing, as long as the account is protected ({reason})",
    Verdict.OUT_OF_SCOPE: "nothing, as long as the account is outside the job's scope",
    Verdict.HELD: "nothing, until a person has decided ({reason})",
    Verdict.STARTS_LATER: "the first run from the start date on plans to create the account ({reason})",
    Verdict.REJECTED: "nothing, until {row} of the roster is correct ({reason})",
    Verdict.EXCLUDED: "nothing, as long as {row} of the roster is {reason}",
    Verdict.CLAIMED: "nothing, as long as the account is {reason}",
    Verdict.UNOWNED: "nothing, as long as no row of the roster names this account: it is not this job's",
}


def look_ahead(standing: Standing, lifecycle: Lifecycle, as_of: datetime) -> Ahead:
    """What the next run does, if roster and enterprise say then what they said last."""
    waiting = _WAITING.get(Verdict(standing.verdict)) if standing.verdict else None
    if waiting:
        return Ahead(waiting.format(reason=words(standing.because), row=row_written(standing.line)))
    if leading(standing.held) in WAITS_FOR_BOX:
        return Ahead(f"{words(standing.held)}; from then on the next run goes on with it")
    if standing.held:
        return Ahead(
            f"nothing, until a person approves it: {words(standing.held)}; provision holds JOB names the run"
        )
    if standing.unfinished and not _sent(standing):
        return Ahead(
            f"the next run plans afresh what was not done ({standing.unfinished})", standing.unfinished
        )
    if not standing.owned:
        return _not_owned(standing)
    if standing.left_at and leading(standing.because) is not Because.IN_STEP and not _told(standing):
        return _after_leaving(standing, lifecycle, as_of)
    if standing.line:
        return _by_row(standing, lifecycle, as_of)
    return _absent(standing, lifecycle, as_of)


def _by_row(standing: Standing, lifecycle: Lifecycle, as_of: datetime) -> Ahead:
    """Somebody whose row is carried out, and what it says of days ahead."""
    starts = f"starts on {standing.starts_on}; " if standing.starts_on else ""
    counts = leading(standing.because) not in (Because.IGNORED, Because.SUPERSEDED, Because.ROW_SAYS)
    if not (standing.ends_on and counts):
        return Ahead(f"{starts}nothing, while the roster says what it said last ({_last_word(standing)})")
    proof = proof_of_end_date(standing.ends_on, lifecycle.zone())
    over = max(proof.since or as_of, as_of)
    step = next_step(proof, lifecycle, standing.status, over, standing.progress)
    what = (
        f"the first run after it plans to {KIND_WORDS[step.kind].infinitive}"
        if step.kind
        else words(step.because)
    )
    told = f"{starts}leaves on {standing.ends_on}, the last day with access: {what}"
    return Ahead(told, step.kind.value if step.kind else "", (proof.since or as_of).isoformat())


def _sent(standing: Standing) -> bool:
    """Whether what was not done is a transfer that may have begun: that is looked at, not planned afresh."""
    return standing.unfinished == Kind.TRANSFER and standing.progress.moving


def _not_owned(standing: Standing) -> Ahead:
    if standing.verdict == Verdict.DELETE:
        return Ahead("nothing: the account was deleted")
    if standing.verdict == Verdict.ROLL_OUT:
        return Ahead("nothing: the account has left the enterprise")
    return Ahead(f"nothing, while the roster says what it said last ({_last_word(standing)})")


def _told(standing: Standing) -> bool:
    """Whether nothing but a row of its own decides: a partial roster that is silent, or a row with an ``action``."""
    if not standing.line:
        return not standing.full
    return leading(standing.because) is Because.ROW_SAYS


def _last_word(standing: Standing) -> str:
    """The reason for a person as they are after the last run."""
    kinds = tuple(kind.value for kind in Kind)
    return words(Because.IN_STEP if standing.verdict in kinds else standing.because)


def _after_leaving(standing: Standing, lifecycle: Lifecycle, as_of: datetime) -> Ahead:
    """The stages after the first; the time between two of them counts from when the account was deactivated."""
    proof = _proof(standing, lifecycle, as_of)
    step = next_step(proof, lifecycle, standing.status, as_of, standing.progress)
    return Ahead(_led_to(step), step.kind.value if step.kind else "")


def _proof(standing: Standing, lifecycle: Lifecycle, as_of: datetime) -> DepartureProof:
    """The absence, or else that this job has seen proof before: nobody has a ``left_at`` without."""
    if standing.absence.missed_runs >= lifecycle.evidence.absent_runs:
        return proof_of_absence(standing.absence, lifecycle, as_of)
    left = datetime.fromisoformat(standing.left_at)
    first = lifecycle.leavers[0].after if lifecycle.leavers else timedelta()
    at = moment(left, lifecycle.zone())
    return DepartureProof(left - first, reason(Because.DEACTIVATED_BEFORE, at=at))


def _led_to(step: Step) -> str:
    return (
        f"the next run plans to {KIND_WORDS[step.kind].infinitive} ({words(step.because)})"
        if step.kind
        else words(step.because)
    )


def _absent(standing: Standing, lifecycle: Lifecycle, as_of: datetime) -> Ahead:
    """Somebody without a row, who is not known to have left."""
    if not standing.full:
        return Ahead("nothing, as long as this partial roster does not name the person")
    absence, evidence = standing.absence, lifecycle.evidence
    if Because.UNREADABLE_ROWS in codes_of(coded(standing.because)):
        return Ahead(
            "nothing, as long as a row of the roster without a readable key may mean this person: absence does not count then"
        )
    if not absence.missed_runs:
        return _then(
            standing, lifecycle, as_of, "not counted as absent so far; the next complete roster decides"
        )
    if absence.missed_runs >= evidence.absent_runs:
        step = next_step(
            proof_of_absence(absence, lifecycle, as_of), lifecycle, standing.status, as_of, standing.progress
        )
        return Ahead(_led_to(step), step.kind.value if step.kind else "")
    counts = datetime.fromisoformat(absence.last_missed) + timedelta(hours=evidence.absent_hours)
    so_far = f"absent from {absence.missed_runs} of {evidence.absent_runs} complete rosters"
    found = _then(
        standing,
        lifecycle,
        max(counts, as_of),
        f"{so_far}; the next one may count from {moment(counts, lifecycle.zone())}",
    )
    return Ahead(found.words, found.kind, counts.isoformat())


def _then(standing: Standing, lifecycle: Lifecycle, at: datetime, so_far: str) -> Ahead:
    """What a complete roster of that time leads to that does not name the person either."""
    proof = proof_of_absence(standing.absence, lifecycle, at)
    step = next_step(proof, lifecycle, standing.status, at, standing.progress)
    if_absent = f"{so_far}; if it does not name the person either"
    if step.kind is None:
        return Ahead(f"{if_absent}: {words(step.because)}")
    return Ahead(f"{if_absent}, it plans to {KIND_WORDS[step.kind].infinitive}", step.kind.value)
