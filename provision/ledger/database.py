"""The database a ledger lies in: opened durable and private, migrated forward, its complaints told in words."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from provision.errors import DamagedLedger, InputError
from provision.files import address_to_read, expect_file, private_folder, whole
from provision.keyed import NO_KEYS, Keys
from provision.ledger.address import copy_of, expect_kept, file_of, parsed
from provision.ledger.foreign import computes
from provision.ledger.migrations import SCHEMA_VERSION, migrate, moved_to, version_of
from provision.ledger.postgres import EVERYTHING, POSTGRESQL, LostServer, expect_unicode, insisting, prepare

#: PostgreSQL's error codes for a table or a column of ours that is not there, and for what cannot be read (appendix A of its manual)
_NOT_AS_MADE = ("42P01", "42703", "XX001", "XX002")
_AGAIN = "run the job again, or provision resume RUN: what is done stays done"
#: what SQLite says of a file that is no database, or is damaged, or lacks one of our tables
_DAMAGED = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)


@insisting
def connect(url: str, keys: Keys = NO_KEYS) -> sa.Engine:
    """The database at a URL, made if there is none and migrated if it is older. Raises InputError if it cannot be used.

    ``keys``: what the fingerprints of an older one are keyed with.

    A transaction whose execution option ``writes`` says whose turn it is (an enterprise, or EVERYTHING) waits for other
    writers at its beginning and then sees what they wrote; one without only reads.
    """
    address = parsed(url)
    path = file_of(url) if address.get_backend_name() == "sqlite" else None
    _prepare_file(path)
    engine = _engine_of(address, _identity(path))
    with _disposed(engine), told(engine), sound_content(engine):
        _bring_forward(engine, keys)
    return engine


@insisting
def connect_to_read(url: str, keys: Keys = NO_KEYS) -> sa.Engine:
    """The same for who only reads: an empty one in memory where there is none, and where nobody may write one read as it lies there.

    Where one may write, a connection is made as for writing, since SQLite notices then what another process writes meanwhile.
    """
    address, path = parsed(url), file_of(url)
    if address.get_backend_name() == POSTGRESQL:
        return _on_a_server(address) or connect(url, keys)
    if path is not None and not os.path.lexists(path):
        return _of_nothing()
    if path is None or (_may_write(path) and _may_write(path.parent)):
        return connect(url, keys)
    _expect_no_link(path)
    _expect_file(path)
    where = address_to_read(path)
    engine = _engine(address, creator=lambda: sqlite3.connect(where, uri=True, check_same_thread=False))
    with _disposed(engine), told(engine), sound_content(engine), engine.begin() as connection:
        _expect_this_version(path, _version(connection))
    return engine


def _on_a_server(address: sa.URL) -> sa.Engine | None:
    """One whose tables are there and of this version, or an empty one where there are none; None where it is to be brought forward."""
    engine = _engine_of(address, ())
    with _disposed(engine), told(engine), sound_content(engine), engine.begin() as connection:
        found = _version(connection)
    if found == "0":
        return _of_nothing()
    return engine if found == str(SCHEMA_VERSION) else None


@cache
def _of_nothing() -> sa.Engine:
    """Each connection is a new ledger of its own, in which nobody writes."""

    def made() -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:", check_same_thread=False)
        connection.deserialize(_new())
        return connection

    return sa.create_engine("sqlite://", poolclass=sa.pool.NullPool, creator=made)


@cache
def _new() -> bytes:
    """A new ledger as SQLite stores it: a first run asks several times for what is not there yet."""
    connection = sqlite3.connect(":memory:")
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool, creator=lambda: connection)
    with engine.begin() as begun:
        migrate(begun)
    content = connection.serialize()
    engine.dispose()
    return content


@cache
def _of_new() -> tuple[str, ...]:
    """What makes a new ledger at once: what has gone through all migrations, as SQLite itself tells it."""
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(_new())
        return tuple(connection.iterdump())[1:-1]  # without the begin and the end of a transaction


def _may_write(path: Path) -> bool:
    """Whether this process may, as the system says; it knows of disks that are mounted to be read, too."""
    return os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids)


@contextlib.contextmanager
def _disposed(engine: sa.Engine) -> Iterator[None]:
    """Let go of a database that cannot be used."""
    try:
        yield
    except BaseException:
        engine.dispose()
        raise


def check_whole(connection: sa.Connection) -> None:
    """Let SQLite read its whole file. Raises DamagedLedger if that brings something up."""
    if connection.dialect.name != "sqlite":
        return
    said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
    if said != "ok":
        raise _damaged(f"The ledger {connection.engine.url.database} is damaged ({said}).")


@contextlib.contextmanager
def told(engine: sa.Engine) -> Iterator[None]:
    """Tell what the database complains of in words. Raises DamagedLedger, or InputError for what need not be damage."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _unusable(engine.url, error) from None


