"""The journal of one run: SQLite in the run folder, one entry before and one after each operation.

The begin of an operation is on the disk before its request leaves (WAL, synchronous FULL), its end before anything that
depends on it. An operation that began and has no end is in doubt. Never an attribute value or a secret goes in.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from provision.errors import Answer, PlanError
from provision.files import trouble_with
from provision.journal.value import Outcome
from provision.model import Status

JOURNAL_NAME = "journal.sqlite"
_VERSION = "1"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
  seq INTEGER PRIMARY KEY, change_id TEXT NOT NULL, event TEXT NOT NULL CHECK (event IN ('begin', 'end')),
  at TEXT NOT NULL, status TEXT NOT NULL DEFAULT '', box_id TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT '',
  http_status INTEGER NOT NULL DEFAULT 0, code TEXT NOT NULL DEFAULT '', request_id TEXT NOT NULL DEFAULT '',
  attempts INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS by_change ON entries (change_id);
"""


class Journal:
    """One writer for all workers. ``now`` gives ISO time stamps. Raises RunFolderError when the disk refuses."""

    def __init__(self, path: Path, identity: dict[str, str], now: Callable[[], str]) -> None:
        self._path = path
        self._now = now
        self._lock = threading.Lock()
        with trouble_with(path), _sqlite_trouble():
            path.touch(mode=0o600, exist_ok=True)
            self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.executescript(_SCHEMA)
        self._introduce(identity | {"version": _VERSION})

    def begin(self, change_id: str) -> None:
        """Say that the request for this operation is about to leave; on the disk when this returns."""
        self._write(
            "INSERT INTO entries (change_id, event, at) VALUES (?, 'begin', ?)", (change_id, self._now())
        )

    def end(self, outcome: Outcome) -> Outcome:
        """Say what became of it; on the disk when this returns. Returns the outcome with its time."""
        at = self._now()
        answer = outcome.answer
        self._write(
            "INSERT INTO entries (change_id, event, at, status, box_id, note, http_status, code, request_id, attempts)"
            " VALUES (?, 'end', ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                outcome.change_id, at, outcome.status.value, outcome.box_id, outcome.note,
                answer.http_status, answer.code, answer.request_id, outcome.attempts,
            ),
        )  # fmt: skip
        return Outcome(
            outcome.change_id, outcome.status, outcome.box_id, outcome.note, answer, outcome.attempts, at
        )

    def outcomes(self) -> dict[str, Outcome]:
        """The last word on each operation: its end, or *in doubt* for one that began and never ended."""
        rows = self._connection.execute(
            "SELECT change_id, event, status, box_id, note, http_status, code, request_id, attempts, at"
            " FROM entries WHERE seq IN (SELECT max(seq) FROM entries GROUP BY change_id) ORDER BY seq"
        )
        return {row[0]: _outcome(row) for row in rows}

    def close(self) -> None:
        """Fold the write-ahead log into the file and close it."""
        with self._lock:
            self._connection.close()

    def _write(self, statement: str, values: tuple[object, ...]) -> None:
        with self._lock, _sqlite_trouble():
            self._connection.execute(statement, values)

    def _introduce(self, identity: dict[str, str]) -> None:
        """Write whose journal this is, or refuse one that belongs to something else."""
        found = dict(self._connection.execute("SELECT name, value FROM about"))
        if not found:
            rows = sorted(identity.items())
            with self._lock, _sqlite_trouble():
                self._connection.executemany("INSERT INTO about VALUES (?, ?)", rows)
            return
        for name, value in identity.items():
            if found.get(name) != value:
                raise PlanError(
                    f"{self._path} is the journal of another {name} ({found.get(name)}, not {value}).",
                    cause="files of different run folders were mixed",
                    remedy="apply the plan in its own run folder, or make a new plan: provision plan JOB",
                )


def _outcome(row: tuple[str, str, str, str, str, int, str, str, int, str]) -> Outcome:
    change_id, event, status, box_id, note, http_status, code, request_id, attempts, at = row
    if event == "begin":
        return Outcome(change_id, Status.IN_DOUBT, note="began, and no end is known", at=at)
    return Outcome(
        change_id, Status(status), box_id, note, Answer(http_status, code, request_id), attempts, at
    )


class _sqlite_trouble:  # noqa: N801 - reads as a statement
    """SQLite's errors about the disk as operating system errors, which the seam above tells in words."""

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, _type: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if isinstance(error, sqlite3.DatabaseError):
            raise OSError(0, str(error)) from None
