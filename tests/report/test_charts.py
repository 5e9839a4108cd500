"""Charts: what they count, what they leave out, and that each has its numbers in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provision.because import Because, joined, reason
from provision.model import Kind
from provision.report.chart_facts import (
    ABSENT,
    AHEAD,
    GONE,
    MOVING,
    ChartedRun,
    ChartFacts,
    past_run,
    stages_of,
)
from provision.report.page.charts import BARS, PARTS, Chart, charts_of
from provision.report.reconciling.reconcile import reconcile
from provision.report.value import Reconciliation, RunFacts

from .builders import outcomes_of, person, plan_of

NEVER = "2026-03-02T01:00:00+00:00"


def drawn(reconciliation: Reconciliation, facts: RunFacts) -> dict[str, Chart]:
    return {chart.id: chart for chart in charts_of(reconciliation, facts)}


def of_parts(*parts: str) -> Reconciliation:
    """One update for each of these parts of the people."""
    told = reconcile(plan_of(*(person("update", number) for number in range(len(parts)))), {}, None)
    changes = {at: replace(told.changes[at], segment=part) for at, part in enumerate(parts)}
    return replace(told, changes=changes)


def numbers(chart: Chart) -> list[tuple[str, int]]:
    return [(bar.label, bar.total) for bar in chart.bars]


def test_without_parts_changes_are_drawn_by_kind(facts: RunFacts) -> None:
    plan = plan_of(person("create", 1), person("update", 2), person("update", 3), person("unchanged", 4))

    chart = drawn(reconcile(plan, {}, None), facts)["by-kind"]

    assert numbers(chart) == [("Create", 1), ("Update", 2)]
    assert chart.sentence == "Of 3 people with a change, most by update: 2."
    assert (chart.bars[0].pieces[0].tone, chart.bars[1].pieces[0].tone) == ("good", "info")


def test_of_many_parts_the_largest_are_shown_and_the_rest_together(facts: RunFacts) -> None:
    told = of_parts("Sales", "Sales", *(f"Part {number:02}" for number in range(PARTS + 3)))

    chart = drawn(told, replace(facts, charts=ChartFacts(divided_by="tracking_codes.cost_center")))["by-part"]

    assert numbers(chart)[:2] == [("Sales", 2), ("Part 00", 1)]
    assert numbers(chart)[-1] == ("4 others", 4)
    assert chart.title == "Changes by kind and cost center"
    assert sum(count for _, count in numbers(chart)) == PARTS + 5


@pytest.mark.parametrize(
    ("because", "stage"),
    [
        (joined(Because.NOT_YET, reason(Because.ABSENT_SO_FAR, missed=1, needed=2)), ABSENT),
        (joined(Because.HAS_LEFT, Because.SAYS_INACTIVE, reason(Because.DUE, stage="delete", day="2026-04-01")), f"{AHEAD}delete"),
        (joined(Because.HAS_LEFT, Because.SAYS_INACTIVE, reason(Because.CONTENT_SENT, to="x", day="2026-04-01")), MOVING),
        (joined(Because.HAS_LEFT, Because.SAYS_INACTIVE, Because.NOTHING_MORE), GONE),
    ],
)  # fmt: skip
def test_who_leaves_later_is_told_by_what_is_waited_for(because: str, stage: str) -> None:
    plan = plan_of(person("unchanged", 1, reason=because), person("deactivate", 2), person("update", 3))

    assert stages_of(plan) == {stage: 1, "deactivate": 1}


def test_leavers_are_drawn_from_absence_to_the_end(facts: RunFacts) -> None:
    stages = {GONE: 4, "deactivate": 2, f"{AHEAD}delete": 3, ABSENT: 1, "delete": 1}

    chart = drawn(of_parts("", ""), replace(facts, charts=ChartFacts(stages=stages)))["leavers"]

    assert numbers(chart) == [
        ("Absent, not proven yet", 1), ("Deactivate, now", 2), ("Delete, now", 1), ("Left; next: delete", 3),
        ("Nothing more to do", 4),
    ]  # fmt: skip
    assert chart.sentence == "11 leavers; 3 of them have a step in this plan."


def test_calls_are_drawn_against_the_limit_and_long_runs_by_their_busiest_minutes(facts: RunFacts) -> None:
    plan = plan_of(person("update", 1))
    told, preview = reconcile(plan, outcomes_of(plan), None), reconcile(plan, {}, None)

    def of(*calls: int) -> dict[str, Chart]:
        return drawn(told, replace(facts, charts=ChartFacts(calls=calls, per_minute=1000)))

    assert numbers(of(10, 999, 5)["calls"]) == [("1", 10), ("2", 999), ("3", 5)]
    assert (of(10, 5)["calls"].limit, of(10, 5)["calls"].top) == (1000, 1000)
    assert "calls" not in of(10)
    long = of(*range(1, BARS * 2 + 2))["calls"]
    assert len(long.bars) <= BARS
    assert numbers(long)[0] == ("1 to 3", 3)
    assert numbers(long)[-1][1] == BARS * 2 + 1
    assert "calls" not in drawn(preview, replace(facts, charts=ChartFacts(calls=(1, 2, 3), per_minute=9)))


def test_the_last_runs_count_what_was_left_over_and_what_went_wrong(facts: RunFacts) -> None:
    plan = plan_of(person("update", 1))
    past = (
        ChartedRun(NEVER, "applied", done=3),
        past_run("2026-03-01T01:00:00+00:00", "held", {"done": 1, "held": 2, "failed": 1}),
    )

    def nights(told: Reconciliation, *runs: ChartedRun) -> Chart | None:
        return drawn(told, replace(facts, charts=ChartFacts(past=runs))).get("nights")

    preview = nights(reconcile(plan, {}, None), *past)
    assert preview is not None
    assert [[piece.count for piece in bar.pieces] for bar in preview.bars] == [[3, 0, 0], [1, 2, 1]]
    assert preview.sentence == "1 of 2 left nothing over; most was done on 2026-03-02 01:00."
    report = nights(reconcile(plan, outcomes_of(plan), None), *past)
    assert report is not None
    assert numbers(report)[2] == ("2026-03-02 01:00", 1)
    assert nights(reconcile(plan, {}, None), past[0]) is None


def test_every_kind_has_a_colour_and_a_chart_never_divides_by_nothing(facts: RunFacts) -> None:
    for kind in Kind:
        told = of_parts("")
        changes = {0: replace(told.changes[0], kind=kind)}
        assert drawn(replace(told, changes=changes), facts)["by-kind"].top == 1
    assert drawn(replace(of_parts(""), changes={}), facts).keys().isdisjoint({"by-kind", "by-part"})
