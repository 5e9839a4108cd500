"""What a ledger is after the machine has failed it: real files, real processes, real signals."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pandas as pd
import pytest

from provision.errors import DamagedLedger, InputError
from provision.ledger.migrations import SCHEMA_VERSION
from provision.ledger.repair import set_aside_if_damaged
from provision.ledger.store import open_ledger
from provision.ledger.value import ABSENCE_COLUMNS, ACCOUNT_COLUMNS, Lessons, Taught

ROOT = Path(__file__).parents[2]
AT = "2026-03-02T01:00:07+00:00"
NOW = datetime(2026, 3, 2, 1, 0, 7, tzinfo=UTC)

#: learns lesson after lesson of so many accounts, and dies or is stopped where it is told to: each time a process of its
#: own, a fork of one that has loaded what this takes. A line is a JSON list in, and what the fork said and how it ended out
LEARNER = """
import json, os, resource, signal, sys
import pandas as pd, sqlalchemy as sa
import sqlalchemy.dialects.sqlite
from provision.errors import InputError
from provision.ledger.store import open_ledger
from provision.ledger.value import ACCOUNT_COLUMNS, Lessons, Taught

def die(*_):
    sys.stdout.flush()
    os.kill(os.getpid(), signal.SIGKILL)

def learn(url, runs, size, until, largest):
    taught = []

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def _sent(connection, cursor, statement, *_):
        taught.append(statement.startswith("INSERT INTO runs"))
        if until and statement.startswith(until):
            die()

    @sa.event.listens_for(sa.Engine, "commit")
    def _ended(_):
        if until == "COMMIT" and any(taught):
            die()

    ledger = open_ledger(url)
    if largest:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    at = "2026-03-02T01:00:07+00:00"
    for run in runs.split(","):
        rows = [(f"{run}-{n}", "managed", f"E{n}", f"p{n}@acme.example", "") for n in range(size)]
        frame = pd.DataFrame(rows, columns=list(ACCOUNT_COLUMNS), dtype="str")
        try:
            ledger.learn("777", "nightly", Lessons(frame, ("1",), None, "ab", size, True), Taught(run, at, at))
        except InputError as error:
            print(error)

