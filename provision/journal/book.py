"""The journal of one run: SQLite in the run folder, one entry before and one after each operation.

The begin of an operation is on the disk before its request leaves (WAL, synchronous FULL), its end before anything that
depends on it. An operation that began and has no end is in doubt. Never an attribute value or a secret goes in.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue
from types import MappingProxyType

import msgspec

from provision.errors import BoxAnswer, PlanError
from provision.files import address_to_read, whole
from provision.journal import v1
from provision.journal.digest import FINISHED, Closed, JournalDigest, digest_in
from provision.journal.foreign import RECOVER, bounded, expect_plain
from provision.journal.trouble import disk, sound
from provision.journal.value import Noted, Outcome, noted, notes_of, notes_text
from provision.model import Status
from provision.records import damaged, expect_record

_NONE: Mapping[str, str] = MappingProxyType({})

JOURNAL_NAME = "journal.sqlite"
_VERSION = "2"
_SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY, change_id TEXT NOT NULL, event TEXT NOT NULL CHECK (event IN ('begin', 'end')),
  at TEXT NOT NULL, status TEXT NOT NULL DEFAULT '', box_id TEXT NOT NULL DEFAULT '', notes TEXT NOT NULL DEFAULT '',
  made TEXT NOT NULL DEFAULT '', http_status INTEGER NOT NULL DEFAULT 0, code TEXT NOT NULL DEFAULT '', request_id TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX by_change ON entries (change_id);
"""
_BEGIN = "INSERT INTO entries (change_id, event, at) VALUES (?, 'begin', ?)"
_END = (
    "INSERT INTO entries (change_id, event, at, status, box_id, notes, made, http_status, code, request_id, attempts)"
    " VALUES (?, 'end', ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_LAST = (
    "SELECT change_id, event, status, box_id, notes, made, http_status, code, request_id, attempts, at"
    " FROM entries WHERE seq IN (SELECT max(seq) FROM entries WHERE seq <= ? GROUP BY change_id) ORDER BY seq"
)
#: the types of these
_Row = tuple[str, str, str, str, str, str, int, str, str, int, str]
#: what SQLite opens beside a journal, whatever lies there
_SIDES = ("-wal", "-shm", "-journal")
#: as the number of an entry: however many there are
ALL = (1 << 63) - 1


class Journal:
    """One writer for all workers. ``now`` gives ISO time stamps. Raises RunFolderError when the disk refuses.

    ``identity`` says whose journal it is: one that says otherwise is refused. ``notes`` are kept in a new one, for whoever
    goes on with the run; an old one keeps its own.
    """

    def __init__(
        self,
        path: Path,
        identity: Mapping[str, str],
        now: Callable[[], str],
        notes: Mapping[str, str] = _NONE,
    ) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        self._waiting: SimpleQueue[_Entry] = SimpleQueue()
        with self._disk():
            if not os.path.lexists(path):
                whole(path, lambda part: _born(part, {**notes, **_versioned(identity)}))
            _expect_files(path)
            self._connection = bounded(sqlite3.connect(path, check_same_thread=False, isolation_level=None))
        try:
            with self._disk(), sound(path):
                self._opened()
            _expect(path, self.notes(), identity)
        except BaseException:
            self._connection.close()
            raise

    def begin(self, change_id: str) -> None:
        """Say that a request for this operation is about to leave; on the disk when this returns."""
        self._write(_BEGIN, (change_id, self._now()))

    def end(self, outcome: Outcome) -> Outcome:
        """Say what became of it; on the disk when this returns. Returns the outcome with its time."""
        ended = replace(outcome, at=self._now())
        answer = ended.answer
        self._write(
            _END,
            (
                ended.change_id, ended.at, ended.status.value, ended.box_id, notes_text(ended.notes), ended.made,
                answer.http_status, answer.code, answer.request_id, ended.attempts,
            ),
        )  # fmt: skip
        return ended

    def outcomes(self) -> dict[str, Outcome]:
        """The last word on each operation: its end, or *in doubt* for one that began and never ended."""
        with self._lock, self._disk(), sound(self._path):
            return _last_words(self._connection)

    def notes(self) -> dict[str, str]:
        """All that the journal says of itself: its identity and the notes it was begun with."""
        with self._lock, self._disk(), sound(self._path):
            return _notes(self._connection)

    def finish(self) -> None:
        """Put down that the run came to its own end: what it did not do, it decided not to do."""
        self._write("INSERT OR REPLACE INTO about VALUES (?, ?)", (FINISHED, self._now()))

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with self._lock:
            self._connection.close()

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        """Write one entry; on the disk when this returns. Entries of several workers share one trip to the disk."""
        entry = _Entry(statement, values)
        self._waiting.put(entry)
        with self._lock:  # whoever is first writes for all that wait by then
            if not entry.written:
                self._commit(entry, _all_of(self._waiting))

    def _commit(self, mine: _Entry, entries: Sequence[_Entry]) -> None:
        """Write entries in one transaction. Where the disk refuses, the others wait on and try for themselves."""
        with self._disk():
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                for entry in entries:
                    self._connection.execute(entry.statement, entry.values)
                self._connection.execute("COMMIT")
            except BaseException:
                for entry in entries:
                    if entry is not mine:
                        self._waiting.put(entry)
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise
        for entry in entries:
            entry.written = True

    def _opened(self) -> None:
        """Write ahead, and to the disk before anything returns."""
        expect_plain(self._path, self._connection)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("SELECT name FROM about").fetchone()

    def _disk(self) -> contextlib.AbstractContextManager[None]:
        return disk(self._path)


