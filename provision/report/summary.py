"""The one JSON object a run leaves for programs, and the decision how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from provision.errors import ExitCode
from provision.model import Status, Verdict
from provision.report.value import ApiFacts, Mode, Reconciliation, RunFacts, RunStatus

#: outcomes the summary counts
_COUNTED = (Status.DONE, Status.FAILED, Status.IN_DOUBT, Status.SKIPPED, Status.HELD)


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides how a run ends.

    ``trouble``: an operation failed, is in doubt or was never tried, or the fresh listing contradicts one. ``held``:
    something waits for a person, or was skipped because its account had moved. ``rejected``: bad roster rows.
    ``planned``: there were operations. ``stopped``: some of them wait for a person. ``overtaken``: another run took the
    enterprise over.
    """

    preview: bool
    refused: bool
    interrupted: bool
    trouble: bool
    held: bool
    rejected: bool
    planned: bool
    stopped: bool = False
    overtaken: bool = False


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How a run ended, in the summary's word and in the exit code."""

    status: RunStatus
    exit_code: ExitCode


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line of the decision: the first that fits counts. None fits both."""

    preview: bool | None
    fact: str
    conclusion: Conclusion

    def fits(self, situation: Situation) -> bool:
        right_mode = self.preview is None or self.preview == situation.preview
        return right_mode and (not self.fact or getattr(situation, self.fact))


_ANY, _PLAN, _RUN = None, True, False

RULES = (
    #      of     if this holds  the end is
    _Rule(_ANY, "refused", Conclusion(RunStatus.REFUSED, ExitCode.HELD)),
    _Rule(_ANY, "interrupted", Conclusion(RunStatus.INTERRUPTED, ExitCode.INTERRUPTED)),
    _Rule(_RUN, "overtaken", Conclusion(RunStatus.INTERRUPTED, ExitCode.LOCKED)),
    _Rule(_PLAN, "stopped", Conclusion(RunStatus.HELD, ExitCode.HELD)),
    _Rule(_PLAN, "planned", Conclusion(RunStatus.PLANNED, ExitCode.CHANGES)),
    _Rule(_RUN, "trouble", Conclusion(RunStatus.PARTIAL, ExitCode.PARTIAL)),
    _Rule(_ANY, "held", Conclusion(RunStatus.HELD, ExitCode.HELD)),
    _Rule(_ANY, "rejected", Conclusion(RunStatus.PARTIAL, ExitCode.INPUT)),
    _Rule(_RUN, "planned", Conclusion(RunStatus.APPLIED, ExitCode.DONE)),
    _Rule(_ANY, "", Conclusion(RunStatus.NO_CHANGES, ExitCode.DONE)),
)


def conclude(situation: Situation) -> Conclusion:
    """How a run in this situation ends: the first rule that fits, and the last fits always."""
    return next(rule.conclusion for rule in RULES if rule.fits(situation))


def situation_of(
    reconciliation: Reconciliation,
    *,
    interrupted: bool = False,
    overtaken: bool = False,
    left_out: int = 0,
) -> Situation:
    """The facts a reconciliation brings. ``left_out`` operations were not attempted on purpose (``--only``)."""
    outcomes, verdicts = reconciliation.totals.outcomes, reconciliation.totals.verdicts
    untried = outcomes.get(Status.NOT_ATTEMPTED, 0) > left_out
    wrong = outcomes.get(Status.FAILED, 0) + outcomes.get(Status.IN_DOUBT, 0)
    return Situation(
        preview=reconciliation.mode is Mode.PREVIEW,
        refused=bool(reconciliation.refused),
        interrupted=interrupted,
        overtaken=overtaken,
        trouble=bool(wrong)
        or untried
        or _half_done(reconciliation)
        or any(each.serious for each in reconciliation.findings),
        held=bool(
            outcomes.get(Status.HELD, 0) + outcomes.get(Status.SKIPPED, 0) + verdicts.get(Verdict.HELD, 0)
        ),
        rejected=bool(verdicts.get(Verdict.REJECTED, 0)),
        planned=bool(reconciliation.totals.planned),
        stopped=reconciliation.mode is Mode.PREVIEW and bool(outcomes.get(Status.HELD, 0)),
    )


def _half_done(reconciliation: Reconciliation) -> bool:
    """Whether somebody was deactivated whose sessions go on: the account is as it should be, the work is not all done."""
    from provision.apply.attempt import SESSIONS_LEFT

    table = reconciliation.table
    done = table.loc[(table["verdict"] == Verdict.DEACTIVATE) & (table["outcome"] == Status.DONE), "reason"]
    return bool(done.str.contains(SESSIONS_LEFT, regex=False).any())


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files of a run lie; None for those there are not. A plan's page is its ``report_html``."""

    run_dir: str | None = None
    plan: str | None = None
    journal: str | None = None
    report_html: str | None = None
    report_csv: str | None = None
    report_xlsx: str | None = None
    report_json: str | None = None


