"""One person in two rows: under a new number, as after a conversion from contractor to employee, with the old row ended.

Both rows have the address. The running one has the person; the ended one says nothing more of anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from provision.batches import Batches, Held, picked
from provision.findings import Code, Finding, Level
from provision.frames import folded
from provision.model import SUCCEEDS, SUPERSEDED, UserKind
from provision.roster.finding import RowFinding, within
from provision.roster.value import Roster

_SAYS = ("line", "external_id", "login", "name", "kind", "status", "start_date", "end_date")


def conversions(rows: Batches, doubles: Iterable[RowFinding], bad: frozenset[int]) -> dict[int, int]:
    """The ended rows of a file whose person a running row has, by position, each with that one.

    ``doubles`` are the rows that share a key, ``bad`` those with another error. Only what is certain: the same login and name, two
    external ids, one row that has not ended, and all others locked, or over before it began.
    """
    at = sorted({row for finding in doubles for row in finding.rows if finding.field == "login"} - bad)
    if not at or not isinstance(rows, Held):
        return {}
    there = [name for name in _SAYS if name in rows.whole().columns]
    found = picked(rows, np.array(at, np.intp), there).reindex(columns=list(_SAYS), fill_value="")
    found = found.assign(at=at, key=folded(found["login"]).to_numpy(), who=found["name"].str.casefold())
    moved: dict[int, int] = {}
    for _, group in found.groupby("key", sort=False):
        moved |= _settled(group)
    return moved


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


def _settled(group: pd.DataFrame) -> dict[int, int]:
    """The ended rows of one login with the running one; nothing where that is not certain."""
    ids = group["external_id"]
    alike = group["who"].nunique() == 1 and (group["kind"] == UserKind.MANAGED.value).all()
    if (ids == "").any() or ids.duplicated().any() or not alike:
        return {}
    running = group[group["status"] != "inactive"]
    began = running["start_date"].max()
    over = (running["end_date"] != "") & (running["end_date"] < began)
    running = running[~over]
    if len(running) != 1:
        return {}
    new = int(running["at"].iloc[0])
    return {int(at): new for at in group["at"] if at != new}
