"""Raw text to canonical cells, whole columns at a time: what needs no touch is not touched."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from provision.model import ATTRIBUTE, CLEAR, DATE_FIELDS
from provision.roster import canonical, dates
from provision.roster.columns import tidy_text
from provision.roster.finding import Finding, same


def normalise(frame: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Canonical cells, and a finding for each cell that means nothing.

    ``frame``: one column a roster field, dtype str, "" for empty. A cell that cannot be understood stays as it is.
    """
    columns: dict[str, pd.Series] = {}
    findings: list[Finding] = []
    for field in frame:
        column, wrong = _field(str(field), tidy_text(frame[field]))
        columns[str(field)] = column
        findings += wrong
    return pd.DataFrame(columns, index=frame.index), findings


def _field(field: str, column: pd.Series) -> tuple[pd.Series, list[Finding]]:
    cleared = column.str.lower() == CLEAR
    if not cleared.any():
        return _read(field, column)
    attribute = ATTRIBUTE.get(field)
    read, findings = _read(field, column.mask(cleared, ""))
    if attribute is not None and attribute.clearable:
        return read.mask(cleared, CLEAR), findings
    return read, [*findings, *same(field, cleared, f"{CLEAR}: {field} cannot be emptied")]


def _read(field: str, column: pd.Series) -> tuple[pd.Series, list[Finding]]:
    if field in DATE_FIELDS:
        order = dates.order_of(column.unique())
        return on_distinct(field, column, lambda cell: dates.iso(cell, order))
    by_name = {"kind": canonical.kind, "action": canonical.action}
    attribute = ATTRIBUTE.get(field)
    read = by_name.get(field) or (canonical.BY_SHAPE.get(attribute.shape) if attribute else None)
    return (column, []) if read is None else on_distinct(field, column, read)


def on_distinct(field: str, column: pd.Series, read: Callable[[str], str]) -> tuple[pd.Series, list[Finding]]:
    """Apply ``read`` once to each distinct cell that is not empty; a ValueError becomes a finding with its text."""
    codes, distinct = pd.factorize(column)
    wrong: dict[int, str] = {}
    cells: list[str] = []
    for code, cell in enumerate(distinct.tolist()):
        try:
            cells.append(read(cell) if cell else cell)
        except ValueError as error:
            cells.append(cell)
            wrong[code] = str(error)
    read_column = pd.Series(pd.array(cells, dtype="str").take(codes), index=column.index)
    rows = np.flatnonzero(np.isin(codes, list(wrong))).tolist() if wrong else []
    return read_column, [Finding(field, rows, [wrong[int(codes[row])] for row in rows])] if rows else []
