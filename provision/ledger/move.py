"""A ledger from one database into another, whole and once: what it was taken from says so from then on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from provision.errors import InputError, Locked
from provision.ledger.address import file_of, parsed, shown
from provision.ledger.database import connect, told
from provision.ledger.migrations import MOVED
from provision.ledger.place import nothing_there
from provision.ledger.postgres import EVERYTHING
from provision.ledger.tables import ABOUT, AT_ONCE, BUDGETS, LEASES, TABLES

#: who works on an enterprise and how fast is no memory, and the version is the other database's own
_LEFT_BEHIND = (ABOUT, BUDGETS, LEASES)


def move(source: str, target: str, alive_since: str) -> dict[str, int]:
    """Copy all that a ledger remembers into an empty one, and mark the first as moved; how many rows of which table.

    Nobody writes to either meanwhile. ``alive_since``: whoever gave a sign of life at this time (ISO) or later is at work. Raises InputError for addresses that do not
    do, and Locked while a run is under way.
    """
    _expect_two(source, target)
    there, here = connect(source), connect(target)
    with contextlib.ExitStack() as both:
        both.callback(there.dispose)
        both.callback(here.dispose)
        reading = both.enter_context(_writing(there))
        writing = both.enter_context(_writing(here))
        _expect_quiet(reading, alive_since)
        _expect_empty(writing, target)
        tables = [table for table in TABLES.sorted_tables if table not in _LEFT_BEHIND]
        moved = {table.name: _copied(table, reading, writing) for table in tables}
        # before the other one is done: if that fails, neither has happened
        reading.execute(ABOUT.insert(), [{"name": MOVED, "value": shown(target)}])
        writing.commit()
        reading.commit()
    return moved


@contextlib.contextmanager
def _writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A transaction in which nobody else writes; nothing of it stays unless it is committed."""
    with told(engine), engine.connect().execution_options(writes=EVERYTHING) as connection:
        connection.begin()
        yield connection


def _copied(table: sa.Table, reading: sa.Connection, writing: sa.Connection) -> int:
    """All rows of a table, some at a time; how many there were."""
    count = 0
    for rows in (
        reading.execute(sa.select(table).execution_options(yield_per=AT_ONCE)).mappings().partitions()
    ):
        writing.execute(table.insert(), [dict(row) for row in rows])
        count += len(rows)
    return count


def _expect_two(source: str, target: str) -> None:
    if parsed(source) == parsed(target) or (
        file_of(source) is not None and file_of(source) == file_of(target)
    ):
        raise InputError(
            "Both addresses name the same ledger.",
            cause="the second address was copied from the first",
            remedy="name the database to move to second",
        )
    if nothing_there(source):
        raise InputError(
            f"There is no ledger at {shown(source)}.",
            cause="a typing error; the path of a SQLite file is relative to where this is called, not to a job file",
            remedy="name the file with its whole path, as sqlite:////srv/box/state/provision.db",
        )


def _expect_quiet(reading: sa.Connection, alive_since: str) -> None:
    at_work = reading.execute(sa.select(LEASES).where(LEASES.c.renewed_at >= alive_since)).mappings().first()
    if at_work is not None:
        raise Locked(
            f"Run {at_work['run_id']} of job {at_work['job']} is working on enterprise {at_work['enterprise_id']}, process "
            f"{at_work['pid']} on {at_work['host']}; what it learns would be lost.",
            cause="the nightly run is still under way",
            remedy="wait until it has finished, and move the ledger then",
        )


def _expect_empty(writing: sa.Connection, target: str) -> None:
    for table in TABLES.sorted_tables:
        if (
            table not in _LEFT_BEHIND
            and writing.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first()
        ):
            raise InputError(
                f"The ledger {shown(target)} has something in {table.name} already, and two memories are not made one.",
                cause="jobs use it already, or an earlier move was cut off at its very end",
                remedy="name an empty database; if this one has nothing of its own, empty it first",
            )
