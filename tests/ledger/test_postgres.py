"""A ledger on a PostgreSQL server: who writes, who waits, and what happens when the server goes away."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace

import pandas as pd
import pytest
import sqlalchemy as sa

from provision.errors import DamagedLedger, InputError
from provision.ledger import database, migrations, postgres
from provision.ledger.address import file_of
from provision.ledger.store import Ledger, known_ledger, open_ledger
from provision.ledger.value import ACCOUNT_COLUMNS, Lease, Lessons, Memory, Taught
from tests.postgres import Server

AT = "2026-03-02T01:00:07+00:00"
LEASE = Lease("777", "nightly", "run-0", "alpha", 11, AT, AT)
EARLIER = "2026-03-02T00:59:59+00:00"


def lessons(*box_ids: str, said: bytes | None = None) -> Lessons:
    """What a run teaches that found these accounts."""
    rows = [(box_id, "managed", "", f"p{box_id}@acme.example", "") for box_id in box_ids]
    accounts = pd.DataFrame(rows, columns=list(ACCOUNT_COLUMNS), dtype="str")
    return Lessons(accounts, (), None, "ab" * 32, 5, complete=False, said=said)


def taught(run_id: str = "run-1") -> Taught:
    return Taught(run_id, AT, AT)


def known(ledger: Ledger, enterprise: str = "777") -> list[str]:
    """The Box ids of the accounts that it knows."""
    found: list[str] = ledger.memory(enterprise, "nightly").accounts["box_id"].tolist()
    return found


@pytest.fixture
def place(server: Server) -> str:
    """The address of a ledger on the server, not there yet."""
    return server.ledger()


@pytest.fixture
def ledgers(place: str) -> Iterator[Callable[[], Ledger]]:
    """Opens the ledger, each time as another process would."""
    opened: list[Ledger] = []

    def one() -> Ledger:
        database._engine_of.cache_clear()
        opened.append(open_ledger(place))
        return opened[-1]

    yield one
    for ledger in opened:
        ledger.close()


def test_of_many_that_want_an_enterprise_at_once_one_gets_it(ledgers: Callable[[], Ledger]) -> None:
    many = [ledgers() for _ in range(8)]
    ready = threading.Barrier(len(many))

    def take(number: int) -> Lease | None:
        mine = replace(LEASE, run_id=f"run-{number}", host=f"host-{number}")
        ready.wait(timeout=30)
        return many[number].take_lease(mine, EARLIER)

    with ThreadPoolExecutor(len(many)) as pool:
        in_the_way = list(pool.map(take, range(len(many))))

    assert in_the_way.count(None) == 1
    holder = many[0].leaseholder("777")
    assert holder is not None
    assert in_the_way.index(None) == int(holder.run_id.removeprefix("run-"))


def test_runs_of_one_enterprise_teach_one_after_the_other_and_nobody_waits_for_another_enterprise(
    ledgers: Callable[[], Ledger], place: str
) -> None:
    first, second, other = ledgers(), ledgers(), ledgers()
    begun, go_on = threading.Event(), threading.Event()

    def slowly(_: Memory) -> tuple[Lessons, Taught]:
        begun.set()
        assert go_on.wait(timeout=30)
        return lessons("10"), taught()

    with ThreadPoolExecutor(2) as pool:
        pool.submit(begun.wait, 0)
        slow = pool.submit(first.relearn, "777", "nightly", [slowly])
        assert begun.wait(timeout=30)
        other.learn("888", "nightly", lessons("20"), taught())
        other.renew_lease(LEASE, AT)
        waits = pool.submit(second.learn, "777", "nightly", lessons("11"), taught("run-2"))
        _until(place, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        assert not waits.done()
        go_on.set()
        slow.result(timeout=30)
        waits.result(timeout=30)

    assert (known(first), known(first, "888")) == (["10", "11"], ["20"])


def _until(place: str, count: str) -> None:
    """Look until somebody is counted."""
    engine = sa.create_engine(place)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.exec_driver_sql(count).scalar():
            pass
    engine.dispose()


def test_a_server_that_was_started_anew_is_found_again(ledgers: Callable[[], Ledger], server: Server) -> None:
    ledger = ledgers()
    ledger.learn("777", "nightly", lessons("10"), taught())
    server.stop()
    server.start()

    assert known(ledger) == ["10"]


def test_what_a_run_taught_when_the_server_was_lost_is_taught_again(
    ledgers: Callable[[], Ledger], server: Server
) -> None:
    ledger, lost = ledgers(), []

    def losing(_: Memory) -> tuple[Lessons, Taught]:
        if not lost:
            lost.append(server.stop())
            server.start()
        return lessons("10"), taught()

    ledger.learn("777", "nightly", lessons("9"), taught("run-0"))
    ledger.relearn("777", "nightly", iter([losing]))

    assert (known(ledger), len(lost)) == (["10"], 1)


def test_who_begins_while_the_server_is_started_waits_for_it(
    ledgers: Callable[[], Ledger], place: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledgers().learn("777", "nightly", lessons("10"), taught())
    server.stop()
    waited = iter([server.start])
    monkeypatch.setattr(time, "sleep", lambda _: next(waited, lambda: None)())

    with closing(open_ledger(place)) as ledger:
        assert known(ledger) == ["10"]


def test_a_server_that_is_not_there_is_told_without_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_FIRST", 0)

    with pytest.raises(InputError) as told:
        open_ledger("postgresql+psycopg://me:hidden@127.0.0.1:1/ledger")

    assert told.value.what.startswith("The ledger ledger on 127.0.0.1 cannot be used (")
    assert "psql" in told.value.remedy
    assert "hidden" not in str(told.value)


def test_who_only_reads_makes_no_tables(place: str) -> None:
    with closing(known_ledger(place)) as ledger:
        assert known(ledger) == []
    engine = sa.create_engine(place)

    assert sa.inspect(engine).get_table_names() == []
    engine.dispose()
    open_ledger(place).close()
    with closing(known_ledger(place)) as ledger:
        assert known(ledger) == []


def test_text_in_which_not_every_name_can_be_written_is_refused(place: str) -> None:
    engine = sa.create_engine(place, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP DATABASE IF EXISTS old_days")
        connection.exec_driver_sql("CREATE DATABASE old_days ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    engine.dispose()

    with pytest.raises(InputError, match="keeps text as LATIN1, in which not every name"):
        open_ledger(place.replace("/postgres", "/old_days"))


def test_tables_that_are_gone_are_damage_and_rights_that_lack_are_not(place: str) -> None:
    open_ledger(place).close()
    engine = sa.create_engine(place, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("DROP TABLE accounts")
        connection.exec_driver_sql("DROP ROLE IF EXISTS reader")
        connection.exec_driver_sql("CREATE ROLE reader LOGIN")
    engine.dispose()

    with closing(open_ledger(place)) as ledger, pytest.raises(DamagedLedger, match="accounts"):
        ledger.memory("777", "nightly")
    with pytest.raises(InputError, match=r"permission denied|no schema has been") as told:
        open_ledger(place.replace("provision@", "reader@"))
    assert not isinstance(told.value, DamagedLedger)


@pytest.mark.parametrize("packed", [b"", b"0123456789", b"0123456789a", b"z" * 35])
def test_what_a_roster_said_is_kept_in_parts(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, packed: bytes
) -> None:
    monkeypatch.setattr("provision.ledger.packed._AT_ONCE", 10)
    ledger.learn("777", "nightly", lessons(said=b"x" * 99), taught("run-0"))
    ledger.learn("777", "nightly", lessons(said=packed), taught())

    assert ledger.memory("777", "nightly").said == packed


def test_what_a_roster_said_before_it_was_kept_in_parts_is_known(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as then:
        then.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:20])
        engine = sa.create_engine(address)
        if (file := file_of(address)) is not None:
            file.parent.mkdir()
        with engine.begin() as connection:
            migrations.migrate(connection)
            connection.execute(sa.text("UPDATE about SET value = '20' WHERE name = 'schema_version'"))
            row = {"e": "777", "j": "nightly", "p": b"packed"}
            connection.execute(
                sa.text(
                    "INSERT INTO said (enterprise_id, job, packed, key_name) VALUES (:e, :j, :p, '')"
                ).bindparams(sa.bindparam("p", type_=sa.LargeBinary)),
                row,
            )
        engine.dispose()

    with closing(open_ledger(address)) as ledger:
        assert ledger.memory("777", "nightly").said == b"packed"


def test_people_are_in_the_same_order_in_each_database(ledger: Ledger) -> None:
    ledger.learn("777", "nightly", lessons("a", "B", "ä", "10", "9"), taught())

    assert known(ledger) == ["10", "9", "B", "a", "ä"]
