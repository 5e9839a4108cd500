"""A few people beside a very large enterprise: memory of ``provision plan`` of a partial roster of 1,000 rows, 2,000,000 users.

    python benchmarks/partial.py [--users USERS] [--quick]

Twice, as whole processes. *Looked up*: as the program chooses, since that is fewer calls than there are pages; the people are app
users, whom the local Box finds by their external id at once, while it goes through everybody for a login. *Listed*: in a job
that counts seats (``guards.seats``), which has to list everybody; nobody but the new people is of its domains. Memory does not
depend on what else the machine does. Writes benchmarks/results/partial.md.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from commands import Ended, local_box, provision, well
from measure import Part, at_most, chosen, keep, table

ROWS = 1_000
JOB = """
version: 1
name: partial
box: {{base_url: {url}, auth: {{method: jwt, config_file: "{jwt_config}"}}}}
roster: {{path: people.csv, authority: partial, kind: {kind}}}
scope: {{domains: [few.example]}}
guards: {{creates: {{count: 1000000}}{seats}}}
apply: {{requests_per_minute: 1000000}}
state: sqlite:///provision.db
report: {{formats: [html, csv]}}
"""
#: by how the enterprise is read what the job says
WAYS = {
    "lookup": {"kind": "app", "seats": ""},
    "listing": {"kind": "managed", "seats": ", seats: 100000000"},
}


def write_rows(path: Path, kind: str) -> None:
    """People who are not there yet."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["external_id", "name", *(["login"] if kind == "managed" else [])])
        for number in range(ROWS):
            login = [f"new{number}@few.example"] if kind == "managed" else []
            rows.writerow([f"N{number}", f"New {number}", *login])


def planned(folder: Path, box: Mapping[str, str], way: str) -> tuple[Ended, int]:
    """The plan with the enterprise read this way, and how many calls it made."""
    write_rows(folder / "people.csv", WAYS[way]["kind"])
    (folder / "job.yaml").write_text(JOB.format(**box, **WAYS[way]), encoding="utf-8")
    ended = well(provision("plan", "job.yaml", "--quiet", "--json", folder=folder), 2)
    told = json.loads(ended.out)
    if told["directory"]["read"] != way:
        raise SystemExit(f"the enterprise was read by {told['directory']['read']}, not by {way}")
    return ended, told["api"]["requests"]


def text(users: int, plans: Mapping[str, tuple[Ended, int]]) -> str:
    """The result as Markdown."""
    lines = [
        [way, f"{ended.peak_mb:,.0f}", f"{ended.cpu:.1f}", f"{ended.seconds:.1f}", f"{calls:,}"]
        for way, (ended, calls) in plans.items()
    ]
    head = ["read by", "peak, MB:", "CPU, s:", "wall, s:", "calls:"]
    return f"# A partial roster of {ROWS:,} rows beside {users:,} users\n\n{table(head, lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--users", type=int, default=2_000_000))
    users = 1_200_000 if told.quick else told.users  # fewer are listed in any case
    with tempfile.TemporaryDirectory() as name, local_box("--users", str(users)) as box:
        plans = {way: planned(Path(name), box, way) for way in WAYS}
    found = [at_most(600, ended.peak_mb, f"peak {{:,.0f}} MB by {way}") for way, (ended, _) in plans.items()]
    keep(Part("partial", text(users, plans), {"partial": found}), quick=told.quick)


if __name__ == "__main__":
    main()
