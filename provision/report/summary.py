"""The one JSON object a run leaves for programs."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from provision.errors import ExitCode
from provision.findings import MOST, Finding
from provision.frames import equals, records, written
from provision.model import Status
from provision.plan.value import GuardVerdict, Ruling
from provision.report.sentences.codes import meaning
from provision.report.sentences.notes import words_of
from provision.report.value import ApiFacts, HoldLine, Reconciliation, RunFacts, RunStatus
from provision.roster.reading import Reading, SourceReading

#: outcomes the summary counts
_COUNTED = (
    Status.DONE.value, Status.FAILED.value, Status.IN_DOUBT.value, Status.SKIPPED.value, Status.HELD.value,
    Status.NOT_ATTEMPTED.value, Status.WAITING.value,
)  # fmt: skip


def one_line(told: object) -> str:
    """One JSON object on one line. Names of files may hold bytes that are no text: those are escaped."""
    try:
        return msgspec.json.encode(told).decode()
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(told))


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
class RosterSummary:
    """The roster in the summary; ``written_at`` is when its file was last written, ISO.

    ``understood`` is how its file was read; the people of the sample are in it where a check was asked for them.
    ``people`` are those whom alone the run is about (``--person``), as they were named. ``sources``: each of several files.
    """

    path: str | None = None
    sha256: str | None = None
    rows: int = 0
    valid: int = 0
    rejected: int = 0
    written_at: str | None = None
    understood: Reading | None = None
    excluded: int = 0
    people: tuple[str, ...] = ()
    sources: tuple[SourceReading, ...] = ()


@dataclass(frozen=True, slots=True)
class DirectorySummary:
    """The enterprise's users in the summary, before the run. ``groups`` is None while groups are not read.

    ``read``: ``listing``, or ``lookup`` where people were looked up singly and nobody was counted.
    """

    users: int | None = 0
    managed: int | None = 0
    app: int | None = 0
    groups: int | None = None
    read: str = "listing"


@dataclass(frozen=True, slots=True)
class GuardSummary:
    """One guard in the summary."""

    name: str
    limit: int
    actual: int
    verdict: Ruling

    @classmethod
    def of(cls, guard: GuardVerdict) -> GuardSummary:
        """What is told of a guard's verdict."""
        return cls(guard.name, guard.limit, guard.actual, guard.verdict)


@dataclass(frozen=True, slots=True)
class FailureLine:
    """One operation that failed or is in doubt: what Box said of whom, what it means and what to do."""

    kind: str
    key: str
    code: str
    http_status: int
    request_id: str
    sentence: str
    do: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run tells programs; every key is always there. What is not known is None, 0 or empty.

    Of findings, failures and holds MOST at most are told; ``…_total`` counts all.
    """

    run_id: str | None = None
    job: str | None = None
    status: RunStatus = RunStatus.FAILED
    exit_code: int = int(ExitCode.OUR_FAULT)
    enterprise_id: str | None = None
    roster: RosterSummary = RosterSummary()
    directory: DirectorySummary = DirectorySummary()
    planned: Mapping[str, int] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(_COUNTED, 0))
    guards: tuple[GuardSummary, ...] = ()
    api: ApiFacts = field(default_factory=ApiFacts)
    files: Files = Files()
    started_at: str | None = None
    finished_at: str | None = None
    error: str | None = None
    findings: tuple[Finding, ...] = ()
    findings_total: int = 0
    failures: tuple[FailureLine, ...] = ()
    failures_total: int = 0
    holds: tuple[HoldLine, ...] = ()
    holds_total: int = 0

    def to_json(self) -> str:
        """One JSON object on one line."""
        return one_line(asdict(self))

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
        directory=_directory(facts),
        guards=tuple(map(GuardSummary.of, facts.guards)),
        api=facts.api,
        files=files,
        started_at=facts.started_at or None,
        finished_at=facts.finished_at or None,
        error=facts.error or None,
        findings=facts.findings.told,
        findings_total=facts.findings.total,
        holds=facts.holds.told,
        holds_total=facts.holds.total,
        **_counts(reconciliation),
    )


def _directory(facts: RunFacts) -> DirectorySummary:
    read = facts.directory
    if read.read == "lookup":
        return DirectorySummary(None, None, None, read.groups, read.read)
    return DirectorySummary(read.users, read.managed, read.app, read.groups)


def _roster(facts: RunFacts) -> RosterSummary:
    roster = facts.roster
    written = facts.written_at or None
    return RosterSummary(
        roster.path,
        roster.sha256,
        roster.rows,
        roster.valid,
        roster.rejected,
        written,
        _bare(roster.reading),
        roster.excluded,
        roster.people,
        tuple(replace(each, reading=_bare(each.reading)) for each in roster.sources),
    )


def _bare(reading: Reading | None) -> Reading | None:
    """How a file was read, without people."""
    return replace(reading, people=()) if reading else None


def _counts(reconciliation: Reconciliation | None) -> dict[str, Any]:
    if reconciliation is None:
        return {}
    outcomes = reconciliation.totals.outcomes
    return {
        "planned": dict(reconciliation.totals.planned),
        "outcomes": {status: outcomes.get(status, 0) for status in _COUNTED},
        **_failures(reconciliation),
    }


def _failures(reconciliation: Reconciliation) -> dict[str, Any]:
    """The operations that failed or are in doubt, each with the line of its person."""
    operations, table = reconciliation.operations, reconciliation.table
    ended = operations["outcome"]
    bad = operations[equals(ended, Status.FAILED.value) | equals(ended, Status.IN_DOUBT.value)]
    if bad.empty:
        return {"failures": (), "failures_total": 0}
    first = bad.head(MOST)
    people = table[table["box_id"].isin(first["box_id"]) | table["line"].isin(first["line"])]
    by_account = {box_id: at for at, box_id in people["box_id"].items() if box_id}
    by_row = {line: at for at, line in people["line"].items() if line}
    keys = written(people)
    lines = []
    for one in records(first):
        at = by_row.get(one["line"], by_account.get(one["box_id"]))
        reason = people["reason"].get(at, "") if at is not None else _noted(reconciliation, one["id"])
        lines.append(_failure(one, str(keys.get(at, one["subject"])), str(reason)))
    return {"failures": tuple(lines), "failures_total": len(bad)}


def _noted(reconciliation: Reconciliation, name: str) -> str:
    """What became of an operation that no line tells of; a copy that was kept has no outcomes."""
    outcome = reconciliation.outcomes.get(name)
    return words_of(outcome) if outcome is not None else ""


def _failure(operation: Mapping[Hashable, Any], key: str, reason: str) -> FailureLine:
    code, http_status = operation["error_code"], int(operation["http_status"])
    said = meaning(code, http_status, operation["kind"])
    sentence = f"{operation['kind']} {key}: {reason}. {said.means}"
    return FailureLine(
        operation["kind"], key, code, http_status, operation["request_id"], sentence, said.remedy
    )
