"""Ten million rows against ten million users, from disk, in one process; without the listing.

    python benchmarks/ten_million.py --ten-million [--rows ROWS] [--limit MB]
    python benchmarks/ten_million.py --quick

Takes as much memory as it takes: a small machine would swap or worse. So it only runs when it is told to, and ends with a
row that says so when it would need more than LIMIT (default: three quarters of the machine's memory). The clock starts when the
enterprise lies on disk in batches, as a listing leaves it; what is known of it is a Parquet file, the roster a CSV file. It ends
with the sealed plan on disk. Writes benchmarks/results/ten_million.md.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from measure import Measure, Notes, Part, apart, at_most, chosen, keep, table, timed
from people import KEY, known_like, planned, users_like, write_roster

from provision.batches import Spool
from provision.ledger.value import Memory, blank
from provision.parquet import write_parquet
from provision.plan.planfile import write_plan

_AT_ONCE = 500_000
#: three minutes, and 4 GB
_SECONDS, _MB = 180, 4_000


def make(folder: Path, rows: int) -> Notes:
    """The roster, the enterprise and what is known of it, as files."""
    write_roster(folder / "people.csv", rows)
    _write(folder / "users.parquet", rows, lambda users: users)
    _write(folder / "known.parquet", rows, lambda users: known_like(users).accounts)
    return {}


def _write(path: Path, rows: int, part_of: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    firsts = range(0, rows, _AT_ONCE)
    write_parquet((part_of(users_like(min(_AT_ONCE, rows - first), first)) for first in firsts), path)


def plan(folder: Path, limit_mb: int) -> Notes:
    """From the files to the plan. Raises MemoryError when it would take more than the limit."""
    resource.setrlimit(resource.RLIMIT_DATA, (limit_mb * 1024**2,) * 2)
    notes: Notes = {}
    users = listed(folder / "users.parquet")
    with timed(notes):
        known = pd.read_parquet(folder / "known.parquet").astype("str")
        memory = Memory(known, blank().absences, users.rows, key=KEY)
        found = write_plan(planned(folder / "people.csv", users, memory), folder)
    return notes | {"changes": len(found.changes)}


def listed(path: Path) -> Spool:
    """The enterprise as a listing leaves it."""
    users = Spool()
    for part in pq.ParquetFile(path).iter_batches(_AT_ONCE):
        users.append(part.to_pandas().astype("str"))
    return users


def measured(rows: int, limit_mb: int) -> Notes:
    """What it took; empty if the memory did not suffice."""
    with tempfile.TemporaryDirectory() as name:
        apart(partial(make, Path(name), rows))
        try:
            return apart(partial(plan, Path(name), limit_mb))
        except (MemoryError, pa.ArrowMemoryError, BrokenProcessPool) as error:
            sys.stderr.write(f"{type(error).__name__}\n")
            return {}


def judged(rows: int, notes: Notes, limit_mb: int) -> list[Measure]:
    """The numbers beside the goal, which grows with the rows."""
    part = rows / 10_000_000
    if not notes:
        unmet = max(limit_mb / (_MB * part), 1.01)  # whatever the limit was, it did not end
        return [Measure(f"more than {limit_mb:,} MB: not finished", unmet)]
    return [
        at_most(_SECONDS * part, notes["s"], "{:.0f} s"),
        at_most(_MB * part, notes["peak MB"], "peak {:,.0f} MB"),
    ]


def text(rows: int, found: list[Measure]) -> str:
    """The result as Markdown."""
    lines = [[measure.text, "yes" if measure.met else "no"] for measure in found]
    goal = (
        f"Goal for 10,000,000: at most {_SECONDS} s and {_MB:,} MB in one process; for fewer in proportion."
    )
    return f"# {rows:,} rows against {rows:,} users, from disk\n\n{table(['measured', 'met'], lines)}\n\n{goal}\n"


def _three_quarters() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") * 3 // 4 // 1024**2


def main() -> None:
    """Measure, print and write down, if told to."""
    told = chosen(
        __doc__,
        lambda parser: parser.add_argument("--ten-million", action="store_true", help="yes, really"),
        lambda parser: parser.add_argument("--rows", type=int, default=10_000_000),
        lambda parser: parser.add_argument("--limit", type=int, default=_three_quarters(), metavar="MB"),
    )
    if not (told.quick or told.ten_million):
        sys.exit("this takes minutes and many GB; if the machine has them: --ten-million")
    rows = 10_000 if told.quick else told.rows
    found = judged(rows, measured(rows, told.limit), told.limit)
    if rows < 10_000_000:
        found = [Measure(f"{measure.text} for {rows:,}", measure.share) for measure in found]
    keep(Part("ten_million", text(rows, found), {"ten million": found}), quick=told.quick)


if __name__ == "__main__":
    main()
