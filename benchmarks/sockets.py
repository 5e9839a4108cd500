"""A night over sockets: ``provision plan`` of 300,000 as a whole process, beside a bare client that fetches and reads the same.

    python benchmarks/sockets.py [--users USERS] [--quick]

A local Box in a process of its own invents the users, and ``provision export`` writes them as the roster, so that nothing is to be
done. The bare client is a process, too: it fetches the same pages with requests, one after the other, parses each with json,
keeps the objects, and reads the file with csv; it compares nothing and writes nothing. CPU of both processes, start and imports
included, in turns, the least of some of each. Writes benchmarks/results/sockets.md.
"""

from __future__ import annotations

import csv
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from commands import Ended, exported, local_box, planned, script, unchanged_job, well
from measure import TIMES, Part, at_most, chosen, keep, table

#: what is written of everybody beside the plan
FORMATS = ("csv", "html")


def bare(told: str, path: str) -> None:
    """The client; started by :func:`main`, and ends without a word."""
    import requests

    box, session = json.loads(told), requests.Session()
    session.headers["Authorization"] = f"Bearer {box['developer_token']}"
    asked = {"user_type": "managed", "usemarker": "true", "limit": "1000", "fields": box["fields"]}
    users = []
    while asked.get("marker", "first"):
        page = json.loads(session.get(f"{box['url']}/2.0/users", params=asked, timeout=60).content)
        users += page["entries"]
        asked["marker"] = page["next_marker"] or ""
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    if len(rows) != int(box["rows"]) or len(users) < len(rows):
        raise SystemExit(f"{len(rows):,} rows and {len(users):,} users were read")


def rows_of(roster: Path) -> int:
    """How many people a roster has."""
    with roster.open(newline="", encoding="utf-8-sig") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def measured(users: int, times: int) -> dict[str, list[Ended]]:
    """All sides, in turns."""
    from provision.box import accounts

    sides: dict[str, list[Ended]] = {"bare client": [], **{each: [] for each in FORMATS}}
    with tempfile.TemporaryDirectory() as name, local_box("--users", str(users)) as box:
        folder = Path(name)
        told = {key: box[key] for key in ("url", "developer_token")} | {"fields": ",".join(accounts.FIELDS)}
        unchanged_job(folder, box)
        exported(folder)
        told["rows"] = str(rows_of(folder / "people.csv"))
        for _ in range(times):
            client = script("sockets.py", "--bare", json.dumps(told), str(folder / "people.csv"))
            sides["bare client"].append(well(client))
            for formats in FORMATS:
                unchanged_job(folder, box, formats)
                sides[formats].append(planned(folder))
    return sides


def text(users: int, best: Mapping[str, Ended]) -> str:
    """The result as Markdown."""
    base = best["bare client"]
    lines = [
        [
            side if side == "bare client" else f"`provision plan`, report as {side}",
            *(
                f"{ended.cpu:.1f}",
                f"{ended.cpu / base.cpu:.2f}",
                f"{ended.seconds:.1f}",
                f"{ended.peak_mb:,.0f}",
            ),
        ]
        for side, ended in best.items()
    ]
    head = ["side", "CPU, s:", "times the client's:", "wall, s:", "peak, MB:"]
    return f"# `provision plan` of {users:,} users over sockets\n\n{table(head, lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    if sys.argv[1:2] == ["--bare"]:
        bare(*sys.argv[2:])
        return
    told = chosen(__doc__, lambda parser: parser.add_argument("--users", type=int, default=300_000))
    users = 3_000 if told.quick else told.users
    sides = measured(users, 1 if told.quick else TIMES)
    best = {side: min(each, key=lambda ended: ended.cpu) for side, each in sides.items()}
    ratio = max(best[formats].cpu for formats in FORMATS) / best["bare client"].cpu
    found = {"sockets": [at_most(2, ratio, "{:.1f} times the bare client's CPU")]}
    keep(Part("sockets", text(users, best), found), quick=told.quick)


if __name__ == "__main__":
    main()
