"""Who may only read: the commands that ask and change nothing work beside a ledger that nobody may write to, and leave it alone."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from .conftest import ROSTER, complaint


@pytest.fixture
def read_only(monkeypatch):
    """Lets nobody write to a folder; the superuser, whom no mode binds, is told so by the program's own question."""
    closed: list[Path] = []

    def close(folder: Path) -> dict[str, bytes]:
        for path in folder.iterdir():
            path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o500)
        folder.chmod(0o500)
        closed.append(folder)
        if os.geteuid() == 0:
            monkeypatch.setattr("provision.ledger.database._may_write", lambda _path: False)
        return content(folder)

    yield close
    for folder in closed:
        folder.chmod(0o700)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_who_may_only_read_the_ledger_is_answered_and_nothing_is_written(box, provision, make_job, read_only):
    box()
    job = make_job(ROSTER)
    folder = provision("run", job, "--json").folder
    before = read_only(Path("state"))

    for command in (
        ("holds", job), ("explain", job, "E1"), ("check", job), ("verify", job), ("runs", job), ("report", folder),
        ("export", job, "--out", "all.csv"), ("plan", make_job(ROSTER.replace("Buyer", "Clerk"))),
    ):  # fmt: skip
        said = provision(*command)
        assert said.code == (2 if command[0] in ("plan", "verify") else 0), said
    assert content(Path("state")) == before


def test_an_older_ledger_is_not_brought_forward_by_who_may_only_read(box, provision, make_job, read_only):
    box()
    job = make_job(ROSTER)
    assert provision("run", job).code == 0
    with closing(sqlite3.connect("state/provision.db")) as ledger:
        ledger.execute("UPDATE about SET value = '9' WHERE name = 'schema_version'")
        ledger.commit()
    before = read_only(Path("state"))

    said = provision("holds", job)

    assert said.code == 1
    assert "has version 9 and has to be brought to version" in complaint(said)
    assert content(Path("state")) == before


def test_a_plan_makes_no_ledger(box, provision, make_job):
    box()

    assert provision("plan", make_job(ROSTER)).code == 2
    assert [path.name for path in Path("state").iterdir()] == ["provision.key"]
