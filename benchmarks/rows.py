"""A million rows against a million users: read, check, correlate, diff; beside the bare reading of the same file.

    python benchmarks/rows.py [--rows ROWS] [--quick]

Makes a roster of ROWS people (default 1,000,000, 14 columns, 3 % changed against the directory) and the directory as the
listing would give it, runs each side three times in turns, every time in a process of its own (so that its peak of memory
is its own), takes the best of each, and writes the table to benchmarks/results/rows.md.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

import pandas as pd
from measure import Notes, Part, at_most, chosen, in_turns, keep, now_mb, peak_mb, table, timed
from people import AS_OF, job_for, known_like, users_like, write_roster

from provision.__main__ import look_rarely_for_cycles
from provision.batches import Held
from provision.box.accounts import Whoami
from provision.directory.scope import survey
from provision.plan.build import make_plan
from provision.plan.occasion import Occasion
from provision.roster.read import read_roster

_PHASES = ("read and check", "survey", "correlate, diff, plan")


def bare(path: Path) -> Notes:
    """What the fastest reader of the field takes, doing nothing with it."""
    notes: Notes = {}
    with timed(notes):
        pd.read_csv(path, engine="pyarrow", dtype=str)
    return notes


def whole(path: Path, rows: int) -> Notes:
    """Read, normalise, check, survey, correlate, diff, guard: all between the file and the plan."""
    look_rarely_for_cycles()
    job, users = job_for(path), users_like(rows)
    memory = known_like(users)
    notes: Notes = {"MB before": now_mb(), "peak MB before": peak_mb()}
    with timed(notes), timed(notes, "read and check"):
        roster = read_roster(job.roster)
    with timed(notes), timed(notes, "survey"):
        directory = survey(Held(users), job.scope, job.roster.kinds, Whoami("1", "1"))
    with timed(notes), timed(notes, "correlate, diff, plan"):
        plan = make_plan(roster, directory, memory, job, Occasion(AS_OF, "1"))
    return notes | {"changes": len(plan.changes)}


def text(rows: int, reading: Notes, ours: Notes) -> str:
    """The result as Markdown."""
    lines = [["bare read (pyarrow)", f"{reading['s']:.2f}"]]
    lines += [[phase, f"{ours[phase]:.2f}"] for phase in _PHASES] + [["whole", f"{ours['s']:.2f}"]]
    return "\n".join(
        [
            f"# {rows:,} rows against {rows:,} users, {ours['changes']:,.0f} changes",
            "",
            table(["phase", "seconds:"], lines),
            "",
            f"Ratio to the bare read: {ours['s'] / reading['s']:.1f} (goal: at most 10). Peak: {ours['peak MB']:,.0f} MB",
            f"(goal: at most 2,000), of which the listing and the memory, made beforehand: {ours['MB before']:,.0f} MB.",
            "",
        ]
    )


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--rows", type=int, default=1_000_000))
    rows = 5_000 if told.quick else told.rows
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_roster(path, rows)
        best = in_turns(
            {"bare read": partial(bare, path), "whole": partial(whole, path, rows)},
            1 if told.quick else 5,
            at_hand_mb=0 if told.quick else 3_000,
        )
    reading, ours = best["bare read"], best["whole"]
    found = [
        at_most(10, ours["s"] / reading["s"], "{:.1f} times the bare read"),
        at_most(2_000, ours["peak MB"], "peak {:,.0f} MB"),
    ]
    keep(Part("rows", text(rows, reading, ours), {"rows": found}), quick=told.quick)


if __name__ == "__main__":
    main()
