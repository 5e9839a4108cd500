"""Whole-column questions answered in Arrow: pandas asks element by element, which takes seconds at a million rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Positions = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]


def positions(wanted: pd.Series[str], keys: pd.Series[str]) -> Positions:
    """The first position among ``keys`` of each wanted key; -1 for "" and for what is not there."""
    found = pc.fill_null(pc.index_in(_text(wanted), value_set=_text(keys)), -1)
    return np.where((wanted == "").to_numpy(bool), -1, found.to_numpy(zero_copy_only=False)).astype(np.intp)


def among(column: pd.Series[str], wanted: pd.Series[str]) -> Mask:
    """Which cells occur in another column; "" never does."""
    return positions(column, wanted) >= 0


def repeated(keys: pd.Series[str]) -> pd.Series[str]:
    """The keys that are there more than once, "" left out."""
    return keys[(keys != "") & keys.duplicated()]


def taken(column: pd.Series[str], at: Positions) -> pd.Series[str]:
    """The cells at these positions, "" at -1; a new index."""
    cells = pc.take(_text(column), pa.array(at, mask=at < 0))
    return pd.Series(pd.array(pc.fill_null(cells, ""), dtype="str"))


def placed(values: pd.Series[str], at: Positions, size: int) -> pd.Series[str]:
    """A text column of that length with the values at these positions (none at -1) and "" elsewhere."""
    cells = np.full(size, "", dtype=object)
    cells[at[at >= 0]] = values.to_numpy(object)[at >= 0]
    return pd.Series(cells, dtype="str")


def _text(column: pd.Series[str]) -> Any:
    return pa.array(column, type=pa.large_string())
