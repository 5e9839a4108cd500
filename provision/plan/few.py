"""Only a few people of a roster: their plan is cut out of the one that knows of everybody. Pure.

So a person is decided as in a night of the whole roster: who else has the key, who manages whom, how many the guards count
against. What is not about these people is left out: no operation, no line, no absence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

import pandas as pd

from provision.batches import Batches, Held, joined
from provision.findings import Code, Finding, Level
from provision.plan.value import Plan, verdict_counts
from provision.wording import counted, shortened

#: what is noticed of everybody who is absent
_OF_ABSENCE = (Code.ABSENCE_NOT_COUNTED,)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Few:
    """Whom alone a plan is about: as they were ``asked`` for, and the ``lines`` of their rows, bad ones too. One line at least."""

    asked: tuple[str, ...]
    lines: tuple[int, ...]

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """These rows of a frame (with a column ``line``), with an index from 0."""
        return rows[rows["line"].isin(self.lines)].reset_index(drop=True)

    def among(self, batches: Batches) -> pd.DataFrame:
        """The same of batches; only they are in memory together."""
        return joined(self.of(rows) for rows in batches.each())

    def noted(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """What is about these people, or about no single row."""
        return tuple(
            each
            for each in findings
            if each.code not in _OF_ABSENCE and (not each.row or each.row in self.lines)
        )


def of_few(found: Mapping[int, _T], lines: pd.Series[int], few: Few | None) -> dict[int, _T]:
    """What was found by position in a people frame, of these people only; ``lines`` are those of the frame."""
    if few is None:
        return dict(found)
    wanted = set(few.lines)
    return {at: each for at, each in found.items() if int(lines.iloc[at]) in wanted}


def remarks_of_few(found: Iterable[Finding], few: Few | None) -> Iterator[Finding]:
    """Remarks on single people, each with its row, of these people only."""
    return (each for each in found if few is None or each.row in few.lines)


def cut_out(plan: Plan, few: Few) -> Plan:
    """The plan of these people alone. Its operations are theirs already; it counts as no accepted roster."""
    table = few.among(plan.people)
    said = Held(few.among(plan.said)) if plan.said is not None else None
    accounts = set(table["box_id"])
    return replace(
        plan,
        roster=replace(plan.roster, people=few.asked, lines=len(table)),
        verdicts=verdict_counts(table),
        people=Held(table),
        said=said,
        questions=tuple(each for each in plan.questions if each.line in few.lines),
        looks=tuple(each for each in plan.looks if each.box_id in accounts),
        findings=(*few.noted(plan.findings), *_needing(plan), _told(len(table))),
    )


def _needing(plan: Plan) -> Iterator[Finding]:
    """What cannot be done about these people before something is done about others, who were not asked for."""
    planned = {change.id for change in plan.changes}
    for change in plan.changes:
        if missing := [need for need in change.needs if need not in planned]:
            yield Finding(
                Code.PERSON_NEEDS,
                Level.WARNING,
                f"{change.kind.value} waits for {shortened(missing)}, which is about somebody who was not asked for",
                "name the others with a --person each, or run without --person",
                row=change.line,
                key=change.key,
            )


def _told(lines: int) -> Finding:
    rows = counted(lines, "row was", "rows were")
    return Finding(
        Code.ONLY_PEOPLE,
        Level.NOTE,
        f"only {rows} looked at, as asked (--person): nobody else was compared, and nobody's absence was judged",
        "for everybody: the same without --person",
    )
