"""What outlives the program: every change written through to one SQLite file before it is answered.

Tables of (key, JSON) pairs. Write-ahead logging without waiting for the disk survives a killed program; it
does not promise to survive a power cut.
"""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Protocol

from provision.sandbox.options import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

TABLES = (
    *("facts", "accounts", "elsewhere", "tokens", "assertions"),
    *("folders", "files", "transfers", "groups", "memberships", "collaborations", "invites", "events"),
    "uploads",
)


class Book(Protocol):
    """Where the sandbox writes down what must not be forgotten."""

    def put(self, table: str, key: str, body: bytes) -> None:
        """Keep one body under its key, instead of an earlier one."""
        ...

    def put_many(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        """Keep many."""
        ...

    def drop(self, table: str, key: str) -> None:
        """Forget one."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        """All that is kept in a table, in the order it was first put."""
        ...

    def commit(self) -> None:
        """Make what was put and dropped since the last commit last."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...


class NoBook:
    """Forgets everything."""

    def put(self, table: str, key: str, body: bytes) -> None:
        """Nothing is kept."""

    def put_many(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        """Nothing is kept."""

    def drop(self, table: str, key: str) -> None:
        """Nothing was kept."""

    def clear(self) -> None:
        """Nothing was kept."""

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        """Nothing was kept."""
        return ()

    def commit(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing to do."""


class SqliteBook:
    """Keeps everything in one file; used under the sandbox's lock from many threads."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            path, timeout=0.2, check_same_thread=False, isolation_level="IMMEDIATE"
        )
        try:
            self._prepare()
        except sqlite3.Error:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        # Exclusive: two sandboxes with one enterprise would each forget what the other did.
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=NORMAL"):
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.execute("BEGIN IMMEDIATE")
        for table in TABLES:
            self._connection.execute(
                f"CREATE TABLE IF NOT EXISTS {table}"
                " (n INTEGER PRIMARY KEY, key TEXT UNIQUE NOT NULL, body BLOB NOT NULL)"
            )
        self._connection.commit()

    def put(self, table: str, key: str, body: bytes) -> None:
        """Keep one body under its key, instead of an earlier one."""
        self.put_many(table, [(key, body)])

    def put_many(self, table: str, rows: Iterable[tuple[str, bytes]]) -> None:
        """Keep many."""
        upsert = "ON CONFLICT (key) DO UPDATE SET body = excluded.body"
        self._connection.executemany(
            f"INSERT INTO {table} (key, body) VALUES (?, ?) {upsert}",  # noqa: S608  a name of TABLES
            rows,
        )

    def drop(self, table: str, key: str) -> None:
        """Forget one."""
        self._connection.execute(f"DELETE FROM {table} WHERE key = ?", (key,))  # noqa: S608  a name of TABLES

    def clear(self) -> None:
        """Forget everything."""
        for table in TABLES:
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  a name of TABLES

    def rows(self, table: str) -> Iterable[tuple[str, bytes]]:
        """All that is kept in a table, in the order it was first put."""
        return self._connection.execute(f"SELECT key, body FROM {table} ORDER BY n")  # noqa: S608  a name of TABLES

    def commit(self) -> None:
        """Make what was put and dropped since the last commit last."""
        self._connection.commit()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


def open_book(path: Path | None) -> Book:
    """The book of a state file, made if there is none (0600); without a path one that forgets."""
    if path is None:
        return NoBook()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        return SqliteBook(path)
    except (OSError, sqlite3.Error) as error:
        raise SandboxError(
            f"the state file {path} cannot be used: {error}",
            "another sandbox is using it, the sandbox did not write it, or its folder is read-only",
            "name another file with --state, or delete this one to begin anew",
        ) from error
