"""One person explained: every decision about one person, from the run folders and the ledger, without Box."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from provision.errors import DamagedFile, InputError, ProvisionError
from provision.explain.history import Explanation, Known, PastRun, decided, explain, operations
from provision.explain.trace import (
    Keys,
    Sighting,
    Source,
    follow,
    in_ledger,
    in_table,
    logins_in,
    meant,
    people,
    unreadable,
)
from provision.explain.words import as_object
from provision.files import sha256_of
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.model import made_by_box
from provision.plan import v3_words
from provision.plan.planfile import APPLIED, PEOPLE_NAME, PLAN_NAME, SAID_NAME, read_recorded
from provision.plan.value import UNDO, DirectoryFacts, GuardVerdict, RosterFacts
from provision.records import LARGEST, damaged, read_record, sound
from provision.report.summary import Summary
from provision.runs.ending import Fact, looked
from provision.runs.folder import SUMMARY_NAME, job_of, runs_in
from provision.runs.memory.job_ledger import known_ledger_of
from provision.runs.observer import Observer, Phase, Trouble
from provision.runs.past.decisions_by_name import words_about
from provision.runs.reading.few import NEAR, expect_one
from provision.runs.seal.closing import edited, outcomes_that_count
from provision.runs.seal.seal import doubt_of_reader
from provision.runs.selection import identity
from provision.wording import counted, nearest

#: the table of people is compared with the plan's digest of it, and what the roster said last is not told here
_COMPARED = (PEOPLE_NAME, SAID_NAME)
_REMEDY = "put the file back from a backup; the other runs are told without it"


class _Head(msgspec.Struct):
    """What a sealed plan says of itself; its operations are not read."""

    version: int
    job: str
    enterprise_id: str
    as_of: str
    roster: RosterFacts
    guards: tuple[GuardVerdict, ...]
    people_sha256: str
    directory: DirectoryFacts | None = None

    @property
    def listed(self) -> bool:
        """Whether everybody was read, so that who is not in it was not there."""
        everybody = self.roster.authority != UNDO and not self.roster.people
        return everybody and self.directory is not None and self.directory.read == "listing"


class _End(msgspec.Struct):
    """How a run ended, by its summary."""

    status: str = ""


class _Unread(Exception):
    """A run that cannot be told; the text says why in a few words."""


@dataclass(frozen=True, slots=True)
class _Shelf:
    """The run folders of a job, newest first, all about ``enterprise_id``.

    ``not_read`` says by run id why others could not be read; it grows while they are looked through. ``elsewhere`` are
    runs about another enterprise, where the same ids mean other people. ``damage``: the files that are at fault. ``not_proven``: why no
    key proves runs that are told all the same.
    """

    job: Job
    enterprise_id: str
    runs: tuple[tuple[Path, _Head], ...]
    not_read: dict[str, str]
    elsewhere: int
    damage: list[DamagedFile]
    not_proven: dict[str, str] = field(default_factory=dict)

    def left_out(self, run: Path, why: ProvisionError) -> None:
        """Pass over a run that cannot be told."""
        self.not_read[run.name] = why.what
        if isinstance(why, DamagedFile):
            self.damage.append(why)


@dataclass(frozen=True, slots=True)
class Explained(Summary):
    """One person explained, in a form of its own; ``not_read`` gives the reason for each run that could not be read."""

    told: Mapping[str, Any] = field(default_factory=dict)
    explanation: Explanation | None = None

    def to_json(self) -> str:
        """One JSON object on one line."""
        return json.dumps(self.told, ensure_ascii=False)


def explained(job: Job, person: str, observer: Observer) -> Explained:
    """Every decision about one person. Raises InputError for nobody, or for more than one."""
    shelf = _shelf(job)
    known = _known(job, shelf.enterprise_id)
    asked = meant(person)
    found = _found(asked, shelf, known, observer)
    expect_one(person, people(asked, [line for lines in found.values() for line in lines]))
    accounts = found.pop(0, ())
    runs = [run for at, lines in found.items() for run in _past(shelf, at - 1, lines)]
    if not runs and not accounts:
        raise _nobody(person, shelf, known)
    explanation = explain(runs, known, accounts, job, observer.now())
    words = words_about(explanation, job, shelf.left_out)
    told = _object(person, replace(explanation, words=words), shelf)
    for each in shelf.damage:
        observer.note(Trouble(str(each)))
    end = looked({Fact.UNREAD: bool(shelf.damage)})
    error = str(shelf.damage[0]) if shelf.damage else None
    return Explained(
        exit_code=int(end.exit_code),
        status=end.status,
        error=error,
        told=told,
        explanation=replace(explanation, words=words),
    )


class RunLines(NamedTuple):
    """The lines about one person in one run; ``listed``: it read the whole enterprise and was about everybody."""

    run: Path
    listed: bool
    lines: Sequence[Sighting]


def sightings(job: Job, person: str, observer: Observer) -> tuple[Sequence[Sighting], tuple[RunLines, ...]]:
    """The lines about one person in the ledger, and in each run of the job, newest first.

    Raises InputError for nobody, for more than one, and where a run cannot be read.
    """
    shelf = _shelf(job)
    known = _known(job, shelf.enterprise_id)
    asked = meant(person)
    found = _found(asked, shelf, known, observer)
    expect_one(person, people(asked, [line for lines in found.values() for line in lines]))
    if shelf.damage:
        raise shelf.damage[0]
    if not found:
        raise _nobody(person, shelf, known)
    runs = enumerate(shelf.runs, 1)
    return found.get(0, ()), tuple(
        RunLines(path, head.listed, found.get(at, ())) for at, (path, head) in runs
    )


def _found(asked: Keys, shelf: _Shelf, known: Known, observer: Observer) -> dict[int, Sequence[Sighting]]:
    """The lines about a person: 0 are those of the ledger, from 1 on those of the shelf's runs."""
    read = itertools.count(1)
    with observer.progress(Phase.RUNS) as show:
        tables = (_source(shelf, path, head, lambda: show(next(read))) for path, head in shelf.runs)
        return follow(asked, [in_ledger(known.memory), *tables])


