"""One app user is named alike wherever people read of it, and never by the login that Box made for it."""

from __future__ import annotations

import sqlite3

from .conftest import SEED

KEY = "client-1"
APPS = f"external_id,name,kind,status\n{KEY},Client One,app,inactive\nclient-2,Client Two,app,active\n"
HELD = {
    "roster": {"kind": "column"},
    "guards": {"removals": {"count": 0}},
    "lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}]},
    "output": {"formats": ["html", "csv"]},
}


def named(text: str) -> bool:
    """Whether people read the external id there, and the login that Box made nowhere."""
    return KEY in text and "AppUser_" not in text


def test_every_command_names_an_app_user_by_its_external_id(box, provision, make_job):
    box(seed=SEED)
    job = make_job(APPS, **HELD)

    plan = provision("plan", job)
    held = provision("run", job, "--yes")
    listed = provision("holds", job)
    explained = provision("explain", job, KEY)
    approved = provision("approve", held.folder, "--person", KEY, "--by", "Ines Iversen")
    done = provision("run", job, "--yes")
    back = provision("undo", done.folder, "--yes")

    assert [said.code for said in (plan, held, listed, explained, approved, done)] == [3, 3, 0, 0, 0, 0]
    for said in (plan, held, listed, explained, done, back):
        assert named(said.out + said.err)
    assert f"! {KEY}  Client One" in plan.err
    assert f"{KEY}: " in held.err.partition("Held")[2]
    assert listed.out.splitlines()[0] == f"deactivate: {KEY}"
    assert explained.out.splitlines()[0] == KEY
    assert named((plan.folder / "preview.html").read_text(encoding="utf-8"))
    assert named((held.folder / "reconciliation.html").read_text(encoding="utf-8"))


def test_a_hold_of_an_older_ledger_is_named_by_its_external_id_too(box, provision, make_job, tmp_path):
    box(seed=SEED)
    job = make_job(APPS, **HELD)
    provision("run", job, "--yes")
    [ledger] = tmp_path.rglob("*.sqlite")
    with sqlite3.connect(ledger) as connection:
        connection.execute("ALTER TABLE holds DROP COLUMN user_kind")
        connection.execute("UPDATE about SET value = '10' WHERE name = 'schema_version'")
    connection.close()

    first = provision("holds", job).out.splitlines()[0]
    again = provision("run", job, "--yes")

    assert first == f"deactivate: {KEY}"
    assert again.code == 3
    assert "2 runs" in provision("holds", job).out