for line in sys.stdin:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        try:
            learn(*json.loads(line))
            die()
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading) as said:
        text = said.read()
    print(json.dumps([text, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]), flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A ledger that knows one account, "1", from one roster."""
    path = tmp_path / "ledger.db"
    frame = pd.DataFrame([("1", "managed", "E1", "ada@acme.example", "")], columns=list(ACCOUNT_COLUMNS))
    with closing(open_ledger(f"sqlite:///{path}")) as ledger:
        lessons = Lessons(frame.astype("str"), (), None, "ab", 1, complete=True)
        ledger.learn("777", "nightly", lessons, Taught("first", AT, AT))
    return path


@pytest.fixture(scope="module")
def school() -> Iterator[subprocess.Popen[str]]:
    """The process that learners are forks of."""
    with subprocess.Popen(
        [sys.executable, "-c", LEARNER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        yield process
        process.communicate()


@pytest.fixture
def learner(path: Path, school: subprocess.Popen[str]) -> Callable[..., str]:
    """Lets another process learn, until it is killed: `learner(runs="a,b", size=2, until="INSERT", largest=4096)`."""

    def learn(runs: str = "a", size: int = 2, until: str = "", largest: int = 0) -> str:
        assert school.stdin is not None
        assert school.stdout is not None
        school.stdin.write(json.dumps([f"sqlite:///{path}", runs, size, until, largest]) + "\n")
        school.stdin.flush()
        said, code = json.loads(school.stdout.readline())
        assert code == -signal.SIGKILL, said
        return str(said)

    return learn


def known(path: Path) -> tuple[set[str], set[str]]:
    """The accounts by whose lesson they came, and the runs."""
    with closing(open_ledger(f"sqlite:///{path}")) as ledger:
        ledger.examine()
        ids = ledger.memory("777", "nightly").accounts["box_id"]
        return {box_id.split("-")[0] for box_id in ids}, set(ledger.runs_taught("777", "nightly"))


BEFORE = ({"1"}, {"first"})
AFTER = ({"a"}, {"first", "a"})


@pytest.mark.parametrize("size", [2, 30_000], ids=["small", "larger than the cache"])
@pytest.mark.parametrize("until", ["INSERT INTO accounts", "INSERT INTO rosters", "COMMIT"])
def test_a_process_killed_in_the_middle_of_a_lesson_has_taught_nothing(
    path: Path, learner: Callable[..., str], until: str, size: int
) -> None:
    learner(until=until, size=size)
    assert known(path) == BEFORE

    learner(size=2)
    assert known(path) == AFTER


def test_a_process_killed_after_a_lesson_has_taught_it(path: Path, learner: Callable[..., str]) -> None:
    learner()

    assert known(path) == AFTER


def test_a_disk_that_is_full_is_told_and_the_lesson_can_be_learned_later(
    path: Path, learner: Callable[..., str]
) -> None:
    said = learner(size=2_000, largest=path.stat().st_size)
    assert said.startswith(f"The ledger {path} cannot be used (OperationalError: ")
    assert "a full disk" in said
    assert known(path) == BEFORE

    learner(size=2_000)
    assert known(path) == AFTER


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda log: log[:-100], {"1", "a"}),
        (lambda log: log[:-100] + b"\0" * 100, {"1", "a"}),
        (lambda log: log[: len(log) // 4], {"1"}),
        (lambda log: log + b"rubbish" * 1000, {"1", "a", "b"}),
        (lambda _: b"", {"1"}),
    ],
    ids=["cut off", "never written out", "a quarter", "rubbish behind", "empty"],
)
def test_a_torn_log_loses_whole_lessons_from_its_end_and_nothing_else(
    tmp_path: Path, learner: Callable[..., str], damage: Callable[[bytes], bytes], expected: set[str]
) -> None:
    path, log = tmp_path / "ledger.db", tmp_path / "ledger.db-wal"
    learner(runs="a,b", size=60)
    log.write_bytes(damage(log.read_bytes()))

    accounts, runs = known(path)
    assert runs == {"first" if name == "1" else name for name in expected}
    assert accounts == (expected - {"1"} or {"1"})


def broken(path: Path, how: str) -> None:
    """Damage a ledger large enough that the damage lies in its middle."""
    with closing(open_ledger(f"sqlite:///{path}")) as ledger:
        rows = [(f"{number}", "managed", f"E{number}", "x" * 50, "") for number in range(3000)]
        frame = pd.DataFrame(rows, columns=list(ACCOUNT_COLUMNS), dtype="str")
        lessons = Lessons(frame, (), None, "", 0, complete=True)
        ledger.learn("777", "nightly", lessons, Taught("large", AT, AT))
    whole = path.read_bytes()
    middle = len(whole) // 2
    path.write_bytes(
        {
            "middle": whole[: middle - 20_000] + b"\xa5" * 40_000 + whole[middle + 20_000 :],
            "end": whole[:middle],
            "beginning": b"no database at all" + whole[18:],
            "everything": b"rubbish" * 5000,
        }[how]
    )


@pytest.mark.parametrize("how", ["middle", "end", "beginning", "everything"])
def test_a_damaged_ledger_says_how_to_make_it_anew_and_is_set_aside_whole(path: Path, how: str) -> None:
    broken(path, how)
    damaged = path.read_bytes()
    with pytest.raises(DamagedLedger) as caught, closing(open_ledger(f"sqlite:///{path}")) as ledger:
        ledger.memory("777", "nightly")
    assert "do: make it anew from the run folders: provision runs JOB --rebuild" in str(caught.value)

    aside = set_aside_if_damaged(f"sqlite:///{path}", NOW)
    assert aside == path.with_name("ledger.db.broken-20260302T010007Z")
    assert aside.read_bytes() == damaged
    assert known(path) == (set(), set())


@pytest.mark.parametrize("moment", [AT[:19], AT[:-1] + "é", "2026-13" + AT[7:]])
def test_a_moment_that_none_can_be_is_told_as_damage(path: Path, moment: str) -> None:
    """One that lost its offset is a moment to who only parses it, and compares with no other."""
    with closing(sqlite3.connect(path)) as database, database:
        assert database.execute("UPDATE accounts SET since = ?", (moment,)).rowcount
    with pytest.raises(DamagedLedger), closing(open_ledger(f"sqlite:///{path}")) as ledger:
        ledger.memory("777", "nightly")


@pytest.mark.parametrize(
    "statements",
    [
        (
            "ALTER TABLE holds RENAME TO others; CREATE VIEW holds AS WITH RECURSIVE r(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM r) "
            "SELECT '777' AS enterprise_id, x AS job FROM r"
        ),
        "CREATE TRIGGER all_mine AFTER INSERT ON runs BEGIN DELETE FROM accounts; END",
        "UPDATE about SET value = zeroblob(50)",
    ],
    ids=["a view without end", "a trigger", "a version that is no text"],
)
def test_what_computes_in_the_place_of_a_table_is_told_and_not_waited_for(
    path: Path, statements: str
) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.executescript(statements)

    with pytest.raises(DamagedLedger):
        open_ledger(f"sqlite:///{path}")


def test_a_view_of_somebody_s_own_on_the_ledger_is_nobody_s_trouble(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE VIEW my_accounts AS SELECT * FROM accounts")

    assert known(path) == BEFORE


def test_a_ledger_without_one_of_its_tables_is_set_aside(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE absences")

    assert set_aside_if_damaged(f"sqlite:///{path}", NOW) is not None


def test_a_sound_ledger_and_one_that_is_not_there_yet_stay_where_they_are(path: Path) -> None:
    assert set_aside_if_damaged(f"sqlite:///{path}", NOW) is None
    assert set_aside_if_damaged(f"sqlite:///{path.with_name('new.db')}", NOW) is None
    assert known(path) == BEFORE


def test_a_newer_ledger_is_not_taken_for_a_damaged_one(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE about SET value = '99'")

    with pytest.raises(InputError, match="has version 99"):
        set_aside_if_damaged(f"sqlite:///{path}", NOW)
    assert path.exists()


# --- versions -----------------------------------------------------------------------------------

#: the tables of version 1, as its release made them
VERSION_1 = """
CREATE TABLE about (name VARCHAR NOT NULL, value VARCHAR NOT NULL, PRIMARY KEY (name));
CREATE TABLE accounts (enterprise_id VARCHAR NOT NULL, job VARCHAR NOT NULL, box_id VARCHAR NOT NULL,
  kind VARCHAR NOT NULL, external_id VARCHAR NOT NULL, login VARCHAR NOT NULL, left_at VARCHAR NOT NULL,
  since VARCHAR NOT NULL, PRIMARY KEY (enterprise_id, job, box_id));
CREATE TABLE absences (enterprise_id VARCHAR NOT NULL, job VARCHAR NOT NULL, box_id VARCHAR NOT NULL,
  missed_runs INTEGER NOT NULL, first_missed VARCHAR NOT NULL, last_missed VARCHAR NOT NULL,
  PRIMARY KEY (enterprise_id, job, box_id));
CREATE TABLE rosters (enterprise_id VARCHAR NOT NULL, job VARCHAR NOT NULL, run_id VARCHAR NOT NULL,
  accepted_at VARCHAR NOT NULL, sha256 VARCHAR NOT NULL, row_count INTEGER NOT NULL, complete BOOLEAN NOT NULL,
  PRIMARY KEY (enterprise_id, job, run_id));
INSERT INTO about VALUES ('schema_version', '1');
INSERT INTO accounts VALUES ('777', 'nightly', '1', 'managed', 'E1', 'ada@acme.example', '', '2026-03-02T01:00:07+00:00');
INSERT INTO absences VALUES ('777', 'nightly', '1', 1, '2026-03-02T01:00:07+00:00', '2026-03-02T01:00:07+00:00');
INSERT INTO rosters VALUES ('777', 'nightly', 'first', '2026-03-02T01:00:07+00:00', 'ab', 5, 1);
"""


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A ledger of version 1."""
    path = tmp_path / "ledger.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(VERSION_1)
    return path


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """The columns of each table: name, type, whether it must be there, place in the key."""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [
                (column[1], column[2], column[3], column[5])
                for column in database.execute(f"PRAGMA table_info({name})")
            ]
            for name in names
        }


