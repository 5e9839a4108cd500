"""Whether a night with little to do reads everybody twice: calls that prove 20 changes in a million users.

    python benchmarks/proof.py [--users USERS] [--quick]

A partial roster of 20 people, in a job that counts seats and so lists everybody for its plan. ``provision plan`` tells how many
calls that takes, ``provision run`` how many there are in all; what is more than the changes themselves is the proof. Writes
benchmarks/results/proof.md.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from commands import local_box, provision, well
from measure import Part, at_most, chosen, keep, table

CHANGES = 20
JOB = """
version: 1
name: few
box: {{base_url: {url}, auth: {{method: jwt, config_file: "{jwt_config}"}}}}
roster: {{path: roster.csv, authority: partial, kind: managed}}
scope: {{domains: [few.example]}}
guards: {{seats: 100000000}}
apply: {{requests_per_minute: 1000000}}
state: sqlite:///provision.db
report: {{formats: [csv]}}
"""


def calls(folder: Path, *command: str, code: int = 0) -> int:
    """How many calls a command made."""
    return int(
        json.loads(well(provision(*command, "--quiet", "--json", folder=folder), code).out)["api"]["requests"]
    )


def measured(folder: Path) -> dict[str, int]:
    """The calls of a plan, and of runs whose proof is the cheapest and the whole."""
    roster, rows = folder / "roster.csv", [f"E{at},j{at}@few.example,Joiner {at}" for at in range(CHANGES)]
    roster.write_text("\n".join(["external_id,login,name", *rows, ""]), encoding="utf-8")
    before = calls(folder, "plan", "job.yaml", code=2)
    singly = calls(folder, "run", "job.yaml", "--yes")
    roster.write_text(
        "\n".join(["external_id,login,name", *(f"{row} jun." for row in rows), ""]), encoding="utf-8"
    )
    whole = calls(
        folder, "run", "job.yaml", "--yes", "--prove", "listing", "--allow", f"mass_change={CHANGES}"
    )
    return {
        "plan": before,
        "proof": singly - before - CHANGES,
        "proof by a listing": whole - before - CHANGES,
    }


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--users", type=int, default=1_000_000))
    users = 100_000 if told.quick else told.users
    with tempfile.TemporaryDirectory() as name, local_box("--users", str(users)) as box:
        (Path(name) / "job.yaml").write_text(JOB.format(**box), encoding="utf-8")
        found = measured(Path(name))
    lines = [[what, f"{count:,}"] for what, count in found.items()]
    text = f"# Calls that prove {CHANGES} changes in {users:,} users\n\n{table(['what', 'calls:'], lines)}\n"
    keep(Part("proof", text, {"proof": [at_most(40, found["proof"], "{:.0f} calls")]}), quick=told.quick)


if __name__ == "__main__":
    main()
