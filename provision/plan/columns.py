"""Whole-column questions answered in Arrow: pandas asks element by element, which takes seconds at a million rows."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import arrow

Positions = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

#: so many times as many keys as wanted ones are too many to be put into a table
_FEW = 4


def positions(wanted: pd.Series[str], keys: pd.Series[str]) -> Positions:
    """The first position among ``keys`` of each wanted key; -1 for "" and for what is not there."""
    asked, known = arrow(wanted), arrow(keys)
    filled = np.flatnonzero(pc.not_equal(known, ""))
    if len(asked) * _FEW < len(filled):  # look the many up in the few first: the table of hashes stays small
        filled = filled[np.asarray(pc.is_in(known.take(pa.array(filled)), value_set=asked))]
    if not len(filled):
        return np.full(len(asked), -1, np.intp)
    there = known if len(filled) == len(known) else known.take(pa.array(filled))
    place = pc.fill_null(pc.index_in(asked, value_set=there), -1).to_numpy(zero_copy_only=False)
    return np.where(place < 0, -1, filled[place]).astype(np.intp)


def among(column: pd.Series[str], wanted: pd.Series[str]) -> Mask:
    """Which cells occur in another column; "" never does."""
    asked = arrow(wanted)
    filled = asked.filter(pc.not_equal(asked, ""))
    if not len(filled):
        return np.zeros(len(column), np.bool_)
    return np.asarray(pc.is_in(arrow(column), value_set=filled), dtype=np.bool_)


def repeated(keys: pd.Series[str]) -> pd.Series[str]:
    """The keys that are there more than once, "" left out."""
    filled = keys[keys != ""]
    return filled[filled.duplicated()]


def marked(at: npt.NDArray[np.integer], size: int) -> Mask:
    """A mask of that length, true at these positions; -1 is none."""
    mask = np.zeros(size, dtype=bool)
    mask[at[at >= 0]] = True
    return mask


def taken(column: pd.Series[str], at: Positions) -> pd.Series[str]:
    """The cells at these positions, "" at -1; a new index."""
    cells = pc.take(arrow(column), pa.array(at, mask=at < 0))
    return pd.Series(pd.array(pc.fill_null(cells, ""), dtype="str"))


def placed(values: pd.Series[str], at: Positions, size: int) -> pd.Series[str]:
    """A text column of that length with the values at these positions (none at -1) and "" elsewhere."""
    source = np.full(size, -1, np.intp)
    source[at[at >= 0]] = np.flatnonzero(at >= 0)
    return taken(values, source)