@contextlib.contextmanager
def sound_content(engine: sa.Engine) -> Iterator[None]:
    """Around what only reads: what it cannot make sense of was not written so. Raises DamagedLedger."""
    try:
        yield
    except (ValueError, TypeError, LookupError, ArithmeticError) as error:
        what = f"The ledger {engine.url.database} is damaged: a value in it is not what was written."
        raise _damaged(what) from error


def _prepare_file(path: Path | None) -> None:
    if path is None:
        return
    _expect_no_link(path)
    private_folder(path.parent)
    if not os.path.lexists(path):
        with contextlib.suppress(OSError):  # the database itself says what is wrong with its file
            path.touch(mode=0o600, exist_ok=True)
    _expect_file(path)


def _expect_file(path: Path) -> None:
    """A pipe would keep whoever opens it; a folder is told in words of ours."""
    try:
        expect_file(path.stat())
    except OSError as error:
        raise InputError(
            f"The ledger {path} cannot be used ({error.strerror}).",
            cause="'state' in the job file names something else, or somebody put it there",
            remedy="correct 'state' in the job file; or move what lies there away, then: provision runs JOB --rebuild",
        ) from None


def _identity(path: Path | None) -> tuple[object, ...]:
    """What tells a file from another one of its name: one that was put in its place, or one in another folder."""
    if path is None:
        return ()
    with contextlib.suppress(OSError):
        found = path.stat()
        return (path.absolute(), found.st_dev, found.st_ino)
    return (path.absolute(),)


@lru_cache(maxsize=8)
def _engine_of(url: sa.URL, _file: tuple[object, ...]) -> sa.Engine:
    """The engine of a database: a command opens its ledger several times, and the statements are compiled once.

    It holds no connection while no ledger is open; a file that is put in the place of another has an engine of its own.
    """
    return _engine(url)


def _engine(url: sa.URL, **how: Any) -> sa.Engine:
    """Its transactions begin where SQLAlchemy says so, and what is written is on the disk when they end."""
    if url.get_backend_name() == POSTGRESQL:
        # a connection for each transaction: there are few, and none is kept open that nobody uses
        engine = sa.create_engine(url, poolclass=sa.pool.NullPool, **how)
        prepare(engine)
    else:
        engine = sa.create_engine(url, **how)
        _durable(engine)
    return engine


def _durable(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _: object) -> None:
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
        reads = connection.get_execution_options().get("writes") is None
        # without the word, SQLite refuses a transaction that reads first and writes after somebody else has
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _expect_no_link(path: Path) -> None:
    """Whoever may write to the folder could lead the ledger anywhere by a link, which SQLite follows."""
    if path.is_symlink():
        raise InputError(
            f"The ledger {path} is a link to another file, so it is not used.",
            cause="somebody put it there, or the file was moved and a link left in its place",
            remedy="name the file itself as state in the job file, or put it there in place of the link",
        )