def version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        [(found,)] = database.execute("SELECT value FROM about").fetchall()
    return str(found)


def test_an_older_ledger_is_brought_forward_with_all_it_knows(old: Path, tmp_path: Path) -> None:
    assert known(old) == BEFORE
    with closing(open_ledger(f"sqlite:///{old}")) as ledger:
        memory = ledger.memory("777", "nightly")
        assert memory.absences[list(ABSENCE_COLUMNS)].to_numpy().tolist() == [["1", 1, AT, AT]]
        assert memory.accepted_rows == 5
    open_ledger(f"sqlite:///{tmp_path}/new.db").close()

    assert (version(old), tables(old)) == (version(tmp_path / "new.db"), tables(tmp_path / "new.db"))


def test_a_ledger_that_many_open_at_once_is_made_or_brought_forward_once(tmp_path: Path) -> None:
    def opened(path: Path) -> str:
        together.wait(timeout=30)
        open_ledger(f"sqlite:///{path}").close()
        return version(path)

    together = Barrier(6)
    with ThreadPoolExecutor(6) as pool:
        for number in range(10):
            path = tmp_path / f"ledger{number}.db"
            if number % 2:
                with closing(sqlite3.connect(path)) as database:
                    database.executescript(VERSION_1)
            assert list(pool.map(opened, [path] * 6)) == [str(SCHEMA_VERSION)] * 6


@pytest.mark.parametrize("obstacle", ["leases", "runs", "profiles", "calls", "answers"])
def test_a_migration_that_fails_halfway_leaves_the_older_ledger(old: Path, obstacle: str) -> None:
    with closing(sqlite3.connect(old)) as database:
        database.execute(f"CREATE TABLE {obstacle} (in_the_way)")
    before = tables(old)
    with pytest.raises(InputError, match=f"table {obstacle} already exists"):
        open_ledger(f"sqlite:///{old}")
    assert (version(old), tables(old)) == ("1", before)

    with closing(sqlite3.connect(old)) as database:
        database.execute(f"DROP TABLE {obstacle}")
    assert known(old) == BEFORE
    assert version(old) == str(SCHEMA_VERSION)


@pytest.mark.parametrize("until", ["\nCREATE TABLE runs", "INSERT INTO about"])
def test_a_process_killed_in_the_middle_of_a_migration_leaves_the_older_ledger(
    path: Path, learner: Callable[..., str], until: str
) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.executescript(VERSION_1)
    before = tables(path)
    learner(until=until)
    assert (version(path), tables(path)) == ("1", before)

    assert known(path) == BEFORE
    assert version(path) == str(SCHEMA_VERSION)
