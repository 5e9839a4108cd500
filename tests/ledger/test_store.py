from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from provision.deciders import Decider
from provision.errors import InputError
from provision.ledger.migrations import SCHEMA_VERSION, migrate
from provision.ledger.store import Ledger, open_ledger
from provision.ledger.value import (
    ABSENCE_COLUMNS,
    ABSENCE_TYPES,
    ACCOUNT_COLUMNS,
    MANAGER_COLUMNS,
    STAGE_COLUMNS,
    Baseline,
    IdentityAnswer,
    Lessons,
    Memory,
    Taught,
    blank,
)

AT = "2026-03-02T01:00:07+00:00"
ADA = ("10", "managed", "E1", "ada@acme.example", "")
BOB = ("11", "app", "C-1", "AppUser_11@boxdevedition.com", "2026-02-01T00:00:00+00:00")
MISSED = ("10", 3, "2026-01-01T00:00:00+00:00", "2026-02-01T00:00:00+00:00")


def accounts(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(ACCOUNT_COLUMNS), dtype="str")


def absences(*rows: tuple[str, int, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=list(ABSENCE_COLUMNS))
    return frame.astype(ABSENCE_TYPES)


NOTHING = Lessons(accounts(), (), None, "ab" * 32, 5, complete=False)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.db"


#: what is only so of a file
of_files = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


def known(ledger: Ledger, job: str = "nightly", enterprise: str = "777") -> list[tuple[str, ...]]:
    accounts = ledger.memory(enterprise, job).accounts[list(ACCOUNT_COLUMNS)]
    return list(accounts.itertuples(index=False, name=None))


def missed(ledger: Ledger) -> list[tuple[object, ...]]:
    return list(ledger.memory("777", "nightly").absences.itertuples(index=False, name=None))


def learn(ledger: Ledger, taught: Lessons, run_id: str = "run-1", at: str = AT) -> None:
    ledger.learn("777", "nightly", taught, Taught(run_id, at, at))


def test_a_new_ledger_knows_nothing(ledger: Ledger) -> None:
    memory = ledger.memory("777", "nightly")

    assert (len(memory.accounts), len(memory.absences), memory.accepted_rows) == (0, 0, 0)
    assert memory.accounts.dtypes.equals(blank().accounts.dtypes)
    assert memory.absences.dtypes.equals(blank().absences.dtypes)


def test_what_was_learnt_is_remembered_after_closing(ledger: Ledger, address: str) -> None:
    learn(ledger, replace(NOTHING, accounts=accounts(BOB, ADA), absences=absences(MISSED), complete=True))
    ledger.close()
    again = open_ledger(address)
    memory = again.memory("777", "nightly")
    again.close()

    assert memory.accounts.equals(accounts(ADA, BOB).assign(since=AT))
    assert memory.absences.equals(absences(MISSED))
    assert memory.accounts.dtypes.equals(blank().accounts.dtypes)
    assert memory.absences.dtypes.equals(blank().absences.dtypes)
    assert memory.accepted_rows == 5


@of_files
def test_a_new_ledger_is_as_one_that_went_through_all_migrations(
    ledger: Ledger, path: Path, tmp_path: Path
) -> None:
    """It is made at once, and no longer version by version."""
    other = sa.create_engine(f"sqlite:///{tmp_path / 'other.sqlite'}")
    with other.begin() as connection:
        migrate(connection)
    other.dispose()
    ledger.close()

    assert laid_out(path) == laid_out(tmp_path / "other.sqlite")


def laid_out(path: Path) -> list[tuple[str, ...]]:
    """How a database is laid out, and the version it says it has."""
    with contextlib.closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        return [*tables, *database.execute("SELECT * FROM about").fetchall()]


def test_news_replaces_what_was_known_and_leaves_the_rest(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, accounts=accounts(ADA, BOB)))
    moved = ("10", "managed", "E1", "ada.new@acme.example", AT)
    learn(ledger, replace(NOTHING, accounts=accounts(moved)), "run-2")

    assert known(ledger) == [moved, BOB]


