"""Invented rosters and enterprises, as many people as asked for: the same ones for the same number."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from provision.__main__ import look_rarely_for_cycles
from provision.batches import Batches
from provision.box.accounts import COLUMNS, Whoami
from provision.directory.scope import survey
from provision.job.settings import Job
from provision.keyed import FingerprintKey
from provision.ledger.value import ACCOUNT_COLUMNS, Memory, blank
from provision.plan.build import make_plan
from provision.plan.occasion import Occasion
from provision.plan.value import Plan
from provision.roster.read import read_roster

AS_OF = datetime(2026, 3, 2, 1, tzinfo=UTC)
#: every so many-th person changed their job
CHANGED = 33
#: so many people are made at once, so that making them needs little memory
_AT_ONCE = 500_000


def job_for(path: Path) -> Job:
    """A job that reads the file."""
    return Job.model_validate(
        {
            "version": 1,
            "name": "rows",
            "box": {"auth": {"method": "token", "token": "${T}"}},
            "roster": {"path": str(path)},
            "scope": {"domains": ["acme.example"]},
        }
    )


def roster_like(first: int, rows: int, changed: int = CHANGED) -> pd.DataFrame:
    """A roster with 14 columns, one row a person, from number ``first`` on; ``changed`` 0: nobody has."""
    numbers = np.arange(first, first + rows)
    number = pd.Series(numbers).astype("str")
    moved = numbers % changed == 0 if changed else np.zeros(rows, dtype=bool)
    return pd.DataFrame(
        {
            "external_id": "E" + number.str.zfill(8),
            "login": "p" + number + "@acme.example",
            "name": "Person " + number,
            "status": "active",
            "language": "en",
            "timezone": "Europe/Berlin",
            "job_title": np.where(moved, "Director", "Clerk"),
            "phone": "+49 30 " + number,
            "address": "Street " + number,
            "space_amount": "10 GB",
            "department": "Department " + (numbers % 50).astype(str),
            "start_date": "2020-01-01",
            "end_date": "",
            "tracking_codes.Cost": "C" + (numbers % 90).astype(str),
        }
    )


def write_roster(path: Path, rows: int, changed: int = CHANGED) -> None:
    """That roster as a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        for first in range(0, rows, _AT_ONCE):
            part = roster_like(first, min(_AT_ONCE, rows - first), changed)
            part.to_csv(file, index=False, header=first == 0)


def users_like(rows: int, first: int = 0) -> pd.DataFrame:
    """The listing these people give before the change: columns COLUMNS, text."""
    numbers = np.arange(first, first + rows)
    number = pd.Series(numbers).astype("str")
    frame = pd.DataFrame({name: pd.Series("", index=range(rows), dtype="str") for name in COLUMNS})
    codes = "C" + (numbers % 90).astype(str)
    return frame.assign(
        box_id=(10_000_000 + numbers).astype(str),
        login="p" + number + "@acme.example",
        name="Person " + number,
        kind="managed",
        role="user",
        status="active",
        language="en",
        timezone="Europe/Berlin",
        job_title="Clerk",
        phone="+49 30 " + number,
        address="Street " + number,
        space_amount=str(10 * 1024**3),
        tracking_codes='{"Cost":"' + pd.Series(codes) + '"}',
        enterprise_id="1",
    ).astype("str")


#: what fingerprints are made with here
KEY = FingerprintKey(b"invented")


def known_like(users: pd.DataFrame) -> Memory:
    """A memory that owns everybody."""
    memory = blank()
    ids = "E" + users["box_id"].astype("int64").sub(10_000_000).astype("str").str.zfill(8)
    accounts = users[["box_id", "kind", "login"]].assign(external_id=ids, left_at="")
    return Memory(accounts[list(ACCOUNT_COLUMNS)].astype("str"), memory.absences, len(users), key=KEY)


def planned(path: Path, users: Batches, memory: Memory) -> Plan:
    """The whole way from a file and a listing to the plan."""
    look_rarely_for_cycles()
    job = job_for(path)
    roster = read_roster(job.roster)
    directory = survey(users, job.scope, job.roster.kinds, Whoami("1", "1"))
    return make_plan(roster, directory, memory, job, Occasion(AS_OF, "1"))
