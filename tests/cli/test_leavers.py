"""The leaver's way over many nights, through the command line: stages with dates, proof before each, and the way back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import SEED, person

HEADER = "external_id,login,name,manager,end_date\n"
MIA = "E1,mia@acme.example,Mia Managed,otto@acme.example,{}\n"
OTTO = "E2,otto@acme.example,Otto Ömer,,{}\n"
SARA = "E3,sara@acme.example,Sara Süß,,{}\n"
STAY = HEADER + MIA.format("") + OTTO.format("") + SARA.format("")
WITHOUT_MIA = HEADER + OTTO.format("") + SARA.format("")

LEAVERS: list[dict[str, Any]] = [
    {"after": "0d", "do": "deactivate"},
    {"after": "0d", "do": "end_sessions"},
    {"after": "10d", "do": "transfer", "to": "manager"},
    {"after": "11d", "do": "delete"},
]
DAY = 24


def seed() -> dict[str, Any]:
    """Mia owns things, is in a group and has an alias; Sara is there to take Otto's place."""
    told = json.loads(json.dumps(SEED))
    mia = next(user for user in told["users"] if user["login"] == "mia@acme.example")
    mia |= {"id": "300", "files": 3, "space_used": 4096, "aliases": ["mia.m@acme.example"]}
    otto = next(user for user in told["users"] if user["login"] == "otto@acme.example")
    otto |= {"id": "301"}
    told["users"].append({"name": "Sara Süß", "login": "sara@acme.example", "id": "303"})
    told["groups"] = [{"name": "Buyers", "id": "907", "members": [{"user": "300", "role": "admin"}]}]
    return told


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many days after the first night."""

    def run(day: float, people: str, leavers=tuple(LEAVERS), **sections):
        clock(day * DAY)
        lifecycle = {"leavers": list(leavers), **sections.pop("lifecycle", {})}
        return provision("run", make_job(people, lifecycle=lifecycle, **sections), "--json")

    return run


def planned(said):
    return said.json["planned"]


def reason(said, login="mia@acme.example"):
    """What the reconciliation says of one person."""
    import csv

    with (said.folder / "reconciliation.csv").open(encoding="utf-8-sig", newline="") as file:
        [line] = [row for row in csv.DictReader(file) if row["login"] == login]
    return line["verdict"], line["reason"]


def requests(server, method, path):
    return [line.status for line in server.log if line.method == method and path in line.path]


def gone_for(night, days, **sections):
    """Mia is there on the first night, then absent; the nights of these days."""
    night(0, STAY, **sections)
    return [night(day, WITHOUT_MIA, **sections) for day in days]


def test_the_whole_way_from_the_last_day_to_the_deletion(box, night):
    server = box(seed())
    said = gone_for(night, (1, 2, 3, 11, 12, 13, 14))

    assert [planned(each) for each in said] == [
        {}, {"deactivate": 1}, {}, {}, {"transfer": 1}, {}, {"delete": 1},
    ]  # fmt: skip
    assert person(server, "mia@acme.example") == {}