def test_a_run_that_teaches_once_more_takes_no_word_back(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, complete=True, job_fingerprint="f1", roster_profile="{}"))
    learn(
        ledger, replace(NOTHING, roster_sha256="", roster_rows=0, accounts=accounts(ADA))
    )  # what a journal still told
    memory = ledger.memory("777", "nightly")

    assert (memory.accepted_rows, memory.job_fingerprint, len(memory.baselines)) == (5, "f1", 1)
    assert ledger.last_accepted("777", "nightly") == AT


def test_deleted_accounts_are_forgotten(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, accounts=accounts(ADA, BOB)))
    learn(ledger, replace(NOTHING, gone=("10", "404")), "run-2")

    assert known(ledger) == [BOB]


def test_the_list_of_absences_is_replaced_as_a_whole(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, absences=absences(MISSED)))
    other = ("12", 1, AT, AT)
    learn(ledger, replace(NOTHING, absences=absences(other)), "run-2")
    assert missed(ledger) == [other]

    learn(ledger, replace(NOTHING, absences=absences()), "run-3")
    assert missed(ledger) == []


def test_a_partial_roster_says_nothing_about_absence(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, absences=absences(MISSED)))
    learn(ledger, replace(NOTHING, absences=None), "run-2")

    assert missed(ledger) == [MISSED]


def test_the_last_complete_roster_counts(ledger: Ledger) -> None:
    def accepted(rows: int, complete: bool, run_id: str, at: str) -> int:
        learn(ledger, replace(NOTHING, roster_rows=rows, complete=complete), run_id, at)
        return ledger.memory("777", "nightly").accepted_rows

    assert accepted(100, False, "r0", "2026-03-01T00:00:00+00:00") == 0
    assert accepted(90, True, "r1", "2026-03-02T00:00:00+00:00") == 90
    assert accepted(80, True, "r2", "2026-03-03T00:00:00+00:00") == 80
    assert accepted(3, False, "r3", "2026-03-04T00:00:00+00:00") == 80
    assert accepted(70, True, "r0b", "2026-03-03T00:00:00+00:00") == 80  # the same moment: the greater run id


def test_jobs_and_enterprises_do_not_see_each_other(ledger: Ledger) -> None:
    whole = replace(NOTHING, accounts=accounts(ADA), absences=absences(MISSED), complete=True)
    learn(ledger, whole)
    for enterprise, job in (("777", "portal"), ("888", "nightly")):
        memory = ledger.memory(enterprise, job)
        assert (len(memory.accounts), len(memory.absences), memory.accepted_rows) == (0, 0, 0)
        ledger.learn(
            enterprise,
            job,
            replace(whole, gone=("10",), accounts=accounts(BOB), absences=absences()),
            Taught("run-1", AT, AT),
        )

    assert (known(ledger), missed(ledger)) == ([ADA], [MISSED])
    assert known(ledger, "portal") == known(ledger, "nightly", "888") == [BOB]


def test_a_run_that_is_learnt_again_is_learnt_once(ledger: Ledger) -> None:
    whole = replace(NOTHING, accounts=accounts(ADA), absences=absences(MISSED), complete=True)
    learn(ledger, whole)
    learn(ledger, replace(whole, roster_rows=6))

    assert (known(ledger), missed(ledger)) == ([ADA], [MISSED])
    assert ledger.memory("777", "nightly").accepted_rows == 6


