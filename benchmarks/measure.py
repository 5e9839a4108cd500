"""What the benchmarks share: sides in turns, each in a process of its own; numbers beside goals; results as Markdown and JSON.

A number is kept as the **share** of what its goal allows: up to 1 the goal is met, whichever way it is asked. Parts are run
apart and leave a JSON file each, from which goals.py puts the one table together.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

#: what one side found: seconds under ``s``, MB under ``peak MB`` and ``kept MB``, and whatever else it tells
Notes = dict[str, float]

HERE = Path(__file__).parent
#: how often each side is run; the best counts, since whatever else the machine does only ever adds
TIMES = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """One number: as it is shown, and as the share of what its goal allows (up to 1: met)."""

    text: str
    share: float

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.share <= 1


def at_most(goal: float, value: float, text: str) -> Measure:
    """A number that should be small; ``text`` is formatted with it."""
    return Measure(text.format(value), value / goal)


def at_least(goal: float, value: float, text: str) -> Measure:
    """A number that should be large; ``text`` is formatted with it."""
    return Measure(text.format(value), goal / value if value else float("inf"))


@dataclass(frozen=True, slots=True)
class Part:
    """What one script found: its Markdown, and the numbers by the key of the goal they belong to."""

    name: str
    text: str
    found: Mapping[str, Sequence[Measure]]


def chosen(about: str, *extra: Callable[[argparse.ArgumentParser], object]) -> argparse.Namespace:
    """The arguments of a script; all have ``--quick``."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, only to see that nothing is broken"
    )
    for add in extra:
        add(parser)
    return parser.parse_args()


def keep(part: Part, *, quick: bool = False) -> None:
    """Print a part and write it down; a quick one apart from the real ones."""
    folder = results(quick=quick)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part.name}.md").write_text(part.text, encoding="utf-8")
    found = {goal: [asdict(measure) for measure in measures] for goal, measures in part.found.items()}
    told = {"on": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine(), "found": found}
    (folder / f"{part.name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(part.text + "\n")


def results(*, quick: bool = False) -> Path:
    """Where results are written."""
    return HERE / "results" / "quick" if quick else HERE / "results"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown; columns whose name ends in a colon are numbers, to the right."""
    names = [name.removesuffix(":") for name in header]
    rules = ["---:" if name.endswith(":") else "---" for name in header]
    return "\n".join("| " + " | ".join(line) + " |" for line in (names, rules, *rows))


def machine() -> str:
    """In a few words where this was measured."""
    python = f"Python {platform.python_version()}"
    with contextlib.suppress(OSError, AttributeError):
        return f"{os.cpu_count()} cores, {python}, load {os.getloadavg()[0]:.1f} at the end"
    return f"{os.cpu_count()} cores, {python}"


def apart(work: Callable[[], Notes]) -> Notes:
    """Run it in a process of its own, and bring its notes and its peak of memory back.

    ``work`` is a function of a module, or a partial of one.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_noted, work).result()


def in_turns(
    sides: Mapping[str, Callable[[], Notes]], times: int = TIMES, *, at_hand_mb: int = 0
) -> dict[str, Notes]:
    """The best of some runs of each side, in turns, so that all see the same machine.

    ``at_hand_mb``: so much memory is used and given back before each run. A virtual machine hands what it does not use
    to its host, and getting it back takes a second a gigabyte, which would be measured with whoever comes first.
    """
    taken: dict[str, list[Notes]] = {name: [] for name in sides}
    for _ in range(times):
        for name, work in sides.items():
            if at_hand_mb:
                apart(partial(_use, at_hand_mb))
            notes = apart(work)
            sys.stderr.write(f"{name}: {notes['s']:.2f} s, peak {notes['peak MB']:,.0f} MB\n")
            taken[name].append(notes)
    return {name: min(runs, key=lambda notes: notes["s"]) for name, runs in taken.items()}


def _use(megabytes: int) -> Notes:
    """Write into so much memory."""
    bytearray(b"\1") * (megabytes * 1024**2)
    return {}


def _noted(work: Callable[[], Notes]) -> Notes:
    return {**work(), "peak MB": peak_mb()}


def peak_mb() -> float:
    """The most memory this process ever had, in MB.

    Not ``ru_maxrss`` where there is another way: Linux passes it on from whoever started the process.
    """
    with contextlib.suppress(OSError):
        return _status("VmHWM")
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def now_mb() -> float:
    """The memory this process has now, in MB; 0 where that is not told."""
    with contextlib.suppress(OSError):
        return _status("VmRSS")
    return 0.0


def _status(name: str) -> float:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) / 1024
    raise OSError(name)


@contextlib.contextmanager
def timed(notes: Notes, name: str = "s") -> Iterator[None]:
    """Seconds of what is within, added to the notes."""
    began = time.perf_counter()
    yield
    notes[name] = notes.get(name, 0.0) + time.perf_counter() - began
