"""What the program itself costs: CPU for each call beside the vendor's SDK, and the start of whole processes.

    python benchmarks/cost.py [--quick]

CPU for a call: whole processes of ``provision run`` that create few and many app users at a local Box without a limit, and
of a plain loop over the SDK that creates as many. The difference of two such processes holds no start-up; ours less the
loop's is what a call costs beyond the SDK: pace, journal, ledger, retry, reports. The start: ``provision --help``, and
``provision check`` of 10,000 rows. Writes benchmarks/results/cost.md.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from commands import Ended, local_box, provision, script, well
from measure import TIMES, Part, at_most, chosen, keep, table
from people import write_roster

FEW, MANY = 500, 4_000
_TOLD = ("url", "client_id", "client_secret", "enterprise_id", "developer_token")
JOB = """
version: 1
name: cost
box: {{base_url: {url}, auth: {{method: jwt, config_file: "{jwt_config}"}}}}
roster: {{path: roster.csv, authority: partial, kind: app}}
guards: {{creates: {{count: 1000000, percent: 100}}}}
apply: {{requests_per_minute: 1000000}}
state: sqlite:///provision.db
report: {{formats: [csv]}}
"""
CHECK = """
version: 1
name: check
box: {base_url: "http://127.0.0.1:1", auth: {method: token, token: "${BENCH_TOKEN}"}}
roster: {path: people.csv}
state: sqlite:///provision.db
"""


def run(box: Mapping[str, str], folder: Path, count: int) -> Ended:
    """So many creates by ``provision run``."""
    (folder / "job.yaml").write_text(JOB.format(**box), encoding="utf-8")
    rows = [(f"c{count}-{number}", f"Client {number}") for number in range(count)]
    with (folder / "roster.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("external_id", "name"), *rows])
    return well(provision("run", "job.yaml", "--yes", "--quiet", "--json", folder=folder))


def loop(box: Mapping[str, str], _folder: Path, count: int) -> Ended:
    """So many creates by the plain loop."""
    return well(script("plain_loop.py", json.dumps({name: box[name] for name in _TOLD}), str(count)))


def cpu_a_call(side: Callable[[Mapping[str, str], Path, int], Ended], few: int, many: int) -> float:
    """Milliseconds of CPU for one more create."""
    used = []
    for count in (few, many):
        with local_box() as box, tempfile.TemporaryDirectory() as folder:
            used.append(side(box, Path(folder), count).cpu)
    return (used[1] - used[0]) / (many - few) * 1000


def calls(*, quick: bool) -> tuple[float, float]:
    """Milliseconds of CPU a create, ours and the loop's; the least of some in turns."""
    few, many = (20, 100) if quick else (FEW, MANY)
    pairs = [(cpu_a_call(run, few, many), cpu_a_call(loop, few, many)) for _ in range(1 if quick else TIMES)]
    return min(ours for ours, _ in pairs), min(theirs for _, theirs in pairs)


def starts(rows: int) -> tuple[float, float]:
    """Seconds of CPU for ``--help``, and for ``check`` of so many rows; the best of some. A start waits for nothing but the disk."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_roster(folder / "people.csv", rows)
        (folder / "check.yaml").write_text(CHECK, encoding="utf-8")
        shown = min(well(provision("--help")).cpu for _ in range(TIMES + 2))
        checks = [well(provision("check", "check.yaml", "--quiet", folder=folder)) for _ in range(TIMES)]
    return shown, min(check.cpu for check in checks)


def text(each: tuple[float, float], start: tuple[float, float], rows: int) -> str:
    """The result as Markdown."""
    ours, theirs = each
    lines = [
        ["CPU for one create by `provision run`", f"{ours:.2f} ms"],
        ["CPU for one create by a plain loop over the SDK", f"{theirs:.2f} ms"],
        ["of our own", f"{ours - theirs:.2f} ms"],
        ["`provision --help`, CPU", f"{start[0]:.2f} s"],
        [f"`provision check` of {rows:,} rows, CPU", f"{start[1]:.2f} s"],
    ]
    return f"# Cost of the program itself\n\n{table(['what', 'measured:'], lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__)
    rows = 500 if told.quick else 10_000
    each, start = calls(quick=told.quick), starts(rows)
    found = {
        "cpu": [at_most(1, each[0] - each[1], "{:.2f} ms")],
        "start": [
            at_most(0.3, start[0], "--help {:.2f} s"),
            at_most(0.4, start[1], "check {:.2f} s"),
        ],
    }
    keep(Part("cost", text(each, start, rows), found), quick=told.quick)


if __name__ == "__main__":
    main()
