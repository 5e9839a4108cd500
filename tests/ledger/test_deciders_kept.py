"""Who decided, in the ledger: what an earlier version wrote stays readable, and several people speak of one hold."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import sqlalchemy as sa

from provision.deciders import Decider
from provision.keyed import AIM, FingerprintKey, Keys, kept
from provision.ledger.migrations import MIGRATIONS
from provision.ledger.store import open_ledger
from provision.ledger.value import Baseline, IdentityAnswer, Release

AT, UNTIL = "2026-03-02T01:00:07+00:00", "2099-03-09T01:00:07+00:00"
INES = Decider("Ines", "ines", "web1", "/dev/pts/3")
#: rows as version 12 wrote them
BEFORE = """
INSERT INTO releases VALUES ('777', 'nightly', 'update:10', 'aim', 'Ines', '{at}', '{until}', 'run-1');
INSERT INTO answers VALUES ('777', 'nightly', 'E9', 'ada@acme.example', '10', 'same', 'Carla', '{at}');
INSERT INTO profiles VALUES ('', 'nightly', 'accepted', '{at}', 'hannah', 1, '{{}}');
UPDATE about SET value = '12';
INSERT INTO about SELECT 'schema_version', '12' WHERE NOT EXISTS (SELECT 1 FROM about);
"""


def test_words_of_version_12_stay_with_the_name_they_had(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for version, step in MIGRATIONS:
            if version < 13:
                step(connection)
    engine.dispose()
    with closing(sqlite3.connect(path)) as old:
        old.executescript(BEFORE.format(at=AT, until=UNTIL))

    key = FingerprintKey(b"invented")
    with closing(open_ledger(f"sqlite:///{path}", Keys(lambda: key, lambda: key))) as ledger:
        word = Release("update:10", kept("aim", key, AIM), Decider("Ines"), AT, UNTIL, "run-1")
        assert ledger.releases("777", "nightly") == (word,)
        memory = ledger.memory("777", "nightly")
        assert memory.baselines == (Baseline("{}", AT, Decider("hannah")),)
        assert memory.answers["by"].tolist() == ["Carla"]


def test_a_word_replaces_one_of_the_same_person_only(tmp_path: Path) -> None:
    with closing(open_ledger(f"sqlite:///{tmp_path}/new.db")) as ledger:
        first = Release("update:10", "aim", INES, AT, UNTIL, "run-1")
        other = replace(first, by=Decider("Otto", "otto", "web1", "none"))
        ledger.release("777", "nightly", [first, other])
        ledger.release("777", "nightly", [replace(first, aim="another")])

        assert set(ledger.releases("777", "nightly")) == {replace(first, aim="another"), other}
        ledger.accept("nightly", Baseline("{}", AT, INES))
        assert ledger.baselines("nightly") == (Baseline("{}", AT, INES),)
        ledger.answer("777", "nightly", IdentityAnswer("E9", "", "10", INES, AT))
    with closing(sqlite3.connect(tmp_path / "new.db")) as kept:
        told = kept.execute("SELECT by, os_user, host, terminal FROM answers").fetchall()
    assert told == [tuple(INES.row.values())]
