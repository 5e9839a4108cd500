"""The ledger in a database: SQLite by default, through SQLAlchemy Core so that another one can follow."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from provision.errors import InputError
from provision.files import private_folder
from provision.ledger.value import ABSENCE_COLUMNS, ABSENCE_TYPES, ACCOUNT_COLUMNS, Lessons, Memory

#: version of the tables; a newer ledger is refused by name
SCHEMA_VERSION = 1

_TABLES = sa.MetaData()
_ABOUT = sa.Table(
    "about",
    _TABLES,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)


def _owner() -> tuple[sa.Column[str], sa.Column[str]]:
    return sa.Column("enterprise_id", sa.String, primary_key=True), sa.Column(
        "job", sa.String, primary_key=True
    )


_ACCOUNTS = sa.Table(
    "accounts",
    _TABLES,
    *_owner(),
    sa.Column("box_id", sa.String, primary_key=True),
    *(sa.Column(name, sa.String, nullable=False, default="") for name in ACCOUNT_COLUMNS[1:]),
    sa.Column("since", sa.String, nullable=False),
)
_ABSENCES = sa.Table(
    "absences",
    _TABLES,
    *_owner(),
    sa.Column("box_id", sa.String, primary_key=True),
    sa.Column("missed_runs", sa.Integer, nullable=False),
    sa.Column("first_missed", sa.String, nullable=False),
    sa.Column("last_missed", sa.String, nullable=False),
)
_ROSTERS = sa.Table(
    "rosters",
    _TABLES,
    *_owner(),
    sa.Column("run_id", sa.String, primary_key=True),
    sa.Column("accepted_at", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
)


class Ledger:
    """The memory across runs. Every method is one transaction."""

    def __init__(self, engine: sa.Engine, url: sa.URL) -> None:
        self._engine = engine
        self._url = url

    def memory(self, enterprise_id: str, job: str) -> Memory:
        """What earlier runs of this job left for this enterprise."""
        owner = {"enterprise_id": enterprise_id, "job": job}
        with self._trouble(), self._engine.begin() as connection:
            accounts = _rows(connection, _ACCOUNTS, ACCOUNT_COLUMNS, owner)
            absences = _rows(connection, _ABSENCES, ABSENCE_COLUMNS, owner)
            last = connection.execute(
                sa.select(_ROSTERS.c.row_count)
                .where(*_of(_ROSTERS, owner), _ROSTERS.c.complete)
                .order_by(_ROSTERS.c.accepted_at.desc(), _ROSTERS.c.run_id.desc())
                .limit(1)
            ).scalar()
        return Memory(accounts.astype("str"), absences.astype(ABSENCE_TYPES), last or 0)

    def last_accepted(self, enterprise_id: str, job: str) -> str:
        """When the job's last roster was carried out, ISO with offset; "" for never."""
        owner = {"enterprise_id": enterprise_id, "job": job}
        query = sa.select(sa.func.max(_ROSTERS.c.accepted_at)).where(*_of(_ROSTERS, owner))
        with self._trouble(), self._engine.begin() as connection:
            return connection.execute(query).scalar() or ""

    def learn(self, enterprise_id: str, job: str, lessons: Lessons, run_id: str, at: str) -> None:
        """Take over what a run taught, all of it or nothing. ``at`` is an ISO time stamp.

        What the same run taught before is replaced.
        """
        owner = {"enterprise_id": enterprise_id, "job": job}
        with self._trouble(), self._engine.begin() as connection:
            # a write comes first: SQLite lets a transaction that has read wait for no other writer
            connection.execute(_ROSTERS.delete().where(*_of(_ROSTERS, owner), _ROSTERS.c.run_id == run_id))
            _forget(connection, _ACCOUNTS, owner, {*lessons.gone, *lessons.accounts["box_id"]})
            _insert(connection, _ACCOUNTS, owner | {"since": at}, lessons.accounts)
            if lessons.absences is not None:
                connection.execute(_ABSENCES.delete().where(*_of(_ABSENCES, owner)))
                _insert(connection, _ABSENCES, owner, lessons.absences)
            roster = _accepted(lessons) | {"run_id": run_id, "accepted_at": at}
            connection.execute(_ROSTERS.insert(), [owner | roster])

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextlib.contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except sa.exc.DBAPIError as error:
            raise _unusable(self._url, error) from None


