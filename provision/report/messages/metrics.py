"""How a run ended, for a monitoring system: the text format of Prometheus, as its textfile collector reads it. Nobody is named in it.

Every value is of the last run and may go down, so every one is a gauge (prometheus.io/docs/instrumenting/exposition_formats).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from provision.errors import ExitCode
from provision.findings import Level
from provision.frames import records
from provision.model import Kind
from provision.plan.value import Ruling
from provision.report.summary import Summary
from provision.report.value import Reconciliation, RunStatus

#: seconds since 1970 of the last run that ended with 0; 0 for none, so that an alarm on its age goes off
LAST_SUCCESS = "provision_last_success_timestamp_seconds"
_JOB = "provision_job"
_LABEL = re.compile(rf'{_JOB}="((?:[^"\\]|\\.)*)"')
_SUCCESS = re.compile(rf"^{LAST_SUCCESS}\{{[^}}]*\}} ([0-9.e+]+)$", re.MULTILINE)

Sample = tuple[dict[str, str], float]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: its name, what it means, and its samples, each with its labels but that of the job."""

    name: str
    help: str
    samples: tuple[Sample, ...]


def metrics(summary: Summary, reconciliation: Reconciliation | None, now: datetime, before: str = "") -> str:
    """The file for a run that has just ended; ``before`` is the one that lies there, which knows the last success."""
    job = _escaped(summary.job or "")
    lines: list[str] = []
    for family in _families(summary, reconciliation, now, before):
        if family.samples:
            lines += [f"# HELP {family.name} {family.help}", f"# TYPE {family.name} gauge"]
            lines += [_line(family.name, job, labels, value) for labels, value in family.samples]
    return "\n".join(lines) + "\n"


def jobs_in(text: str) -> set[str]:
    """The jobs whose metrics a file holds, as they are written there."""
    return set(_LABEL.findall(text))


def written_as(job: str) -> str:
    """The name of a job as :func:`jobs_in` finds it."""
    return _escaped(job)


def _families(
    summary: Summary, reconciliation: Reconciliation | None, now: datetime, before: str
) -> Iterator[Family]:
    yield from _of_run(summary, now, before)
    yield from _of_work(summary, reconciliation)
    yield from _of_waiting(summary, now)
    api = summary.api
    yield _one("provision_api_requests", "Requests that the run sent to Box.", api.requests)
    yield _one("provision_api_retries", "Requests of them that were repeats.", api.retries)
    yield _one("provision_api_rate_limited", "Answers HTTP 429 of Box.", api.rate_limited)
    yield _one("provision_api_seconds", "Seconds from the first request to the last.", api.seconds)


def _of_run(summary: Summary, now: datetime, before: str) -> Iterator[Family]:
    finished = now.timestamp()
    started = datetime.fromisoformat(summary.started_at).timestamp() if summary.started_at else finished
    found = _SUCCESS.search(before)
    success = finished if summary.exit_code == ExitCode.DONE else float(found[1]) if found else 0.0
    yield _one("provision_last_run_timestamp_seconds", "When the last run ended.", finished)
    yield _one(LAST_SUCCESS, "When a run last ended with exit code 0; 0 for never.", success)
    yield _one("provision_run_duration_seconds", "How long the run took.", max(finished - started, 0.0))
    yield _one("provision_run_exit_code", "Exit code of the run.", summary.exit_code)
    states = tuple(({"status": each.value}, float(each == summary.status)) for each in RunStatus)
    yield Family("provision_run_status", "1 for how the run ended.", states)


def _of_work(summary: Summary, reconciliation: Reconciliation | None) -> Iterator[Family]:
    planned = tuple(({"kind": kind.value}, float(summary.planned.get(kind, 0))) for kind in Kind)
    yield Family("provision_planned_operations", "Operations of the plan, by kind.", planned)
    outcomes = tuple(({"outcome": word}, float(count)) for word, count in summary.outcomes.items())
    yield Family("provision_outcomes", "Operations and decisions by outcome.", outcomes)
    yield Family(
        "provision_operations", "Operations by kind and outcome.", tuple(_operations(reconciliation))
    )
    roster, directory = summary.roster, summary.directory
    rows = {"valid": roster.valid, "rejected": roster.rejected, "excluded": roster.excluded}
    yield Family("provision_roster_rows", "Rows of the roster.", _by("state", rows.items()))
    users = {"managed": directory.managed, "app": directory.app}
    read = ((kind, count) for kind, count in users.items() if count is not None)
    yield Family("provision_directory_users", "Users of the enterprise before the run.", _by("kind", read))


def _operations(reconciliation: Reconciliation | None) -> Iterator[Sample]:
    if reconciliation is None or reconciliation.operations.empty:
        return
    counts = reconciliation.operations.value_counts(["kind", "outcome"], sort=False).reset_index(name="count")
    for each in records(counts):
        if each["outcome"]:
            yield {"kind": str(each["kind"]), "outcome": str(each["outcome"])}, float(each["count"])


def _of_waiting(summary: Summary, now: datetime) -> Iterator[Family]:
    since = [datetime.fromisoformat(each.since) for each in summary.holds if each.since]
    age = max((now - min(since)).total_seconds(), 0.0) if since else 0.0
    yield _one("provision_holds", "What waits for a person.", summary.holds_total)
    yield _one("provision_hold_oldest_age_seconds", "For how long the oldest of it waits.", age)
    for part, words in (("limit", "What it lets go."), ("actual", "What it counted.")):
        samples = tuple(({"guard": each.name}, float(getattr(each, part))) for each in summary.guards)
        yield Family(f"provision_guard_{part}", f"Each guard: {words}", samples)
    refused = tuple(({"guard": each.name}, float(each.verdict == Ruling.REFUSED)) for each in summary.guards)
    yield Family("provision_guard_refused", "1 for a guard that said no.", refused)
    levels = [each.level.value for each in summary.findings]
    found = ((level.value, levels.count(level.value)) for level in Level)
    yield Family("provision_findings", "What was noticed, by how grave it is.", _by("level", found))


def _one(name: str, words: str, value: float) -> Family:
    return Family(name, words, (({}, float(value)),))


def _by(label: str, counts: Iterable[tuple[str, int]]) -> tuple[Sample, ...]:
    return tuple(({label: name}, float(count)) for name, count in counts)


def _line(name: str, job: str, labels: dict[str, str], value: float) -> str:
    told = "".join(f',{label}="{_escaped(text)}"' for label, text in labels.items())
    number = f"{value:.0f}" if value.is_integer() else repr(value)
    return f'{name}{{{_JOB}="{job}"{told}}} {number}'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
