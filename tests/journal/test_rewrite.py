"""A journal rewritten without a person: nothing of before is in the file, and what was decided stays."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from provision.errors import DamagedFile
from provision.journal.book import JOURNAL_NAME, Journal, read_journal
from provision.journal.rewrite import rewrite_journal
from provision.journal.value import Outcome
from provision.model import Status

WHOSE = {"plan": "sha256:1", "enterprise": "27335"}


def without_mia(text: str) -> str:
    return text.replace("mia", "p-1")


def about_another_plan(notes: object) -> dict[str, str]:
    assert notes == {**WHOSE, "version": "2", "asked": "mia"}
    return {"plan": "sha256:2", "asked": "p-1"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / JOURNAL_NAME
    journal = Journal(path, WHOSE, lambda: "now", {"asked": "mia"})
    for whose in ("mia", "otto"):
        journal.begin(f"create:{whose}")
        journal.end(Outcome(f"create:{whose}", Status.DONE, f"7-{whose}", made=f"folder of {whose}"))
    journal.close()
    return path


def test_one_person_is_gone_and_everybody_else_is_as_before(book: Path) -> None:
    rewrite_journal(book, without_mia, about_another_plan)

    outcomes, notes = read_journal(book, WHOSE | {"plan": "sha256:2"})
    assert {key: (one.box_id, one.made) for key, one in outcomes.items()} == {
        "create:p-1": ("7-p-1", "folder of p-1"),
        "create:otto": ("7-otto", "folder of otto"),
    }
    assert notes["asked"] == "p-1"


def test_no_byte_of_before_is_left_in_the_folder(book: Path) -> None:
    rewrite_journal(book, without_mia, about_another_plan)

    assert [path.name for path in book.parent.iterdir()] == [JOURNAL_NAME]
    assert b"mia" not in book.read_bytes()


def test_what_would_compute_while_it_is_rewritten_is_told_by_name(book: Path) -> None:
    with contextlib.closing(sqlite3.connect(book)) as connection:
        connection.execute(
            "CREATE TRIGGER late AFTER UPDATE ON entries BEGIN INSERT INTO about VALUES ('late', 'mia'); END"
        )

    with pytest.raises(DamagedFile, match="something else that computes"):
        rewrite_journal(book, without_mia, about_another_plan)


def test_what_is_no_journal_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL_NAME
    path.write_bytes(b"no journal" * 100)

    with pytest.raises(DamagedFile, match="no journal at all"):
        rewrite_journal(path, without_mia, about_another_plan)
