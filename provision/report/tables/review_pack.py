"""The access review pack as files: a workbook with a sheet a question, or one table of everybody as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from provision.errors import UsageError
from provision.report.tables.book import WorkbookFile
from provision.report.tables.tables import write_cells

#: columns of the table of everybody, in order; programs hold on to them
COLUMNS = (
    "login", "name", "kind", "role", "status", "external_id", "box_id", "standing", "since", "evidence", "decided by",
    "last word", "what comes next",
)  # fmt: skip
#: columns of the decisions, in order
DECISION_COLUMNS = ("at", "by", "what", "who", "run")


@dataclass(frozen=True, slots=True)
class ReviewPack:
    """Who has access.

    ``people``: one row an account of the enterprise, COLUMNS, text, "" for none; ``parts`` says by the name of a
    sheet which of them it has (bool, same index). ``decisions``: one row a decision, DECISION_COLUMNS. ``facts``: what the first
    sheet tells, in its order.
    """

    people: pd.DataFrame = field(repr=False)
    parts: Mapping[str, pd.Series]
    decisions: pd.DataFrame = field(repr=False)
    facts: tuple[tuple[str, str | int], ...]


def expect_form(path: Path) -> None:
    """Raise UsageError for a file of a kind that the pack is not written as."""
    if path.suffix.casefold() not in (".xlsx", ".csv"):
        raise UsageError(
            f"{path.name} has an ending that no pack is written as.", remedy="choose .xlsx or .csv"
        )


def write_pack(pack: ReviewPack, path: Path, form: str) -> None:
    """Write it as ``.xlsx``, or as ``.csv``, which has everybody and no other sheet. Text stays text: no cell is a formula.

    Raises:
        OSError: the file cannot be written.
    """
    if form == ".csv":
        write_cells(pack.people, path)
        return
    book = WorkbookFile(path.parent)
    book.add_facts("Summary", "Access review", pack.facts)
    book.add_table("Everybody", pack.people)
    for name, mine in pack.parts.items():
        book.add_table(name, pack.people[mine])
    book.add_table("Decisions", pack.decisions)
    book.write(path)