def _versioned(identity: Mapping[str, str]) -> dict[str, str]:
    return {**identity, "version": _VERSION}


def _born(path: Path, about: Mapping[str, str]) -> None:
    """A journal with its identity and notes, whole: one without them would be taken for one that allows everything."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(_SCHEMA)
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO about VALUES (?, ?)", sorted(about.items()))
        connection.execute("COMMIT")


def _expect(path: Path, found: Mapping[str, str], identity: Mapping[str, str]) -> None:
    """Raise PlanError for a journal that belongs to something else."""
    for name, value in _versioned(identity).items():
        if found.get(name) != value:
            raise _foreign(path, f"of another {name} ({found.get(name)}, not {value})")


@dataclass(slots=True)
class _Entry:
    """One line of the journal on its way to the disk."""

    statement: str
    values: tuple[object, ...]
    written: bool = False


def _all_of(waiting: SimpleQueue[_Entry]) -> list[_Entry]:
    entries = []
    while not waiting.empty():
        entries.append(waiting.get_nowait())
    return entries


def read_journal(
    path: Path, identity: Mapping[str, str], last: int = ALL, closed: Closed | None = None
) -> tuple[dict[str, Outcome], dict[str, str]]:
    """The last word on each operation of a journal, and its notes; nothing for a run that has none.

    What stands behind the entry ``last`` is passed over; ``closed`` is what the same reading has to find, since another journal may lie
    there a moment later. Nothing is written, so that an archive can be read, one of an earlier version too, and a journal that somebody
    else writes just now. Raises PlanError for a journal of something else, DamagedFile for one that was changed since it was closed,
    RunFolderError for one that cannot be read.
    """
    try:
        with reading(path) as connection:
            connection.execute("BEGIN")  # so that all of it is of one moment
            _expect_whole(path, connection)
            if closed is not None and digest_in(connection, closed.last).sha256 != closed.sha256:
                raise damaged(path, "it was changed after the run was closed", RECOVER)
            notes = _notes(connection)
            old = notes.get("version") == v1.VERSION
            outcomes = v1.last_words(connection, last) if old else _last_words(connection, last)
    except FileNotFoundError:
        return {}, {}
    _expect(path, {**notes, "version": _VERSION} if old else notes, identity)
    return outcomes, notes


def digest_of(path: Path, last: int | None = None) -> JournalDigest:
    """The digest of a journal up to the entry of this number, or of all of it.

    Nothing is written. Raises FileNotFoundError where there is none, DamagedFile for a damaged one, RunFolderError.
    """
    with reading(path) as connection:
        return digest_in(connection, last)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A journal to look into; nothing is written. Raises FileNotFoundError, DamagedFile or RunFolderError."""
    _expect_files(path)
    with disk(path), contextlib.closing(_for_reading(path)) as connection, sound(path):
        expect_plain(path, connection)
        yield connection


def _expect_files(path: Path) -> None:
    """A pipe beside a journal would hold whoever opens it. Raises DamagedFile, FileNotFoundError where there is no journal."""
    expect_record(path, RECOVER)
    for side in (path.with_name(f"{path.name}{ending}") for ending in _SIDES):
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISREG(side.lstat().st_mode):
                raise damaged(
                    side, "something else than a file lies in its place", "remove it, and try again"
                )


def _expect_whole(path: Path, connection: sqlite3.Connection) -> None:
    """An entry that is lost would be sent again. Raises DamagedFile."""
    (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if said != "ok":
        raise damaged(path, said.splitlines()[0], RECOVER)


def _notes(connection: sqlite3.Connection) -> dict[str, str]:
    return msgspec.convert(dict(connection.execute("SELECT name, value FROM about")), dict[str, str])


def _for_reading(path: Path) -> sqlite3.Connection:
    """Read only. One that was closed in good order, or whose side files cannot be made, is read as it lies there."""
    address = address_to_read(path)
    connection = bounded(sqlite3.connect(address, uri=True))
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        connection.close()
        return bounded(sqlite3.connect(f"{address}&immutable=1", uri=True))
    except (
        sqlite3.DatabaseError,
        UnicodeDecodeError,
    ):  # the second for a complaint that quotes what is no text
        pass  # told by whoever reads on
    return connection


def read_outcomes(path: Path, identity: Mapping[str, str]) -> dict[str, Outcome]:
    """The last word on each operation of a journal; see :func:`read_journal`."""
    return read_journal(path, identity)[0]


def _last_words(connection: sqlite3.Connection, last: int = ALL) -> dict[str, Outcome]:
    rows = msgspec.convert(connection.execute(_LAST, (last,)).fetchall(), list[_Row])
    return {row[0]: _outcome(row) for row in rows}


def _foreign(path: Path, whose: str) -> PlanError:
    return PlanError(
        f"{path} is the journal {whose}.",
        cause="files of different run folders were mixed",
        remedy="apply the plan in its own run folder, or make a new plan: provision plan JOB",
    )


def _outcome(row: _Row) -> Outcome:
    change_id, event, status, box_id, notes, made, http_status, code, request_id, attempts, at = row
    if event == "begin":
        return Outcome(change_id, Status.IN_DOUBT, notes=noted(Noted.BEGAN), at=at)
    answer = BoxAnswer(http_status, code, request_id)
    return Outcome(change_id, Status(status), box_id, notes_of(notes), answer, attempts, at, made)
