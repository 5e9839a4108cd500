"""The run folders of a job as they are looked through for people: which can be told, and what each decided about whom.

Here: one shelf for `provision explain`, `forget` and the histories on a page. Not here: what is told of it (explain/).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path

import msgspec

from provision.errors import DamagedFile, ProvisionError
from provision.explain.history import Known, PastDecision, PastRun, decided, operations
from provision.explain.trace import Keys, Sighting, Source, in_table, unreadable
from provision.files import sha256_of
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.operations.value import Change
from provision.plan import v3_words
from provision.plan.planfile import APPLIED, PEOPLE_NAME, PLAN_NAME, SAID_NAME, read_recorded
from provision.plan.value import UNDO, DirectoryFacts, GuardVerdict, RosterFacts
from provision.records import LARGEST, damaged, read_record, sound
from provision.runs.folder import SUMMARY_NAME, job_of, runs_in
from provision.runs.memory.job_ledger import known_ledger_of
from provision.runs.seal.closing import edited, outcomes_that_count
from provision.runs.seal.seal import doubt_of_reader
from provision.runs.selection import identity

#: the table of people is compared with the plan's digest of it, and what the roster said last is not told here
_COMPARED = (PEOPLE_NAME, SAID_NAME)
_REMEDY = "put the file back from a backup; the other runs are told without it"


class Head(msgspec.Struct):
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
class Shelf:
    """The run folders of a job, newest first, all about ``enterprise_id``.

    ``not_read`` says by run id why others could not be read; it grows while they are looked through. ``elsewhere`` are
    runs about another enterprise, where the same ids mean other people. ``damage``: the files that are at fault. ``not_proven``: why no
    key proves runs that are told all the same. ``older``: runs of the job that were not looked at.
    """

    job: Job
    enterprise_id: str
    runs: tuple[tuple[Path, Head], ...]
    not_read: dict[str, str]
    elsewhere: int
    damage: list[DamagedFile]
    not_proven: dict[str, str] = field(default_factory=dict)
    older: int = 0

    def left_out(self, run: Path, why: ProvisionError) -> None:
        """Pass over a run that cannot be told."""
        self.not_read[run.name] = why.what
        if isinstance(why, DamagedFile):
            self.damage.append(why)

    def sources(self, seen: Callable[[], None]) -> Iterator[Source]:
        """The verdict table of each run; ``seen`` is called with each look into one."""
        return (_source(self, path, head, seen) for path, head in self.runs)

    def met(self, at: int, people: Sequence[Sequence[Sighting]]) -> list[PastRun]:
        """The run at this place as each of these people met it, by their lines in it; none where it cannot be told."""
        path, head = self.runs[at]
        try:
            decisions = _decisions(self, path, people)
            if (strange := doubt_of_reader(path, self.job, _COMPARED)) is not None:
                self.not_proven[path.name] = strange.what
        except ProvisionError as error:
            self.left_out(path, error)
            return []
        applied = (path / JOURNAL_NAME).exists()
        run = PastRun(path.name, head.as_of, _status(path), applied, head.roster, head.guards, ())
        return [replace(run, decisions=each) for each in decisions]


def shelf_of(job: Job, newest: int | None = None) -> Shelf:
    """The runs of a job, or its ``newest`` ones."""
    found: list[tuple[Path, Head]] = []
    not_read: dict[str, str] = {}
    damage: list[DamagedFile] = []
    mine = (path for path in runs_in(job.runs) if job_of(path) == job.name)
    for path in islice(mine, newest):
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
    elsewhere = len(found) - len(runs)
    return Shelf(job, enterprise_id, tuple(runs), not_read, elsewhere, damage, older=sum(1 for _ in mine))


def known_to(shelf: Shelf) -> Known:
    """What the ledger knows; nothing, and no new file, where there is none."""
    job = shelf.job
    with contextlib.closing(known_ledger_of(job)) as ledger:
        return Known(
            ledger.memory(shelf.enterprise_id, job.name), ledger.runs_taught(shelf.enterprise_id, job.name)
        )


def _place(run: tuple[Path, Head]) -> tuple[str, bool, str]:
    """Where a run stands in time; an undo comes after the run of the same second."""
    path, head = run
    return (
        datetime.fromisoformat(head.as_of).astimezone(UTC).isoformat(),
        head.roster.authority == UNDO,
        path.name,
    )


def _head(path: Path) -> Head:
    try:
        head = read_record(path / PLAN_NAME, Head, _REMEDY, LARGEST)
    except FileNotFoundError:
        raise _Unread("it stopped before it had a plan") from None
    sound(path / PLAN_NAME, lambda: datetime.fromisoformat(head.as_of), _REMEDY)
    if head.version not in (v3_words.VERSION, *APPLIED):
        raise _Unread(f"its plan is of version {head.version}")
    return head


def _source(shelf: Shelf, path: Path, head: Head, seen: Callable[[], None]) -> Source:
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


def _decisions(
    shelf: Shelf, path: Path, people: Sequence[Sequence[Sighting]]
) -> list[tuple[PastDecision, ...]]:
    """What a run decided about each; its operations and journal are read only if it had one for any of them."""
    if not operations(chain.from_iterable(people)):
        return [decided(lines, (), {}) for lines in people]
    plan = read_recorded(path)
    if (doubt := edited(path, shelf.job)) is not None:
        raise doubt
    outcomes = outcomes_that_count(path, shelf.job, identity(plan))
    changes = _by_person(plan.changes)
    return [decided(lines, _of_these(lines, changes), outcomes) for lines in people]


def _by_person(changes: Iterable[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.person.anchor, []).append(change)
    return found


def _of_these(lines: Sequence[Sighting], changes: dict[str, list[Change]]) -> list[Change]:
    anchors = dict.fromkeys(line.person.anchor for line in lines)
    return [change for anchor in anchors for change in changes.get(anchor, ())]


def _status(path: Path) -> str:
    """How a run ended, by its summary; "" without one, or with one that cannot be read."""
    with contextlib.suppress(FileNotFoundError, DamagedFile):
        return read_record(path / SUMMARY_NAME, _End, _REMEDY).status
    return ""