def _bring_forward(engine: sa.Engine, keys: Keys) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == POSTGRESQL:
            expect_unicode(connection)
        else:
            expect_kept(connection)
        found = _version(connection)
    if found == str(SCHEMA_VERSION):
        return
    _expect_known(engine.url.database, found)
    with engine.execution_options(writes=EVERYTHING, keys=keys).begin() as connection:
        there = version_of(connection)
        if there == found:  # nobody else has migrated it meanwhile, and nobody can now
            _keep_copy(engine, found)
        if there == "0" and connection.dialect.name == "sqlite":
            for statement in _of_new():
                connection.exec_driver_sql(statement)
        else:
            migrate(connection)


def _version(connection: sa.Connection) -> str:
    """The version of the tables, "0" for none. Raises InputError for a ledger that was moved, DamagedLedger for what is no table."""
    if connection.dialect.name == "sqlite" and computes(connection):
        raise _damaged(f"The ledger {connection.engine.url.database} has a view or a trigger in it.")
    found = version_of(connection)
    if found != "0" and (place := moved_to(connection)):
        raise InputError(
            f"The ledger {connection.engine.url.database} was moved to {place}, and is not used any more.",
            cause="this job's file, or this machine's copy of it, still names the place of before",
            remedy=f"write the new address as state in the job file: {place}",
        )
    return found


def _expect_this_version(path: Path, found: str) -> None:
    """Who only reads brings nothing forward."""
    if found == str(SCHEMA_VERSION):
        return
    _expect_known(path, found)
    raise InputError(
        f"The ledger {path} has version {found} and has to be brought to version {SCHEMA_VERSION} first; here it may only be read.",
        cause="no run of this release has used it yet",
        remedy="run the job once as the user who may write there: provision run JOB",
    )


def _expect_known(ledger: object, found: str) -> None:
    if not found.isdecimal() or int(found) > SCHEMA_VERSION:
        raise InputError(
            f"The ledger {ledger} has version {found}; this program knows version {SCHEMA_VERSION}.",
            cause="a newer release of this program has used it",
            remedy="run that release, or name another state in the job file",
        )


def _keep_copy(engine: sa.Engine, version: str) -> None:
    """Put a copy of an older SQLite ledger beside it, ``<name>.version-<number>``; one that is there stays as it is."""
    path = file_of(engine.url.render_as_string(hide_password=False))
    if version == "0" or path is None:
        return
    copy = copy_of(path, version)
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
    if url.get_backend_name() == POSTGRESQL:
        return _unusable_server(url, error)
    # the primary result code; the extended ones carry it in their low byte
    garbled = "decode" in str(error.orig)  # text that is none: Python's complaint, which has no code
    if garbled or int(getattr(error.orig, "sqlite_errorcode", 0)) & 0xFF in _DAMAGED:
        return _damaged(what)
    return InputError(
        what,
        cause="a full disk, or a folder that is read-only",
        remedy="make room or correct the rights; the key is 'state' in the job file",
    )


def _unusable_server(url: sa.URL, error: sa.exc.DBAPIError) -> InputError:
    said = " ".join(str(error.orig).split())[:200]
    what = f"The ledger {url.database} on {url.host or 'this machine'} cannot be used ({said})."
    if error.connection_invalidated:
        return LostServer(what, cause="the server was started anew, or the network was away", remedy=_AGAIN)
    if getattr(error.orig, "sqlstate", None) in _NOT_AS_MADE:
        return _damaged(what)
    return InputError(
        what,
        cause="the server is away, or its address, the database, the user or the password is another one; or the user may not "
        "make tables there",
        remedy=f"see that psql can connect with the same address, the key is 'state' in the job file; then {_AGAIN}",
    )


def _damaged(what: str) -> DamagedLedger:
    return DamagedLedger(
        what,
        cause="a disk that lost what was written, or a file that is no ledger",
        remedy="make it anew from the run folders: provision runs JOB --rebuild",
    )