def _object(person: str, explanation: Explanation, shelf: _Shelf) -> dict[str, Any]:
    return {
        "job": shelf.job.name,
        "asked": person,
        **as_object(explanation),
        "not_read": shelf.not_read,
        "not_proven": shelf.not_proven,
        "runs_elsewhere": shelf.elsewhere,
    }


def _shelf(job: Job) -> _Shelf:
    found: list[tuple[Path, _Head]] = []
    not_read: dict[str, str] = {}
    damage: list[DamagedFile] = []
    for path in runs_in(job.runs):
        if job_of(path) != job.name:
            continue
        try:
            found.append((path, _head(path)))
        except _Unread as error:
            not_read[path.name] = str(error)
        except DamagedFile as error:
            not_read[path.name] = error.what
            damage.append(error)
    enterprise_id = found[0][1].enterprise_id if found else ""
    runs = [(path, head) for path, head in found if head.enterprise_id == enterprise_id]
    runs.sort(key=_place, reverse=True)
    return _Shelf(job, enterprise_id, tuple(runs), not_read, len(found) - len(runs), damage)


def _place(run: tuple[Path, _Head]) -> tuple[str, bool, str]:
    """Where a run stands in time; an undo comes after the run of the same second."""
    path, head = run
    return (
        datetime.fromisoformat(head.as_of).astimezone(UTC).isoformat(),
        head.roster.authority == UNDO,
        path.name,
    )


def _head(path: Path) -> _Head:
    try:
        head = read_record(path / PLAN_NAME, _Head, _REMEDY, LARGEST)
    except FileNotFoundError:
        raise _Unread("it stopped before it had a plan") from None
    sound(path / PLAN_NAME, lambda: datetime.fromisoformat(head.as_of), _REMEDY)
    if head.version not in (v3_words.VERSION, *APPLIED):
        raise _Unread(f"its plan is of version {head.version}")
    return head


def _known(job: Job, enterprise_id: str) -> Known:
    """What the ledger knows; nothing, and no new file, where there is none."""
    with contextlib.closing(known_ledger_of(job)) as ledger:
        return Known(ledger.memory(enterprise_id, job.name), ledger.runs_taught(enterprise_id, job.name))


def _source(shelf: _Shelf, path: Path, head: _Head, seen: Callable[[], None]) -> Source:
    """The verdict table of a run, once its seal is checked; one that cannot be read has nobody in it."""
    table = path / PEOPLE_NAME
    look = in_table(table)
    sealed = False

    def checked(keys: Keys) -> Sequence[Sighting]:
        nonlocal sealed
        seen()
        if path.name in shelf.not_read:
            return ()
        try:
            sealed = sealed or sha256_of(table) == head.people_sha256
            if sealed:
                return look(keys)
            shelf.left_out(path, damaged(table, "it is not the table of its plan", _REMEDY))
        except unreadable():
            shelf.left_out(path, damaged(table, "it is missing or damaged", _REMEDY))
        return ()

    return checked


def _past(shelf: _Shelf, at: int, lines: Sequence[Sighting]) -> Iterator[PastRun]:
    """The run behind these lines; its operations and journal are read only if it had one for the person."""
    path, head = shelf.runs[at]
    journal = path / JOURNAL_NAME
    decisions = decided(lines, (), {})
    try:
        if operations(lines):
            plan = read_recorded(path)
            if (doubt := edited(path, shelf.job)) is not None:
                raise doubt
            decisions = decided(lines, plan.changes, outcomes_that_count(path, shelf.job, identity(plan)))
        if (strange := doubt_of_reader(path, shelf.job, _COMPARED)) is not None:
            shelf.not_proven[path.name] = strange.what
    except ProvisionError as error:
        shelf.left_out(path, error)
        return
    yield PastRun(path.name, head.as_of, _status(path), journal.exists(), head.roster, head.guards, decisions)


def _status(path: Path) -> str:
    """How a run ended, by its summary; "" without one, or with one that cannot be read."""
    with contextlib.suppress(FileNotFoundError, DamagedFile):
        return read_record(path / SUMMARY_NAME, _End, _REMEDY).status
    return ""


def _nobody(person: str, shelf: _Shelf, known: Known) -> InputError:
    read = sum(path.name not in shelf.not_read for path, _ in shelf.runs)
    searched = f"{counted(read, 'run')} of job {shelf.job.name}"
    left_out = f" ({len(shelf.not_read):,} more could not be read)" if shelf.not_read else ""
    near = _nearest(person, shelf, known)
    return InputError(
        f"Nobody called {person} occurs as login, external id or Box id in {searched}{left_out} or in its ledger.",
        cause=f"a typing error: {near} is known" if near else "another job looks after this person",
        remedy=f"provision explain JOB {near}" if near else "see the runs of a job with: provision runs JOB",
    )


def _nearest(person: str, shelf: _Shelf, known: Known) -> str:
    """The most similar key in the ledger and the newest run; "" if none is close."""
    keys = [*known.memory.accounts["login"], *known.memory.accounts["external_id"]]
    for path, _ in shelf.runs[:1]:
        with contextlib.suppress(*unreadable()):
            keys += logins_in(path / PEOPLE_NAME)
    return nearest(person.strip(), {key for key in keys if key and not made_by_box(key)}, NEAR)
