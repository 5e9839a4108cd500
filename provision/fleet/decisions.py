"""What waits for a person in any enterprise of a fleet, and the job of a run that somebody decides about."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provision.errors import ProvisionError, UsageError
from provision.fleet.folder import last_summary, newest
from provision.fleet.reading import Fleet, assignment_of, job_of
from provision.fleet.rows import Row
from provision.job.settings import Job
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.approving.holds import waiting
from provision.runs.ending import gravest
from provision.runs.folder import RunFolder, find_run
from provision.runs.observer import Observer, Trouble


@dataclass(frozen=True, slots=True)
class FleetWaiting(Summary):
    """What waits in the enterprises of a fleet; as JSON it is nothing but that."""

    fleet: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        told = {"fleet": self.fleet, "exit_code": self.exit_code, "error": self.error, "holds": self.rows}
        return json.dumps(told, ensure_ascii=False)


def waiting_in(fleet: Fleet, observer: Observer) -> FleetWaiting:
    """What waits in any of its enterprises, as the ledgers know. A job that cannot be looked at is told of, and decides the exit code."""
    known = _enterprises(fleet)
    rows: list[Mapping[str, Any]] = []
    troubles: list[ProvisionError] = []
    for row in fleet.rows:
        try:
            job = job_of(assignment_of(row, fleet), os.environ, signs_in=False)
            found = waiting(job, observer).rows
        except ProvisionError as error:
            observer.note(Trouble(f"{row.name}: {error}"))
            troubles.append(error)
        else:
            mine = _of_row(row, job, known)
            rows += ({"enterprise": row.name, **each} for each in found if mine(each["enterprise_id"]))
    code = gravest(each.exit_code for each in troubles)
    told = "\n".join(map(str, troubles)) or None
    status = RunStatus.FAILED if troubles else RunStatus.NO_CHANGES
    return FleetWaiting(
        exit_code=int(code), status=status, error=told, fleet=fleet.settings.name, rows=tuple(rows)
    )


class _Mine:
    """Whether an enterprise is that of a row: many rows may have one ledger, and jobs of one name."""

    def __init__(self, own: str, others: frozenset[str]) -> None:
        self._own, self._others = own, others

    def __call__(self, enterprise_id: str) -> bool:
        return enterprise_id == self._own if self._own else enterprise_id not in self._others


def _of_row(row: Row, job: Job, known: Mapping[str, tuple[str, str]]) -> _Mine:
    own = known.get(row.name, ("", ""))[1]
    others = (ident for name, (of_job, ident) in known.items() if name != row.name and of_job == job.name)
    return _Mine(own, frozenset(others))


def _enterprises(fleet: Fleet) -> dict[str, tuple[str, str]]:
    """By name of the row its job and the id of its enterprise: as its variables say, or as the last night found."""
    found = {row.name: (row.identity.job, row.identity.label) for row in fleet.rows if row.identity.label}
    last = newest(fleet.runs, fleet.settings.name)
    for each in (last_summary(last) if last else {}).get("enterprises", ()):
        name, job, ident = each.get("fleet", {}).get("name"), each.get("job"), each.get("enterprise_id")
        if name and job and ident:
            found.setdefault(name, (job, ident))
    return found


def job_of_run(fleet: Fleet, name: str) -> tuple[str, Job]:
    """The run folder of this name and the job of the fleet that made it. Raises UsageError for a run of no job of the fleet."""
    run = _found(fleet, name)
    for row in _candidates(fleet, run):
        job = job_of(assignment_of(row, fleet), os.environ, signs_in=False)
        if job.runs.resolve() == run.path.parent:
            return str(run.path), job
    raise UsageError(
        f"{run.path} is no run of a job of the fleet {fleet.settings.name}.",
        cause="a run of another fleet, or one that was begun without a fleet",
        remedy="name the fleet file that it was made with, or leave --fleet out",
    )


def _found(fleet: Fleet, name: str) -> RunFolder:
    for row in fleet.rows if not Path(name).parent.name else ():
        if (path := fleet.runs / row.name / name).is_dir():
            return find_run(str(path))
    return find_run(name)


def _candidates(fleet: Fleet, run: RunFolder) -> Iterator[Row]:
    """The rows whose run it may be, without a look at their secrets."""
    for row in fleet.rows:
        below = assignment_of(row, fleet).below
        if str(row.job_path.resolve()) == run.about.job_path and below in ("", run.path.parent.name):
            yield row