def test_a_run_that_accepted_no_roster_teaches_and_leaves_the_last_roster_what_it_was(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, complete=True))
    later = "2026-03-05T00:00:00+00:00"
    cut_off = replace(NOTHING, accounts=accounts(ADA), roster_sha256="", roster_rows=0)
    learn(ledger, cut_off, "run-2", later)
    assert (known(ledger), ledger.memory("777", "nightly").accepted_rows) == ([ADA], 5)
    assert ledger.last_accepted("777", "nightly") == AT
    assert ledger.runs_taught("777", "nightly") == {"run-1", "run-2"}

    learn(ledger, replace(cut_off, roster_sha256="cd" * 32, roster_rows=4, complete=True), "run-2", later)
    assert ledger.last_accepted("777", "nightly") == later
    assert ledger.memory("777", "nightly").accepted_rows == 4


def test_the_last_accepted_roster_can_be_asked_for_without_one_run(ledger: Ledger) -> None:
    assert ledger.last_accepted("777", "nightly") == ""
    learn(ledger, NOTHING, "run-1", AT)
    learn(ledger, NOTHING, "run-2", "2026-03-05T00:00:00+00:00")

    assert ledger.last_accepted("777", "nightly", but="run-2") == AT
    assert ledger.last_accepted("777", "nightly", but="run-1") == "2026-03-05T00:00:00+00:00"
    assert ledger.last_accepted("777", "nightly", but="run-9") == "2026-03-05T00:00:00+00:00"


def test_runs_that_taught_are_known_by_enterprise_and_job(ledger: Ledger) -> None:
    learn(ledger, NOTHING)
    learn(ledger, NOTHING)

    assert ledger.runs_taught("777", "nightly") == {"run-1"}
    assert ledger.runs_taught("777", "portal") == ledger.runs_taught("888", "nightly") == frozenset()


def test_learning_anew_forgets_what_was_known_and_hears_each_run_with_what_the_ones_before_taught(
    ledger: Ledger,
) -> None:
    learn(ledger, replace(NOTHING, accounts=accounts(BOB), absences=absences(MISSED), complete=True))
    ledger.learn("777", "portal", replace(NOTHING, accounts=accounts(BOB)), Taught("run-1", AT, AT))
    heard = []

    def run(run_id: str, person: tuple[str, ...]) -> Callable[[Memory], tuple[Lessons, Taught]]:
        def teach(memory: Memory) -> tuple[Lessons, Taught]:
            heard.append(memory.accounts["box_id"].tolist())
            return replace(NOTHING, accounts=accounts(person)), Taught(run_id, AT, AT)

        return teach

    cara = ("12", *ADA[1:])
    ledger.relearn("777", "nightly", [run("run-2", ADA), run("run-3", cara)])

    assert heard == [[], ["10"]]
    assert (known(ledger), missed(ledger)) == ([ADA, cara], [])
    assert ledger.runs_taught("777", "nightly") == {"run-2", "run-3"}
    assert known(ledger, "portal") == [BOB]


def said(ledger: Ledger, job: str = "nightly") -> list[list[str]]:
    return ledger.memory("777", job).answers.to_numpy().tolist()


def test_an_answer_is_remembered_until_there_is_another_about_the_same(ledger: Ledger) -> None:
    first, second = (
        IdentityAnswer("E9", "ada@acme.example", "10", Decider("Carla Chief"), AT),
        IdentityAnswer("E8", "", "11", Decider("Carla Chief"), AT),
    )
    for answer in (first, second):
        ledger.answer("777", "nightly", answer)
    assert said(ledger) == [
        ["E8", "", "11", "same", "Carla Chief", AT],
        ["E9", "ada@acme.example", "10", "same", "Carla Chief", AT],
    ]

    ledger.answer("777", "nightly", replace(first, external_id="E7"))  # the account went to somebody else
    ledger.answer("777", "nightly", replace(second, box_id="12"))  # and this person got another one
    assert [each[:3] for each in said(ledger)] == [["E7", "ada@acme.example", "10"], ["E8", "", "12"]]
    assert said(ledger, "portal") == []


def test_answers_outlive_a_ledger_that_is_made_anew(ledger: Ledger) -> None:
    ledger.answer(
        "777", "nightly", IdentityAnswer("E9", "ada@acme.example", "10", Decider("Carla Chief"), AT)
    )
    ledger.relearn("777", "nightly", [])

    assert [each[:3] for each in said(ledger)] == [["E9", "ada@acme.example", "10"]]


