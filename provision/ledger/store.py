"""The ledger in a database: SQLite by default, through SQLAlchemy Core so that another one can follow."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from provision.errors import InputError
from provision.files import private_folder
from provision.ledger.value import ABSENCE_COLUMNS, ACCOUNT_COLUMNS, Lessons, Memory

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
        with self._trouble(), self._engine.connect() as connection:
            accounts = _rows(connection, _ACCOUNTS, ACCOUNT_COLUMNS, enterprise_id, job)
            absences = _rows(connection, _ABSENCES, ABSENCE_COLUMNS, enterprise_id, job)
            last = connection.execute(
                sa.select(_ROSTERS.c.row_count)
                .where(_ROSTERS.c.enterprise_id == enterprise_id, _ROSTERS.c.job == job, _ROSTERS.c.complete)
                .order_by(_ROSTERS.c.accepted_at.desc(), _ROSTERS.c.run_id.desc())
                .limit(1)
            ).scalar()
        return Memory(
            accounts.astype("str"), absences.astype({"box_id": "str", "missed_runs": "int64"}), last or 0
        )

    def learn(self, enterprise_id: str, job: str, lessons: Lessons, run_id: str, at: str) -> None:
        """Take over what a run taught, all of it or nothing. ``at`` is an ISO time stamp."""
        owner = {"enterprise_id": enterprise_id, "job": job}
        changed = lessons.accounts["box_id"].tolist()
        with self._trouble(), self._engine.begin() as connection:
            _forget(connection, _ACCOUNTS, owner, [*lessons.gone, *changed])
            _insert(connection, _ACCOUNTS, owner | {"since": at}, lessons.accounts)
            if lessons.absences is not None:
                _forget(connection, _ABSENCES, owner, None)
                _insert(connection, _ABSENCES, owner, lessons.absences)
            roster = {
                "sha256": lessons.roster_sha256,
                "row_count": lessons.roster_rows,
                "complete": lessons.complete,
            }
            connection.execute(_ROSTERS.insert(), [owner | roster | {"run_id": run_id, "accepted_at": at}])

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
    _prepare_file(engine, parsed)
    try:
        _migrate(engine, parsed)
    except sa.exc.DBAPIError as error:
        raise _unusable(parsed, error) from None
    return Ledger(engine, parsed)


def _prepare_file(engine: sa.Engine, url: sa.URL) -> None:
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    path = Path(url.database)
    private_folder(path.parent)
    with contextlib.suppress(OSError):  # the database itself says what is wrong with its file
        path.touch(mode=0o600, exist_ok=True)

    @sa.event.listens_for(engine, "connect")
    def _durable(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA busy_timeout = 10000")
        cursor.close()


def _migrate(engine: sa.Engine, url: sa.URL) -> None:
    with engine.begin() as connection:
        _TABLES.create_all(connection)
        found = connection.execute(
            sa.select(_ABOUT.c.value).where(_ABOUT.c.name == "schema_version")
        ).scalar()
        if found is None:
            connection.execute(_ABOUT.insert(), [{"name": "schema_version", "value": str(SCHEMA_VERSION)}])
        elif int(found) > SCHEMA_VERSION:
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


def _rows(
    connection: sa.Connection, table: sa.Table, columns: tuple[str, ...], enterprise_id: str, job: str
) -> pd.DataFrame:
    query = (
        sa.select(*(table.c[name] for name in columns))
        .where(table.c.enterprise_id == enterprise_id, table.c.job == job)
        .order_by(table.c.box_id)
    )
    rows = connection.execute(query).fetchall()
    return pd.DataFrame.from_records([tuple(row) for row in rows], columns=list(columns))


def _forget(
    connection: sa.Connection, table: sa.Table, owner: dict[str, str], box_ids: list[str] | None
) -> None:
    """Remove these accounts' rows of one owner, or all of them for None."""
    whose = [table.c.enterprise_id == owner["enterprise_id"], table.c.job == owner["job"]]
    if box_ids is None:
        connection.execute(table.delete().where(*whose))
    elif box_ids:
        statement = table.delete().where(*whose, table.c.box_id == sa.bindparam("gone"))
        connection.execute(statement, [{"gone": box_id} for box_id in box_ids])


def _insert(connection: sa.Connection, table: sa.Table, shared: dict[str, str], frame: pd.DataFrame) -> None:
    rows = [shared | {str(name): cell for name, cell in row.items()} for row in frame.to_dict("records")]
    if rows:
        connection.execute(table.insert(), rows)
