"""A few people beside a very large enterprise: memory of ``provision plan`` of a partial roster of 1,000 rows, 2,000,000 users.

    python benchmarks/partial.py [--users USERS] [--quick]

A whole process in a job that counts seats (``guards.seats``), and so has to list everybody; where the program may choose it looks
each of them up, which takes the memory of a small enterprise (joiners.py tells it). Half of the rows are people who are there
and keep what they have, half are new. Writes benchmarks/results/partial.md.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from commands import Ended, local_box, provision, well
from measure import Part, at_most, chosen, keep, table

ROWS = 1_000
JOB = """
version: 1
name: partial
box: {{base_url: {url}, auth: {{method: jwt, config_file: "{jwt_config}"}}}}
roster: {{path: people.csv, authority: partial, kind: managed}}
guards: {{creates: {{count: 1000000}}, seats: 100000000}}
apply: {{requests_per_minute: 1000000}}
state: sqlite:///provision.db
report: {{formats: [html, csv]}}
"""


def write_rows(folder: Path, box: Mapping[str, str], rows: int) -> None:
    """Half of the rows from the enterprise, by its first page, half new."""
    import requests

    asked = {"user_type": "managed", "limit": str(rows), "fields": "name,login,is_platform_access_only"}
    head = {"Authorization": f"Bearer {box['developer_token']}"}
    answer = requests.get(f"{box['url']}/2.0/users", params=asked, headers=head, timeout=60).json()
    managed = (each for each in answer["entries"] if not each["is_platform_access_only"])
    there = [("", each["login"], each["name"]) for each in islice(managed, rows // 2)]
    new = [
        (f"N{number}", f"new{number}@acme.example", f"New {number}") for number in range(rows - len(there))
    ]
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("external_id", "login", "name"), *there, *new])


def planned(folder: Path, box: Mapping[str, str]) -> tuple[Ended, int]:
    """The plan, and how many calls it made."""
    (folder / "job.yaml").write_text(JOB.format(**box), encoding="utf-8")
    ended = well(provision("plan", "job.yaml", "--quiet", "--json", folder=folder), 2, 3)
    told = json.loads(ended.out)
    if told["directory"]["read"] != "listing":
        raise SystemExit(f"the enterprise was read by {told['directory']['read']}")
    return ended, told["api"]["requests"]


def text(users: int, plan: Ended, calls: int) -> str:
    """The result as Markdown."""
    lines = [["peak, MB", f"{plan.peak_mb:,.0f}"], ["CPU, s", f"{plan.cpu:.1f}"]]
    lines += [["wall, s", f"{plan.seconds:.1f}"], ["calls", f"{calls:,}"]]
    head = f"# `provision plan` of a partial roster of {ROWS:,} rows beside {users:,} users"
    return f"{head}\n\n{table(['what', 'measured:'], lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--users", type=int, default=2_000_000))
    users = 5_000 if told.quick else told.users
    with tempfile.TemporaryDirectory() as name, local_box("--users", str(users)) as box:
        folder = Path(name)
        write_rows(folder, box, ROWS)
        plan, calls = planned(folder, box)
    found = {"partial": [at_most(600, plan.peak_mb, "peak {:,.0f} MB")]}
    keep(Part("partial", text(users, plan, calls), found), quick=told.quick)


if __name__ == "__main__":
    main()
