"""What the calls cost: provision against the limit of a local Box, and against a plain loop over the vendor's SDK.

    python benchmarks/calls.py [--true] [--only limit|two|machines|loop|cost] [--quick]

Creates, updates and deletes go through whole processes of ``provision run``; what is counted is what the local Box has
seen. A minute of Box is played in ten seconds (1,000 calls in 10 s, a sixth of the latency), with ``--true`` in sixty.
The comparison with the plain loop is always played in true time. Writes benchmarks/results/calls.md.
"""

from __future__ import annotations

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

from measure import Measure, Part, at_least, at_most, chosen, keep, machine, table

from provision.box.pacing.budget_file import Clocks, SharedCell
from provision.box.pacing.pace import EvenPace
from provision.box.pacing.timing import Timing
from provision.ledger.store import open_ledger
from provision.sandbox import Options, serve
from provision.sandbox.http.server import Server

HERE = Path(__file__).parent
#: Box's limit for each acting user (developer.box.com, Rate limits), and how many calls each run makes
LIMIT, OPERATIONS = 1_000, 1_200
#: processes that share a budget through a ledger on a server
MACHINES = 8
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
  mass_change: off
apply: {{requests_per_minute: {per_minute}}}
state: sqlite:///provision.db
report: {{formats: [csv]}}
"""


@dataclass(frozen=True, slots=True)
class Scale:
    """How long a minute of Box lasts, in seconds, and how much is done: the whole of it, or a little to see it run."""

    minute: float
    quick: bool = False

    def count(self, wanted: int) -> int:
        """How many calls are made where so many are wanted."""
        return min(wanted, 20) if self.quick else wanted

    @property
    def per_minute(self) -> float:
        """What the job is told: calls in sixty real seconds."""
        return LIMIT * 60 / self.minute

    def box(self, latency_ms: float) -> Server:
        """A local Box with its limit, so many milliseconds away."""
        return serve(Options(rate_limit=(LIMIT, self.minute), latency_ms=latency_ms * self.minute / 60))


@dataclass(frozen=True, slots=True)
class Seen:
    """What Box saw while one kind was written: calls answered otherwise than by 429, over which time, and the 429s."""

    calls: int
    seconds: float
    refused: int

    def share(self, scale: Scale) -> float:
        """The part of the steady limit that was used."""
        return self.calls / self.seconds * scale.minute / LIMIT


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the result: what, the key of its goal, the goal in words, what was measured."""

    what: str
    key: str
    goal: str
    measured: tuple[Measure, ...]

    @property
    def text(self) -> str:
        """What was measured, in words."""
        return ", ".join(measure.text for measure in self.measured)


def limit(scale: Scale) -> Iterator[Row]:
    """One process at the limit: creates, updates and deletes at two distances."""
    for latency in (150, 600):
        with tempfile.TemporaryDirectory() as folder, scale.box(latency) as box:
            for verb, method, rows in _nights(scale.count(OPERATIONS)):
                began = len(box.log)
                _run(Path(folder), box, scale, rows)
                share, refused = _shares(_seen(box, began, method), scale)
                found = (
                    at_least(0.97, share, "{:.1%} of the limit"),
                    at_most(0.005, refused, "{:.2%} answered 429"),
                )
                yield Row(f"{verb}, {latency} ms a call", "limit", "≥ 97 %, ≤ 0.5 %", found)


def two(scale: Scale) -> Iterator[Row]:
    """Two processes as one acting user at the same time."""
    for latency in (150, 600):
        with scale.box(latency) as box:
            count = str(scale.count(OPERATIONS))
            crew = [_start("caller.py", _settings(box, scale), count, f"p{number}-") for number in range(2)]
            _all_ready(crew)
            began = len(box.log)
            _let_go(crew)
            seen = _seen(box, began, "POST")
        share, refused = _shares(seen, scale)
        found = at_least(0.95, share, "{:.1%} of the limit"), at_most(0.01, refused, "{:.2%} answered 429")
        yield Row(f"creates by two processes, {latency} ms a call", "two", "≥ 95 %, ≤ 1 %", found)


