"""The one table: every goal, what was measured last, met or not, and if not why and what comes next; and its plot.

    python benchmarks/goals.py [--quick]

Measures nothing: it puts together what the other scripts have left in benchmarks/results, and says of each when that was.
The words for a goal that is not met stand in benchmarks/reasons.toml. Writes results/goals.md and results/goals.png.
"""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import HERE, Measure, chosen, results, table

#: beyond this share of what is allowed a bar of the plot is cut off
_CUT = 3.0


@dataclass(frozen=True, slots=True)
class Goal:
    """One line of the table: the key under which its numbers are kept, what it is about, what is asked."""

    key: str
    what: str
    asked: str


GOALS = (
    Goal(
        "limit",
        "creates, updates and deletes under a sliding-window limit, 150 ms and 600 ms a call",
        "≥ 97 % of the steady limit, ≤ 0.5 % of calls answered 429",
    ),
    Goal("two", "the same with two processes that share the budget", "≥ 95 % together, ≤ 1 % 429"),
    Goal(
        "machines",
        "eight processes that share it through a ledger on PostgreSQL",
        "≥ 95 % together, ≤ 1 % 429",
    ),
    Goal(
        "short window",
        "1,200 creates at 150 ms under a window of 200 calls in 10 s, the job at 1,200 a minute, one stray 429",
        "≥ 96 % of the limit, ≤ 0.5 % 429",
    ),
    Goal(
        "another client",
        "12,000 creates beside another client that takes a third of the limit, coming and going each minute",
        "≥ 93 % of what is left, ≤ 1 % 429",
    ),
    Goal(
        "windows",
        "windows of 1 s, 10 s and 60 s with the same average; a token bucket; limits told by Retry-After only",
        "≥ 95 % on each",
    ),
    Goal("loop", "against a plain sequential boxsdk loop, 300 ms, 1,000 a minute", "≥ 4.5 times faster"),
    Goal(
        "rows",
        "read, normalise, check, correlate, diff: 1,000,000 rows against 1,000,000 users, 3 % changed",
        "≤ 10 times the bare pandas read (pyarrow) of the same file, ≤ 2 GB peak",
    ),
    Goal("diff", "the diff alone at 1,000,000", "faster than every peer; ≥ 7 times datacompy on pandas"),
    Goal(
        "decode",
        "decode 1,000 listing pages of 1,000 users into columns",
        "≤ 1.2 times orjson's bare parse, ≥ 20 times faster than the SDK's objects, ≤ 450 MB kept",
    ),
    Goal("excel", "Excel, 100,000 rows × 14", "≤ 2 times fastexcel's bare read"),
    Goal(
        "joiners",
        "30 joiners into 200,000 users, partial roster, 300 ms a call; whole process",
        "≤ 15 s, ≤ 100 calls (look, write, proof)",
    ),
    Goal(
        "listing",
        "listing at 300 ms a page: 10,000 users side by side; 200,000 by marker",
        "≤ 0.3 of the time one after the other; ≤ 1.05 × pages × latency",
    ),
    Goal(
        "sockets",
        "`provision plan` of 300,000 over sockets, whole process, beside a bare client that fetches and reads the same",
        "≤ 2 times its CPU",
    ),
    Goal(
        "partial",
        "a partial roster of 1,000 rows beside 2,000,000 users",
        "peak ≤ 600 MB",
    ),
    Goal(
        "proof",
        "proof after a run of 20 changes in 1,000,000 users",
        "≤ 40 calls",
    ),
    Goal(
        "unchanged",
        "`provision plan` of an unchanged enterprise of 1,000,000",
        "peak ≤ 2 GB; plan.json small (≤ 0.1 MB)",
    ),
    Goal(
        "creates",
        "`provision plan` of 100,000 creates, and its report in four formats; whole processes",
        "≤ 6 s of CPU, run folder ≤ 40 MB; report ≤ 15 s of CPU",
    ),
    Goal(
        "ten million",
        "plan of 10,000,000 against 10,000,000 from disk, one process",
        "≤ 4 GB, ≤ 3 minutes without the listing",
    ),
    Goal(
        "fleet",
        "a fleet: its cost beside the run of an enterprise; 16 enterprises of 20 s latency each on 2, 4, 8 workers",
        "≤ 0.5 s of CPU an enterprise; ≤ 1.15 times linear",
    ),
    Goal("journal", "journal: begin and end of each operation, durable", "≥ 2,500 operations a second"),
    Goal("growth", "growth from 10,000 to 1,000,000 rows", "linear within 20 %"),
    Goal("cpu", "CPU a call of our own, without the SDK's", "≤ 1 ms"),
    Goal("start", "start-up of whole processes", "`--help` ≤ 0.3 s, `check` of 10,000 rows ≤ 0.4 s, of CPU"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """The numbers of one goal, and the day they are of."""

    measures: tuple[Measure, ...]
    on: str

    @property
    def met(self) -> bool:
        """Whether all of the goal is met."""
        return all(measure.met for measure in self.measures)


def found_in(folder: Path) -> dict[str, Found]:
    """What all parts have left, by goal; of two that tell of one goal the later file by name."""
    told: dict[str, Found] = {}
    for path in sorted(folder.glob("*.json")):
        part = json.loads(path.read_text(encoding="utf-8"))
        for key, measures in part["found"].items():
            told[key] = Found(tuple(Measure(**measure) for measure in measures), part["on"])
    return told


def text(found: Mapping[str, Found], reasons: Mapping[str, str]) -> str:
    """The table as Markdown."""
    lines = [_line(goal, found.get(goal.key), reasons.get(goal.key, "")) for goal in GOALS]
    met = sum(found[goal.key].met for goal in GOALS if goal.key in found)
    return "\n".join(
        [
            "# Goals",
            "",
            f"{met} of {len(GOALS)} met. Ratios are of sides that ran in turns on one machine; they carry over to others, seconds do",
            "not. Where a goal is measured in several ways, the worst counts.",
            "",
            table(["what", "goal", "measured", "met", "on", "if not: why, and what comes next"], lines),
            "",
            "![How much of what each goal allows is used](goals.png)",
            "",
        ]
    )


def _line(goal: Goal, found: Found | None, reason: str) -> list[str]:
    if found is None:
        return [goal.what, goal.asked, "not measured yet", "", "", reason]
    measured = "; ".join(measure.text for measure in found.measures)
    return [
        *(goal.what, goal.asked, measured, "yes" if found.met else "**no**", found.on),
        "" if found.met else reason,
    ]


def plot(found: Mapping[str, Found], path: Path) -> None:
    """How much of what each goal allows is used, a bar a number: up to the line it is met."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    bars = [
        (f"{goal.key}: {measure.text}", measure)
        for goal in GOALS
        if goal.key in found
        for measure in found[goal.key].measures
    ]
    figure, axes = plt.subplots(figsize=(10, 0.34 * len(bars) + 1.2), layout="constrained")
    shares = [min(measure.share, _CUT) for _, measure in bars]
    colours = ["#2f7d5b" if measure.met else "#c2462e" for _, measure in bars]
    axes.barh(range(len(bars)), shares, color=colours, height=0.65)
    for place, (_, measure) in enumerate(bars):
        cut = " →" if measure.share > _CUT else ""
        axes.text(shares[place] + 0.02, place, f"{measure.share:.2f}{cut}", va="center", fontsize=8)
    axes.axvline(1, color="black", linewidth=1)
    axes.set_yticks(range(len(bars)), [name for name, _ in bars], fontsize=8)
    axes.set_xlim(0, _CUT * 1.1)
    axes.set_xlabel("share of what the goal allows (left of the line: met)")
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(path, dpi=130, metadata={"Software": None})


def reasons_in(path: Path) -> dict[str, str]:
    """By goal why it is not met and what comes next, each on one line."""
    told: Mapping[str, str] = tomllib.loads(path.read_text(encoding="utf-8"))
    return {key: " ".join(words.split()) for key, words in told.items()}


def without_reason(found: Mapping[str, Found], reasons: Mapping[str, str]) -> Sequence[str]:
    """The goals that are measured and not met, and of which nobody has said why."""
    return [key for key, one in found.items() if not one.met and not reasons.get(key)]


def main() -> None:
    """Put together, print and write down."""
    told = chosen(__doc__)
    folder = results(quick=told.quick)
    found, reasons = found_in(folder), reasons_in(HERE / "reasons.toml")
    result = text(found, reasons)
    (folder / "goals.md").write_text(result, encoding="utf-8")
    plot(found, folder / "goals.png")
    sys.stdout.write(result)
    if silent := without_reason(found, reasons):
        sys.stderr.write(f"not met, and no reason in reasons.toml: {', '.join(silent)}\n")


if __name__ == "__main__":
    main()