def open_ledger(url: str) -> Ledger:
    """Open the ledger at a database URL, made if there is none. Raises InputError if it cannot be used."""
    try:
        parsed = sa.make_url(url)
        engine = sa.create_engine(parsed)
    except (sa.exc.ArgumentError, ModuleNotFoundError):
        raise InputError(
            "The job's state is not a database URL this program can open.",
            cause="a typing error, or a database whose driver is not installed",
            remedy="write it as sqlite:///state/provision.db (relative to the job file)",
        ) from None
    _refuse_forgetful(parsed)
    _prepare_file(engine, parsed)
    try:
        _migrate(engine, parsed)
    except sa.exc.DBAPIError as error:
        raise _unusable(parsed, error) from None
    return Ledger(engine, parsed)


def _refuse_forgetful(url: sa.URL) -> None:
    if url.get_backend_name() != "sqlite" or (url.database and url.database != ":memory:"):
        return
    raise InputError(
        "The job's state names no file, so nothing would be remembered and nobody would ever be owned.",
        cause="sqlite:// or :memory: was written",
        remedy="write it as sqlite:///state/provision.db (relative to the job file)",
    )


def _prepare_file(engine: sa.Engine, url: sa.URL) -> None:
    if url.get_backend_name() != "sqlite":
        return
    if url.database and not url.database.startswith("file:"):
        path = Path(url.database)
        private_folder(path.parent)
        with contextlib.suppress(OSError):  # the database itself says what is wrong with its file
            path.touch(mode=0o600, exist_ok=True)

    @sa.event.listens_for(engine, "connect")
    def _durable(connection: sqlite3.Connection, _: object) -> None:
        # transactions begin where SQLAlchemy says so, not where Python guesses
        connection.isolation_level = None
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 10000"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def _migrate(engine: sa.Engine, url: sa.URL) -> None:
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateTable(_ABOUT, if_not_exists=True))
        found = connection.execute(
            sa.select(_ABOUT.c.value).where(_ABOUT.c.name == "schema_version")
        ).scalar()
        if found is None:
            _TABLES.create_all(connection)
            connection.execute(_ABOUT.insert(), [{"name": "schema_version", "value": str(SCHEMA_VERSION)}])
        elif found != str(SCHEMA_VERSION):
            raise InputError(
                f"The ledger {url.database} has version {found}; this program knows version {SCHEMA_VERSION}.",
                cause="a newer release of this program has used it",
                remedy="run that release, or name another state in the job file",
            )


def _unusable(url: sa.URL, error: sa.exc.DBAPIError) -> InputError:
    return InputError(
        f"The ledger {url.database} cannot be used ({type(error).__name__}: {str(error.orig)[:120]}).",
        cause="a full disk, a folder that is read-only, or a file that is no database",
        remedy="make room or correct the rights; the key is 'state' in the job file",
    )


def _of(table: sa.Table, owner: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    """The rows of one enterprise and job."""
    return [table.c[name] == value for name, value in owner.items()]


def _rows(
    connection: sa.Connection, table: sa.Table, columns: tuple[str, ...], owner: Mapping[str, str]
) -> pd.DataFrame:
    query = sa.select(*(table.c[name] for name in columns)).where(*_of(table, owner)).order_by(table.c.box_id)
    rows = connection.execute(query).fetchall()
    return pd.DataFrame.from_records([tuple(row) for row in rows], columns=list(columns))


def _accepted(lessons: Lessons) -> dict[str, object]:
    return {
        "sha256": lessons.roster_sha256,
        "row_count": lessons.roster_rows,
        "complete": lessons.complete,
    }


def _forget(connection: sa.Connection, table: sa.Table, owner: Mapping[str, str], box_ids: set[str]) -> None:
    there = set(connection.execute(sa.select(table.c.box_id).where(*_of(table, owner))).scalars())
    if gone := sorted(there & box_ids):
        statement = table.delete().where(*_of(table, owner), table.c.box_id == sa.bindparam("gone"))
        connection.execute(statement, [{"gone": box_id} for box_id in gone])


def _insert(
    connection: sa.Connection, table: sa.Table, shared: Mapping[str, str], frame: pd.DataFrame
) -> None:
    names = [str(name) for name in frame.columns]
    people = zip(*(frame[name].tolist() for name in names), strict=True)
    rows = [{**shared, **dict(zip(names, cells, strict=True))} for cells in people]
    if rows:
        connection.execute(table.insert(), rows)
