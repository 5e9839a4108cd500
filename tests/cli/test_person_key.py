"""One app user is named alike wherever people read of it, and never by the login that Box made for it."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from .conftest import SEED, run_folders

KEY = "client-1"
APPS = f"external_id,name,kind,status\n{KEY},Client One,app,inactive\nclient-2,Client Deux,app,active\n"
HELD = {
    "roster": {"kind": "column"},
    "guards": {"removals": {"count": 0}},
    "lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}]},
    "report": {"formats": ["html", "csv"]},
}


def named(text: str) -> bool:
    """Whether people read the external id there, and the login that Box made nowhere."""
    return KEY in text and "AppUser_" not in text


@pytest.fixture
def told(provision, tmp_path):
    """Says a command to the program; answers what people read and the run folder that came up, None for none."""

    def say(*arguments: object):
        before = set(run_folders(tmp_path / "runs"))
        said = provision(*arguments)
        assert said.code in (0, 2, 3), said.err
        return said.out + said.err, next(iter({*run_folders(tmp_path / "runs")} - before), None)

    return say


def test_every_command_names_an_app_user_by_its_external_id(box, make_job, told):
    box(seed=SEED)
    job = make_job(APPS, **HELD)

    plan, planned = told("plan", job)
    held, waits = told("run", job, "--yes")
    listed, _ = told("holds", job)
    explained, _ = told("explain", job, KEY)
    told("approve", waits, "--person", KEY, "--by", "Ines Iversen")
    done, applied = told("run", job, "--yes")
    back, _ = told("undo", applied, "--dry-run")

    assert "AppUser_" not in done
    for text in (plan, held, listed, explained, back):
        assert named(text), text
    assert f"! {KEY}  Client One" in plan
    assert f"deactivate {KEY}: " in plan.partition("Held for a person")[2]
    assert f"{KEY}: " in held.partition("Held (1)")[2], held
    assert listed.splitlines()[0] == f"deactivate: {KEY}"
    assert explained.splitlines()[0] == KEY
    assert named((planned / "preview.html").read_text(encoding="utf-8"))
    assert named((waits / "report.html").read_text(encoding="utf-8"))


def test_a_hold_of_an_older_ledger_keeps_its_age_and_is_named_so_too(
    box, provision, make_job, tmp_path, clock
):
    box(seed=SEED)
    state = tmp_path / "ledger.sqlite"
    job = make_job(APPS, **HELD, state=f"sqlite:///{state}")
    provision("run", job, "--yes")
    with contextlib.closing(sqlite3.connect(state)) as ledger:
        ledger.executescript(
            """
            ALTER TABLE holds DROP COLUMN user_kind; ALTER TABLE holds DROP COLUMN aim; DROP TABLE named; DROP TABLE known_groups; DROP TABLE aliases; DROP TABLE invites; DROP TABLE onboarding; DROP TABLE budgets; DROP TABLE wants;
            DELETE FROM said; ALTER TABLE said DROP COLUMN key_name;
            ALTER TABLE profiles DROP COLUMN os_user; ALTER TABLE answers DROP COLUMN os_user;
            ALTER TABLE profiles DROP COLUMN host; ALTER TABLE answers DROP COLUMN host;
            ALTER TABLE profiles DROP COLUMN terminal; ALTER TABLE answers DROP COLUMN terminal;
            UPDATE about SET value = '10' WHERE name = 'schema_version';
            """
        )

    older = provision("holds", job)
    clock(24)
    again = provision("run", job, "--yes")
    newer = provision("holds", job)

    assert (older.code, again.code, newer.code) == (0, 3, 0)
    assert (older.out.splitlines()[0], newer.out.splitlines()[0]) == (f"deactivate: {KEY}",) * 2
    assert "2 runs" in newer.out
