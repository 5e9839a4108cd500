"""Who is in several sources: which rows are one person's, which of them counts, and what the others add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.findings import Code, Finding, Level
from provision.frames import folded
from provision.model import (
    HANDED_FROM,
    NAMED_BY,
    SOURCE_LINES,
    SUCCEEDS,
    SUPERSEDED,
    UserKind,
    fold,
    place_of,
)
from provision.roster.checks.same_person import standing
from provision.roster.value import RowError
from provision.wording import counted, plural, tidy

#: what says whether and from when to when somebody is here: taken from one row, as a whole
_STANDING = ("status", "start_date", "end_date")
#: what is a row's own
_OWN = ("line", "kind", "action", NAMED_BY, *_STANDING)
#: what tells people apart, also where a row has ended
_KEYS = ("external_id", "login", SUCCEEDS, HANDED_FROM)

#: what is looked at to tell whether rows are of one person
_TELLING = ("line", "kind", "external_id", "login", "name")

_Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Merging:
    """The names of the sources in order, those that are asked first for single fields, and the day, ISO, or ""."""

    names: tuple[str, ...]
    precedence: Mapping[str, Sequence[str]]
    today: str = ""

    def ranks(self, field: str) -> _Numbers:
        """For each source its place among those asked for a field: those of ``precedence`` first, then the others."""
        first = [name for name in self.precedence.get(field, ()) if name in self.names]
        order = [*first, *(name for name in self.names if name not in first)]
        return np.array([order.index(name) for name in self.names], np.intp)


@dataclass(frozen=True, slots=True)
class Once:
    """Rows of which one a person counts; the others are SUPERSEDED."""

    people: pd.DataFrame
    half_names: tuple[int, ...]
    findings: tuple[Finding, ...]


def refused_rows(
    people: pd.DataFrame, rejected: pd.DataFrame, merging: Merging
) -> tuple[dict[int, str], list[RowError]]:
    """The good rows, by position, that cannot be used beside those of other sources, with the reason; and that as errors.

    Rows that share a key and contradict each other in the other one and in the name may be two people; so may two rows of one
    source that a third one makes one. A bad row protects its person, in whichever source it is.
    """
    both = pd.concat([people[list(_TELLING)], rejected[list(_TELLING)]], ignore_index=True)
    groups = _groups(both)
    both = both[groups >= 0].assign(group=groups[groups >= 0], bad=groups.index[groups >= 0] >= len(people))
    both["source"] = both["line"] // SOURCE_LINES
    reasons: dict[int, str] = {}
    errors: list[RowError] = []
    for _, group in both[~_one_person(both)].groupby("group"):
        for place in group.index[~group["bad"]].tolist():
            field, why = _why(place, group, merging)
            reasons[place] = f"{field}: {why}" if field else why
            errors.append(RowError(int(group["line"][place]), "", field, why))
    return dict(sorted(reasons.items())), errors


def one_row_a_person(people: pd.DataFrame, half_names: Sequence[int], merging: Merging) -> Once:
    """The rows with those of one person put together."""
    groups = _groups(people)
    shared = np.flatnonzero((groups >= 0).to_numpy())
    if not len(shared):
        return Once(people, tuple(half_names), ())
    rows = people.iloc[shared].assign(group=groups.iloc[shared].to_numpy())
    rows["source"] = rows["line"].to_numpy() // SOURCE_LINES
    rows["standing"] = standing(rows, merging.today)
    rows["half"] = rows["line"].isin(half_names)
    # who has left everywhere leaves by the last day of all
    rows["late"] = rows["end_date"].where(rows["standing"] == 0, "")
    rows = rows.sort_values(["group", "standing", "late", "source"], ascending=[True, False, False, True])
    base = rows.groupby("group", sort=False).head(1).set_index("group")
    told = {name: _filled(rows, base, str(name), merging) for name in people.columns if name not in _OWN}
    told |= {name: _asked(rows, base, name, merging) for name in _STANDING if name in merging.precedence}
    named = rows.groupby("group", sort=False)[NAMED_BY].agg(" ".join)
    return _put_together(people, (rows, base), told | {NAMED_BY: named}, half_names)


def _put_together(
    people: pd.DataFrame,
    sides: tuple[pd.DataFrame, pd.DataFrame],
    told: Mapping[str, pd.Series],
    half_names: Sequence[int],
) -> Once:
    """The frame with what the rows that count say now; the others say nothing but that another one counts."""
    rows, base = sides
    place = pd.Index(people["line"]).get_indexer(pd.Index(base["line"]))
    others = np.setdiff1d(people.index[people["line"].isin(rows["line"])].to_numpy(), place)
    once = people.copy()
    for name, column in told.items():
        cells = once[name].to_numpy(dtype=object, copy=True)
        cells[place] = column.reindex(base.index).to_numpy()
        once[name] = pd.Series(cells, once.index, dtype="str")
    once.loc[others, ["external_id", "login"]] = ""
    once.loc[others, "action"] = SUPERSEDED
    whole = rows.loc[~rows["half"] & (rows["name"] != ""), "group"].unique()
    mended = set(base.loc[base.index.isin(whole), "line"].tolist())
    left = tuple(line for line in half_names if line not in mended)
    return Once(once, left, tuple(_told(once.loc[others, "line"], rows)))


def _told(others: pd.Series, rows: pd.DataFrame) -> list[Finding]:
    sources = others // SOURCE_LINES
    first = rows.drop_duplicates("source")
    names = dict(zip(first["source"].tolist(), first[NAMED_BY].tolist(), strict=True))
    return [
        Finding(
            Code.ROW_SUPERSEDED,
            Level.NOTE,
            f"{counted(int(number), 'row')} of {names[source]} {plural(int(number), 'is', 'are')} of people whom another source "
            "names too; there the one counts that runs, then the first source of the job",
        )
        for source, number in sorted(sources.value_counts().to_dict().items())
    ]


def _filled(rows: pd.DataFrame, base: pd.DataFrame, field: str, merging: Merging) -> pd.Series:
    """What each person's rows say in a field: the first cell with something in it of those that stand as the one that counts.

    A key is a person's in every row.
    """
    some = rows if field in _KEYS else rows[rows["standing"] == rows["group"].map(base["standing"])]
    first = _in_turn(some, field, merging)
    return first.reindex(base.index).fillna("")


def _asked(rows: pd.DataFrame, base: pd.DataFrame, field: str, merging: Merging) -> pd.Series:
    """What a date or a status is: that of the sources asked for it first, among rows that stand alike, else the row's own."""
    if field not in rows:
        return pd.Series("", base.index, dtype="str")
    alike = rows[rows["standing"] == rows["group"].map(base["standing"])]
    listed = [merging.names.index(name) for name in merging.precedence[field]]
    first = _in_turn(alike[alike["source"].isin(listed)], field, merging)
    return first.reindex(base.index).fillna(base[field])


