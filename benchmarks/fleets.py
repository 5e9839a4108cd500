"""What a fleet costs beside its runs, how it grows with workers, and by these numbers how 10,000 enterprises a night would go.

    python benchmarks/fleets.py [--enterprises NUMBER] [--quick]

Each enterprise is a local Box in a process of its own, with a roster of five people: four to create, one to update. *Cost*: the CPU
of one more enterprise in a fleet (a large fleet less a small one, so that the start of the cluster does not count), beside that of
the second run in one process. *Growth*: the same fleet on 2, 4 and 8 workers, with so much latency that an enterprise takes 20
seconds; what it is compared with is the first one. CPU is that of all processes of a night, which Linux alone tells. Writes
benchmarks/results/fleets.md.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import math
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from commands import HERE, Ended, local_box, provision, well
from measure import Measure, Notes, Part, apart, at_most, chosen, keep, table

_JOB = """
version: 1
box: {base_url: "${BOX_BASE_URL}", auth: {method: jwt, config_file: "${BOX_JWT_CONFIG_FILE}"}}
roster: {path: staff.csv}
scope: {domains: [acme.example]}
guards: {creates: off, updates: off, mass_change: off}
apply: {requests_per_minute: 60000, workers: 1}
report: {formats: [csv]}
"""
_ROSTER = "external_id,login,name\n" + "".join(f"E{at},p{at}@acme.example,Person {at}\n" for at in range(5))
_SEED = {
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [{"name": "Person Zero", "login": "p0@acme.example"}],
}
#: milliseconds of each call where the growth is measured; a run has thirteen calls, most of them one after the other
_LATENCY_MS = 1_600
#: enterprises of the model, seconds that Box takes to answer a call, seconds of a night, and GB of memory of a worker
_MANY, _LATENCY_S, _NIGHT_S, _WORKER_GB = 10_000, 0.3, 6 * 3600, 0.2
#: what makes this process the parent of those whose own parent has ended, so that their CPU is known (Linux)
_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds: of one more enterprise in a fleet of ``size`` enterprises, and of one run in a process that is there.

    ``calls`` of Box and ``statements`` on the ledger are those of one run.
    """

    size: int
    fleet: float
    run: float
    calls: float
    statements: float

    @property
    def overhead(self) -> float:
        """What the fleet takes beside the run."""
        return max(0.0, self.fleet - self.run)


@contextlib.contextmanager
def boxes(folder: Path, count: int, latency_ms: int = 0) -> Iterator[Sequence[Mapping[str, str]]]:
    """So many enterprises, each a local Box of its own."""
    with contextlib.ExitStack() as running:
        found = []
        for number in range(count):
            seed, config = folder / f"seed-{number}.json", folder / f"box-{number}.json"
            about = {"id": str(5_000 + number), "name": f"Client {number}", "domains": ["acme.example"]}
            seed.write_text(json.dumps({"enterprise": about, **_SEED}), encoding="utf-8")
            words = ("--seed", str(seed), "--config", str(config), "--latency", str(latency_ms))
            found.append(running.enter_context(local_box(*words)))
        yield found


