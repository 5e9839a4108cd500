"""What the calls cost: provision against the limit of a local Box, and against a plain loop over the vendor's SDK.

    python benchmarks/calls.py [--true] [--only limit|two|loop|cost]

Creates, updates and deletes go through whole processes of ``provision run``; what is counted is what the local Box has
seen. A minute of Box is played in ten seconds (1,000 calls in 10 s, a sixth of the latency), with ``--true`` in sixty.
The comparison with the plain loop is always played in true time. Writes benchmarks/results/calls.md.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from provision.box.budget_file import Clocks, SharedCell
from provision.box.pace import EvenPace
from provision.box.timing import Timing
from provision.sandbox import Options, serve
from provision.sandbox.server import Server

HERE = Path(__file__).parent
#: Box's limit for each acting user (developer.box.com, Rate limits), and how many calls each run makes
LIMIT, OPERATIONS = 1_000, 1_200
#: calls of the plain loop that are made; it is as fast at the end as at the beginning
LOOPED = 60
#: creates of the whole run it is compared with: enough that start and reports weigh little, as in a real night
COMPARED = 2_000
#: moments of the budget that are taken to learn what one costs
TAKEN = 20_000

JOB = """
version: 1
name: {name}
box: {{base_url: {url}, auth: {{method: jwt, config_file: "{jwt_config}"}}}}
roster: {{path: roster.csv, authority: partial, kind: app}}
guards:
  removals: {{count: 1000000, percent: 100}}
  creates: {{count: 1000000, percent: 100}}
  updates: {{count: 1000000, percent: 100}}
apply: {{requests_per_minute: {per_minute}}}
state: sqlite:///provision.db
report: {{formats: [csv]}}
"""


@dataclass(frozen=True, slots=True)
class Scale:
    """How long a minute of Box lasts, in seconds."""

    minute: float

    @property
    def per_minute(self) -> float:
        """What the job is told: calls in sixty real seconds."""
        return LIMIT * 60 / self.minute

    def box(self, latency_ms: float) -> Server:
        """A local Box with its limit, so many milliseconds away."""
        return serve(Options(rate_limit=(LIMIT, self.minute), latency_ms=latency_ms * self.minute / 60))


@dataclass(frozen=True, slots=True)
class Seen:
    """What Box saw of one kind of call: how many were answered otherwise than by 429, over which time, and the 429s."""

    calls: int
    seconds: float
    refused: int

    def share(self, scale: Scale) -> float:
        """The part of the steady limit that was used."""
        return self.calls / self.seconds * scale.minute / LIMIT


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result: what, the goal, what was measured."""

    what: str
    goal: str
    measured: str


def limit(scale: Scale) -> Iterator[Row]:
    """One process at the limit: creates, updates and deletes at two distances."""
    for latency in (150, 600):
        with tempfile.TemporaryDirectory() as folder, scale.box(latency) as box:
            for verb, method, rows in _nights(OPERATIONS):
                began = len(box.log)
                _run(Path(folder), box, scale, rows)
                yield _row(
                    f"{verb}, {latency} ms a call", "≥ 97 %, ≤ 0.5 %", _seen(box, began, method), scale
                )


def two(scale: Scale) -> Iterator[Row]:
    """Two processes as one acting user at the same time."""
    for latency in (150, 600):
        with scale.box(latency) as box:
            count = str(OPERATIONS)
            crew = [_start("caller.py", _settings(box, scale), count, f"p{number}-") for number in range(2)]
            _all_ready(crew)
            began = len(box.log)
            for process in crew:
                process.communicate("go\n")
            _all_well(crew)
            seen = _seen(box, began, "POST")
        yield _row(f"creates by two processes, {latency} ms a call", "≥ 95 %, ≤ 1 %", seen, scale)


def loop(_: Scale) -> Iterator[Row]:
    """A whole ``provision run`` and a plain sequential loop over the SDK, both at 300 ms and in true time."""
    scale = Scale(60)
    with tempfile.TemporaryDirectory() as folder, scale.box(300) as box:
        rows = next(_nights(COMPARED))[2]
        began = time.monotonic()
        _run(Path(folder), box, scale, rows)
        ours = time.monotonic() - began
    with scale.box(300) as box:
        process = _start("plain_loop.py", _settings(box, scale), str(LOOPED))
        theirs = float(process.communicate()[0]) * COMPARED / LOOPED
        _all_well([process])
    measured = f"{theirs / ours:.1f} times: {ours:.0f} s, the loop {theirs:.0f} s"
    yield Row(
        f"{COMPARED:,} creates, 300 ms a call, against a plain boxsdk loop", "≥ 4.5 times faster", measured
    )


def cost(_: Scale) -> Iterator[Row]:
    """What one moment of the shared budget costs: the file locked, read, written and let go; a look at the hold where there was a wait."""
    with tempfile.TemporaryDirectory() as folder:
        cell = SharedCell(Path(folder) / "budgets" / "bench", Clocks(time.monotonic), _lost)
        # so fast that it never waits
        pace = EvenPace(1e9, Timing(time.monotonic, _never, Random(0)), cell)  # noqa: S311  jitter, not a secret
        began = time.process_time()
        for _number in range(TAKEN):
            pace.wait()
        each = (time.process_time() - began) / TAKEN
    yield Row("CPU of the shared budget, a call", "≤ 0.1 ms", f"{each * 1000:.3f} ms")


