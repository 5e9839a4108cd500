"""What is new in a plan beside the last one of its job, and beside the last one that was carried out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from provision.errors import ProvisionError
from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.model import Status
from provision.plan.comparison import compare
from provision.plan.planfile import read_recorded
from provision.plan.value import UNDO, Plan
from provision.runs.folder import RunFolder, runs_of
from provision.runs.planning.prepare import Planned
from provision.runs.seal.closing import outcomes_that_count
from provision.runs.selection import identity
from provision.wording import counted

#: folders that are looked into at most
_LOOKED_INTO = 20


def beside_earlier(planned: Planned, run: RunFolder) -> tuple[Finding, ...]:
    """How this plan differs from the last one, and from the last one that was carried out, where that is another.

    Plans of some people, of another day, of another enterprise or that take a run back are passed over, and have no such findings.
    """
    if not _of_everybody(planned.plan):
        return ()
    found: list[Finding] = []
    with contextlib.suppress(OSError, ProvisionError):  # what was found of the other one is told all the same
        for path, plan in _last_two(planned, run):
            if plan.changes or planned.plan.changes:
                found.append(_beside(plan, path, planned, run))
    return tuple(found)


def _of_everybody(plan: Plan) -> bool:
    return not (plan.supposed or plan.roster.people or plan.roster.authority == UNDO)


def _last_two(planned: Planned, run: RunFolder) -> Iterator[tuple[Path, Plan]]:
    """The last plan of the job before this one, and the last that was carried out; no other is read, since each may be large."""
    before = (path for path in runs_of(planned.job) if path.name < run.path.name)
    last = True
    for path in islice(before, _LOOKED_INTO):
        applied = (path / JOURNAL_NAME).exists()
        if not (last or applied):
            continue
        with contextlib.suppress(
            ProvisionError, FileNotFoundError
        ):  # without a plan, or damaged: told by who needs it
            plan = read_recorded(path)
            if plan.enterprise_id == planned.plan.enterprise_id and _of_everybody(plan):
                yield path, plan
                if applied:
                    return
                last = False


def _beside(before: Plan, path: Path, planned: Planned, run: RunFolder) -> Finding:
    compared = compare(before, planned.plan)
    applied = (path / JOURNAL_NAME).exists()
    done = _done(path, before, planned.job) if applied else frozenset()
    gone = counted(len(compared.removed), "is gone", "are gone")
    if settled := sum(one.change.id in done for one in compared.removed):
        gone += f" ({settled:,} of them done)"
    which = "the last plan that was carried out" if applied else "the last plan"
    at = datetime.fromisoformat(before.as_of).astimezone(UTC)
    sentence = f"the same as in {which}, of {at:%Y-%m-%d %H:%M} UTC"
    if not compared.equal:
        sentence = (
            f"beside {which}, of {at:%Y-%m-%d %H:%M} UTC: {counted(len(compared.added), 'operation is', 'operations are')} new, "
            f"{gone}, {counted(len(compared.changed), 'differs', 'differ')}"
        )
    return Finding(Code.SINCE_LAST, Level.NOTE, sentence, f"provision diff {path.name} {run.path.name}")


def _done(path: Path, plan: Plan, job: Job) -> frozenset[str]:
    outcomes = outcomes_that_count(path, job, identity(plan))
    return frozenset(name for name, one in outcomes.items() if one.status is Status.DONE)