def written(folder: Path, found: Sequence[Mapping[str, str]], workers: int) -> None:
    """Write the files of a fleet of these enterprises, which has lived through no night yet."""
    for name in ("runs", "state"):
        shutil.rmtree(folder / name, ignore_errors=True)
    lines = [
        "job,BOX_BASE_URL,BOX_JWT_CONFIG_FILE",
        *(f"client.yaml,{one['url']},{one['jwt_config']}" for one in found),
    ]
    (folder / "clients.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    (folder / "client.yaml").write_text(_JOB, encoding="utf-8")
    (folder / "staff.csv").write_text(_ROSTER, encoding="utf-8")
    told = {
        "version": 1,
        "jobs": ["clients.csv"],
        "runs": "runs",
        "state": f"sqlite:///{folder}/state/fleet.db",
    }
    (folder / "fleet.yaml").write_text(json.dumps({**told, "workers": workers}), encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Night:
    """One night: wall and CPU seconds of all its processes, and calls of an enterprise."""

    seconds: float
    cpu: float
    calls: float


def night(folder: Path) -> Night:
    """One night of the fleet."""
    others, before = _children(), _used()
    ended: Ended = well(provision("fleet", "fleet.yaml", "--json", "--quiet", folder=folder))
    while _children() - others:  # workers that are about to end
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        time.sleep(0.05)
    calls = [each["api"]["requests"] for each in json.loads(ended.out)["enterprises"]]
    return Night(ended.seconds, _used() - before, sum(calls) / len(calls))


def _used() -> float:
    """CPU seconds of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _children() -> set[int]:
    told = (path.read_text(encoding="ascii").split() for path in Path("/proc/self/task").glob("*/children"))
    return {int(pid) for each in told for pid in each}


def cost(folder: Path, size: int) -> Cost:
    """The cost of one more enterprise, in a fleet and alone."""
    with boxes(folder, size + size // 4 + 2) as found:
        few, many, last = found[: size // 4], found[size // 4 : -2], found[-2:]
        taken = []
        for some in (few, many):
            written(folder, some, 2)
            taken.append(night(folder))
        (folder / "one.yaml").write_text(f"name: one\n{_JOB}", encoding="utf-8")
        alone = apart(partial(second_run, folder, last))
    more = (taken[1].cpu - taken[0].cpu) / (len(many) - len(few))
    return Cost(size, more, alone["cpu"], taken[1].calls, alone["statements"])


def second_run(folder: Path, two: Sequence[Mapping[str, str]]) -> Notes:
    """A run after another one in the same process: its CPU seconds, and its statements on the ledger."""
    sys.path.insert(0, str(HERE.parent))
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    from provision.cli.main import run_program

    statements = [0]

    @event.listens_for(Engine, "before_cursor_execute")
    def _(*_told: object) -> None:
        statements[0] += 1

    os.chdir(folder)
    notes: Notes = {}
    for one in two:
        os.environ.update(BOX_BASE_URL=one["url"], BOX_JWT_CONFIG_FILE=one["jwt_config"])
        began, statements[0] = time.process_time(), 0
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = run_program(["run", "one.yaml", "--yes", "--quiet", "--json"])
        if code:
            raise SystemExit(f"a run of the benchmark ended with {code}")
        notes = {"cpu": time.process_time() - began, "statements": statements[0]}
    return notes


def growth(folder: Path, each: int, workers: Sequence[int]) -> dict[int, Night]:
    """The same fleet on so many workers, every time in enterprises that know nobody yet."""
    taken = {}
    for number in workers:
        with boxes(folder, each, _LATENCY_MS) as found:
            written(folder, found, number)
            taken[number] = night(folder)
    return taken


def model(one: Cost) -> Sequence[Sequence[str]]:
    """What a night of very many enterprises comes to, by what was measured of one."""
    waiting, work = one.calls * _LATENCY_S, one.fleet
    workers = math.ceil(_MANY * (waiting + work) / _NIGHT_S)
    cores = math.ceil(_MANY * work / _NIGHT_S)
    return (
        ["calls of Box", f"{_MANY * one.calls:,.0f}, each enterprise within a limit of its own"],
        [
            "seconds of one enterprise",
            f"{waiting:.0f} of waiting ({one.calls:.0f} calls of {_LATENCY_S * 1000:.0f} ms), {work:.1f} of CPU",
        ],
        ["workers for a night of six hours", f"{workers:,}"],
        ["cores that they keep busy", f"{cores:,}"],
        ["memory", f"{math.ceil(workers * _WORKER_GB)} GB at {_WORKER_GB * 1000:.0f} MB a worker"],
        [
            "statements on the ledger",
            f"{_MANY * one.statements / _NIGHT_S:,.0f} a second ({one.statements:.0f} an enterprise)",
        ],
        ["results that come back to who leads", f"{_MANY / _NIGHT_S:.2f} a second"],
    )


def text(one: Cost, grown: Mapping[int, Night], each: int) -> str:
    """The result as Markdown."""
    costs = [
        ["one more enterprise in a fleet", f"{one.fleet:.2f}"],
        ["the second run in one process", f"{one.run:.2f}"],
        ["so the fleet takes beside it", f"{one.overhead:.2f}"],
    ]
    first = min(grown)
    lines = [
        [str(number), f"{ended.seconds:.0f}", f"{_linear(grown, number):.2f}", f"{ended.cpu:.0f}"]
        for number, ended in grown.items()
    ]
    return (
        f"# A fleet: its cost, its growth, and {_MANY:,} enterprises a night\n\n"
        f"CPU seconds, in a fleet of {one.size} enterprises of five people:\n\n{table(['what', 'CPU, s:'], costs)}\n\n"
        f"{each} enterprises at {_LATENCY_MS:,} ms a call; 1.00 is what {first} workers take, shared out among more:\n\n"
        f"{table(['workers:', 'wall, s:', 'times linear:', 'CPU, s:'], lines)}\n\n"
        f"The model, of {_MANY:,} small enterprises:\n\n{table(['what', 'by these numbers'], model(one))}\n"
    )


def _linear(grown: Mapping[int, Night], number: int) -> float:
    first = min(grown)
    return grown[number].seconds * number / (grown[first].seconds * first)


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--enterprises", type=int, default=24))
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    size, each, workers = (4, 2, (1, 2)) if told.quick else (told.enterprises, 16, (2, 4, 8))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        one, grown = cost(folder, size), growth(folder, each, workers)
    found: list[Measure] = [at_most(0.5, one.overhead, "{:.2f} s of CPU an enterprise")]
    found += [
        at_most(1.15, _linear(grown, number), f"{{:.2f}} times linear on {number}") for number in workers[1:]
    ]
    keep(Part("fleets", text(one, grown, each), {"fleet": found}), quick=told.quick)


if __name__ == "__main__":
    main()
