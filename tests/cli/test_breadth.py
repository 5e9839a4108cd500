"""Whole runs begin no more operations at once than keep the limit busy."""

from __future__ import annotations

import itertools
import sqlite3

PEOPLE = "login,name\n" + "".join(f"new{at}@acme.example,New Person {at}\n" for at in range(20))


def most_begun_at_once(journal: str) -> int:
    connection = sqlite3.connect(journal)
    events = connection.execute("SELECT event FROM entries ORDER BY seq").fetchall()
    connection.close()
    return max(itertools.accumulate(1 if event == "begin" else -1 for (event,) in events))


def test_a_box_nearby_has_few_operations_begun_at_once_however_many_workers_there_are(
    box, provision, make_job
):
    box()
    apply = {"requests_per_minute": 1200, "workers": 16}
    said = provision("run", make_job(PEOPLE, roster={"authority": "partial"}, apply=apply), "--json")

    assert said.json["outcomes"]["done"] == 20
    assert most_begun_at_once(said.json["files"]["journal"]) <= 8
