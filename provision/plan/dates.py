"""What the dates of rows mean on a day: whether somebody has begun, has left, or carries the date of an earlier employment.

An end date is the last day with access. A row that says active does not leave by a date that an earlier employment left behind:
one before the start date, or one that is past for long and that this job never saw ahead.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from provision.job.lifecycle import Lifecycle
from provision.ledger.progress import Mark
from provision.ledger.value import Memory
from provision.model import Kind
from provision.plan.columns import Mask, positions, taken

#: so long after it an end date still counts that was never seen ahead: what HR enters late
LATE = timedelta(days=31)


class DatesSaid(NamedTuple):
    """Whether each row's last day is over, so that the person leaves, its start is ahead, or its end date is an old one."""

    ended: Mask
    upcoming: Mask
    stale: Mask


def dates_said(frame: pd.DataFrame, memory: Memory, lifecycle: Lifecycle, as_of: datetime) -> DatesSaid:
    """What the dates of a people frame's rows mean; columns as in :class:`provision.plan.situations.Situations`."""
    today = _today(frame["row_timezone"], lifecycle, as_of)
    start, end = frame["row_start_date"], frame["row_end_date"]
    upcoming = ((start != "") & (start > today)).to_numpy(bool)
    ended = ((end != "") & (end < today)).to_numpy(bool)
    stale = np.zeros(len(frame), dtype=bool)
    active = ended & ~frame["row_status"].isin(["", "inactive"]).to_numpy(bool)
    if active.any():
        at = np.flatnonzero(active)
        some = frame.iloc[at].reset_index(drop=True)
        long_ago = _today(some["row_timezone"], lifecycle, as_of - LATE)
        stale[at] = _left_behind(some, memory, (some["row_end_date"] < long_ago).to_numpy(bool))
    return DatesSaid(ended & ~stale, upcoming, stale)


def _today(zones: pd.Series[str], lifecycle: Lifecycle, as_of: datetime) -> pd.Series[str]:
    """The day in each row's time zone as ISO text, which compares as days do."""
    days = {zone: as_of.astimezone(lifecycle.zone(zone)).date().isoformat() for zone in zones.unique()}
    if len(set(days.values())) == 1:
        return pd.Series(next(iter(days.values())), zones.index, dtype="str")
    return zones.map(days).astype("str")


def _left_behind(people: pd.DataFrame, memory: Memory, old: Mask) -> Mask:
    """Of people who are active by their rows and whose end date is past (``old``: for long): whose date is an earlier one's.

    Who was deactivated for that very date stays so, whatever the row says.
    """
    end, ids = people["row_end_date"], people["box_id"]
    before_start = (people["row_start_date"] > end).to_numpy(bool)
    known_at = positions(ids, memory.accounts["box_id"])
    left = (taken(memory.accounts["left_at"], known_at) != "") & (people["status"] == "inactive")
    since = taken(memory.accounts["since"], known_at).str[: len("2026-01-01")]
    seen_ahead = ((since != "") & (since <= end)).to_numpy(bool)
    why = _left_for(ids, memory)
    for_another = (left & (why != "") & (why != end)).to_numpy(bool)
    counts = np.where(left, ~for_another, seen_ahead | _held_in_time(ids, end, memory))
    found: Mask = before_start | (old & ~counts.astype(bool))
    return found


def _left_for(ids: pd.Series[str], memory: Memory) -> pd.Series[str]:
    """For what this job deactivated each of these: a day or a reason, "" if that is not known."""
    marks = memory.stages[memory.stages["stage"] == Mark.LEFT.value]
    return taken(marks["detail"], positions(ids, marks["box_id"]))


def _held_in_time(ids: pd.Series[str], ends: pd.Series[str], memory: Memory) -> Mask:
    """Whose deactivation waits for a person since a day on which the date was new enough."""
    since = {
        hold.box_id: datetime.fromisoformat(hold.since).date()
        for hold in memory.holds
        if hold.kind == Kind.DEACTIVATE
    }
    pairs = zip(ids.tolist(), ends.tolist(), strict=True)
    found = [box_id in since and since[box_id] - date.fromisoformat(end) <= LATE for box_id, end in pairs]
    return np.array(found, dtype=bool)
