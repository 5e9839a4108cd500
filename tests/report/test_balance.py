"""The totals balance, or the run fails."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.errors import OurFault
from provision.journal.value import Outcome
from provision.model import Kind, Status, Verdict
from provision.plan.value import Plan
from provision.report.reconciling.balance import balance
from provision.report.reconciling.reconcile import reconcile
from tests.examples import examples

from .builders import listing_after, outcome, person, plan_of

verdicts = st.lists(st.sampled_from([str(verdict) for verdict in Verdict]), min_size=1, max_size=25)
statuses = st.lists(st.sampled_from(Status), min_size=25, max_size=25)


def ended(plan: Plan, ends: list[Status]) -> dict[str, Outcome]:
    return {change.id: outcome(change, status) for change, status in zip(plan.changes, ends, strict=False)}


def somebody(words: list[str]) -> Plan:
    return plan_of(*(person(word, number) for number, word in enumerate(words, start=1)))


@examples(60)
@given(words=verdicts, ends=statuses)
def test_any_verdicts_with_any_outcomes_balance(words: list[str], ends: list[Status]) -> None:
    plan = somebody(words)
    outcomes = ended(plan, ends)

    totals = reconcile(plan, outcomes, listing_after(plan, outcomes)).totals

    held = words.count("held")
    assert totals.verdicts == dict(Counter(words))
    assert sum(totals.verdicts.values()) == totals.rows == totals.roster_rows + totals.without_row
    assert sum(totals.outcomes.values()) - held == sum(totals.planned.values()) == len(plan.changes)


@examples(60)
@given(words=verdicts, ends=statuses, at=st.integers(0, 24), copied=st.booleans())
def test_a_dropped_or_doubled_row_is_caught(
    words: list[str], ends: list[Status], at: int, copied: bool
) -> None:
    at %= len(words)
    plan = somebody(words)
    outcomes = ended(plan, ends)
    table = reconcile(plan, outcomes, None).table
    damaged = pd.concat([table, table.iloc[[at]]], ignore_index=True) if copied else table.drop(index=at)

    with pytest.raises(OurFault, match="does not balance"):
        balance(damaged, plan, outcomes, None)


@pytest.mark.parametrize(
    ("column", "cell", "complaint"),
    [
        ("verdict", "unchanged", "the plan has"),
        ("verdict", "removed", "is not a known one"),
        ("outcome", "", "without an outcome"),
        ("outcome", "fine", "is not a known one"),
        ("box_id", "", "in scope without a line"),
    ],
)
def test_a_changed_cell_is_caught(column: str, cell: str, complaint: str) -> None:
    plan = somebody(["update", "update", "delete"])
    outcomes = ended(plan, [Status.DONE] * 3)
    table = reconcile(plan, outcomes, None).table
    table.loc[1, column] = cell

    with pytest.raises(OurFault, match=complaint):
        balance(table, plan, outcomes, None)


@pytest.mark.parametrize(
    ("column", "complaint"),
    [("line", "1 roster row there more than once"), ("box_id", "1 account there more than once")],
)
def test_a_row_that_stands_in_for_another_is_caught(column: str, complaint: str) -> None:
    plan = somebody(["unchanged", "unchanged"])
    table = reconcile(plan, {}, None).table
    table.loc[1, column] = table.loc[0, column]

    with pytest.raises(OurFault, match=complaint):
        balance(table, plan, {}, None)


def test_account_in_scope_without_a_line_is_caught() -> None:
    plan = somebody(["unchanged"])
    table = reconcile(plan, {}, None).table

    with pytest.raises(OurFault, match="1 account in scope without a line"):
        balance(table, plan, {}, pd.Series(["20001", "777"], dtype="str"))


def test_line_about_nobody_is_caught() -> None:
    plan = somebody(["unchanged"])
    table = reconcile(plan, {}, None).table
    nobody = table.assign(line=0, box_id="", external_id="", login="")

    with pytest.raises(OurFault, match="about nobody"):
        balance(pd.concat([table, nobody], ignore_index=True), plan, {}, None)


def test_unbalanced_report_says_where_the_truth_is() -> None:
    plan = somebody([str(Kind.CREATE)])

    with pytest.raises(OurFault) as caught:
        balance(reconcile(plan, {}, None).table.head(0), plan, {}, None)

    assert str(caught.value).splitlines() == [
        "The reconciliation does not balance: 0 of 1 roster row accounted for.",
        "  usual cause: a fault of this program; what Box was asked to do is in the run's journal as it happened.",
        "  do: keep the run folder and report this; `provision verify` shows how Box differs from the roster now.",
    ]
