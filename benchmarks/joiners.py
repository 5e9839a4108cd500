"""A few new people in a large enterprise: ``provision run`` of 30 joiners into 200,000 users, 300 ms a call.

    python benchmarks/joiners.py [--users USERS] [--quick]

The roster is partial, so only the people named have to be looked at: each is looked for, made, and looked at again. The local
Box counts nothing but waits with each answer; calls are those that the program says it made. Wall seconds of the whole process,
sign-in and start included. Writes benchmarks/results/joiners.md.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from commands import Ended, local_box, provision, well
from measure import Part, at_most, chosen, keep, table

JOINERS, LATENCY_MS = 30, 300
JOB = """
version: 1
name: joiners
box: {{base_url: {url}, auth: {{method: jwt, config_file: "{jwt_config}"}}}}
roster: {{path: roster.csv, authority: partial, kind: managed}}
scope: {{domains: [joiners.example]}}
state: sqlite:///provision.db
report: {{formats: [csv]}}
"""


def joined(folder: Path, box: Mapping[str, str]) -> tuple[Ended, int]:
    """The run of all joiners, and how many calls it made."""
    (folder / "job.yaml").write_text(JOB.format(**box), encoding="utf-8")
    rows = [f"E{at},j{at}@joiners.example,Joiner {at}" for at in range(JOINERS)]
    (folder / "roster.csv").write_text("\n".join(["external_id,login,name", *rows, ""]), encoding="utf-8")
    ended = well(provision("run", "job.yaml", "--yes", "--quiet", "--json", folder=folder))
    return ended, int(json.loads(ended.out)["api"]["requests"])


def text(users: int, run: Ended, calls: int) -> str:
    """The result as Markdown."""
    lines = [["whole process, s", f"{run.seconds:.1f}"], ["of that CPU, s", f"{run.cpu:.1f}"]]
    lines += [["calls", f"{calls:,}"], ["peak, MB", f"{run.peak_mb:,.0f}"]]
    about = f"{JOINERS} joiners into {users:,} users, {LATENCY_MS} ms a call"
    return f"# `provision run` of {about}\n\n{table(['what', 'measured:'], lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--users", type=int, default=200_000))
    users = 2_000 if told.quick else told.users
    with (
        tempfile.TemporaryDirectory() as name,
        local_box("--users", str(users), "--latency", str(LATENCY_MS)) as box,
    ):
        run, calls = joined(Path(name), box)
    found = [at_most(15, run.seconds, "{:.1f} s"), at_most(100, calls, "{:.0f} calls")]
    keep(Part("joiners", text(users, run, calls), {"joiners": found}), quick=told.quick)


if __name__ == "__main__":
    main()
