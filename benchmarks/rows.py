"""A million rows against a million users: read, check, correlate, diff; beside the bare reading of the same file.

    python benchmarks/rows.py [ROWS]

Makes a roster of ROWS people (default 1,000,000, 14 columns, 3 % changed against the directory) and the directory as the
listing would give it, runs each side three times, every time in a process of its own (so that its peak of memory is its own), takes the best of each, and writes the table to
benchmarks/results/rows.md.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from provision.box.accounts import COLUMNS, Whoami
from provision.directory.scope import survey
from provision.job.settings import Job
from provision.ledger.value import ACCOUNT_COLUMNS, Memory, blank
from provision.plan.build import Occasion, make_plan
from provision.roster.read import read_roster

HERE = Path(__file__).parent
AS_OF = datetime(2026, 3, 2, 1, tzinfo=UTC)
#: how often each side is run; the best counts, since whatever else the machine does only ever adds
TIMES = 3
#: every so many-th person changed their job
CHANGED = 33


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


def write_roster(path: Path, rows: int) -> None:
    """A roster with 14 columns, one row a person."""
    number = pd.Series(np.arange(rows)).astype("str")
    name = "Person " + number
    frame = pd.DataFrame(
        {
            "external_id": "E" + number.str.zfill(8),
            "login": "p" + number + "@acme.example",
            "name": name,
            "status": "active",
            "language": "en",
            "timezone": "Europe/Berlin",
            "job_title": np.where(np.arange(rows) % CHANGED == 0, "Director", "Clerk"),
            "phone": "+49 30 " + number,
            "address": "Street " + number,
            "space_amount": "10 GB",
            "department": "Department " + (np.arange(rows) % 50).astype(str),
            "start_date": "2020-01-01",
            "end_date": "",
            "tracking_codes.Cost": "C" + (np.arange(rows) % 90).astype(str),
        }
    )
    frame.to_csv(path, index=False)


def users_like(rows: int) -> pd.DataFrame:
    """The listing these people give before the change: columns COLUMNS, text."""
    number = pd.Series(np.arange(rows)).astype("str")
    frame = pd.DataFrame({name: pd.Series("", index=range(rows), dtype="str") for name in COLUMNS})
    codes = "C" + (np.arange(rows) % 90).astype(str)
    return frame.assign(
        box_id=(10_000_000 + np.arange(rows)).astype(str),
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


def known_like(users: pd.DataFrame) -> Memory:
    """A memory that owns everybody."""
    memory = blank()
    ids = "E" + users["box_id"].astype("int64").sub(10_000_000).astype("str").str.zfill(8)
    accounts = users[["box_id", "kind", "login"]].assign(external_id=ids, left_at="")
    return Memory(accounts[list(ACCOUNT_COLUMNS)].astype("str"), memory.absences, len(users))


def bare(path: Path, _rows: int) -> None:
    """What the fastest reader of the field takes, doing nothing with it."""
    began = time.perf_counter()
    pd.read_csv(path, engine="pyarrow", dtype=str)
    _note("bare read", time.perf_counter() - began)


def whole(path: Path, rows: int) -> None:
    """Read, normalise, check, survey, correlate, diff, guard: all between the file and the plan."""
    job, users = job_for(path), users_like(rows)
    memory = known_like(users)
    before = _peak()
    began = time.perf_counter()
    roster = read_roster(job.roster)
    read = time.perf_counter()
    directory = survey(users, job.scope, job.roster.kinds, Whoami("1", "1"))
    surveyed = time.perf_counter()
    plan = make_plan(roster, directory, memory, job, Occasion(AS_OF, "1"))
    ended = time.perf_counter()
    _note("read and check", read - began)
    _note("survey", surveyed - read)
    _note("correlate, diff, plan", ended - surveyed)
    _note("whole", ended - began)
    _note("peak MB", _peak())
    _note("peak MB before", before)
    _note("changes", len(plan.changes))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


_NOTES: dict[str, float] = {}


def _note(what: str, value: float) -> None:
    _NOTES[what] = value


def _in_a_process(work: Callable[[Path, int], None], path: Path, rows: int) -> dict[str, float]:
    """Run it apart and bring its notes back."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_noted, (work, path, rows))


def _best(path: Path, rows: int) -> tuple[dict[str, float], dict[str, float]]:
    """The best bare read and the best whole way of TIMES, in turns, so that both see the same machine."""
    both = [(_in_a_process(bare, path, rows), _in_a_process(whole, path, rows)) for _ in range(TIMES)]
    return (
        min((reading for reading, _ in both), key=lambda notes: notes["bare read"]),
        min((ours for _, ours in both), key=lambda notes: notes["whole"]),
    )


def _noted(work: Callable[[Path, int], None], path: Path, rows: int) -> dict[str, float]:
    work(path, rows)
    return dict(_NOTES)


def main() -> None:
    """Measure, print and write down."""
    rows = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_roster(path, rows)
        reading, ours = _best(path, rows)
    ratio = ours["whole"] / reading["bare read"]
    lines = [f"# {rows:,} rows against {rows:,} users, {ours.pop('changes'):,.0f} changes", ""]
    lines += [
        "| phase | seconds |",
        "| --- | ---: |",
        f"| bare read (pyarrow) | {reading['bare read']:.2f} |",
    ]
    lines += [f"| {name} | {value:.2f} |" for name, value in ours.items() if "MB" not in name]
    lines += [
        "",
        f"Ratio to the bare read: {ratio:.1f} (goal: at most 10). Peak: {ours['peak MB']:,.0f} MB (goal: at most 2,000),",
    ]
    lines += [f"of which the listing and the memory, made beforehand: {ours['peak MB before']:,.0f} MB."]
    text = "\n".join(lines) + "\n"
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "rows.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
