"""What new people are to have from the start, made a column at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from provision.model import ADMIN, CLEAR
from provision.operations.value import FieldChange
from provision.plan.coadmins import ROLE
from provision.plan.diff.diff import code_columns, codes_of_rows, wanted_columns


def first_fields(rows: pd.DataFrame, apps: list[bool]) -> Iterator[tuple[FieldChange, ...]]:
    """What each of these people is to have from the start, as rows of people are: most columns say few things."""
    names, codes = wanted_columns(rows), code_columns(rows)
    columns: dict[str, list[str]] = {}
    # an app user's login is made by Box; Box ties external ids to app users, for others the ledger keeps them
    for key, theirs in (("external_id", True), ("login", False)):
        if theirs in apps:
            cells = rows[key].tolist()
            columns[key] = [cell if app is theirs else "" for cell, app in zip(cells, apps, strict=True)]
    columns |= {name: rows[name].tolist() for name in names}
    if ROLE in columns:
        columns[ROLE] = ["" if role == ADMIN else role for role in columns[ROLE]]
    columns["tracking_codes"] = codes_of_rows(rows[codes])
    made = (_said_first(name, cells) for name, cells in columns.items())
    return (tuple(filter(None, each)) for each in zip(*made, strict=True))


def _said_first(field: str, cells: list[str]) -> Iterable[FieldChange | None]:
    """What the cells of one column say, None for nothing; in a column that says few things alike cells are one value."""
    nothing, different = ("", CLEAR), {*cells}
    if 2 * len(different) > len(cells):  # to look each of them up takes longer than to make it
        return [None if cell in nothing else FieldChange(field, "", cell) for cell in cells]
    said = {cell: FieldChange(field, "", cell) for cell in different.difference(nothing)}
    return map(said.get, cells)
