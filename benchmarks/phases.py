"""Where the time goes: the whole way of rows.py under py-spy, and the functions that took most of each phase.

    python benchmarks/phases.py [--rows ROWS] [--quick]

py-spy looks at the stack 250 times a second from outside, so the program runs as fast as without it; time in C counts for
the Python function that called. A phase is one of the three steps of rows.py. Writes benchmarks/results/phases.md.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from measure import Part, chosen, keep, table
from people import known_like, planned, users_like, write_roster

from provision.batches import Held

#: the phases by the function that stands at their top
PHASES = {"read and check": "read_roster", "survey": "survey", "correlate, diff, plan": "make_plan"}
_A_SECOND = 250
#: functions below this share of their phase are left out
_SHOWN = 0.04
_MOST = 14
_REPEATS = 3


def work(path: Path, rows: int) -> None:
    """What is looked at: the whole way some times over, so that there is enough to see."""
    users = users_like(rows)
    memory = known_like(users)
    for _ in range(_REPEATS):
        planned(path, Held(users), memory)


def looked_at(rows: int) -> list[str]:
    """The stacks that py-spy saw, one text a different one: frames from the outermost, ``;`` between, and how often."""
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or "py-spy"
    with tempfile.TemporaryDirectory() as name:
        path, out = Path(name) / "people.csv", Path(name) / "stacks"
        write_roster(path, rows)
        command = [
            *(spy, "record", "--format", "raw", "--function", "--rate", str(_A_SECOND), "--output", str(out)),
            *("--", sys.executable, __file__, "--work", str(path), "--rows", str(rows)),
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603  ours
        return out.read_text(encoding="utf-8").splitlines()


def within(stacks: Iterable[str], top: str) -> tuple[int, Counter[str]]:
    """How often a phase was seen, and each of our own functions below its top, those that it called included."""
    seen, functions = 0, Counter[str]()
    for stack in stacks:
        frames, _, count = stack.rpartition(" ")
        names = [frame for frame in frames.split(";") if "provision/" in frame and "<locals>" not in frame]
        at = next((place for place, frame in enumerate(names) if frame.split(" ")[0] == top), None)
        if at is not None:
            seen += int(count)
            functions.update(dict.fromkeys(names[at + 1 :], int(count)))
    return seen, functions


def text(rows: int, stacks: Sequence[str]) -> str:
    """The result as Markdown."""
    parts = [f"# Where the time goes: {rows:,} rows against {rows:,} users\n"]
    parts.append(
        f"Share of each phase in which a function, or what it called, was seen; from {_SHOWN:.0%} on.\n"
    )
    for phase, top in PHASES.items():
        seen, functions = within(stacks, top)
        lines = [
            [f"`{_short(name)}`", f"{count / seen:.0%}"]
            for name, count in functions.most_common(_MOST)
            if count >= seen * _SHOWN
        ]
        parts.append(
            f"## {phase}: {seen / _A_SECOND / _REPEATS:.2f} s\n\n{table(['function', 'share:'], lines)}\n"
        )
    return "\n".join(parts)


def _short(frame: str) -> str:
    """``module.function`` of a frame as py-spy writes it: ``function (path/of/module.py:line)``."""
    function, _, place = frame.partition(" ")
    module = place.strip("()").rpartition("provision/")[2].partition(".py")[0].replace("/", ".")
    return f"{module}.{function}"


def main() -> None:
    """Look, print and write down."""
    told = chosen(
        __doc__,
        lambda parser: parser.add_argument("--rows", type=int, default=1_000_000),
        lambda parser: parser.add_argument(
            "--work", type=Path, help="what is looked at; for this script's own use"
        ),
    )
    if told.work:
        work(told.work, told.rows)
        return
    rows = 20_000 if told.quick else told.rows
    keep(Part("phases", text(rows, looked_at(rows)), {}), quick=told.quick)


if __name__ == "__main__":
    main()
