"""A night with much to do: ``provision plan`` of 100,000 creates as a whole process, the folder it leaves, and its reports again.

    python benchmarks/creates.py [--rows ROWS] [--quick]

The roster has 14 columns, the enterprise nobody but its administrators, so that the listing is one page. The plan is made with
the preview and the table as CSV, as a nightly job keeps them; then ``provision report`` writes all four formats from the folder. CPU of
the whole processes, start and imports included. Writes benchmarks/results/creates.md.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

from commands import Ended, local_box, provision, well
from measure import TIMES, Part, at_most, chosen, keep, table
from people import write_roster

JOB = """
version: 1
name: creates
box: {{base_url: {url}, auth: {{method: jwt, config_file: "{jwt_config}"}}}}
roster: {{path: people.csv, kind: managed}}
scope: {{domains: [acme.example]}}
guards: {{creates: {{count: 10000000}}}}
apply: {{requests_per_minute: 1000000}}
state: sqlite:///provision.db
report: {{formats: [html, csv]}}
"""
_FORMATS = "html,csv,xlsx,json"
#: what the job asks for beside the plan and its preview; their form is promised
_TABLES = ("reconciliation.csv", "operations.csv")


def planned(folder: Path, box: Mapping[str, str]) -> tuple[Ended, Path]:
    """The plan, and its run folder."""
    (folder / "job.yaml").write_text(JOB.format(**box), encoding="utf-8")
    ended = well(provision("plan", "job.yaml", "--quiet", "--json", folder=folder), 2)
    return ended, folder / json.loads(ended.out)["files"]["run_dir"]


def sizes_of(run: Path) -> dict[str, float]:
    """MB of each file of a run folder."""
    return {path.name: path.stat().st_size / 1e6 for path in sorted(run.iterdir()) if path.is_file()}


def text(rows: int, plan: Ended, report: Ended, sizes: Mapping[str, float]) -> str:
    """The result as Markdown."""
    lines = [["plan: CPU, s", f"{plan.cpu:.1f}"], ["plan: peak, MB", f"{plan.peak_mb:,.0f}"]]
    lines += [["run folder, MB", f"{sum(sizes.values()):.1f}"]]
    lines += [[f"{name}, MB", f"{size:.1f}"] for name, size in sizes.items() if size >= 0.05]
    lines += [["report in four formats: CPU, s", f"{report.cpu:.1f}"]]
    lines += [["report: peak, MB", f"{report.peak_mb:,.0f}"]]
    return f"# `provision plan` of {rows:,} creates\n\n{table(['what', 'measured:'], lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__, lambda parser: parser.add_argument("--rows", type=int, default=100_000))
    rows = 2_000 if told.quick else told.rows
    plans, reports = [], []
    with tempfile.TemporaryDirectory() as name, local_box() as box:
        folder = Path(name)
        write_roster(folder / "people.csv", rows)
        for _ in range(1 if told.quick else TIMES):
            plan, run = planned(folder, box)
            sizes = sizes_of(run)
            plans.append(plan)
            asked = ("report", str(run), "--format", _FORMATS, "--quiet")
            reports.append(well(provision(*asked, folder=folder)))
    plan, report = (min(each, key=lambda ended: ended.cpu) for each in (plans, reports))
    whole = sum(sizes.values())
    found = [
        at_most(6, plan.cpu, "plan {:.1f} s of CPU"),
        at_most(40, whole - sum(sizes[name] for name in _TABLES), "folder {:.0f} MB without the CSV tables"),
        at_most(40, whole, "{:.0f} MB with them"),
        at_most(15, report.cpu, "four reports {:.1f} s of CPU"),
    ]
    keep(Part("creates", text(rows, plan, report, sizes), {"creates": found}), quick=told.quick)


if __name__ == "__main__":
    main()
