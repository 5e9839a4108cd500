"""The database a ledger lies in: opened durable and private, migrated forward, its complaints told in words."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from provision.errors import DamagedLedger, InputError
from provision.files import private_folder, whole
from provision.keyed import NO_KEYS, Keys
from provision.ledger.tables import SCHEMA_VERSION, migrate, version_of

#: what SQLite says of a file that is no database, or is damaged, or lacks one of our tables
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)


def connect(url: str, keys: Keys = NO_KEYS) -> sa.Engine:
    """The database at a URL, made if there is none and migrated if it is older. Raises InputError if it cannot be used.

    ``keys``: what the fingerprints of an older one are keyed with.

    A transaction of its ``execution_options(writes=True)`` waits for other writers at its beginning and then sees
    what they wrote; without, SQLite refuses a transaction that reads first and writes after somebody else has.
    """
    parsed = _parsed(url)
    engine = sa.create_engine(parsed)
    if parsed.get_backend_name() == "sqlite":
        _prepare_file(engine, parsed)
    try:
        with told(engine):
            _bring_forward(engine, keys)
    except InputError:
        engine.dispose()
        raise
    return engine


def check_whole(connection: sa.Connection) -> None:
    """Let SQLite read its whole file. Raises DamagedLedger if that brings something up."""
    if connection.dialect.name != "sqlite":
        return
    said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    if said != "ok":
        raise _damaged(f"The ledger {connection.engine.url.database} is damaged ({said}).")


def file_of(url: str) -> Path | None:
    """The file of a ledger; None for one that lies in no file this program can name."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        return None
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:")
    return (
        Path(parsed.database or "") if is_file and not (parsed.database or "").startswith("file:") else None
    )


def shown(url: str) -> str:
    """A ledger's URL as it may be printed: without a password."""
    return sa.make_url(url).render_as_string(hide_password=True)


@contextlib.contextmanager
def told(engine: sa.Engine) -> Iterator[None]:
    """Tell what the database complains of in words. Raises DamagedLedger, or InputError for what need not be damage."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _unusable(engine.url, error) from None


def _parsed(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
        parsed.get_dialect().import_dbapi()
    except (sa.exc.ArgumentError, ModuleNotFoundError):
        raise InputError(
            "The job's state is not a database URL this program can open.",
            cause="a typing error, or a database whose driver is not installed",
            remedy="write it as sqlite:///state/provision.db (relative to the job file)",
        ) from None
    if parsed.get_backend_name() == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise InputError(
            "The job's state names no file, so nothing would be remembered and nobody would ever be owned.",
            cause="sqlite:// or :memory: was written",
            remedy="write it as sqlite:///state/provision.db (relative to the job file)",
        )
    return parsed


def _prepare_file(engine: sa.Engine, url: sa.URL) -> None:
    path = file_of(url.render_as_string(hide_password=False))
    if path is not None:
        private_folder(path.parent)
        with contextlib.suppress(OSError):  # the database itself says what is wrong with its file
            path.touch(mode=0o600, exist_ok=True)

    @sa.event.listens_for(engine, "connect")
    def _durable(connection: sqlite3.Connection, _: object) -> None:
        # transactions begin where SQLAlchemy says so, not where Python guesses
        connection.isolation_level = None
        for pragma in ("busy_timeout = 10000", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        # the mode stays with the file, so it does not matter which of several processes at its birth sets it; SQLite lets
        # the others not wait for that one
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode = WAL")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_forward(engine: sa.Engine, keys: Keys) -> None:
    with engine.begin() as connection:
        found = version_of(connection)
    if found == str(SCHEMA_VERSION):
        return
    if not found.isdecimal() or int(found) > SCHEMA_VERSION:
        raise InputError(
            f"The ledger {engine.url.database} has version {found}; this program knows version {SCHEMA_VERSION}.",
            cause="a newer release of this program has used it",
            remedy="run that release, or name another state in the job file",
        )
    with engine.execution_options(writes=True, keys=keys).begin() as connection:
        if version_of(connection) == found:  # nobody else has migrated it meanwhile, and nobody can now
            _keep_copy(engine, found)
        migrate(connection)


def _keep_copy(engine: sa.Engine, version: str) -> None:
    """Put a copy of an older SQLite ledger beside it, ``<name>.version-<number>``; one that is there stays as it is."""
    path = file_of(engine.url.render_as_string(hide_password=False))
    if version == "0" or path is None:
        return
    copy = path.with_name(f"{path.name}.version-{version}")
    if not copy.exists():
        whole(copy, lambda part: _copied(path, part))


def _copied(path: Path, part: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(path)) as source,
        contextlib.closing(sqlite3.connect(part)) as target,
    ):
        source.backup(target)


def _unusable(url: sa.URL, error: sa.exc.DBAPIError) -> InputError:
    what = f"The ledger {url.database} cannot be used ({type(error).__name__}: {str(error.orig)[:120]})."
    # the primary result code; the extended ones carry it in their low byte
    if int(getattr(error.orig, "sqlite_errorcode", 0)) & 0xFF in _DAMAGED:
        return _damaged(what)
    return InputError(
        what,
        cause="a full disk, or a folder that is read-only",
        remedy="make room or correct the rights; the key is 'state' in the job file",
    )


def _damaged(what: str) -> DamagedLedger:
    return DamagedLedger(
        what,
        cause="a disk that lost what was written, or a file that is no ledger",
        remedy="make it anew from the run folders: provision runs JOB --rebuild",
    )