def machines(told: Scale) -> Iterator[Row]:
    """Eight processes as one acting user, each with folders of its own as on a machine of its own, and a ledger on a server between them."""
    sys.path.append(str(HERE.parent))
    from tests.postgres import programs, running

    if programs() is None:
        sys.stderr.write("machines: there is no PostgreSQL server here\n")
        return
    scale = Scale(60, told.quick)
    with tempfile.TemporaryDirectory() as folder, running() as server, scale.box(150) as box:
        ledger = server.ledger()
        open_ledger(ledger).close()
        count = str(scale.count(OPERATIONS) // MACHINES)
        crew = [
            _start(
                "caller.py", _settings(box, scale, ledger=ledger), count, f"m{number}-",
                home=Path(folder) / str(number),
            )
            for number in range(MACHINES)
        ]  # fmt: skip
        _all_ready(crew)
        began = len(box.log)
        _let_go(crew)
        seen = _seen(box, began, "POST")
    share, refused = _shares(seen, scale)
    found = at_least(0.95, share, "{:.1%} of the limit"), at_most(0.01, refused, "{:.2%} answered 429")
    yield Row(
        f"creates by {MACHINES} machines, 150 ms a call, in true time", "machines", "≥ 95 %, ≤ 1 %", found
    )


def loop(told: Scale) -> Iterator[Row]:
    """A whole ``provision run`` and a plain sequential loop over the SDK, both at 300 ms and in true time."""
    scale = Scale(60, told.quick)
    compared, looped = scale.count(COMPARED), scale.count(LOOPED)
    with tempfile.TemporaryDirectory() as folder, scale.box(300) as box:
        rows = next(_nights(compared))[2]
        began = time.monotonic()
        _run(Path(folder), box, scale, rows)
        ours = time.monotonic() - began
    with scale.box(300) as box:
        process = _start("plain_loop.py", _settings(box, scale), str(looped))
        theirs = float(process.communicate()[0]) * compared / looped
        _expect_well([process])
    times = at_least(4.5, theirs / ours, f"{{:.1f}} times faster: {ours:.0f} s, the loop {theirs:.0f} s")
    what = f"{compared:,} creates, 300 ms a call, against a plain boxsdk loop"
    yield Row(what, "loop", "≥ 4.5 times faster", (times,))


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
    found = (at_most(0.1, each * 1000, "{:.3f} ms"),)
    yield Row("CPU of the shared budget, a call", "budget", "≤ 0.1 ms", found)


def _lost(error: OSError) -> None:
    raise error


def _never(_seconds: float) -> None:
    """No sleep: only the rest is measured."""


def _nights(count: int) -> Iterator[tuple[str, str, list[Sequence[str]]]]:
    """Three rosters of so many clients: all new, all changed, all gone; with the HTTP method that carries it out."""
    for verb, method, title, action in (
        ("creates", "POST", "Buyer", "upsert"),
        ("updates", "PUT", "Seller", "upsert"),
        ("deletes (each after looks at its target)", "DELETE", "Seller", "delete"),
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


def _start(script: str, *arguments: str, home: Path | None = None) -> subprocess.Popen[str]:
    """A process of ours; ``home``: where it keeps what is of its machine."""
    command = [sys.executable, str(HERE / script), *arguments]
    apart = os.environ | ({"XDG_STATE_HOME": str(home)} if home else {})
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=apart)  # noqa: S603  our own


def _all_ready(crew: Sequence[subprocess.Popen[str]]) -> None:
    for process in crew:
        if process.stdout is None or process.stdout.readline() != "ready\n":
            raise SystemExit("a process of the benchmark could not sign in")


def _let_go(crew: Sequence[subprocess.Popen[str]]) -> None:
    """Let all begin, and only then wait for the first."""
    for process in crew:
        assert process.stdin is not None  # noqa: S101 - it is a pipe
        process.stdin.write("go\n")
        process.stdin.flush()
    _expect_well(crew)


def _expect_well(crew: Sequence[subprocess.Popen[str]]) -> None:
    if any(process.wait() for process in crew):
        raise SystemExit("a process of the benchmark failed")


def _settings(box: Server, scale: Scale, **more: str) -> str:
    names = ("url", "client_id", "client_secret", "enterprise_id", "developer_token")
    told: dict[str, Any] = {name: box.announcement[name] for name in names}
    return json.dumps(told | {"per_minute": scale.per_minute} | more)


def _seen(box: Server, began: int, method: str) -> Seen:
    """What came in from the first to the last write of one kind, after the first so many requests.

    Every call counts against Box's limit, so all of them are counted: the writes, and the looks that belong to them
    (before a deletion the account, its memberships, its aliases and its folders).
    """
    lines = [line for line in box.log[began:] if line.path.startswith("/2.0/")]
    writes = [at for at, line in enumerate(lines) if (line.method, line.path[:10]) == (method, "/2.0/users")]
    wanted = lines[writes[0] : writes[-1] + 1]
    passed = [line for line in wanted if line.status != 429]
    return Seen(len(passed) - 1, passed[-1].at - passed[0].at, len(wanted) - len(passed))


def _shares(seen: Seen, scale: Scale) -> tuple[float, float]:
    """The share of the limit that was used, and of the calls that were answered 429."""
    return seen.share(scale), seen.refused / (seen.calls + 1 + seen.refused)


PARTS: dict[str, Callable[[Scale], Iterator[Row]]] = {
    "limit": limit,
    "two": two,
    "machines": machines,
    "loop": loop,
    "cost": cost,
}


def text(rows: Sequence[Row], scale: Scale) -> str:
    """The result as Markdown."""
    return "\n".join(
        [
            "# Calls at the limit",
            "",
            f"Share of the steady limit ({LIMIT:,} calls a minute, sliding) that was used, and calls answered 429. A minute of",
            f"Box was played in {scale.minute:.0f} s, latency likewise; the comparison with the plain loop in true time.",
            f"Measured on {machine()}.",
            "",
            table(["what", "goal", "measured"], [(row.what, row.goal, row.text) for row in rows]),
            "",
        ]
    )


def worst(rows: Sequence[Row]) -> dict[str, list[Measure]]:
    """By goal the number of all its lines that comes out worst, for each thing that is measured."""
    keys = dict.fromkeys(row.key for row in rows)
    of = {key: [row.measured for row in rows if row.key == key] for key in keys}
    return {
        key: [max(together, key=lambda one: one.share) for together in zip(*lines, strict=True)]
        for key, lines in of.items()
    }


def main() -> None:
    """Measure, print and write down; a part alone is printed only."""
    told = chosen(
        "Calls at the limit of a local Box.",
        lambda parser: parser.add_argument(
            "--true", action="store_true", help="a minute lasts sixty seconds"
        ),
        lambda parser: parser.add_argument(
            "--only", choices=PARTS, help="one part, printed and not written down"
        ),
    )
    scale = Scale(60 if told.true else 10, told.quick)
    rows: list[Row] = []
    for name, part in PARTS.items():
        if told.only in (None, name):
            for row in part(scale):
                sys.stderr.write(f"{row.what}: {row.text}\n")
                rows.append(row)
    if told.only is None:
        keep(Part("calls", text(rows, scale), worst(rows)), quick=told.quick)
    else:
        sys.stdout.write(text(rows, scale))


if __name__ == "__main__":
    main()
