"""A fingerprint of a listing: the same for the same users, whatever their order and however they come in batches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.box.accounts import COLUMNS
from provision.hashes import hashed_rows, mixed

#: two numbers (uint64) of some users; those of more users are the sum
Sums = npt.NDArray[np.uint64]

#: what makes the second number another one than the first
_SEEDS = (1, 2)


def summed(users: pd.DataFrame) -> Sums:
    """The sums over all listed cells (columns COLUMNS) of these users; a user's cells are mixed before they are added."""
    rows = hashed_rows((users[name] for name in COLUMNS), len(users))
    return np.array([mixed(rows, seed).sum() for seed in _SEEDS], np.uint64)


def nobody_summed() -> Sums:
    """The sums of no users at all."""
    return np.zeros(len(_SEEDS), np.uint64)


def fingerprint(sums: Sums) -> str:
    """The fingerprint of the users with these sums: 32 hexadecimal digits."""
    return "".join(f"{number:016x}" for number in sums.tolist())


def added(earlier: str, users: pd.DataFrame) -> str:
    """The fingerprint of the users with this one and of some more (columns COLUMNS)."""
    sums = np.array([int(earlier[:16], 16), int(earlier[16:], 16)], np.uint64)
    return fingerprint(sums + summed(users))
