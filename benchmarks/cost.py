"""What the program itself costs: CPU for each call beside the vendor's SDK.

    python benchmarks/cost.py [--quick]

CPU for a call: whole processes of ``provision run`` that create few and many app users at a local Box without a limit, and
of a plain loop over the SDK that creates as many. The difference of two such processes holds no start-up; ours less the
loop's is what a call costs beyond the SDK: pace, journal, ledger, retry, reports. Writes benchmarks/results/cost.md.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from commands import Ended, local_box, provision, script, well
from measure import TIMES, Part, at_most, chosen, keep, table

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


def text(each: tuple[float, float]) -> str:
    """The result as Markdown."""
    ours, theirs = each
    lines = [
        ["CPU for one create by `provision run`", f"{ours:.2f} ms"],
        ["CPU for one create by a plain loop over the SDK", f"{theirs:.2f} ms"],
        ["of our own", f"{ours - theirs:.2f} ms"],
    ]
    return f"# Cost of the program itself\n\n{table(['what', 'measured:'], lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__)
    each = calls(quick=told.quick)
    found = {"cpu": [at_most(1, each[0] - each[1], "{:.2f} ms")]}
    keep(Part("cost", text(each), found), quick=told.quick)


if __name__ == "__main__":
    main()
