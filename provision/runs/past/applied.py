"""Applied runs as a ledger made anew learns from them: proven, and as far as their journals were closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from provision.errors import DamagedFile, PlanError
from provision.job.settings import Job
from provision.journal import v1
from provision.journal.book import ALL, JOURNAL_NAME, read_journal
from provision.journal.digest import FINISHED
from provision.journal.value import Outcome
from provision.plan.planfile import PLAN_NAME, read_recorded
from provision.plan.value import Plan
from provision.report.kept import reopen
from provision.report.reconciling.reconcile import proven
from provision.report.value import Mode
from provision.runs.folder import came_to_its_end, summary_of
from provision.runs.seal.closing import has_grown, own_seal
from provision.runs.seal.seal import doubt_about
from provision.runs.seal.seal_file import Seal
from provision.runs.selection import identity


@dataclass(frozen=True, slots=True)
class AppliedRun:
    """One run that was applied, as its folder tells it: what its journal said when the program closed it, or says now if nobody did.

    ``grown``: entries came later. ``seal`` is one that the key proves. The people of ``plan`` are read again whenever they are
    asked for, and what the roster said is left out: a job has a run a night, and not all of them fit into memory.
    """

    path: Path
    plan: Plan
    outcomes: Mapping[str, Outcome]
    summary: Mapping[str, object]
    about: Mapping[str, str]
    seal: Seal
    grown: bool

    @property
    def ended(self) -> bool:
        """Whether it came to its own end; the journals of version 1 do not say it, so that their summary has to."""
        if self.about.get("version") == v1.VERSION:
            return came_to_its_end(self.summary)
        if self.seal.closes:
            return self.seal.journal is not None and self.seal.journal.ended
        return FINISHED in self.about

    def whole_plan(self) -> Plan:
        """The plan with everything in memory."""
        return read_recorded(self.path, self.seal.expected(PLAN_NAME))


@dataclass(frozen=True, slots=True)
class PeopleOnDisk:
    """The people of a plan as they lie in its run folder: one batch, read each time it is asked for; ``sealed`` as in :func:`read_recorded`."""

    path: Path
    rows: int
    sealed: str

    @property
    def count(self) -> int:
        """One."""
        return 1

    def each(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """All of them. Raises PlanError for a folder that was changed meanwhile."""
        yield from read_recorded(self.path, self.sealed).people.each(columns)

    def whole(self) -> pd.DataFrame:
        """Likewise."""
        return read_recorded(self.path, self.sealed).people.whole()


def expect_believed(path: Path, job: Job) -> None:
    """Raise PlanError for a folder that the job's key does not prove."""
    if (doubt := doubt_about(path, job)) is not None:
        raise doubt


def read_applied(path: Path, job: Job) -> AppliedRun:
    """The run of this folder. Raises PlanError for one that cannot be read or is not believed."""
    plan = read_recorded(path)  # what is wrong with it is said first
    if plan.job != job.name:
        raise PlanError(f"its plan is one of the job {plan.job}")
    journal, whose = path / JOURNAL_NAME, identity(plan)
    read_journal(journal, whose)
    expect_believed(path, job)
    seal = own_seal(path, job)
    plan = read_recorded(path, seal.expected(PLAN_NAME))
    grown, closed = has_grown(path, seal), seal.journal
    last = closed.last if closed is not None else ALL
    outcomes, about = read_journal(journal, whose, last, closed)
    plan = replace(plan, people=PeopleOnDisk(path, plan.people.rows, seal.expected(PLAN_NAME)), said=None)
    return AppliedRun(path, plan, _proven(path, outcomes), summary_of(path), about, seal, grown)


def _proven(path: Path, outcomes: Mapping[str, Outcome]) -> Mapping[str, Outcome]:
    """The outcomes, without those that the listing at the end of the run contradicted. Raises DamagedFile."""
    try:
        kept = reopen(path)[0]
    except DamagedFile:
        raise
    except PlanError:
        return outcomes
    return outcomes if kept.mode is Mode.PREVIEW else proven(outcomes, kept)
