"""The roster handed back: what a run says of each row that was sent, in the words of its reconciliation, and which cells are bad."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, NamedTuple

import pandas as pd

from provision.findings import Code, Finding, Level
from provision.frames import equals, records, written
from provision.model import SOURCE_LINES, Status, Verdict
from provision.report.kind_words import label
from provision.report.sentences.codes import meaning
from provision.report.value import OPERATION_KINDS, Mode, Reconciliation, RunFacts
from provision.report.words import ATTENTION
from provision.roster.mapping.template import PLACEHOLDER, named
from provision.roster.reading import Reading
from provision.wording import tidy

#: the columns behind those of the roster; programs may hold on to them
COLUMNS = ("result", "reason", "what to do")

#: of a row that is nobody's: blank, a header once more, a line below the report
_LEFT_OUT = "left out"
_NOT_LOOKED_AT = "not looked at"
_PLANNED = "planned"
_PLAN_AGAIN = "Plan again: provision plan JOB"


class RowRemark(NamedTuple):
    """What is said of one row: a text for each of COLUMNS, and how grave it is, None for a row that needs nobody."""

    result: str
    reason: str
    do: str
    level: Level | None = None

    @property
    def cells(self) -> tuple[str, str, str]:
        """The texts as they stand behind the row."""
        return (self.result, self.reason, self.do)


#: of a blank row nothing is said
NOTHING = RowRemark("", "", "")


@dataclass(frozen=True, slots=True)
class Remarks:
    """What a run says of the rows of one file: by line, and by line the findings on its cells.

    ``other`` is what is said of a row that is no person's.
    """

    rows: Mapping[int, RowRemark] = field(repr=False)
    found: Mapping[int, Sequence[Finding]] = field(repr=False)
    other: RowRemark

    def of(self, line: int, cells: Sequence[str]) -> RowRemark:
        """What is said of the row of that line."""
        if (known := self.rows.get(line)) is not None:
            return known
        if not any(map(str.strip, cells)):
            return NOTHING
        told = self.found.get(line)
        return self.other._replace(reason=_sentences(told)) if told else self.other


def remarks(reconciliation: Reconciliation, facts: RunFacts, source: int) -> Remarks:
    """What the run says of the rows of its roster's file, or of the one at that place among several sources."""
    table = reconciliation.table
    mine = table[((table["line"] > 0) & (table["line"] // SOURCE_LINES == source)).to_numpy()]
    found = _found(facts, source)
    asked = _what_to_do(mine, facts)
    lines = (mine["line"] % SOURCE_LINES).tolist()
    results = _results(mine, preview=reconciliation.mode is Mode.PREVIEW)
    rows = {
        line: RowRemark(result, reason, *asked.get(at, ("", None)))
        for at, line, result, reason in zip(mine.index, lines, results, mine["reason"], strict=True)
    }
    for line, told in found.items():
        if line in rows:
            rows[line] = _with(rows[line], told)
    few = bool(facts.roster.people)
    return Remarks(rows, found, RowRemark(_NOT_LOOKED_AT if few else _LEFT_OUT, "", ""))


def _results(table: pd.DataFrame, *, preview: bool) -> list[str]:
    """The verdict on each row with what became of it, as the reconciliation has them."""
    verdict, outcome = table["verdict"], table["outcome"]
    if preview:
        ahead = verdict.isin(OPERATION_KINDS) & equals(outcome, "")
        outcome = outcome.mask(ahead, _PLANNED)
    alone = equals(outcome, "") | (verdict == outcome)
    told = verdict.where(alone, verdict + ": " + outcome)
    return list(told.map({each: label(each) for each in told.unique()}))


def _found(facts: RunFacts, source: int) -> dict[int, list[Finding]]:
    """By row what was found in it; of more than a run tells one by one, those that it tells."""
    sources = facts.roster.sources
    path = sources[source].path if sources else facts.roster.path
    found: dict[int, list[Finding]] = {}
    for each in facts.findings.told:
        # what was noticed while the file was read names it without its folder
        if each.row and each.file in (path, PurePath(path).name, ""):
            found.setdefault(each.row, []).append(each)
    return found


def _with(row: RowRemark, found: Iterable[Finding]) -> RowRemark:
    """The remark with what was found in its row and is not in it yet."""
    others = [each for each in found if each.code is not Code.ROW_REJECTED]
    if not others:
        return row
    do = row.do or "; ".join(dict.fromkeys(each.do for each in others if each.do))
    warned = any(each.level is not Level.NOTE for each in others)
    level = row.level or (Level.WARNING if warned else None)
    # which row counts in its place says more than that another one does
    own = "" if any(each.code is Code.ROW_SUPERSEDED for each in others) else row.reason
    reason = "; ".join(filter(None, (own, _sentences(others))))
    return RowRemark(row.result, reason, do, level)


def _sentences(found: Iterable[Finding]) -> str:
    return "; ".join(dict.fromkeys(each.sentence for each in found))


def _what_to_do(table: pd.DataFrame, facts: RunFacts) -> dict[int, tuple[str, Level]]:
    """By position in the table what a person is to do about a row that needs one, and how grave that is."""
    outcomes = (Status.FAILED, Status.IN_DOUBT, Status.SKIPPED, Status.HELD, Status.WAITING)
    wanted = table["outcome"].isin([each.value for each in outcomes])
    wanted |= table["verdict"].isin((Verdict.REJECTED.value, Verdict.HELD.value))
    waits = table[wanted.to_numpy()]
    keys = written(waits)
    return {
        at: _one(row, str(key), facts) for at, key, row in zip(waits.index, keys, records(waits), strict=True)
    }


def _one(row: Mapping[Hashable, Any], key: str, facts: RunFacts) -> tuple[str, Level]:
    verdict, outcome = str(row["verdict"]), str(row["outcome"])
    if outcome in (Status.FAILED, Status.IN_DOUBT) or verdict == Verdict.REJECTED:
        said = meaning(str(row["error_code"]), int(row["http_status"]), verdict)
        means = said.means if outcome in (Status.FAILED, Status.IN_DOUBT) else ""
        return " ".join(filter(None, (means, said.remedy))), Level.ERROR
    if outcome == Status.SKIPPED:
        return _PLAN_AGAIN, Level.WARNING
    if outcome == Status.WAITING:
        return ATTENTION[Status.WAITING.value][1], Level.WARNING
    return _decide(key, facts), Level.WARNING


def _decide(key: str, facts: RunFacts) -> str:
    """Who decides about somebody who is held, and how."""
    for hold in facts.holds.told:
        if hold.key == key:
            how = hold.approve or "provision holds JOB"
            return f"{hold.owner} decides: {how}"
    return f"{ATTENTION[Status.HELD.value][1]} provision holds JOB"


def bad_cells(header: Sequence[str], reading: Reading | None, found: Iterable[Finding]) -> dict[int, Finding]:
    """The findings on cells of one row by the place of their column, from 0; the first of several on one cell."""
    cells: dict[int, Finding] = {}
    for each in found:
        for place in _places(header, reading, each.column):
            cells.setdefault(place, each)
    return cells


def _places(header: Sequence[str], reading: Reading | None, column: str) -> list[int]:
    """Where a column is that a finding names by its header, by a template over headers, or by its field."""
    folded = [tidy(each).casefold() for each in header]
    names = [column]
    names += [each.header for each in reading.columns if each.field == column] if reading else []
    for name in filter(None, names):
        parts = [named(inner, folded).header for inner in PLACEHOLDER.findall(name)]
        wanted = {tidy(part).casefold() for part in (name, *parts)}
        if places := [place for place, each in enumerate(folded) if each in wanted]:
            return places
    return []