def files_of(folder: Path, written: Mapping[str, Path]) -> Files:
    """The files of a run folder: those just ``written`` by format, and what else lies there already."""
    paths = {"plan": folder / "plan.json", "journal": folder / "journal.sqlite"}
    paths |= {f"report_{form}": folder / f"reconciliation.{form}" for form in ("csv", "xlsx", "json")}
    paths |= {"report_html": folder / "report.html"}
    paths |= {f"report_{form}": path for form, path in written.items()}
    there = {name: str(path) for name, path in paths.items() if path.exists()}
    return Files(run_dir=str(folder), **there)


@dataclass(frozen=True, slots=True)
class RosterPart:
    """The roster in the summary."""

    path: str | None = None
    sha256: str | None = None
    rows: int = 0
    valid: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class DirectoryPart:
    """The enterprise's users in the summary, before the run. ``groups`` is None while groups are not read."""

    users: int = 0
    managed: int = 0
    app: int = 0
    groups: int | None = None


@dataclass(frozen=True, slots=True)
class GuardPart:
    """One guard in the summary."""

    name: str
    limit: int
    actual: int
    verdict: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run tells programs; every key is always there. What is not known is None, 0 or empty."""

    run_id: str | None = None
    job: str | None = None
    status: RunStatus = RunStatus.FAILED
    exit_code: int = int(ExitCode.OUR_FAULT)
    enterprise_id: str | None = None
    roster: RosterPart = RosterPart()
    directory: DirectoryPart = DirectoryPart()
    planned: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(map(str, _COUNTED), 0))
    guards: tuple[GuardPart, ...] = ()
    api: ApiFacts = field(default_factory=ApiFacts)
    files: Files = Files()
    started_at: str | None = None
    finished_at: str | None = None
    error: str | None = None

    def to_json(self) -> str:
        """One JSON object on one line."""
        return msgspec.json.encode(asdict(self)).decode()

    @classmethod
    def from_json(cls, text: str) -> Summary:
        """The summary that :meth:`to_json` wrote; raises ``ValueError`` for anything else."""
        return msgspec.json.decode(text, type=cls)


def summarise(facts: RunFacts, reconciliation: Reconciliation | None, files: Files) -> Summary:
    """The summary of a run that got as far as a plan; without a reconciliation nothing is said of operations."""
    return Summary(
        run_id=facts.run_id,
        job=facts.job,
        status=facts.status,
        exit_code=int(facts.exit_code),
        enterprise_id=facts.enterprise_id,
        roster=_roster(facts),
        directory=DirectoryPart(facts.directory.users, facts.directory.managed, facts.directory.app),
        guards=tuple(
            GuardPart(guard.name, guard.limit, guard.actual, guard.verdict) for guard in facts.guards
        ),
        api=facts.api,
        files=files,
        started_at=facts.started_at or None,
        finished_at=facts.finished_at or None,
        error=facts.error or None,
        **_counts(reconciliation),
    )


def _roster(facts: RunFacts) -> RosterPart:
    roster = facts.roster
    return RosterPart(roster.path, roster.sha256, roster.rows, roster.valid, roster.rejected)


def _counts(reconciliation: Reconciliation | None) -> dict[str, Any]:
    if reconciliation is None:
        return {}
    outcomes = reconciliation.totals.outcomes
    if reconciliation.mode is Mode.PREVIEW:
        people = reconciliation.totals.verdicts.get(Verdict.HELD, 0)
        outcomes = {Status.HELD: people + outcomes.get(Status.HELD, 0)}
    return {
        "planned": dict(reconciliation.totals.planned),
        "outcomes": {status.value: outcomes.get(status, 0) for status in _COUNTED},
    }
