"""Whole commands with a ledger on a PostgreSQL server, and a ledger moved to it from a file."""

from __future__ import annotations

import contextlib
import json
import sqlite3

import pytest
import sqlalchemy as sa

from provision.ledger.store import open_ledger
from provision.ledger.value import Lease

from .conftest import complaint, logins, person

HEADER = "external_id,login,name\n"
ANN, BEN, CAT = (
    f"E{at},{name.lower()}@acme.example,{name} Example\n" for at, name in enumerate(("Ann", "Ben", "Cat"), 1)
)
LAX = {"removals": {"count": 9}, "shrink": {"percent": 90}}


@pytest.fixture
def place(server, monkeypatch):
    """The address of a new ledger on the server, and the key that machines share beside it."""
    monkeypatch.setenv("PROVISION_KEY", "5a" * 32)
    return server.ledger()


@pytest.fixture
def world(box):
    return box()


def budgets(place):
    """The names of the budgets of calls that machines share there: one an acting user."""
    with sa.create_engine(place, poolclass=sa.pool.NullPool).connect() as connection:
        return list(connection.exec_driver_sql("SELECT name FROM budgets").scalars())


def test_nights_on_a_server_are_as_those_on_a_file(place, world, nights, provision, tmp_path):
    """Owned, absent, deactivated, deleted, made anew from the run folders, and forgotten."""
    stages = [{"after": "0d", "do": "deactivate"}, {"after": "1d", "do": "delete", "content": "destroy"}]
    how = {"state": place, "guards": LAX, "lifecycle": {"leavers": stages}}
    assert nights(0, HEADER + ANN + BEN + CAT, **how).code == 0
    again = nights(1, HEADER + ANN + BEN + CAT, **how)
    assert (again.code, again.json["planned"]) == (0, {})
    for night in (2, 3, 4, 5, 6, 7):
        said = nights(night, HEADER + ANN + BEN, **how)
    assert (said.code, person(world, "cat@acme.example")) == (0, {})

    assert len(budgets(place)) == 1
    job = tmp_path / "nightly.yaml"
    rebuilt = provision("runs", job, "--rebuild")
    assert rebuilt.code == 0, rebuilt.err
    assert provision("verify", job).code == 0
    assert provision("explain", job, "cat@acme.example").code == 0
    forgot = provision("forget", job, "cat@acme.example", "--by", "Ines Iversen", "--yes")
    assert forgot.code == 0, forgot.err
    with contextlib.closing(open_ledger(place)) as ledger:
        assert "cat@acme.example" not in ledger.memory("27335", "nightly").accounts["login"].tolist()


def test_a_ledger_is_moved_to_a_server_and_the_nights_go_on(
    place, world, nights, provision, tmp_path, monkeypatch
):
    monkeypatch.delenv("PROVISION_KEY")
    file = tmp_path / "state" / "box.db"
    assert nights(0, HEADER + ANN + BEN + CAT, state=f"sqlite:///{file}", guards=LAX).code == 0
    said = provision("ledger", "move", f"sqlite:///{file}", place, "--json")

    assert said.code == 0, said.err
    assert said.json["rows"]["accounts"] == 3
    key = tmp_path / "state" / "box.key"
    assert said.json["key_file"] == str(key)
    assert f"PROVISION_KEY to the content of {key}" in said.err
    before = nights(1, HEADER + ANN + BEN + CAT, state=f"sqlite:///{file}", guards=LAX)
    assert before.code == 1
    assert "was moved to postgresql+psycopg://provision@127.0.0.1" in complaint(before)

    monkeypatch.setenv("PROVISION_KEY", key.read_text().strip())
    for night in (2, 3, 4, 5):
        after = nights(night, HEADER + ANN + BEN, state=place, guards=LAX)
    assert (after.code, person(world, "cat@acme.example")["status"]) == (0, "inactive")
    assert logins(world).count("ann@acme.example") == 1


@pytest.mark.parametrize("way", ["to a file", "to a server"])
def test_what_a_ledger_remembers_is_whole_after_a_move(way, place, world, nights, provision, tmp_path):
    file = f"sqlite:///{tmp_path}/other/moved.db"
    start, end = (place, file) if way == "to a file" else (file, place)
    assert nights(0, HEADER + ANN + BEN, state=start, guards=LAX).code == 0
    nights(1, HEADER + ANN, state=start, guards=LAX)
    with contextlib.closing(open_ledger(start)) as ledger:
        before = ledger.memory("27335", "nightly")
    assert provision("ledger", "move", start, end).code == 0

    with contextlib.closing(open_ledger(end)) as ledger:
        after = ledger.memory("27335", "nightly")
    assert after.accounts.equals(before.accounts)
    assert after.absences.equals(before.absences)
    assert (after.said, after.accepted_rows, after.baselines) == (
        before.said,
        before.accepted_rows,
        before.baselines,
    )
    assert len(after.accounts) == 2


def test_nothing_is_moved_into_what_has_something_or_while_a_run_is_at_work(
    place, world, nights, provision, tmp_path, hands
):
    file, other = f"sqlite:///{tmp_path}/state/box.db", f"sqlite:///{tmp_path}/other/box.db"
    assert nights(0, HEADER + ANN, state=file, guards=LAX).code == 0
    assert nights(0, HEADER + BEN, state=other, guards=LAX, name="second").code == 0
    full = provision("ledger", "move", file, other)
    assert full.code == 1
    assert "two memories are not made one" in complaint(full)

    now = hands.now().isoformat(timespec="seconds")
    with contextlib.closing(open_ledger(file)) as ledger:
        ledger.take_lease(Lease("27335", "nightly", "run-9", "elsewhere", 4711, now, now), now)
    busy = provision("ledger", "move", file, place)
    assert busy.code == 6
    assert "Run run-9 of job nightly is working on enterprise 27335" in complaint(busy)
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "box.db")) as ledger:
        assert ledger.execute("SELECT name FROM about").fetchall() == [("schema_version",)]


def test_no_password_is_shown(place, world, nights, provision, tmp_path):
    file = f"sqlite:///{tmp_path}/state/box.db"
    assert nights(0, HEADER + ANN, state=file, guards=LAX).code == 0
    hidden = place.replace("provision@", "provision:open-sesame@")
    moved = provision("ledger", "move", file, hidden, "--json")
    told = provision("ledger", "move", hidden, hidden)
    refused = provision("plan", tmp_path / "nightly.yaml")

    assert (moved.code, told.code, refused.code) == (0, 1, 1)
    for said in (moved, told, refused):
        assert "open-sesame" not in said.out + said.err
    assert json.loads(moved.out)["to"] == hidden.replace("open-sesame", "***")
