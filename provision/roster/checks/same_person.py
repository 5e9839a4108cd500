"""Several rows of one person: contracts beside or after each other, a history, the same row twice.

Rows that say the same are one. Of the others the one counts that runs today: who is in several rows leaves only when all of
them have ended. Where several run and differ, the job says which counts, or all of them are errors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.batches import Batches, Held, picked
from provision.findings import MOST, Code, Finding, Level
from provision.frames import folded
from provision.job.settings import Duplicates
from provision.model import SUPERSEDED, PersonKey
from provision.roster.finding import RowFinding, rows_in
from provision.roster.value import Roster
from provision.wording import counted

#: how a row stands today; the highest one counts
_ENDED, _AHEAD, _RUNNING = range(3)


def one_person(
    rows: Batches, doubles: Iterable[RowFinding], bad: frozenset[int], choice: Duplicates, today: str
) -> dict[int, int]:
    """The rows, by position, in whose place another row of their person counts, each with that one.

    ``doubles`` are the rows that share a key, ``bad`` those with another error; ``today`` as in
    :func:`provision.roster.checks.leaving_rows.without_idle`.
    """
    at = rows_in(doubles).tolist()
    if not isinstance(rows, Held) or bad.issuperset(at):  # nobody is put together of wrong rows
        return {}
    names = [str(name) for name in rows.whole().columns]
    found = picked(rows, np.array(at, np.intp), names).assign(at=at)
    found["key"] = folded(found["login"]).to_numpy()
    settled: dict[int, int] = {}
    for group in _people(found):
        if not bad & set(group["at"].tolist()):
            settled |= _settled(group, names, choice, today)
    return settled


def counted_once(roster: Roster, lines: Mapping[int, int]) -> Roster:
    """The roster in which rows (by line, with the line of the one that counts) say nothing but that another one counts."""
    frame = roster.frame.reset_index(drop=True)
    at = {line: place for place, line in enumerate(frame["line"].tolist())}
    for key in ("external_id", "login"):
        # of a million rows of one person, cell by cell in the frame takes minutes
        cells = frame[key].tolist()
        for old, new in lines.items():
            cells[at[new]] = cells[at[new]] or cells[at[old]]
        frame[key] = pd.Series(cells, dtype=frame[key].dtype)
    told = tuple(_told(roster, lines, frame.set_index("line")))
    gone = [at[old] for old in lines]
    frame.loc[gone, ["external_id", "login"]] = ""
    frame.loc[gone, "action"] = SUPERSEDED
    return replace(roster, people=Held(frame), findings=(*roster.findings, *told))


def standing(rows: pd.DataFrame, today: str) -> npt.NDArray[np.int64]:
    """How rows stand today: 2 runs, 1 is ahead, 0 has ended."""
    ended = (rows["end_date"] != "") & (rows["end_date"] < today)
    if "status" in rows:
        ended |= rows["status"] == "inactive"
    ahead = (rows["start_date"] > today) & bool(today)
    return np.where(ended, _ENDED, np.where(ahead, _AHEAD, _RUNNING))


def left_to_choose(roster: Roster, doubles: Iterable[RowFinding]) -> Finding:
    """What can be done about rows that share a key and differ."""
    words = (
        f"{counted(len(rows_in(doubles)), 'row')} share a login or external id with another one and differ"
    )
    do = "correct the export; or say in the job which row of a person counts, as roster: duplicates: latest_start"
    return Finding(Code.ROWS_DIFFER, Level.WARNING, words, do, roster.path, roster.sheet)


def _told(roster: Roster, lines: Mapping[int, int], by_line: pd.DataFrame) -> Iterator[Finding]:
    for old, new in list(lines.items())[:MOST]:
        kind, external_id, login = (str(by_line.at[old, name]) for name in ("kind", "external_id", "login"))
        key = PersonKey(kind, external_id, login).written
        words = f"row {old} is of the person of row {new}; that one counts"
        yield Finding(
            Code.ROW_SUPERSEDED, Level.NOTE, words, file=roster.path, sheet=roster.sheet, row=old, key=key
        )
    if len(lines) > MOST:
        yield Finding(Code.ROW_SUPERSEDED, Level.NOTE, f"so are {len(lines) - MOST:,} more rows")


def _people(found: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows of each person: those that have a login or an external id in common, where it is not two people's."""
    part = list(range(len(found)))

    def root(one: int) -> int:
        while part[one] != one:
            one = part[one]
        return one

    for name in ("key", "external_id"):
        filled = found[found[name] != ""]
        for members in filled.groupby(name, sort=False).indices.values():
            places = filled.index[members].tolist()
            for other in places[1:]:
                part[root(other)] = root(places[0])
    for _, group in found.groupby([root(at) for at in range(len(found))], sort=False):
        ids = set(group["external_id"]) - {""}
        if len(group) > 1 and len(ids) <= 1 and group["kind"].nunique() == 1:
            yield group


def _settled(group: pd.DataFrame, names: list[str], choice: Duplicates, today: str) -> dict[int, int]:
    """The rows of one person with the one that counts; nothing where none does."""
    said = [name for name in names if name != "line"]
    different = group[~group.duplicated(said)]
    chosen = _chosen(different, choice, today)
    return {} if chosen is None else {int(at): chosen for at in group["at"] if at != chosen}


def _chosen(rows: pd.DataFrame, choice: Duplicates, today: str) -> int | None:
    """The position of the row that counts."""
    stands = standing(rows, today)
    best = rows[stands == stands.max()]
    if stands.max() == _ENDED:
        return int(best.sort_values(["end_date", "at"])["at"].iloc[-1])
    if len(best) > 1 and choice is Duplicates.LATEST_START:
        best = best[best["start_date"] == best["start_date"].max()]
    if len(best) == 1 or choice is Duplicates.FIRST:
        return int(best["at"].iloc[0])
    return int(best["at"].iloc[-1]) if choice is Duplicates.LAST else None
