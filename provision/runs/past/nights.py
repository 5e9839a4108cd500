"""The last runs of a job as its page shows them: when each was, how it ended, and how much was done, left over or went wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import msgspec

from provision.job.settings import Job
from provision.report.chart_facts import ChartedRun, ChartFacts, past_run, stages_of
from provision.report.value import RunStatus
from provision.runs.folder import runs_of, summary_of
from provision.runs.planning.prepare import Planned

#: runs that are shown, this one too
NIGHTS = 30
#: folders that are looked into at most: those of plans that nobody carried out do not count
_LOOKED_INTO = 3 * NIGHTS


class _Told(msgspec.Struct):
    """What is asked of a summary; one that does not tell it is passed over."""

    enterprise_id: str
    status: RunStatus
    started_at: str
    outcomes: dict[str, int]


def charted(planned: Planned, folder: Path) -> ChartFacts:
    """What the charts of a run's page show beside its people. ``folder`` is the run's own.

    Without ``guards.by`` people are divided by department, where the roster tells it.
    """
    job, plan = planned.job, planned.plan
    return ChartFacts(
        stages=stages_of(plan),
        calls=planned.connection.box.traffic.by_minute,
        per_minute=job.apply.requests_per_minute,
        past=past_runs(job, plan.enterprise_id, folder),
        divided_by=job.guards.by or "department",
    )


def past_runs(job: Job, enterprise_id: str, folder: Path) -> tuple[ChartedRun, ...]:
    """The runs of this job before the one in ``folder``, oldest first; plans that were not carried out are none."""
    found: list[ChartedRun] = []
    with contextlib.suppress(OSError):
        earlier = (path for path in runs_of(job) if path.name < folder.name)
        found += islice(_runs(islice(earlier, _LOOKED_INTO), enterprise_id), NIGHTS - 1)
    return tuple(reversed(found))


def _runs(folders: Iterator[Path], enterprise_id: str) -> Iterator[ChartedRun]:
    for path in folders:
        with contextlib.suppress(msgspec.ValidationError):
            told = msgspec.convert(summary_of(path), _Told)
            if told.enterprise_id == enterprise_id and told.status is not RunStatus.PLANNED:
                yield past_run(told.started_at, told.status, told.outcomes)
