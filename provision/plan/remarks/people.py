"""Findings on single people of a plan: what somebody should know of a row, though nothing is wrong enough to reject it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from provision.because import Because, among_them
from provision.findings import MOST, Code, Finding, Level
from provision.frames import equals, records, written
from provision.model import STATUSES, Kind, PersonKey, UserKind
from provision.operations.value import Change
from provision.plan.columns import Mask, Positions, marked
from provision.plan.match.lookalikes import same_names, unnamed
from provision.plan.situations import Situations
from provision.roster.reading import where
from provision.roster.value import Roster
from provision.wording import counted, plural, shortened

#: so many rows and people are named in one finding
_ROWS = 5

#: of each code how grave it is, a sentence about the person, and what to do
_TOLD = {
    Code.STALE_END_DATE: (
        Level.WARNING,
        "{key}: the row says {row_status}, and its end date {row_end_date} is an old one: taken for that of an earlier employment",
        "clear the end date in the roster; or, if the person has left, say so in the status",
    ),
    Code.ACCOUNT_INACTIVE: (
        Level.NOTE,
        "{key} is in the roster, and the account is inactive in Box; the row says no status, so it stays so",
        "map a column to status, or activate the account in the Admin Console",
    ),
    Code.SAME_NAME: (
        Level.WARNING,
        "{key} is to be created and has the name of {other}, an account that no row names",
        "if both are one person, correct the row's key; if they are two, nothing",
    ),
}
_NOBODY: Mapping[int, str] = {}


def remarks_on_people(
    frame: pd.DataFrame, roster: Roster, changes: Mapping[int, Sequence[Change]]
) -> Iterator[Finding]:
    """What is to be told of the people of a frame (see :class:`provision.plan.situations.Situations`), kind by kind.

    ``changes``: the operations of each person by position in the frame.
    """
    stale = frame["stale"] & frame["row"] & ~frame["rejected"] & ~frame["ignored"]
    yield from _each(frame, stale.to_numpy(bool), roster, Code.STALE_END_DATE)
    locked = cannot_be_used(frame) & (frame["status"] == "inactive").to_numpy(bool)
    yield from _each(
        frame, locked & ~marked(np.array([*changes], np.intp), len(frame)), roster, Code.ACCOUNT_INACTIVE
    )
    new = [at for at, parts in changes.items() if parts[0].kind is Kind.CREATE and not parts[0].hold]
    twins = _twins(frame, np.array(new, np.intp))
    which = marked(np.array([*twins], np.intp), len(frame))
    yield from _each(frame, which, roster, Code.SAME_NAME, twins)


def cannot_be_used(frame: pd.DataFrame) -> Mask:
    """Whose account is locked or not confirmed while the row says that they are there, and nothing of a status."""
    there = frame["row"] & frame["account"] & frame["in_scope"] & (frame["row_status"] == "")
    apart = frame["rejected"] | frame["doubtful"] | frame["protected"] | frame["ignored"] | frame["leaving"]
    unusual = ~frame["status"].isin(("", *(status for status in STATUSES if status != "inactive")))
    mask: Mask = (there & ~apart & ~frame["upcoming"] & unusual).to_numpy(bool)
    return mask


def absences_not_counted(people: Situations, because: pd.Series[str]) -> Iterator[Finding]:
    """Who is absent and not counted as such, and the rows that are to be corrected first."""
    frame = people.frame
    absent = (frame["line"] == 0) & among_them(because, [Because.UNREADABLE_ROWS]).to_numpy(bool)
    if not absent.any():
        return
    who = frame[absent]
    keys = zip(who["external_id"].tolist(), who["name"].tolist(), strict=True)
    lines = sorted({line for each in keys for line in people.unread.may_be(*each)})
    rows = shortened([*map(str, lines)], _ROWS)
    verbs = ("is absent and does not count", "are absent and do not count")
    number = counted(len(who), f"account {verbs[0]}", f"accounts {verbs[1]}")
    yield Finding(
        Code.ABSENCE_NOT_COUNTED,
        Level.WARNING,
        f"{number}, because {plural(len(lines), 'row')} {rows} {plural(len(lines), 'has', 'have')} no readable key",
        do="correct these rows, or leave them out of the export",
        row=lines[0] if lines else 0,
        key=", ".join(written(who.head(_ROWS)).tolist()),
    )


def _twins(frame: pd.DataFrame, new: Positions) -> dict[int, str]:
    """Who of these has the name of an account of the same kind that no row names, and how people name that."""
    found: dict[int, str] = {}
    if not len(new):
        return found
    others = unnamed(frame)
    for kind in UserKind:
        mine = equals(frame["kind"], kind.value)
        ours, theirs = new[mine[new]], np.flatnonzero(others & mine)
        pairs = same_names(frame["name"].iloc[ours], frame["name"].iloc[theirs])
        alike = np.flatnonzero(pairs >= 0)
        if not len(alike):
            continue
        named = written(frame.iloc[theirs[pairs[alike]]])
        found |= zip(ours[alike].tolist(), named.tolist(), strict=True)
    return found


def _each(
    frame: pd.DataFrame, which: Mask, roster: Roster, code: Code, others: Mapping[int, str] = _NOBODY
) -> Iterator[Finding]:
    """A finding for each who is meant, MOST at most; ``others``: by position how somebody else is named."""
    at = np.flatnonzero(which)
    if not len(at):
        return
    level, sentence, do = _TOLD[code]
    for place, cells in zip(at.tolist(), records(frame.iloc[at[:MOST]]), strict=False):
        key = PersonKey.of(cells).written
        told = {name: cells[name] for name in ("status", "row_status", "row_end_date")}
        what = sentence.format(key=key, other=others.get(place, ""), **told)
        path, sheet, row = where(roster, int(cells["line"]))
        yield Finding(code, level, what, do, path, sheet or roster.sheet, row, key=key)
    if len(at) > MOST:
        more = counted(len(at) - MOST, "more person", "more people")
        yield Finding(code, Level.WARNING, f"the same holds for {more}")
