"""What is counted over all rows of a roster, bad ones too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import equals, may_hold, within
from provision.model import UserKind

#: a lost character (as � or ? within a word), or UTF-8 read as Windows-1252 on the way ("Ã©" for "é")
_SUSPICIOUS = "\ufffd|[ÃÂÐÑ][\u0080-\u00bf]|â€|\\pL\\?\\pL"


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Counts of some rows.

    ``rows``: how many there are. ``empty``: field → rows in which it is empty. ``suspicious``: cells with a character
    that was lost or read wrongly. ``managed``: rows of managed users, ``unnamed``: how many of them have no login.
    """

    rows: int
    empty: Mapping[str, int]
    suspicious: int
    managed: int
    unnamed: int


def tally(frame: pd.DataFrame, fields: Sequence[str]) -> RowCounts:
    """The counts of these columns, dtype str; ``kind`` and ``login`` are there whatever is asked for."""
    empty = {name: int(np.count_nonzero(equals(frame[name], ""))) for name in fields}
    managed = equals(frame["kind"], UserKind.MANAGED.value)
    unnamed = int(np.count_nonzero(managed & equals(frame["login"], "")))
    return RowCounts(len(frame), empty, _suspicious(frame, fields), int(np.count_nonzero(managed)), unnamed)


def summed(tallies: Sequence[RowCounts]) -> RowCounts:
    """The counts of several frames of the same columns as those of one; one at least."""
    empty = {name: sum(each.empty[name] for each in tallies) for name in tallies[0].empty}
    totals = (
        sum(getattr(each, name) for each in tallies) for name in ("rows", "suspicious", "managed", "unnamed")
    )
    rows, suspicious, managed, unnamed = totals
    return RowCounts(rows, empty, suspicious, managed, unnamed)


def _suspicious(frame: pd.DataFrame, fields: Iterable[str]) -> int:
    columns = (frame[name] for name in fields)
    maybe = (column for column in columns if may_hold(column, "?") or not within(column, "\0", "~"))
    return sum(pc.sum(pc.match_substring_regex(pa.array(text), _SUSPICIOUS)).as_py() or 0 for text in maybe)
