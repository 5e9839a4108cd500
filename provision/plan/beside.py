"""One side of a comparison: rows of a frame in the order of the other side, a column at a time.

All columns at once would take as much memory again as both sides; a column is gathered, compared, and let go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import one_piece
from provision.plan.columns import Positions


@dataclass(frozen=True, slots=True)
class Side:
    """The rows of a frame of text that stand at these positions of it, none of which is -1, in this order."""

    frame: pd.DataFrame
    at: Positions

    @property
    def columns(self) -> pd.Index[str]:
        """The names of the columns."""
        return self.frame.columns

    def __getitem__(self, name: str) -> pd.Series[str]:
        """One column, with a new index."""
        column = self.frame[name]
        if len(self.at) == len(column) and bool((self.at == np.arange(len(column))).all()):
            return column.reset_index(drop=True)
        text, size = one_piece(column), len(self.at)
        cells = pa.repeat(text[0], size) if _all_the_same(text) else pc.take(text, pa.array(self.at))
        return pd.Series(pd.array(cells, dtype="str"))

    def part(self, names: Iterable[str], at: npt.NDArray[np.integer]) -> pd.DataFrame:
        """Some columns of a few rows, which are meant by their place on this side; with a new index."""
        rows: pd.DataFrame = self.frame[list(names)].iloc[self.at[at]]
        return rows.reset_index(drop=True)


def _all_the_same(text: pa.Array) -> bool:
    """Whether every cell is the same, as in many a column about people."""
    if not len(text) or text[0] != text[-1] or text[0] != text[len(text) // 2]:
        return False
    return bool(pc.all(pc.equal(text, text[0])).as_py())
