"""Adoption: who is in scope and not owned by a job, and the recorded decision to look after them from now on."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd

from provision.box.connect import Connection
from provision.deciders import Decider
from provision.errors import ExitCode, UsageError
from provision.job.settings import Job
from provision.ledger.others import SAYS_LEFT
from provision.ledger.value import ACCOUNT_COLUMNS, Lessons, Taught
from provision.model import fold
from provision.records import LARGEST, content_of, damaged, decoded, sound, write_record
from provision.report.summary import Summary, files_of
from provision.report.value import RunStatus
from provision.runs.folder import ADOPTION_NAME
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.memory.lock import only_run
from provision.runs.observer import Observer, Remark
from provision.runs.planning.prepare import read_directory, recall
from provision.runs.reading.connection import sign_in
from provision.runs.seal.seal import seal
from provision.runs.start import Begun
from provision.runs.who_decides import who_decides
from provision.wording import nearest

#: what is told of whom one may adopt
SHOWN = ("box_id", "kind", "status", "external_id", "login", "name")


@dataclass(frozen=True, slots=True)
class AdoptionChoice:
    """Whom to adopt: those named by login, external id or Box id, or ``everybody`` who is listed; ``by`` is who decides."""

    named: Sequence[str] = ()
    everybody: bool = False
    by: str = ""


@dataclass(frozen=True, slots=True)
class Adoptable(Summary):
    """Who may be adopted, or was; as JSON it is nothing but them."""

    accounts: tuple[Mapping[str, Any], ...] = ()
    adopted: bool = False

    def to_json(self) -> str:
        """One JSON object on one line."""
        name = "adopted" if self.adopted else "adoptable"
        told = {"run_id": self.run_id, "job": self.job, "exit_code": self.exit_code, "error": self.error}
        return json.dumps(told | {name: self.accounts}, ensure_ascii=False)


def adopted_in(told: Adoption) -> tuple[str, str, Lessons]:
    """Enterprise, time and lessons of an adoption."""
    frame = pd.DataFrame(told.accounts, columns=list(ACCOUNT_COLUMNS), dtype="str").fillna("")
    return told.enterprise_id, told.at, _lessons(frame)


class Adoption(msgspec.Struct):
    """The record of an adoption: which accounts were taken over, by whose decision."""

    enterprise_id: str
    at: str
    by: str
    accounts: list[dict[str, str]]
    os_user: str = ""
    host: str = ""
    terminal: str = ""

    @property
    def decider(self) -> Decider:
        """Who decided it."""
        return Decider(self.by, self.os_user, self.host, self.terminal)


def adoption(folder: Path, sealed: str = "") -> Adoption | None:
    """The adoption that a run folder records, None if it records none. Raises DamagedFile, also for another than the ``sealed`` one (SHA-256)."""
    path = folder / ADOPTION_NAME
    remedy = f"put {path.name} back from a backup, or adopt again: provision adopt JOB"
    try:
        content = content_of(path, remedy, LARGEST)
    except FileNotFoundError:
        return None
    if sealed and hashlib.sha256(content).hexdigest() != sealed:
        raise damaged(path, "it was changed after it was sealed", remedy)
    told = decoded(path, content, Adoption, remedy)
    sound(path, lambda: datetime.fromisoformat(told.at), remedy)
    return told


def adoptable(job: Job, observer: Observer) -> Adoptable:
    """Who may be adopted; nothing is changed."""
    found = _adoptable(job, sign_in(job, observer), observer)
    accounts = _cells(found, SHOWN)
    return Adoptable(
        job=job.name, exit_code=int(ExitCode.DONE), status=RunStatus.NO_CHANGES, accounts=accounts
    )


def adopt(job: Job, choice: AdoptionChoice, begun: Begun) -> Adoptable:
    """Take over those chosen, and record who decided it. Raises UsageError for somebody who cannot be adopted, and Locked."""
    observer, run = begun.observer, begun.start(job)
    connection = sign_in(job, observer, run)
    enterprise_id = connection.me.enterprise_id
    with only_run(job, enterprise_id, run.about.run_id, observer):
        found = _adoptable(job, connection, observer, named=not choice.everybody)
        chosen = found if choice.everybody else _chosen(found, choice.named)
        at, by = observer.now().isoformat(timespec="seconds"), who_decides(choice.by)
        chosen = chosen.assign(left_at="")
        accounts = _cells(chosen, ACCOUNT_COLUMNS)
        told = {"enterprise_id": enterprise_id, "at": at, **by.row, "accounts": accounts}
        write_record(run.path / ADOPTION_NAME, told)
        seal(run, job)
        with contextlib.closing(ledger_of(job)) as ledger:
            ledger.learn(
                enterprise_id, job.name, _lessons(chosen), Taught(run.about.run_id, at, at), moves=True
            )
    run.log("adopted", observer.now(), **by.row, count=len(chosen))
    observer.note(
        Remark(
            f"{job.name} owns {len(chosen):,} more users from now on, by decision of {by.told}: {run.path / ADOPTION_NAME}"
        )
    )
    return Adoptable(
        run_id=run.about.run_id, job=job.name, status=RunStatus.APPLIED, exit_code=int(ExitCode.DONE),
        enterprise_id=enterprise_id, files=files_of(run.path, {}), accounts=accounts, adopted=True,
    )  # fmt: skip


def _adoptable(job: Job, connection: Connection, observer: Observer, *, named: bool = False) -> pd.DataFrame:
    """Users in scope that may be removed at all and that the job does not own yet.

    Of those that are ``named`` also its own that a job with a partial roster has locked: whose word on them counts is decided.
    """
    directory = read_directory(job, connection, observer)
    memory = recall(job, connection.me.enterprise_id)
    owned, claims = memory.accounts["box_id"], memory.claims
    locked = claims.loc[named & (claims["how"] == SAYS_LEFT), "box_id"]
    owned = owned[~owned.isin(locked)]
    return directory.where(
        lambda users: users["in_scope"] & (users["protected"] == "") & ~users["box_id"].isin(owned)
    )


def _chosen(found: pd.DataFrame, named: Sequence[str]) -> pd.DataFrame:
    """Those that were named, each of whom has to be there."""
    at: dict[str, int] = {}
    for name in ("box_id", "external_id", "login_key"):
        at |= {key: place for place, key in enumerate(found[name].tolist()) if key}
    places = set[int]()
    for name in named:
        key = name if name in at else fold(name)
        if key not in at:
            close = nearest(key, at)
            raise UsageError(
                f"--login {name}: nobody of that name can be adopted"
                + (f"; did you mean {close}?" if close else "."),
                cause="a typing error, somebody out of scope or protected, or an account the job owns already",
                remedy="see who can be adopted: provision adopt JOB",
            )
        places.add(at[key])
    return found.iloc[sorted(places)]


def _lessons(accounts: pd.DataFrame) -> Lessons:
    return Lessons(accounts[list(ACCOUNT_COLUMNS)].astype("str"), (), None, "", 0, complete=False)


def _cells(frame: pd.DataFrame, names: Sequence[str]) -> tuple[dict[str, str], ...]:
    rows = zip(*(frame[name].tolist() for name in names), strict=True)
    return tuple(dict(zip(names, row, strict=True)) for row in rows)
