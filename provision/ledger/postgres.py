"""PostgreSQL as the ledger uses it: who writes takes turns, who reads sees one moment, who cannot get through tries again.

Writers of one enterprise wait for each other at the beginning of their transaction and then see what the others wrote, so that all
is safe at READ COMMITTED, which is what a statement of a writer needs: it looks at what stands there now. What is not about
one enterprise waits for everybody.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
import tenacity

from provision.errors import InputError

_Found = TypeVar("_Found")
_Told = ParamSpec("_Told")

#: the name of PostgreSQL among SQLAlchemy's
POSTGRESQL = "postgresql"
#: whose turn it is that concerns every enterprise
EVERYTHING = ""
#: the first of the two numbers of each of our locks, so that they are nobody else's in this database
_OURS = 0x70726F76
#: seconds to get through to a database that was not reached before, and to one that was: it is being started anew
_FIRST, _LATER = 5, 60
#: seconds in which a server answers that nobody waits for
_AT_ONCE = 2
#: what is said to the driver: seconds to connect, and how soon a server is given up from which nothing comes back
_DRIVER = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,
    "application_name": "provision",
}
#: a writer waits so long for the others; one that sleeps within its turn loses it
_SETTINGS = (
    "SET lock_timeout = '120s'",
    "SET idle_in_transaction_session_timeout = '600s'",
    "SET synchronous_commit = on",
)


class LostServer(InputError):
    """The database was there and went away in the middle of something, which has not happened then; at its end it may have."""


def insisting(method: Callable[_Told, _Found]) -> Callable[_Told, _Found]:
    """A method that is one transaction, and does the same again where the server was lost: it comes to the same if it was done before."""

    @functools.wraps(method)
    def again(*told: _Told.args, **by_name: _Told.kwargs) -> _Found:
        found: _Found = patiently(_LATER, LostServer)(method, *told, **by_name)
        return found

    return again


def prepare(engine: sa.Engine) -> None:
    """Let each transaction of this engine begin as described above, by the execution option ``writes``: whose turn it is, None to read."""
    reached = False

    @sa.event.listens_for(engine, "do_connect")
    def _connect(dialect: sa.Dialect, _record: Any, arguments: Any, settings: dict[str, Any]) -> Any:
        nonlocal reached
        made = patiently(_LATER if reached else _FIRST, dialect.loaded_dbapi.OperationalError)(
            dialect.connect, *arguments, **_DRIVER | settings
        )
        reached = True
        return made

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: object) -> None:
        for setting in _SETTINGS:
            connection.execute(setting)
        connection.commit()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        turn = connection.get_execution_options().get("writes")
        if turn is None:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        else:
            _take_turn(connection, turn)


def connected_at_once(address: sa.URL) -> Any:
    """A connection of its own, each of whose statements stands for itself and may be several; no server is waited for.

    The driver's own errors come through.
    """
    dialect = address.get_dialect()()
    driver = dialect.import_dbapi()
    arguments, settings = dialect.create_connect_args(address)
    how = {"connect_timeout": _AT_ONCE, "autocommit": True, "cursor_factory": driver.ClientCursor}
    return driver.connect(*arguments, **{**_DRIVER, **settings, **how})


def patiently(seconds: float, *kinds: type[Exception]) -> tenacity.Retrying:
    """Calls again what fails with these errors, for so long, a little later each time."""
    return tenacity.Retrying(
        retry=tenacity.retry_if_exception_type(kinds),
        stop=tenacity.stop_after_delay(seconds),
        wait=tenacity.wait_random_exponential(multiplier=0.1, max=3),
        reraise=True,
    )


def expect_unicode(connection: sa.Connection) -> None:
    """Raise InputError for a database that keeps text in another encoding, in which not every name can be written."""
    found = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if found != "UTF8":
        raise InputError(
            f"The ledger {connection.engine.url.database} keeps text as {found}, in which not every name can be written.",
            cause="the database was made with another encoding",
            remedy=f"make another one: CREATE DATABASE {connection.engine.url.database}_utf8 ENCODING 'UTF8' TEMPLATE template0",
        )


def _take_turn(connection: sa.Connection, turn: str) -> None:
    """Wait until nobody writes about the same; the turn ends with the transaction."""
    if turn == EVERYTHING:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OURS}, 0)")
        return
    # always in this order, so that no two wait for each other
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock_shared({_OURS}, 0)")
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_OURS}, {_number(turn)})")


def _number(turn: str) -> int:
    """A number of 31 bits above 0; two turns that share one only wait for each other."""
    return int.from_bytes(hashlib.sha256(turn.encode()).digest()[:4]) >> 1 or 1
