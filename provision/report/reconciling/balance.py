"""The balance: every roster row and every account in scope exactly once, every planned operation with one outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd
import pyarrow.compute as pc

from provision.errors import OurFault
from provision.frames import arrow, equals
from provision.journal.value import Outcome
from provision.model import Kind, Status, Verdict
from provision.operations.value import wholes
from provision.plan.guards.approvals import decisions
from provision.plan.value import Plan
from provision.report.columns import among
from provision.report.kind_words import label
from provision.report.value import OPERATION_KINDS, Totals
from provision.wording import counted


def balance(
    table: pd.DataFrame, plan: Plan, outcomes: Mapping[str, Outcome], in_scope: pd.Series | None
) -> Totals:
    """The totals of a reconciliation's table, once they are proven to balance.

    ``outcomes`` are those of the plan's operations, by id; those of a preview only tell what will wait. ``in_scope`` are the ids of the accounts in scope by a fresh listing, None without one.

    Raises:
        OurFault: a row is missing or there twice, a verdict or an outcome is unknown, or operations do not add up.
    """
    _expect_each_row_once(table, plan)
    _expect_each_account_once(table, plan, in_scope)
    _expect_known_words(table)
    appeared = _appeared(table, plan)
    _expect_planned_verdicts(table["verdict"][~appeared] if appeared.any() else table["verdict"], plan)
    _expect_operations(table, plan)
    _expect_outcomes(table, plan, outcomes)
    return _totals(table, plan, outcomes, int(appeared.sum()))


def statement(totals: Totals, *, preview: bool = False) -> str:
    """The balance in words, as a person would check it. A ``preview`` has no outcomes to count but what will be held."""
    lines = f"{counted(totals.roster_rows, 'roster row')} + {counted(totals.without_row, 'account')} without a row"
    text = f"{lines} = {counted(totals.rows, 'line')}; {_sum(totals.verdicts)} = {totals.rows:,}."
    operations = sum(totals.planned.values())
    if preview or not operations or not totals.outcomes:
        return text
    return f"{text} Of {counted(operations, 'operation')}: {_sum(totals.of_operations)} = {operations:,}."


def _sum(counts: Mapping[str, int]) -> str:
    return " + ".join(f"{count:,} {label(name)}" for name, count in counts.items() if count)


def _expect_each_row_once(table: pd.DataFrame, plan: Plan) -> None:
    lines = table["line"][table["line"] > 0]
    if twice := int(lines.duplicated().sum()):
        raise _unbalanced(f"{counted(twice, 'roster row')} there more than once")
    if len(lines) != plan.roster.planned:
        raise _unbalanced(f"{len(lines):,} of {counted(plan.roster.planned, 'roster row')} accounted for")


def _expect_each_account_once(table: pd.DataFrame, plan: Plan, in_scope: pd.Series | None) -> None:
    ids = table["box_id"][~equals(table["box_id"], "")]
    if twice := int(ids.duplicated().sum()):
        raise _unbalanced(f"{counted(twice, 'account')} there more than once")
    planned = plan.table["box_id"]
    wanted = planned[~equals(planned, "")]
    wanted = wanted if in_scope is None else pd.concat([wanted, in_scope])
    if missing := wanted[~among(wanted, ids)].nunique():
        raise _unbalanced(f"{counted(missing, 'account')} in scope without a line")


def _expect_known_words(table: pd.DataFrame) -> None:
    nobody = (table["line"] == 0).to_numpy()
    for key in ("box_id", "external_id", "login"):
        nobody = nobody & equals(table[key], "")
    if nobody.any():
        raise _unbalanced(f"{counted(int(nobody.sum()), 'line')} about nobody")
    for column, words in (("verdict", Verdict), ("outcome", ["", *Status])):
        strange = set(table[column].unique()) - {str(word) for word in words}
        if strange:
            raise _unbalanced(f"the {column} {', '.join(sorted(map(str, strange)))} is not a known one")


def _appeared(table: pd.DataFrame, plan: Plan) -> pd.Series:
    """Which lines are about accounts that came up after the plan was made."""
    fresh = (table["line"] == 0) & ~among(table["box_id"], plan.table["box_id"])
    return fresh & equals(table["verdict"], Verdict.UNOWNED.value)


def _expect_planned_verdicts(known: pd.Series[str], plan: Plan) -> None:
    counted, planned = _counts(known), _counts(plan.table["verdict"])
    if counted != planned:
        raise _unbalanced(f"the plan has {_sum(planned)}, the reconciliation {_sum(counted)}")


def _expect_operations(table: pd.DataFrame, plan: Plan) -> None:
    """Whether the lines with an operation are those of the operations that stand on their own."""
    lines = _counts(table.loc[table["verdict"].isin(OPERATION_KINDS), "verdict"])
    firsts: dict[str | int, Kind] = {}
    for change in wholes(plan.changes):  # of somebody with several, the line tells the first
        if change.of_nobody:
            continue
        firsts.setdefault(change.box_id or change.line, change.kind)
    planned = dict(sorted(Counter(kind.value for kind in firsts.values()).items()))
    if lines != planned:
        raise _unbalanced(f"{_sum(planned)} planned, but the lines say {_sum(lines)}")


def _expect_outcomes(table: pd.DataFrame, plan: Plan, outcomes: Mapping[str, Outcome]) -> None:
    if {outcome.status for outcome in outcomes.values()} <= {Status.HELD}:
        return  # a preview, which only knows what will wait for a person
    silent = table["verdict"].isin(OPERATION_KINDS) & (table["outcome"] == "")
    if silent.any():
        raise _unbalanced(f"{counted(int(silent.sum()), 'line')} with an operation and without an outcome")
    if without := sum(change.id not in outcomes for change in plan.changes):
        raise _unbalanced(f"{counted(without, 'operation')} without an outcome")


def _counts(words: pd.Series) -> dict[str, int]:
    counts = pc.value_counts(arrow(words))
    found = dict(zip(counts.field("values").to_pylist(), counts.field("counts").to_pylist(), strict=True))
    return dict(sorted(found.items()))


def _totals(table: pd.DataFrame, plan: Plan, outcomes: Mapping[str, Outcome], appeared: int) -> Totals:
    with_row = int((table["line"] > 0).sum())
    verdicts = _counts(table["verdict"])
    ended = Counter(outcome.status for outcome in outcomes.values())
    decided = int(decisions(plan.table).sum())
    ended[Status.HELD] += decided
    return Totals(
        rows=len(table),
        roster_rows=with_row,
        without_row=len(table) - with_row,
        appeared=appeared,
        verdicts={word.value: verdicts[word] for word in Verdict if word in verdicts},
        planned=plan.counts,
        outcomes={word.value: ended[word] for word in Status if ended[word]},
        decisions=decided,
    )


def _unbalanced(what: str) -> OurFault:
    return OurFault(
        f"The reconciliation does not balance: {what}.",
        cause="a fault of this program; what Box was asked to do is in the run's journal as it happened.",
        remedy="keep the run folder and report this; `provision verify` shows how Box differs from the roster now.",
    )
