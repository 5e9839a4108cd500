"""How the time grows with the rows: the whole way from the file to the plan, from 10,000 people to a million.

    python benchmarks/growth.py [--quick]

Each size in a process of its own, the best of three in turns. A small roster goes the whole way twice before: once so that
imports and first uses are not counted, once to learn what every roster costs whatever its size. That fixed cost is told,
and left out of the seconds a row. Writes benchmarks/results/growth.md.
"""

from __future__ import annotations

import tempfile
from functools import partial
from itertools import combinations
from pathlib import Path

from measure import Notes, Part, at_most, chosen, in_turns, keep, table, timed
from people import known_like, planned, users_like, write_roster

from provision.batches import Held

SIZES = (10_000, 30_000, 100_000, 300_000, 1_000_000)
_SMALL = 500


def whole(folder: Path, rows: int) -> Notes:
    """The whole way of so many rows."""
    small, users = users_like(_SMALL), users_like(rows)
    little, memory = known_like(small), known_like(users)
    planned(folder / f"{_SMALL}.csv", Held(small), little)
    notes: Notes = {}
    with timed(notes, "fixed"):
        planned(folder / f"{_SMALL}.csv", Held(small), little)
    with timed(notes):
        plan = planned(folder / f"{rows}.csv", Held(users), memory)
    return notes | {"changes": len(plan.changes)}


def steepest(each: dict[int, float]) -> float:
    """By how much a row of a larger roster costs more than one of a smaller, at worst; 1 is linear."""
    return max(each[large] / each[small] for small, large in combinations(sorted(each), 2))


def text(best: dict[int, Notes], each: dict[int, float], fixed: float) -> str:
    """The result as Markdown."""
    lines = [
        [f"{rows:,}", f"{notes['s']:.3f}", f"{each[rows]:.2f}", f"{notes['peak MB']:,.0f}"]
        for rows, notes in best.items()
    ]
    return "\n".join(
        [
            "# Growth: from the file to the plan",
            "",
            table(["rows:", "seconds:", "seconds for a million such rows:", "peak MB:"], lines),
            "",
            f"Every roster costs {fixed:.3f} s whatever its size, which is left out of the third column.",
            f"A row of a larger roster costs at most {steepest(each):.2f} times one of a smaller (goal: at most 1.20).",
            "",
        ]
    )


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__)
    sizes = (1_000, 3_000) if told.quick else SIZES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rows in (_SMALL, *sizes):
            write_roster(folder / f"{rows}.csv", rows)
        best = in_turns(
            {str(rows): partial(whole, folder, rows) for rows in sizes}, at_hand_mb=0 if told.quick else 3_000
        )
    found = {rows: best[str(rows)] for rows in sizes}
    fixed = min(notes["fixed"] for notes in found.values())
    each = {rows: (notes["s"] - fixed) / (rows - _SMALL) * 1e6 for rows, notes in found.items()}
    goal = [at_most(1.2, steepest(each), "{:.2f} times as much a row")]
    keep(Part("growth", text(found, each, fixed), {"growth": goal}), quick=told.quick)


if __name__ == "__main__":
    main()
