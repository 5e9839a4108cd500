"""Two rows with one address and two numbers, of which one has ended.

They are one person after a conversion from contractor to employee: the running row has the person, and the ended one says nothing
more of anybody. Or, under another name, two people, of whom the second was given the address of the first, who has left: the
running row has the address, and the ended one goes on under its number alone.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from provision.batches import Batches, Held, picked
from provision.findings import Code, Finding, Level
from provision.frames import folded
from provision.model import HANDED_FROM, SUCCEEDS, SUPERSEDED, UserKind
from provision.roster.checks.leaving_rows import has_left
from provision.roster.files.grid import Mask
from provision.roster.finding import RowFinding, within
from provision.roster.value import Roster

_SAYS = ("line", "external_id", "login", "name", "kind", "status", "start_date", "end_date")


class EndedRows(NamedTuple):
    """Rows that have ended and share a login with one that has not, by position, each with that one.

    ``moved`` are of the same person, ``handed_on`` of somebody else, who has left.
    """

    moved: dict[int, int]
    handed_on: dict[int, int]


def ended_rows(rows: Batches, doubles: Iterable[RowFinding], bad: frozenset[int], today: str) -> EndedRows:
    """The ended rows of a file whose login a running row has, managed users with a number each.

    ``doubles`` are the rows that share a key, ``bad`` those with another error, ``today`` as in
    :func:`provision.roster.checks.leaving_rows.without_idle`. Only what is certain: of one name, one row that has not ended, and all
    others locked, or over before it began; of several names, one row of somebody who has not left.
    """
    found = EndedRows({}, {})
    for _, group in _of_one_login(rows, doubles, bad):
        if not _numbered(group):
            continue
        one_name = group["who"].nunique() == 1
        here = group[_runs(group) if one_name else ~has_left(group, today)]
        if len(here) == 1:
            new = int(here["at"].iloc[0])
            others = {int(at): new for at in group["at"] if at != new}
            (found.moved if one_name else found.handed_on).update(others)
    return found


def _of_one_login(
    rows: Batches, doubles: Iterable[RowFinding], bad: frozenset[int]
) -> Iterable[tuple[Hashable, pd.DataFrame]]:
    """The rows that share a login, login by login, with their positions, and what name they bear."""
    at = sorted({row for finding in doubles for row in finding.rows if finding.field == "login"} - bad)
    if not at or not isinstance(rows, Held):
        return ()
    there = [name for name in _SAYS if name in rows.whole().columns]
    found = picked(rows, np.array(at, np.intp), there).reindex(columns=list(_SAYS), fill_value="")
    found = found.assign(at=at, key=folded(found["login"]).to_numpy(), who=found["name"].str.casefold())
    return found.groupby("key", sort=False)


def _numbered(group: pd.DataFrame) -> bool:
    """Whether all are managed users, each with a number of its own."""
    ids = group["external_id"]
    return not ((ids == "").any() or ids.duplicated().any()) and bool(
        (group["kind"] == UserKind.MANAGED.value).all()
    )


def _runs(group: pd.DataFrame) -> Mask:
    """Which rows of one person are not locked, nor over before the newest of them began."""
    unlocked = group["status"] != "inactive"
    began = group["start_date"].where(unlocked, "").max()
    over = (group["end_date"] != "") & (group["end_date"] < began)
    runs: Mask = (unlocked & ~over).to_numpy(bool)
    return runs


def without_logins(roster: Roster, lines: Mapping[int, int]) -> Roster:
    """The roster whose rows (by line, with the line of who has their login now) go on under their numbers alone."""
    frame = roster.frame.copy()
    frame.loc[frame["line"].isin(list(lines)), "login"] = ""
    number = frame.set_index("line")["external_id"]
    frame[HANDED_FROM] = (
        frame["line"].map({new: number[old] for old, new in lines.items()}).fillna("").astype("str")
    )
    told = tuple(
        Finding(
            Code.LOGIN_HANDED_ON,
            Level.NOTE,
            f"this person has left, and row {new} has the login now: this row counts by its external id alone",
            file=roster.path,
            sheet=roster.sheet,
            row=old,
            key=str(number[old]),
        )
        for old, new in lines.items()
    )
    return replace(roster, people=Held(frame), findings=(*roster.findings, *told))


def without_moved(doubles: Iterable[RowFinding], moved: Mapping[int, int], rows: int) -> list[RowFinding]:
    """The rows that share a key, without those that are one person."""
    still = np.ones(rows, np.bool_)
    still[[*moved, *moved.values()]] = False
    return within(list(doubles), still)


def carried_over(roster: Roster, lines: Mapping[int, int]) -> Roster:
    """The roster whose ended rows (by line, with the line of the running one) say nothing but that, and whose others go on."""
    frame = roster.frame.copy()
    by_line = frame.set_index("line")["external_id"]
    ended = frame["line"].isin(list(lines))
    running = frame["line"].map({new: old for old, new in lines.items()})
    frame[SUCCEEDS] = running.map(by_line).fillna("").astype("str")
    frame.loc[ended, ["external_id", "login"]] = ""
    frame.loc[ended, "action"] = SUPERSEDED
    told = tuple(
        Finding(
            Code.ROW_SUPERSEDED,
            Level.NOTE,
            f"this is the ended row of the person of row {new}, under another number: that one counts",
            file=roster.path,
            sheet=roster.sheet,
            row=old,
            key=str(by_line[old]),
        )
        for old, new in lines.items()
    )
    return replace(roster, people=Held(frame), findings=(*roster.findings, *told))
