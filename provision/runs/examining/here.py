"""What can be looked at without Box: variables, roster, folders, key and ledger of a job."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provision.errors import InputError, ProvisionError
from provision.findings import Code
from provision.job.load import KEY_VARIABLE
from provision.job.settings import Job
from provision.ledger.address import file_of
from provision.ledger.place import nothing_there
from provision.ledger.value import blank
from provision.report.first_day.diagnosis import CheckLine, Sign
from provision.roster.value import Roster
from provision.runs.beside import expect_beside
from provision.runs.examining.errors import of_error
from provision.runs.memory.job_ledger import known_ledger_of
from provision.runs.memory.memory_loss import memory_loss
from provision.runs.observer import Observer
from provision.runs.places.fleeting import lost_soon
from provision.runs.places.own_places import open_to_others
from provision.runs.planning.roster_intake import take_in
from provision.runs.seal.key import known_key
from provision.wording import counted


@dataclass(frozen=True, slots=True)
class SeenHere:
    """The looks, and the roster where it could be read."""

    looks: tuple[CheckLine, ...]
    roster: Roster | None


def look_here(job: Job, observer: Observer) -> SeenHere:
    """Look at everything that needs no Box."""
    roster, of_roster = _roster(job, observer)
    looks = (CheckLine(Sign.JOB, {"name": job.name, "path": str(job.path or "")}), _variables(job), of_roster)
    return SeenHere((*looks, *_folders(job), _key(job), *_ledger(job), *_beside(job)), roster)


def _variables(job: Job) -> CheckLine:
    if not job.unset:
        return CheckLine(Sign.VARIABLES)
    return CheckLine(Sign.VARIABLES_UNSET, {"names": ", ".join(job.unset), "first": job.unset[0]})


def _roster(job: Job, observer: Observer) -> tuple[Roster | None, CheckLine]:
    try:
        roster = take_in(job, None, observer.now(), judged=False)
    except ProvisionError as error:
        return None, of_error(Sign.ROSTER_UNREAD, error)
    facts = {"path": roster.path, "rows": f"{roster.rows:,}", "rejected": f"{len(roster.rejected):,}"}
    return roster, CheckLine(
        Sign.ROSTER_ROWS if len(roster.rejected) else Sign.ROSTER, facts | {"job": str(job.path or "JOB")}
    )


def _folders(job: Job) -> Iterator[CheckLine]:
    """Whether ``runs`` and the ledger's folder can be written to, and by nobody else."""
    doubts = {found.file: found for found in open_to_others(job)}
    ledger = file_of(job.state.url)
    for key, path in (("runs", job.runs), ("state", ledger.parent if ledger else None)):
        if path is None:
            continue
        facts = {"key": key, "path": str(path)}
        if not _may_write(path):
            yield CheckLine(Sign.FOLDER_CLOSED, facts)
        elif (found := doubts.get(str(path))) is not None:
            yield CheckLine(Sign.FOLDER_DOUBTFUL, facts | {"what": found.sentence, "do": found.do})
        else:
            yield CheckLine(Sign.FOLDER if path.exists() else Sign.FOLDER_NOT_YET, facts)


def _may_write(path: Path) -> bool:
    """Whether a folder, or the nearest one above it that is there, can be written to."""
    there = next((each for each in (path, *path.parents) if each.exists()), path)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _key(job: Job) -> CheckLine:
    try:
        found = known_key(job)
    except InputError as error:
        return of_error(Sign.KEY_WRONG, error)
    if found is not None:
        return CheckLine(Sign.KEY)
    if file_of(job.state.url) is None:
        return CheckLine(Sign.KEY_MISSING, {"variable": KEY_VARIABLE})
    return CheckLine(Sign.KEY_NOT_YET)


def _ledger(job: Job) -> Iterator[CheckLine]:
    """Whether the ledger is sound, knows what the run folders tell, and lies where it stays."""
    try:
        if (loss := memory_loss(job)) is not None:
            yield of_error(Sign.LEDGER_WRONG, loss)
        elif nothing_there(job.state.url):
            yield CheckLine(Sign.LEDGER_NOT_YET)
        else:
            yield _sound(job)
    except ProvisionError as error:
        yield of_error(Sign.LEDGER_WRONG, error)
        return
    for found in lost_soon(job, blank()):
        if found.code is Code.STATE_FLEETING:
            yield CheckLine(Sign.LEDGER_DOUBTFUL, {"what": found.sentence, "do": found.do})


def _beside(job: Job) -> Iterator[CheckLine]:
    """Whether programs, messages and metrics of the job can be what they are to be, where it has any."""
    hooks = (*job.hooks.before_apply, *job.hooks.after_run)
    facts = {
        "hooks": counted(len(hooks), "program"),
        "addresses": counted(sum(bool(each.url) for each in job.notify), "address", "addresses"),
        "metrics": "metrics" if job.metrics.textfile else "no metrics",
    }
    if job.report.copy_to:
        facts["metrics"] += ", copies of reports"
    if not (hooks or job.notify or job.metrics.textfile or job.report.copy_to):
        return
    try:
        expect_beside(job)
        yield CheckLine(Sign.BESIDE, facts)
    except InputError as error:
        yield of_error(Sign.BESIDE_WRONG, error)


def _sound(job: Job) -> CheckLine:
    with contextlib.closing(known_ledger_of(job)) as ledger:
        ledger.examine()
        return CheckLine(Sign.LEDGER, {"runs": counted(len(ledger.runs_taught("", job.name)), "run")})
