"""Findings on single people of a plan: what somebody should know of a row, though nothing is wrong enough to reject it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from provision.because import Because
from provision.findings import MOST, Code, Finding, Level
from provision.frames import written
from provision.model import STATUSES, Kind, PersonKey, UserKind
from provision.operations.value import Change
from provision.plan.columns import Mask, Positions, marked
from provision.plan.match.lookalikes import same_names, unnamed
from provision.plan.situations import Situations
from provision.roster.value import Roster
from provision.wording import counted

#: so many rows and people are named in one finding
_ROWS = 5

_Cells = Mapping[Hashable, Any]


def remarks_on_people(
    frame: pd.DataFrame, roster: Roster, changes: Mapping[int, Sequence[Change]]
) -> Iterator[Finding]:
    """What is to be told of the people of a frame (see :class:`provision.plan.situations.Situations`), kind by kind.

    ``changes``: the operations of each person by position in the frame.
    """
    stale = frame["stale"] & frame["row"] & ~frame["rejected"] & ~frame["ignored"]
    yield from _each(frame, stale.to_numpy(bool), _stale(roster), Code.STALE_END_DATE)
    locked = cannot_be_used(frame) & ~marked(np.array([*changes], np.intp), len(frame))
    pending = locked & (frame["status"] != "inactive").to_numpy(bool)
    yield from _each(
        frame, locked & ~pending, _not_in_use(roster, Code.ACCOUNT_INACTIVE), Code.ACCOUNT_INACTIVE
    )
    yield from _each(frame, pending, _not_in_use(roster, Code.ACCOUNT_PENDING), Code.ACCOUNT_PENDING)
    new = [at for at, parts in changes.items() if parts[0].kind is Kind.CREATE and not parts[0].hold]
    twins = _twins(frame, np.array(new, np.intp))
    if twins:
        which = marked(np.array([*twins], np.intp), len(frame))
        yield from _each(frame, which, _alike(roster, twins), Code.SAME_NAME)


def cannot_be_used(frame: pd.DataFrame) -> Mask:
    """Whose account is locked or not confirmed while the row says that they are there, and nothing of a status."""
    there = frame["row"] & frame["account"] & frame["in_scope"] & (frame["row_status"] == "")
    apart = frame["rejected"] | frame["doubtful"] | frame["protected"] | frame["ignored"] | frame["leaving"]
    unusual = ~frame["status"].isin(("", *(status for status in STATUSES if status != "inactive")))
    mask: Mask = (there & ~apart & ~frame["upcoming"] & unusual).to_numpy(bool)
    return mask


_NOT_IN_USE = {
    Code.ACCOUNT_INACTIVE: (
        "{key} is in the roster, and the account is inactive in Box; the row says no status, so it stays so",
        "map a column to status, or activate the account in the Admin Console",
    ),
    Code.ACCOUNT_PENDING: (
        "{key}: the account is {status} in Box, so that nobody can use it yet",
        "have the person open Box's mail and confirm the address",
    ),
}


def _not_in_use(roster: Roster, code: Code) -> Callable[[int, _Cells], Finding]:
    def told(_at: int, cells: _Cells) -> Finding:
        key = PersonKey.of(cells).written
        sentence, do = _NOT_IN_USE[code]
        words = sentence.format(key=key, status=cells["status"])
        return Finding(
            code, Level.NOTE, words, do, file=roster.path, sheet=roster.sheet, row=int(cells["line"]), key=key
        )

    return told


def absences_not_counted(people: Situations, because: pd.Series[str]) -> Iterator[Finding]:
    """Who is absent and not counted as such, and the rows that are to be corrected first."""
    frame = people.frame
    absent = (frame["line"] == 0) & because.str.contains(Because.UNREADABLE_ROWS.value, regex=False).to_numpy(
        bool
    )
    if not absent.any():
        return
    who = frame[absent]
    keys = zip(who["external_id"].tolist(), who["name"].tolist(), strict=True)
    lines = sorted({line for each in keys for line in people.unread.may_be(*each)})
    rows = ", ".join(map(str, lines[:_ROWS])) + (
        f" and {len(lines) - _ROWS:,} more" if len(lines) > _ROWS else ""
    )
    verbs = ("is absent and does not count", "are absent and do not count")
    number = counted(len(who), f"account {verbs[0]}", f"accounts {verbs[1]}")
    yield Finding(
        Code.ABSENCE_NOT_COUNTED,
        Level.WARNING,
        f"{number}, because {'row' if len(lines) == 1 else 'rows'} {rows} {'has' if len(lines) == 1 else 'have'} no readable key",
        do="correct these rows, or leave them out of the export",
        row=lines[0] if lines else 0,
        key=", ".join(written(who.head(_ROWS)).tolist()),
    )


def _twins(frame: pd.DataFrame, new: Positions) -> dict[int, str]:
    """Who of these has the name of an account of the same kind that no row names, and how people name that."""
    found: dict[int, str] = {}
    others = unnamed(frame) if len(new) else np.zeros(0, dtype=bool)
    for kind in UserKind if len(new) else ():
        mine = (frame["kind"] == kind.value).to_numpy(bool)
        ours, theirs = new[mine[new]], np.flatnonzero(others & mine)
        pairs = same_names(frame["name"].iloc[ours], frame["name"].iloc[theirs])
        for at in np.flatnonzero(pairs >= 0).tolist():
            found[int(ours[at])] = PersonKey.of(frame.iloc[theirs[pairs[at]]].to_dict()).written
    return found


def _alike(roster: Roster, twins: Mapping[int, str]) -> Callable[[int, _Cells], Finding]:
    def told(at: int, cells: _Cells) -> Finding:
        key = PersonKey.of(cells).written
        return Finding(
            Code.SAME_NAME,
            Level.WARNING,
            f"{key} is to be created and has the name of {twins[at]}, an account that no row names",
            do="if both are one person, correct the row's key; if they are two, nothing",
            file=roster.path,
            sheet=roster.sheet,
            row=int(cells["line"]),
            key=key,
        )

    return told


def _each(
    frame: pd.DataFrame, which: Mask, told: Callable[[int, _Cells], Finding], code: Code
) -> Iterator[Finding]:
    at = np.flatnonzero(which)
    for place, cells in zip(at.tolist(), frame.iloc[at[:MOST]].to_dict("records"), strict=False):
        yield told(place, cells)
    if len(at) > MOST:
        more = counted(len(at) - MOST, "more person", "more people")
        yield Finding(code, Level.WARNING, f"the same holds for {more}")


def _stale(roster: Roster) -> Callable[[int, _Cells], Finding]:
    def told(_at: int, cells: _Cells) -> Finding:
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