def test_learning_anew_that_is_cut_off_leaves_what_was_known(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, accounts=accounts(BOB)))

    def cut(_: Memory) -> tuple[Lessons, Taught]:
        raise _PowerCut

    with pytest.raises(_PowerCut):
        ledger.relearn("777", "nightly", [cut])

    assert (known(ledger), ledger.runs_taught("777", "nightly")) == ([BOB], {"run-1"})


class _PowerCut(Exception):
    """Stops the program in the middle of a lesson."""


@pytest.mark.parametrize("column", ["box_id", "login", "missed_runs", "last_missed"])
def test_a_lesson_is_learnt_whole_or_not_at_all(ledger: Ledger, column: str) -> None:
    learn(ledger, replace(NOTHING, accounts=accounts(ADA, BOB), absences=absences(MISSED), complete=True))

    class Cut(pd.Series):
        def tolist(self) -> list[object]:
            raise _PowerCut

    class Torn(pd.DataFrame):
        def __getitem__(self, name: object) -> object:
            return Cut(super().__getitem__(name)) if name == column else super().__getitem__(name)

    torn = replace(
        NOTHING,
        accounts=Torn(accounts(BOB)),
        gone=("10",),
        absences=Torn(absences()),
        roster_rows=1,
        complete=True,
    )
    with pytest.raises(_PowerCut):
        learn(ledger, torn, "run-2")

    assert (known(ledger), missed(ledger)) == ([ADA, BOB], [MISSED])
    assert ledger.memory("777", "nightly").accepted_rows == 5


def test_a_lesson_the_database_refuses_changes_nothing(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, accounts=accounts(ADA)))
    with pytest.raises(InputError, match="cannot be used"):
        learn(ledger, replace(NOTHING, gone=("10",), accounts=accounts(BOB, BOB)), "run-2")

    assert known(ledger) == [ADA]


def test_a_ledger_in_use_makes_the_other_wait_and_then_see(address: str, ledger: Ledger) -> None:
    other = open_ledger(address)
    learn(ledger, replace(NOTHING, accounts=accounts(ADA)))
    learn(other, replace(NOTHING, accounts=accounts(BOB)), "run-2")
    other.close()

    assert known(ledger) == [ADA, BOB]


@of_files
def test_the_ledger_and_its_folder_are_private(ledger: Ledger, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:x?mode=memory&uri=true",
        "sqlite:///file:x?uri=true&mode=memory&cache=shared",
        "sqlite:///x.db?mode=memory",
        "sqlite:///file::memory:?cache=shared&uri=true",
        "sqlite:///file:/x?vfs=memdb&uri=true",
        "sqlite:///file:?uri=true",
    ],
)
def test_a_ledger_that_would_forget_is_refused(url: str) -> None:
    assert refused(url).startswith("The job's state names no file, so nothing would be remembered")


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ("?check_same_thread=zz", "check_same_thread"),
        ("?timeout=soon", "timeout"),
        ("?timeout=1&timeout=2", "timeout"),
        ("?sslmode=require", "sslmode"),
        ("?mode=ro", "mode"),
    ],
)
def test_a_word_behind_the_file_that_means_nothing_is_named(tmp_path: Path, said: str, named: str) -> None:
    assert refused(f"sqlite:///{tmp_path}/ledger.db{said}").startswith(
        f"The job's state says {named} behind the file"
    )
    assert not list(tmp_path.iterdir())


def refused(url: str) -> str:
    with pytest.raises(InputError) as caught:
        open_ledger(url)
    return str(caught.value)


