"""What the journal costs: begin and end of each operation, durable, against a run at Box's rate limit.

    python benchmarks/journal.py [--folder FOLDER] [--quick]

Writes 20,000 operations with one worker and with twelve into a journal in FOLDER (default: a temporary folder on the
same disk as this repository, not in memory), prints operations a second and the share of a run at 1,000 requests a minute,
and writes the table to benchmarks/results/journal.md.
"""

from __future__ import annotations

import itertools
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from measure import HERE, Part, at_least, chosen, keep, table

from provision.journal.book import Journal
from provision.journal.value import Outcome
from provision.model import Status

OPERATIONS = 20_000
REQUESTS_A_MINUTE = 1_000


def measured(folder: Path, workers: int, operations: int) -> float:
    """Seconds for all operations by so many workers."""
    ticks = itertools.count()
    journal = Journal(
        folder / f"journal-{workers}.sqlite", {"plan": "benchmark"}, lambda: f"at {next(ticks)}"
    )

    def operation(number: int) -> None:
        journal.begin(f"create:{number}")
        journal.end(Outcome(f"create:{number}", Status.DONE, str(number), attempts=1))

    began = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(operation, range(operations)):
            pass
    seconds = time.perf_counter() - began
    journal.close()
    return seconds


def text(rows: list[tuple[int, float]], operations: int) -> str:
    """The result as Markdown."""
    lines = []
    for workers, seconds in rows:
        share = seconds / (operations * 60 / REQUESTS_A_MINUTE)
        each = 1000 * seconds / operations
        lines.append([str(workers), f"{operations / seconds:,.0f}", f"{each:.3f}", f"{share:.2%}"])
    header = [
        "workers:",
        "operations a second:",
        "milliseconds each:",
        "share of a run at 1,000 requests a minute:",
    ]
    head = f"# Cost of the journal\n\n{operations:,} operations, each with a durable begin and end."
    return f"{head}\n\n{table(header, lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--folder", default=HERE))
    operations = 200 if told.quick else OPERATIONS
    with tempfile.TemporaryDirectory(dir=told.folder) as folder:
        rows = [(workers, measured(Path(folder), workers, operations)) for workers in (1, 12)]
    slowest = min(operations / seconds for _, seconds in rows)
    found = [at_least(2_500, slowest, "{:,.0f} a second")]
    keep(Part("journal", text(rows, operations), {"journal": found}), quick=told.quick)


if __name__ == "__main__":
    main()
