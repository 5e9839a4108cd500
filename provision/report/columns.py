"""Whole-column questions that pandas answers element by element, answered in Arrow: seconds become tenths at a million rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow.compute as pc

from provision.frames import arrow


def among(column: pd.Series | pd.Index, wanted: pd.Series | pd.Index) -> pd.Series:
    """Which cells of a text column occur in another one (bool, same index; an Index gets positions)."""
    found = pc.is_in(arrow(column), value_set=arrow(wanted))
    return _answer(found, column)


def matching(column: pd.Series, pattern: str) -> pd.Series:
    """Which cells of a text column a regular expression of RE2 finds (bool, same index)."""
    return _answer(pc.match_substring_regex(arrow(column), pattern), column)


def found_in(column: pd.Series, pattern: str) -> bool:
    """Whether a regular expression of RE2 finds any cell of a text column."""
    return bool(pc.any(pc.match_substring_regex(arrow(column), pattern)).as_py())


def replaced(column: pd.Series, pattern: str, by: str) -> pd.Series:
    """A text column with all that a regular expression of RE2 finds replaced, groups named by backslash and number (same index)."""
    found = pc.replace_substring_regex(arrow(column), pattern, by)
    return pd.Series(found.to_numpy(zero_copy_only=False), index=column.index, dtype="str", name=column.name)


def _answer(found: Any, column: pd.Series | pd.Index) -> pd.Series:
    index = column.index if isinstance(column, pd.Series) else None
    return pd.Series(found.to_numpy(zero_copy_only=False), index=index, dtype=bool)
