"""A person is taken out of every table that knows of people, and nobody else is."""

from __future__ import annotations

from contextlib import closing

import pandas as pd

from provision.deciders import Decider
from provision.ledger.forget import TABLES_OF_PEOPLE
from provision.ledger.store import open_ledger
from provision.ledger.tables import TABLES
from provision.ledger.value import ACCOUNT_COLUMNS, Lessons, Release, Taught

AT, UNTIL = "2026-11-29T00:00:00+00:00", "2026-12-29T00:00:00+00:00"
#: columns that say whose a row is
PEOPLES = {"box_id", "external_id", "login", "hold_id", "person", "address", "packed"}


def test_every_table_with_people_in_it_is_looked_through() -> None:
    there = {table.name for table in TABLES.sorted_tables if PEOPLES & {*table.c.keys()}}

    assert there == {table.name for table in TABLES_OF_PEOPLE}


def test_only_the_person_and_only_of_this_job_goes(tmp_path) -> None:
    ann, bo = ("10", "managed", "E1", "ann@a.example", ""), ("11", "managed", "E2", "bo@a.example", "")
    accounts = pd.DataFrame([ann, bo], columns=list(ACCOUNT_COLUMNS), dtype="str")
    lessons = Lessons(accounts, (), None, "", 0, complete=False)
    with closing(open_ledger(f"sqlite:///{tmp_path}/ledger.db")) as ledger:
        for job in ("nightly", "other"):
            ledger.learn("1", job, lessons, Taught("run", AT, AT))
            words = (
                Release(f"update:{box_id}", "", Decider("Ines"), AT, UNTIL, "run") for box_id in ("10", "11")
            )
            ledger.release("1", job, words)

        gone = ledger.forget("nightly", ["10", "E1", "Ann@a.example"], lambda text: text == "update:10")

        assert gone == 2
        left = {job: ledger.memory("1", job).accounts["box_id"].tolist() for job in ("nightly", "other")}
        assert left == {"nightly": ["11"], "other": ["10", "11"]}
        assert [one.hold_id for one in ledger.releases("1", "nightly")] == ["update:11"]
        assert len(ledger.releases("1", "other")) == 2