def _in_turn(rows: pd.DataFrame, field: str, merging: Merging) -> pd.Series:
    """By person the first cell that is not empty, as the sources are asked for the field; half a name only where no whole one is."""
    said = rows[rows[field] != ""]
    rank = merging.ranks(field)[said["source"].to_numpy(np.intp)]
    if field not in merging.precedence:
        rank = np.arange(len(said))  # in the order of the rows: the one that counts, then the others
    if field == "name":
        rank = rank + said["half"].to_numpy() * (len(said) + len(merging.names))
    order = np.argsort(rank, kind="stable")
    return said.iloc[order].groupby("group", sort=False)[field].first()


def _groups(rows: pd.DataFrame) -> pd.Series:
    """The number of a group for all rows that have a key in common with a row of another, -1 for those that have not."""
    ids = rows["kind"].replace("", UserKind.MANAGED.value) + "\n" + rows["external_id"]
    keys = [folded(rows["login"]), ids.where(rows["external_id"] != "", "")]
    shared = np.logical_or.reduce([((key != "") & key.duplicated(keep=False)).to_numpy(bool) for key in keys])
    at = np.flatnonzero(shared)
    part = np.arange(len(at))
    texts = [key.iloc[at].reset_index(drop=True) for key in keys]
    while len(at):
        before = part
        for text in texts:
            lowest = pd.Series(part).groupby(text).transform("min").to_numpy()
            part = np.where((text != "").to_numpy(bool), lowest, part)
        if (before == part).all():
            break
    groups = np.full(len(rows), -1, np.intp)
    groups[at] = part
    return pd.Series(groups, rows.index)


def _one_person(rows: pd.DataFrame) -> pd.Series:
    """Which rows are of a group that surely is one person: all of them good, of a source each, of one name where keys differ."""
    logins, names = folded(rows["login"]), rows["name"].map(lambda name: tidy(name).casefold())
    apart = _differ(logins, rows) | _differ(rows["external_id"], rows)
    twice = rows.duplicated(["group", "source"], keep=False).groupby(rows["group"]).transform("any")
    bad = rows.groupby("group")["bad"].transform("any")
    return ~bad & ~twice & (~apart | ~_differ(names, rows))


def _differ(column: pd.Series, rows: pd.DataFrame) -> pd.Series:
    """Of which rows the group says more than one thing in a column."""
    said = column[column != ""]
    different = said.groupby(rows["group"]).nunique()
    return rows["group"].map(different).fillna(0) > 1


def _why(place: int, group: pd.DataFrame, merging: Merging) -> tuple[str, str]:
    """In which field one row of a group cannot be used, "" for the row as a whole, and why."""

    def where(line: int) -> str:
        source, row = place_of(line)
        return f"row {row} of {merging.names[source]}"

    if group["bad"].any():
        return (
            "",
            f"{where(int(group.loc[group['bad'], 'line'].iloc[0]))} is of the same person and has an error",
        )
    other = group.drop(index=place).iloc[0]
    alike = fold(str(other["login"])) == fold(str(group.at[place, "login"])) != ""
    field = "login" if alike else "external_id"
    return field, (
        f"the same {field} is in {where(int(other['line']))}, and the names or the other keys differ: nobody can tell whether both "
        "are one person"
    )
