"""A night in which nothing is to be done: ``provision plan`` as a whole process, a million users, a roster that says the same.

    python benchmarks/enterprise.py [--users USERS] [--quick]

A local Box in a process of its own invents the users, ``provision export`` writes them as the roster, ``provision plan``
plans. The listing counts too: 1,000 pages over loopback. Writes benchmarks/results/enterprise.md.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from commands import Ended, exported, local_box, planned, unchanged_job
from measure import Part, at_most, chosen, keep, table

_FILES = ("plan.json", "people.parquet", "said.parquet")


def unchanged(folder: Path, box: Mapping[str, str]) -> tuple[Ended, Path]:
    """The plan of an enterprise that is as its roster says, and its run folder."""
    unchanged_job(folder, box)
    exported(folder)
    ended = planned(folder)
    return ended, folder / json.loads(ended.out)["files"]["run_dir"]


def text(users: int, ended: Ended, sizes: Mapping[str, float]) -> str:
    """The result as Markdown."""
    lines = [["wall, s", f"{ended.seconds:.1f}"], ["CPU, s", f"{ended.cpu:.1f}"]]
    lines += [["peak, MB", f"{ended.peak_mb:,.0f}"]]
    lines += [[f"{name}, MB", f"{size:.3f}"] for name, size in sizes.items()]
    head = f"# `provision plan` of an unchanged enterprise of {users:,} users"
    return f"{head}\n\n{table(['what', 'measured:'], lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--users", type=int, default=1_000_000))
    users = 2_000 if told.quick else told.users
    with tempfile.TemporaryDirectory() as name, local_box("--users", str(users)) as box:
        ended, run = unchanged(Path(name), box)
        sizes = {file: (run / file).stat().st_size / 1e6 for file in _FILES if (run / file).exists()}
    found = [
        at_most(2_000, ended.peak_mb, "peak {:,.0f} MB"),
        at_most(0.1, sizes["plan.json"], "plan.json {:.3f} MB"),
    ]
    keep(Part("enterprise", text(users, ended, sizes), {"unchanged": found}), quick=told.quick)


if __name__ == "__main__":
    main()
