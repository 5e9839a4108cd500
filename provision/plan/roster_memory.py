"""What the roster says of everybody, for the ledger: the next night tells HR's changes from Box's by it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.hashes import Hashes
from provision.keyed import FingerprintKey
from provision.ledger.roster_values import AS_BEFORE
from provision.plan.diff.diff import code_columns, wanted_columns
from provision.plan.diff.fingerprints import marks
from provision.plan.halves import Parts
from provision.plan.situations import Situations


def fingerprints(rows: pd.DataFrame, job: str, key: FingerprintKey | None) -> dict[str, Hashes]:
    """What valid rows say: a column of fingerprints an attribute and tracking code; none without a key."""
    if key is None:
        return {}
    return {name: marks(job, name, rows[name], key) for name in (*wanted_columns(rows), *code_columns(rows))}


def recorded(people: Situations, changes: Mapping[int, Parts], said: dict[str, Hashes]) -> pd.DataFrame:
    """What the valid rows say: ``line`` (int64) and a column of fingerprints (uint64) an attribute and tracking code.

    AS_BEFORE stands where Box differs and the plan does not write it: protected, held, leaving, not told, contested, and the like. What a
    policy left as it is in Box says the same as before anyway. ``said``: their :func:`fingerprints`, written into.
    """
    codes = code_columns(people.rows)
    left = pd.concat([people.untold[["at", "field"]], people.contested[["at", "field"]]])
    unsaid = ((group["at"].to_numpy(), str(field)) for field, group in left.groupby("field"))
    for places, field in (*_unwritten(people.cells, changes), *unsaid):
        for name in codes if field == "tracking_codes" else [field]:
            if name in said:  # who comes back is activated, though no column says so
                said[name][places] = AS_BEFORE
    valid = (people.rows["reason"] == "").to_numpy(bool)
    columns = {"line": people.rows["line"].to_numpy()[valid], **said}
    return pd.DataFrame(columns, copy=False)  # a copy of all of it would be seen in the peak of memory


def _unwritten(cells: pd.DataFrame, changes: Mapping[int, Parts]) -> list[tuple[npt.NDArray[np.int64], str]]:
    """Positions of cells that differ and are in no operation, field by field."""
    planned: dict[str, list[int]] = {}
    for at in cells["at"].unique().tolist():  # of a create no cell differs, however many it sets
        for each in (each for part in changes.get(at, ()) for each in part.fields):
            planned.setdefault(each.field, []).append(at)
    found = []
    for field, group in cells.groupby("field"):
        places = group["at"].to_numpy()
        found.append((places[~np.isin(places, planned.get(str(field), []))], str(field)))
    return found