@of_files
def test_a_newer_ledger_is_refused_by_name_and_left_alone(ledger: Ledger, path: Path) -> None:
    ledger.close()
    with sqlite3.connect(path) as database:
        database.execute("UPDATE about SET value = '99'")
        database.execute("DROP TABLE rosters")
    database.close()

    assert refused(f"sqlite:///{path}") == (
        f"The ledger {path} has version 99; this program knows version {SCHEMA_VERSION}.\n"
        "  usual cause: a newer release of this program has used it\n"
        "  do: run that release, or name another state in the job file"
    )
    again = sqlite3.connect(path)
    names = {name for (name,) in again.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    again.close()
    assert names == {
        "aliases",
        "budgets",
        "invites",
        "onboarding",
        "managers",
        "known_groups",
        "named",
        "stages",
        "about",
        "accounts",
        "absences",
        "applied",
        "answers",
        "calls",
        "holds",
        "leases",
        "operations",
        "profiles",
        "releases",
        "runs",
        "said",
        "wants",
    }


UNUSABLE = """\
The ledger PLACE cannot be used ({}).
  usual cause: a full disk, or a folder that is read-only
  do: make room or correct the rights; the key is 'state' in the job file"""
DAMAGED = """\
The ledger PLACE cannot be used ({}).
  usual cause: a disk that lost what was written, or a file that is no ledger
  do: make it anew from the run folders: provision runs JOB --rebuild"""


def test_a_file_that_is_no_database_is_told_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("login,name\n" * 500, encoding="utf-8")
    message = refused(f"sqlite:///{path}").replace(str(path), "PLACE")

    assert message == DAMAGED.format("DatabaseError: file is not a database")
    assert path.read_text(encoding="utf-8") == "login,name\n" * 500


def test_a_folder_in_the_place_of_the_ledger_is_told(tmp_path: Path) -> None:
    message = refused(f"sqlite:///{tmp_path}").replace(str(tmp_path), "PLACE")

    assert message.startswith("The ledger PLACE cannot be used (a folder lies in its place).")
    assert "move what lies there away" in message


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("", encoding="utf-8")

    assert refused(f"sqlite:///{tmp_path}/state/ledger.db").startswith(
        f"Cannot write {tmp_path}/state: something else than "
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is read-only for the superuser")
def test_a_read_only_folder_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    message = refused(f"sqlite:///{tmp_path}/ledger.db").replace(f"{tmp_path}/ledger.db", "PLACE")
    tmp_path.chmod(0o700)

    assert message == UNUSABLE.format("OperationalError: unable to open database file")


@of_files
def test_a_ledger_that_became_read_only_is_told(
    ledger: Ledger, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    ledger.close()
    read_only = open_ledger(f"sqlite:///file:{path}?mode=ro&uri=true")
    with pytest.raises(InputError, match="attempt to write a readonly database"):
        learn(read_only, NOTHING)
    read_only.close()
    assert not list(path.parent.glob("file*"))


@of_files
def test_damage_found_later_is_told(ledger: Ledger, path: Path) -> None:
    ledger.close()
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE absences")
    database.close()
    damaged = open_ledger(f"sqlite:///{path}")
    with pytest.raises(InputError, match=r"cannot be used \(OperationalError: no such table: absences\)"):
        damaged.memory("777", "nightly")
    damaged.close()


@pytest.mark.parametrize("url", ["state/provision.db", "", "nosuch://host/db", "sqlite+nosuch:///x.db"])
def test_an_address_that_is_no_database_is_told(url: str) -> None:
    assert refused(url) == (
        "The job's state is not a database URL this program can open.\n"
        "  usual cause: a typing error, or a database whose driver is not installed\n"
        "  do: write it as sqlite:///state/provision.db (relative to the job file)"
    )


# --- rosters that count as good -------------------------------------------------------------------------


def accepted(ledger: Ledger, enterprise: str = "777") -> list[str]:
    return [each.profile for each in ledger.memory(enterprise, "nightly").baselines]


def test_accepted_rosters_are_described_newest_first(ledger: Ledger) -> None:
    for night in (1, 3, 2):
        learn(
            ledger,
            replace(NOTHING, roster_profile=f"{{{night}}}"),
            f"run-{night}",
            f"2026-03-0{night}T01:00:00+00:00",
        )

    assert accepted(ledger) == ["{3}", "{2}", "{1}"]
    assert accepted(ledger, "888") == []
    assert ledger.baselines("portal") == ()


def test_a_run_that_teaches_again_describes_its_roster_once(ledger: Ledger) -> None:
    for _ in range(2):
        learn(ledger, replace(NOTHING, roster_profile="{}"))

    assert accepted(ledger) == ["{}"]


def test_a_run_without_a_roster_describes_none(ledger: Ledger) -> None:
    learn(ledger, NOTHING)

    assert accepted(ledger) == []


@of_files
def test_only_the_last_rosters_are_remembered(ledger: Ledger, path: Path) -> None:
    for night in range(10, 25):
        learn(
            ledger,
            replace(NOTHING, roster_profile=f"{night}"),
            f"run-{night}",
            f"2026-03-{night}T01:00:00+00:00",
        )

    assert accepted(ledger) == [str(night) for night in range(24, 14, -1)]
    with sqlite3.connect(path) as database:
        assert database.execute("SELECT count(*) FROM profiles").fetchone() == (10,)
    database.close()


def test_a_roster_accepted_by_name_counts_in_every_enterprise_of_the_job(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, roster_profile="{1}", complete=True), "run-1", "2026-03-01T01:00:00+00:00")
    by_name = Baseline("{2}", "2026-03-02T01:00:00+00:00", Decider("hannah"), complete=False)
    ledger.accept("nightly", by_name)

    assert ledger.memory("777", "nightly").baselines == (
        by_name,
        Baseline("{1}", "2026-03-01T01:00:00+00:00"),
    )
    assert ledger.memory("888", "nightly").baselines == (by_name,)
    assert ledger.memory("777", "portal").baselines == ()
    assert ledger.baselines("nightly") == (by_name, Baseline("{1}", "2026-03-01T01:00:00+00:00"))


def test_what_was_accepted_by_name_outlives_a_ledger_made_anew(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, roster_profile="{1}"), "run-1", "2026-03-01T01:00:00+00:00")
    ledger.accept("nightly", Baseline("{2}", "2026-03-02T01:00:00+00:00", Decider("hannah")))
    ledger.relearn("777", "nightly", [])

    assert accepted(ledger) == ["{2}"]


def stages(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(STAGE_COLUMNS), dtype="str")


def managers(*rows: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(MANAGER_COLUMNS), dtype="str")


def told(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return list(frame.itertuples(index=False, name=None))


SENT = ("10", "transfer", AT, '{"to":"20"}')
ENDED = ("11", "end_sessions", AT, "")


def test_the_stages_of_leavers_are_a_whole_new_list_each_time(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, stages=stages(SENT, ENDED)))
    learn(ledger, NOTHING, "run-2")
    kept = told(ledger.memory("777", "nightly").stages)
    learn(ledger, replace(NOTHING, stages=stages(ENDED)), "run-3")

    assert (kept, told(ledger.memory("777", "nightly").stages)) == ([SENT, ENDED], [ENDED])
    assert len(ledger.memory("777", "other").stages) == 0


def test_the_last_word_on_managers_counts_until_the_account_is_gone(ledger: Ledger) -> None:
    learn(ledger, replace(NOTHING, managers=managers(("10", "E7", ""), ("11", "E8", ""))))
    learn(ledger, replace(NOTHING, managers=managers(("10", "E9", "E2"))), "run-2")
    then = told(ledger.memory("777", "nightly").managers)
    learn(ledger, replace(NOTHING, gone=("10",)), "run-3")

    assert then == [("10", "E9", "E2"), ("11", "E8", "")]
    assert told(ledger.memory("777", "nightly").managers) == [("11", "E8", "")]
