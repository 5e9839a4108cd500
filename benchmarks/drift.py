"""What remembering a roster costs: fingerprints of a million rows with 14 columns, packed, merged, read again.

    python benchmarks/drift.py [ROWS]

Prints the best of three runs of each step in seconds, and the size of what the ledger keeps in MB. ``empty`` is the same
roster of which only keys and names are filled.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
from measure import TIMES
from people import AS_OF, job_for, known_like, users_like, write_roster

from provision.__main__ import look_rarely_for_cycles
from provision.batches import Held
from provision.box.accounts import Whoami
from provision.directory.scope import survey
from provision.journal.value import Outcome
from provision.ledger.roster_values import pack, unpack
from provision.lessons.roster_values import values_now
from provision.model import Status
from provision.plan.build import make_plan
from provision.plan.occasion import Occasion
from provision.plan.roster_memory import fingerprints
from provision.roster.read import read_roster


def best(work: Callable[[], object]) -> float:
    """Seconds of the fastest of some runs; whatever else the machine does only ever adds."""
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)


def measure(path: Path, rows: int) -> dict[str, float]:
    """Seconds by step, and MB."""
    job, users = job_for(path), users_like(rows)
    memory, roster = known_like(users), read_roster(job.roster)
    directory = survey(Held(users), job.scope, job.roster.kinds, Whoami("1", "1"))
    plan = make_plan(roster, directory, memory, job, Occasion(AS_OF, "1"))
    done = {change.id: Outcome(change.id, Status.DONE, change.box_id) for change in plan.changes}
    said = values_now(plan, done, memory) or b""
    assert plan.said is not None  # noqa: S101 - a plan of a roster has it
    told = plan.said.whole()
    known = replace(memory, said=said)
    return {
        "fingerprints, s": best(lambda: fingerprints(roster.frame, job.name, memory.key)),
        "into the run folder (said.parquet), s": best(lambda: pack(told)),
        "for the ledger, all done, s": best(lambda: values_now(plan, done, known)),
        "for the ledger, changes failed, s": best(lambda: values_now(plan, {}, known)),
        "read again, two fields, s": best(lambda: unpack(said, {"job_title", "phone"})),
        "plan without memory, s": best(
            lambda: make_plan(roster, directory, memory, job, Occasion(AS_OF, "1"))
        ),
        "plan with memory, 3 % differ, s": best(
            lambda: make_plan(roster, directory, known, job, Occasion(AS_OF, "1"))
        ),
        "in the ledger, MB": len(said) / 1e6,
    }


def main() -> None:
    """Measure and print."""
    rows = int(sys.argv[1]) if sys.argv[1:] else 1_000_000
    look_rarely_for_cycles()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        write_roster(path, rows)
        full = measure(path, rows)
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        frame.assign(**dict.fromkeys(frame.columns[3:], "")).to_csv(path, index=False)
        empty = measure(path, rows)
    print(
        f"# What the roster said last: {rows:,} rows, 14 columns\n\n| step | filled | empty |\n| --- | ---: | ---: |"
    )
    for name, value in full.items():
        print(f"| {name} | {value:.2f} | {empty[name]:.2f} |")


if __name__ == "__main__":
    main()
