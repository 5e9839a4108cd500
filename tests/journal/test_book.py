"""The journal: what is in it is on the disk, and it says of every operation how far it came."""

from __future__ import annotations

import os
import resource
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from provision.errors import BoxAnswer, DamagedFile, PlanError, RunFolderError
from provision.journal.book import JOURNAL_NAME, Journal, read_journal
from provision.journal.value import Noted, Outcome, noted
from provision.model import Status

WHOSE = {"plan": "sha256:1", "enterprise": "27335"}
Open = Callable[..., Journal]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    """Opens journals and closes them again."""
    books: list[Journal] = []
    ticks = iter(range(1_000_000))

    def go(path: Path = tmp_path / JOURNAL_NAME, **whose: str) -> Journal:
        books.append(Journal(path, WHOSE | whose, lambda: f"at {next(ticks)}"))
        return books[-1]

    yield go
    for book in books:
        book.close()


DONE = Outcome("create:a", Status.DONE, "77", noted(Noted.FOUND), BoxAnswer(201, "", "req-1"), 2)


def test_what_was_ended_is_told_as_it_was(opened: Open) -> None:
    book = opened()
    book.begin("create:a")
    ended = book.end(DONE)

    assert book.outcomes() == {"create:a": ended}
    assert (ended.at, ended.status, ended.box_id, ended.attempts) == ("at 1", Status.DONE, "77", 2)


def test_what_began_and_did_not_end_is_in_doubt(opened: Open) -> None:
    book = opened()
    book.begin("create:a")
    book.begin("create:b")
    book.end(DONE)

    assert {key: outcome.status for key, outcome in book.outcomes().items()} == {
        "create:a": Status.DONE,
        "create:b": Status.IN_DOUBT,
    }


def test_the_last_word_counts(opened: Open) -> None:
    book = opened()
    book.end(DONE)
    book.end(Outcome("create:b", Status.IN_DOUBT))
    book.end(Outcome("create:b", Status.DONE, "78"))
    book.begin("create:a")

    told = book.outcomes()
    assert told["create:a"].status is Status.IN_DOUBT
    assert told["create:b"].box_id == "78"


def test_a_journal_is_read_again_by_the_next_process(opened: Open) -> None:
    first = opened()
    first.begin("create:a")
    first.close()

    assert opened().outcomes()["create:a"].status is Status.IN_DOUBT


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2)])
def test_every_entry_is_on_the_disk_when_the_call_returns(opened: Open, pragma: str, value: object) -> None:
    [found] = opened()._connection.execute(f"PRAGMA {pragma}").fetchone()

    assert found == value


