"""What the roster says of everybody, for the ledger: the next night tells HR's changes from Box's by it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.ledger.said import AS_BEFORE
from provision.plan.diff import code_columns, wanted_columns
from provision.plan.marks import marks
from provision.plan.people import People
from provision.plan.value import Change


def recorded(people: People, changes: Mapping[int, Change], job: str) -> pd.DataFrame:
    """What the valid rows say: ``line`` (int64) and a column of fingerprints (uint64) an attribute and tracking code.

    AS_BEFORE stands where Box differs and the plan does not write it: protected, held, leaving, and the like. What a
    policy left as it is in Box says the same as before anyway.
    """
    rows = people.rows[people.rows["reason"] == ""]
    names = [*wanted_columns(rows), *code_columns(rows)]
    said = {name: marks(job, name, rows[name]) for name in names}
    for places, field in _unwritten(people.cells, changes):
        for name in code_columns(rows) if field == "tracking_codes" else [field]:
            if name in said:  # who comes back is activated, though no column says so
                said[name][places] = AS_BEFORE
    return pd.DataFrame({"line": rows["line"].to_numpy(), **said})


def _unwritten(cells: pd.DataFrame, changes: Mapping[int, Change]) -> list[tuple[npt.NDArray[np.int64], str]]:
    """Positions of cells that differ and are in no operation, field by field."""
    planned: dict[str, list[int]] = {}
    for at, change in changes.items():
        for each in change.fields:
            planned.setdefault(each.field, []).append(at)
    found = []
    for field, group in cells.groupby("field"):
        places = group["at"].to_numpy()
        found.append((places[~np.isin(places, planned.get(str(field), []))], str(field)))
    return found
