"""Findings on single people of a plan: what somebody should know of a row, though nothing is wrong enough to reject it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from provision.findings import Code, Finding, Level
from provision.model import PersonKey
from provision.plan.columns import Mask
from provision.roster.value import Roster
from provision.wording import counted

#: of one kind so many people are named; of the others it is said how many they are
MOST = 1_000

_Cells = Mapping[Hashable, Any]


def remarks_on_people(frame: pd.DataFrame, roster: Roster) -> Iterator[Finding]:
    """What is to be told of the people of a frame (see :class:`provision.plan.situations.Situations`), kind by kind."""
    stale = frame["stale"] & frame["row"] & ~frame["rejected"] & ~frame["ignored"]
    yield from _each(frame, stale.to_numpy(bool), _stale(roster), Code.STALE_END_DATE)


def _each(
    frame: pd.DataFrame, which: Mask, told: Callable[[_Cells], Finding], code: Code
) -> Iterator[Finding]:
    at = np.flatnonzero(which)
    for cells in frame.iloc[at[:MOST]].to_dict("records"):
        yield told(cells)
    if len(at) > MOST:
        more = counted(len(at) - MOST, "more person", "more people")
        yield Finding(code, Level.WARNING, f"the same holds for {more}")


def _stale(roster: Roster) -> Callable[[_Cells], Finding]:
    def told(cells: _Cells) -> Finding:
        key, day = PersonKey.of(cells).written, cells["row_end_date"]
        return Finding(
            Code.STALE_END_DATE,
            Level.WARNING,
            f"{key}: the row says {cells['row_status']}, and its end date {day} is an old one: taken for that of an earlier employment",
            do="clear the end date in the roster; or, if the person has left, say so in the status",
            file=roster.path,
            sheet=roster.sheet,
            row=int(cells["line"]),
            key=key,
        )

    return told
