"""The start of whole processes: CPU of ``provision --help``, and of ``provision check`` for 10,000 rows.

    python benchmarks/start.py [--quick]

CPU, since a start waits for nothing but the disk, and other work on the machine adds less to it. Beside it stands what the
libraries take of which no check can do without. Writes benchmarks/results/start.md.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from commands import loaded, provision, well
from measure import TIMES, Part, at_most, chosen, keep, table
from people import write_roster

CHECK = """
version: 1
name: check
box: {base_url: "http://127.0.0.1:1", auth: {method: token, token: "${BENCH_TOKEN}"}}
roster: {path: people.csv}
state: sqlite:///provision.db
"""


def starts(rows: int) -> tuple[float, float, float]:
    """Seconds of CPU for ``--help``, for ``check`` of so many rows, and for loading pandas and Arrow; the best of some, in turns."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_roster(folder / "people.csv", rows)
        (folder / "check.yaml").write_text(CHECK, encoding="utf-8")
        taken = [
            (
                well(provision("--help")).cpu,
                well(provision("check", "check.yaml", "--quiet", folder=folder)).cpu,
                well(loaded("pandas", "pyarrow.compute")).cpu,
            )
            for _ in range(TIMES + 2)
        ]
    shown, checked, libraries = map(min, zip(*taken, strict=True))
    return shown, checked, libraries


def text(start: tuple[float, float, float], rows: int) -> str:
    """The result as Markdown."""
    names = ("`provision --help`", f"`provision check` of {rows:,} rows", "pandas and Arrow alone")
    lines = [[name, f"{seconds:.2f} s"] for name, seconds in zip(names, start, strict=True)]
    return f"# CPU of the start of whole processes\n\n{table(['what', 'measured:'], lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__)
    rows = 500 if told.quick else 10_000
    start = starts(rows)
    found = [at_most(0.3, start[0], "--help {:.2f} s"), at_most(0.4, start[1], "check {:.2f} s")]
    keep(Part("start", text(start, rows), {"start": found}), quick=told.quick)


if __name__ == "__main__":
    main()
