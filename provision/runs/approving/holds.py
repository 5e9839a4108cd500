"""Holds: what waits for a person, since when and why."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from provision.because import Because, without
from provision.errors import ExitCode
from provision.findings import MOST
from provision.job.settings import Job
from provision.journal.value import Outcome
from provision.keyed import AIM, FingerprintKey, kept
from provision.ledger.value import Hold, Memory, Release
from provision.lessons.finished import held_in
from provision.model import Status
from provision.plan.guards.approvals import GivenWords, since_held, so_far
from provision.plan.guards.approvals import waiting as still_waiting
from provision.plan.value import Plan
from provision.report.sentences.reasons import words
from provision.report.summary import Summary
from provision.report.value import HoldLine, Holds, RunStatus
from provision.report.words import waited
from provision.runs.approving.inbox import inbox_of
from provision.runs.memory.job_ledger import known_ledger_of
from provision.runs.memory.memory_loss import expect_memory
from provision.runs.observer import Observer, Trouble

_NOBODY = "whoever runs the job"


@dataclass(frozen=True, slots=True)
class Waiting(Summary):
    """What waits in a job; as JSON it is nothing but that."""

    rows: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        told = {"job": self.job, "exit_code": self.exit_code, "error": self.error, "holds": self.rows}
        return json.dumps(told, ensure_ascii=False)


def waiting(job: Job, observer: Observer) -> Waiting:
    """What waits in a job for a person, as its ledger knows. Raises LostLedger for one that has forgotten."""
    expect_memory(job)
    with contextlib.closing(known_ledger_of(job)) as ledger:
        holds = ledger.waiting(job.name)
        said: dict[tuple[str, str], list[Release]] = {}
        for each in {enterprise_id for enterprise_id, _ in holds}:
            beside = inbox_of(job, each, observer.now())
            for trouble in beside.found:
                observer.note(Trouble(f"{trouble.sentence}\n  do: {trouble.do}"))
            for one in (*ledger.releases(each, job.name), *beside.words):
                said.setdefault((each, one.hold_id), []).append(one)
        key = ledger.key
    found = [
        _row(hold, each, _about(hold, said.get((each, hold.hold_id), ()), key), job, observer.now())
        for each, hold in holds
    ]
    return Waiting(job=job.name, exit_code=int(ExitCode.DONE), status=RunStatus.NO_CHANGES, rows=tuple(found))


def _about(hold: Hold, said: Iterable[Release], key: FingerprintKey | None) -> Iterable[Release]:
    """The words on what is held now: a word is for what was looked at, which may have become something else."""
    aim = kept(hold.aim, key, AIM)
    return [one for one in said if not aim or kept(one.aim, key, AIM) == aim]


def told(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory, job: Job, folder: Path | None) -> Holds:
    """What waits after a plan or a run, since when, why, for whom, and the command that releases it.

    ``folder`` is the run folder to which a word can be said, None without one.
    """
    holds = still_waiting(plan, held_in(plan, outcomes), outcomes, memory)
    asked = {key for each in plan.questions for key in (each.box_id, each.external_id, each.login)} - {""}
    # what Box or the person has to do, no word releases
    theirs = {one.hold_id for one in plan.changes if one.id in outcomes and _waits(outcomes[one.id])}
    lines = []
    for hold in holds[:MOST]:
        can_be_said = bool(hold.kind and hold.hold_id not in theirs) or not asked.isdisjoint(
            (hold.box_id, hold.external_id, hold.login)
        )
        approve = _command(folder, hold, job) if folder and can_be_said else ""
        owner = job.guards.owner or _NOBODY
        lines.append(HoldLine(hold.kind, hold.key, hold.since, words(hold.because), owner, approve))
    return Holds(tuple(lines), len(holds))


def _waits(outcome: Outcome) -> bool:
    return outcome.status is Status.WAITING


def _command(folder: Path, hold: Hold, job: Job) -> str:
    fleet = f" --fleet {shlex.quote(str(job.fleet))}" if job.fleet else ""
    return f"provision approve {shlex.quote(str(folder))}{fleet} --person {shlex.quote(hold.key)} --by NAME"


def _row(
    hold: Hold, enterprise_id: str, said: Iterable[Release], job: Job, now: datetime
) -> Mapping[str, Any]:
    """``approved_by`` is "" until enough people have said so; who has so far stands in ``approvals``."""
    latest = {(one.by.name, one.by.os_user): one for one in sorted(said, key=lambda one: one.at)}
    valid, _ = since_held(one for one in latest.values() if one.counts(now))
    # that somebody knows of a person is no approval, and one word is enough
    required = job.approvals.required if any(one.aim for one in valid) else 1
    enough = bool(valid) and GivenWords(valid, now, required).let_go(valid)
    return {
        "enterprise_id": enterprise_id,
        **{name: cell for name, cell in asdict(hold).items() if name != "aim"},
        "who": hold.key,
        "about": hold.about,
        # who has approved since is told by who has, not by what the last run knew
        "reason": words(without(hold.because, Because.APPROVED_SO_FAR)),
        "days": waited(hold.since, now),
        "owner": job.guards.owner or _NOBODY,
        "approved_by": " and ".join(one.by.name for one in valid) if enough else "",
        "approved_until": min((one.until for one in valid), default="") if enough else "",
        "approvals": [{**one.by.row, "at": one.at, "until": one.until} for one in valid],
        "approvals_required": job.approvals.required,
        "approvals_so_far": words(so_far(valid, required)) if valid and not enough else "",
    }
