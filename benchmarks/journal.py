"""What the journal costs: begin and end of each operation, durable, against a run at Box's rate limit.

    python benchmarks/journal.py [FOLDER]

Writes 20,000 operations with one worker and with twelve into a journal in FOLDER (default: a temporary folder on the
same disk as this repository, not in memory), prints operations a second and the share of a run at 1,000 requests a minute,
and writes the table to benchmarks/results/journal.md.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from provision.journal.book import Journal
from provision.journal.value import Outcome
from provision.model import Status

OPERATIONS = 20_000
REQUESTS_A_MINUTE = 1_000
HERE = Path(__file__).parent


def measured(folder: Path, workers: int) -> float:
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
        for _ in pool.map(operation, range(OPERATIONS)):
            pass
    seconds = time.perf_counter() - began
    journal.close()
    return seconds


def table(rows: list[tuple[int, float]]) -> str:
    """The result as Markdown."""
    lines = [
        "| workers | operations a second | milliseconds each | share of a run at 1,000 requests a minute |"
    ]
    lines.append("| ---: | ---: | ---: | ---: |")
    for workers, seconds in rows:
        share = seconds / (OPERATIONS * 60 / REQUESTS_A_MINUTE)
        each = 1000 * seconds / OPERATIONS
        lines.append(f"| {workers} | {OPERATIONS / seconds:,.0f} | {each:.3f} | {share:.2%} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, print and write down."""
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if sys.argv[1:] else HERE) as folder:
        rows = [(workers, measured(Path(folder), workers)) for workers in (1, 12)]
    text = f"# Cost of the journal\n\n{OPERATIONS:,} operations, each with a durable begin and end.\n\n{table(rows)}\n"
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "journal.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