def test_an_entry_survives_a_process_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    program = (
        "import os, pathlib, signal, sys\n"
        "from provision.journal.book import Journal\n"
        f"book = Journal(pathlib.Path(sys.argv[1]), {WHOSE!r}, lambda: 'now')\n"
        "book.begin('create:a')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=False)
    book = Journal(path, WHOSE, lambda: "later")

    assert book.outcomes()["create:a"].status is Status.IN_DOUBT
    book.close()


def test_only_the_owner_can_read_it(opened: Open, tmp_path: Path) -> None:
    opened().begin("create:a")

    files = list(tmp_path.iterdir())
    assert files
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


@pytest.mark.parametrize(("name", "value"), [("plan", "sha256:2"), ("enterprise", "1")])
def test_the_journal_of_something_else_is_refused_by_name(opened: Open, name: str, value: str) -> None:
    opened().close()

    with pytest.raises(PlanError, match=f"journal of another {name} \\({WHOSE[name]}, not {value}\\)"):
        opened(**{name: value})


def test_a_journal_of_another_version_is_refused_by_name(opened: Open, tmp_path: Path) -> None:
    opened().close()
    with sqlite3.connect(tmp_path / JOURNAL_NAME) as connection:
        connection.execute("UPDATE about SET value = '99' WHERE name = 'version'")
    connection.close()

    with pytest.raises(PlanError, match=r"journal of another version \(99, not 2\)"):
        opened()


def test_a_file_that_is_no_journal_is_refused(opened: Open, tmp_path: Path) -> None:
    content = b"not a database at all, but long enough to be looked at" * 40
    (tmp_path / JOURNAL_NAME).write_bytes(content)

    with pytest.raises(PlanError, match="it is no journal at all") as refused:
        opened()

    assert refused.value.remedy
    assert (tmp_path / JOURNAL_NAME).read_bytes() == content


def test_a_journal_whose_complaint_is_no_text_is_told(opened: Open, tmp_path: Path) -> None:
    opened().close()
    path = tmp_path / JOURNAL_NAME
    content = path.read_bytes().replace(b"tableabout", b"tableab\xc5ut")
    path.write_bytes(content.replace(b"TABLE about", b"TABLX about"))

    with pytest.raises(DamagedFile, match="cannot be read"):
        read_journal(path, {})


def test_a_folder_that_is_gone_is_told(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match="Cannot write") as refused:
        opened(tmp_path / "gone" / JOURNAL_NAME)

    assert "moved or removed" in refused.value.cause


def test_a_journal_that_is_a_folder_is_told(opened: Open, tmp_path: Path) -> None:
    (tmp_path / JOURNAL_NAME).mkdir()

    with pytest.raises(DamagedFile, match="a folder lies in its place"):
        opened()


def test_a_full_disk_is_told_and_what_was_written_stays(opened: Open, tmp_path: Path) -> None:
    book = opened()
    book.begin("create:a")
    book._connection.execute("PRAGMA max_page_count = 1")

    with pytest.raises(RunFolderError, match="No space left on device") as refused:
        for number in range(200):
            book.begin(f"create:{number}:{'x' * 400}")

    assert "the disk is full" in refused.value.cause
    assert str(tmp_path / JOURNAL_NAME) in refused.value.what
    assert book.outcomes()["create:a"].status is Status.IN_DOUBT


def test_a_read_only_journal_is_told(opened: Open) -> None:
    book = opened()
    book._connection.execute("PRAGMA query_only = ON")

    with pytest.raises(RunFolderError, match="Cannot write"):
        book.begin("create:a")


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="no such limit here")
def test_a_file_that_may_not_grow_is_told_in_words(tmp_path: Path) -> None:
    program = (
        "import pathlib, resource, signal, sys\n"
        "from provision.errors import RunFolderError\n"
        "from provision.journal.book import Journal\n"
        f"book = Journal(pathlib.Path(sys.argv[1]), {WHOSE!r}, lambda: 'now')\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    [book.begin('create:' + 'x' * 400) for _ in range(100)]\n"
        "except RunFolderError as error:\n"
        "    print(error)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path / JOURNAL_NAME)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)

    assert done.stdout.startswith("Cannot write")
    assert "usual cause:" in done.stdout


def test_many_threads_write_one_journal(opened: Open) -> None:
    book = opened()

    def work(worker: int) -> None:
        for number in range(40):
            book.begin(f"create:{worker}:{number}")
            book.end(Outcome(f"create:{worker}:{number}", Status.DONE, str(number)))

    with ThreadPoolExecutor(16) as pool:
        for done in [pool.submit(work, worker) for worker in range(16)]:
            done.result()

    told = book.outcomes()
    assert len(told) == 640
    assert {outcome.status for outcome in told.values()} == {Status.DONE}


def test_nobody_of_many_is_told_that_an_entry_is_written_which_is_not(opened: Open) -> None:
    book = opened()
    book.begin("create:first")
    book._connection.execute("PRAGMA max_page_count = 40")

    def work(worker: int) -> list[str]:
        written: list[str] = []
        try:
            for number in range(200):
                book.begin(f"create:{worker}:{number}:{'x' * 300}")
                written.append(f"create:{worker}:{number}:{'x' * 300}")
        except RunFolderError:
            return written
        raise AssertionError("the disk never was full")

    with ThreadPoolExecutor(12) as pool:
        told = [name for names in pool.map(work, range(12)) for name in names]

    assert len(told) > 20
    assert {"create:first", *told} == book.outcomes().keys()


class Refusing:
    """A connection whose first transaction cannot begin, as while another program holds the file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection, self._refused = connection, False

    def execute(self, statement: str, *values: object) -> sqlite3.Cursor:
        if statement.startswith("BEGIN") and not self._refused:
            self._refused = True
            raise sqlite3.OperationalError("database is locked")
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def test_a_transaction_that_cannot_begin_loses_nobodys_entry(opened: Open) -> None:
    book = opened()
    book._connection = Refusing(book._connection)  # type: ignore[assignment]  # it passes on what it does not refuse
    told: dict[str, bool] = {}

    def work(name: str) -> None:
        try:
            book.begin(name)
        except RunFolderError:
            told[name] = False
        else:
            told[name] = True

    with ThreadPoolExecutor(3) as pool:
        with book._lock:  # as while another worker waits for the disk
            futures = [pool.submit(work, f"create:{name}") for name in "abc"]
            while book._waiting.qsize() < len(futures):
                pass
        for future in futures:
            future.result()

    assert sorted(told.values()) == [False, True, True]
    assert book.outcomes().keys() == {name for name, written in told.items() if written}


def test_entries_are_only_ever_added(opened: Open) -> None:
    book = opened()
    for _ in range(3):
        book.begin("create:a")
        book.end(DONE)

    [count] = book._connection.execute("SELECT count(*) FROM entries").fetchone()
    assert count == 6


def test_a_closed_journal_is_one_file(opened: Open, tmp_path: Path) -> None:
    book = opened()
    book.begin("create:a")
    book.close()

    assert os.listdir(tmp_path) == [JOURNAL_NAME]  # noqa: PTH208 - names alone