def _lost(error: OSError) -> None:
    raise error


def _never(_seconds: float) -> None:
    """No sleep: only the rest is measured."""


def _nights(count: int) -> Iterator[tuple[str, str, list[Sequence[str]]]]:
    """Three rosters of so many clients: all new, all changed, all gone; with the HTTP method that carries it out."""
    for verb, method, title, action in (
        ("creates", "POST", "Buyer", "upsert"),
        ("updates", "PUT", "Seller", "upsert"),
        ("deletes (each after a look at its target)", "", "Seller", "delete"),
    ):
        yield verb, method, [(f"c-{number}", f"Client {number}", title, action) for number in range(count)]


def _run(folder: Path, box: Server, scale: Scale, rows: list[Sequence[str]]) -> None:
    """One ``provision run`` with these rows as its roster, in a process of its own."""
    job = folder / "bench.yaml"
    told = {name: box.announcement[name] for name in ("url", "jwt_config")}
    job.write_text(JOB.format(name="bench", per_minute=scale.per_minute, **told), encoding="utf-8")
    with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("external_id", "name", "job_title", "action"), *rows])
    command = [sys.executable, "-m", "provision", "run", str(job), "--yes", "--quiet", "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603  our own program
    if done.returncode != 0:
        raise SystemExit(f"the run ended with {done.returncode}: {done.stdout}")


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(HERE / script), *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: S603  our own


def _all_ready(crew: Sequence[subprocess.Popen[str]]) -> None:
    for process in crew:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise SystemExit("a process of the benchmark could not sign in")


def _all_well(crew: Sequence[subprocess.Popen[str]]) -> None:
    if any(process.wait() for process in crew):
        raise SystemExit("a process of the benchmark failed")


def _settings(box: Server, scale: Scale) -> str:
    names = ("url", "client_id", "client_secret", "enterprise_id", "developer_token")
    told: dict[str, Any] = {name: box.announcement[name] for name in names}
    return json.dumps(told | {"per_minute": scale.per_minute})


def _seen(box: Server, began: int, method: str) -> Seen:
    """What came in after the first so many requests; all calls from the first write on if no method is named."""
    lines = box.log[began:]
    wanted = [line for line in lines if line.path.startswith("/2.0/users")]
    if method:
        wanted = [line for line in wanted if line.method == method]
    else:  # from the first to the last deletion, with the look before each
        last = max(at for at, line in enumerate(wanted) if line.method == "DELETE")
        first = min(
            at for at, line in enumerate(wanted) if line.path.count("/") > 2 and "/me" not in line.path
        )
        wanted = wanted[first : last + 1]
    passed = [line for line in wanted if line.status != 429]
    refused = sum(line.status == 429 for line in lines)
    return Seen(len(passed) - 1, passed[-1].at - passed[0].at, refused)


def _row(what: str, goal: str, seen: Seen, scale: Scale) -> Row:
    refused = seen.refused / (seen.calls + 1 + seen.refused)
    return Row(what, goal, f"{seen.share(scale):.1%}, {refused:.2%}")


PARTS: dict[str, Callable[[Scale], Iterator[Row]]] = {"limit": limit, "two": two, "loop": loop, "cost": cost}


def text(rows: Sequence[Row], scale: Scale) -> str:
    """The result as Markdown."""
    lines = [f"| {row.what} | {row.goal} | {row.measured} |" for row in rows]
    return "\n".join(
        [
            "# Calls at the limit",
            "",
            f"Share of the steady limit ({LIMIT:,} calls a minute, sliding) that was used, and calls answered 429. A minute of",
            f"Box was played in {scale.minute:.0f} s, latency likewise; the comparison with the plain loop in true time.",
            f"Load of the machine at the end: {_load()}.",
            "",
            "| what | goal | measured |",
            "| --- | --- | --- |",
            *lines,
            "",
        ]
    )


def _load() -> str:
    with contextlib.suppress(OSError, AttributeError):
        return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    return "not known"


def main() -> None:
    """Measure, print and write down; a part alone is printed only."""
    parser = argparse.ArgumentParser(description="Calls at the limit of a local Box.")
    parser.add_argument(
        "--true", action="store_true", help="a minute lasts sixty seconds (a quarter of an hour in all)"
    )
    parser.add_argument("--only", choices=PARTS, help="one part, printed and not written down")
    chosen = parser.parse_args()
    scale = Scale(60 if chosen.true else 10)
    rows: list[Row] = []
    for name, part in PARTS.items():
        if chosen.only in (None, name):
            for row in part(scale):
                sys.stderr.write(f"{row.what}: {row.measured}\n")
                rows.append(row)
    result = text(rows, scale)
    if chosen.only is None:
        (HERE / "results").mkdir(exist_ok=True)
        (HERE / "results" / "calls.md").write_text(result, encoding="utf-8")
    sys.stdout.write(result)


if __name__ == "__main__":
    main()
