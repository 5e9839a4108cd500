"""One side of a comparison: rows of a frame in the order of the other side, a column at a time.

All columns at once would take as much memory again as both sides; a column is gathered, compared, and let go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.plan.columns import Positions, taken


@dataclass(frozen=True, slots=True)
class Side:
    """The rows of a frame of text that stand at these positions of it, none of which is -1, in this order."""

    frame: pd.DataFrame
    at: Positions

    def __len__(self) -> int:
        return len(self.at)

    @property
    def columns(self) -> pd.Index[str]:
        """The names of the columns."""
        return self.frame.columns

    def __getitem__(self, name: str) -> pd.Series[str]:
        """One column, with a new index."""
        return taken(self.frame[name], self.at)

    def part(self, names: Iterable[str], at: npt.NDArray[np.integer]) -> pd.DataFrame:
        """Some columns of a few rows, which are meant by their place on this side; with a new index."""
        rows: pd.DataFrame = self.frame[list(names)].iloc[self.at[at]]
        return rows.reset_index(drop=True)
