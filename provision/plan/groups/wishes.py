"""Who is to be in which group by the roster's column and by the job's rules. Whole columns; nobody becomes a value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.job.groups import GroupRule, GroupSettings
from provision.job.values import word_key
from provision.model import CLEAR, LIST_SEPARATOR
from provision.plan.columns import Mask
from provision.roster.cells.canonical import group_named

#: the column that names groups
COLUMN = "groups"
#: what a rule says of a row: that it fits, that it does not, and that the row does not tell
_FITS, _UNLIKE, _UNTOLD = 1, 0, -1

_Numbers = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Wishes:
    """``names`` of groups as they are spelt; then one line a person and group that is named, side by side.

    ``at``: the person's position, ``name``: the position among the names, ``admin``: as an admin of it, ``by_rule``: a rule
    says so, and not the row. ``told``: of each row whether its cell says which groups its person is in, all of them. ``untold``
    and ``unlike``: by name of a group that rules add, whom no rule decides about for want of a value, and to whom none applies.
    """

    names: tuple[str, ...]
    at: _Numbers
    name: _Numbers
    admin: Mask
    by_rule: Mask
    told: Mask
    untold: dict[str, Mask] = field(default_factory=dict)
    unlike: dict[str, Mask] = field(default_factory=dict)


def names_asked(cells: Iterable[pd.Series[str]], settings: GroupSettings) -> frozenset[str]:
    """The names of all groups that these cells or the job's rules name."""
    found = {name for rule in settings.rules for name, _ in map(group_named, rule.add)}
    for column in cells if settings.column == COLUMN else ():
        for cell in column.unique().tolist():
            found |= {name for name, _ in _named_in(cell)}
    return frozenset(found)


def wishes_of(rows: pd.DataFrame, among: Mask, settings: GroupSettings) -> Wishes:
    """What the rows of these people ask for. ``among``: of each row, whether it counts."""
    lines = [*_by_column(rows, among, settings), *_by_rules(rows, among, settings)]
    names = tuple(dict.fromkeys(name for name, *_ in lines))
    number = {name: place for place, name in enumerate(names)}
    untold, unlike = _undecided(rows, settings)
    return Wishes(
        names,
        _joined([at for _, at, _, _ in lines]),
        np.repeat([number[name] for name, *_ in lines], [len(at) for _, at, *_ in lines]).astype(np.intp),
        np.repeat([admin for _, _, admin, _ in lines], [len(at) for _, at, *_ in lines]).astype(bool),
        np.repeat([by_rule for *_, by_rule in lines], [len(at) for _, at, *_ in lines]).astype(bool),
        _told(rows, settings),
        untold,
        unlike,
    )


_Line = tuple[str, _Numbers, bool, bool]


def _joined(parts: list[_Numbers]) -> _Numbers:
    return np.concatenate(parts).astype(np.intp) if parts else np.empty(0, np.intp)


def _told(rows: pd.DataFrame, settings: GroupSettings) -> Mask:
    if settings.column != COLUMN or COLUMN not in rows:
        return np.zeros(len(rows), bool)
    return (rows[COLUMN] != "").to_numpy(bool)


def _by_column(rows: pd.DataFrame, among: Mask, settings: GroupSettings) -> Iterator[_Line]:
    """For each group and role that cells name, the positions of those who have it there."""
    told = _told(rows, settings) & among
    if not told.any():
        return
    places = np.flatnonzero(told)
    codes, cells = pd.factorize(rows[COLUMN].iloc[places])
    having: dict[tuple[str, bool], list[int]] = {}
    for code, cell in enumerate(cells.tolist()):
        for named in _named_in(cell):
            having.setdefault(named, []).append(code)
    order = np.argsort(codes, kind="stable")
    ends = np.cumsum(np.bincount(codes, minlength=len(cells)))
    for (name, admin), theirs in having.items():
        some = [places[order[ends[code - 1] if code else 0 : ends[code]]] for code in theirs]
        yield name, _joined(some), admin, False


@cache
def _named_in(cell: str) -> tuple[tuple[str, bool], ...]:
    """The groups that a cell names, and whether as an admin."""
    if cell == CLEAR:
        return ()
    return tuple(named for part in cell.split(LIST_SEPARATOR) if (named := group_named(part))[0])


def _by_rules(rows: pd.DataFrame, among: Mask, settings: GroupSettings) -> Iterator[_Line]:
    for rule in settings.rules:
        at = np.flatnonzero((_decided(rows, rule) == _FITS) & among)
        for name, admin in map(group_named, rule.add) if len(at) else ():
            yield name, at, admin, True


def _undecided(rows: pd.DataFrame, settings: GroupSettings) -> tuple[dict[str, Mask], dict[str, Mask]]:
    """By name of a group that rules add: about whom one does not tell, and to whom none of them applies."""
    untold: dict[str, Mask] = {}
    unlike: dict[str, Mask] = {}
    for rule in settings.rules:
        decided = _decided(rows, rule)
        for name, _ in map(group_named, rule.add):
            untold[name] = untold.get(name, False) | (decided == _UNTOLD)
            unlike[name] = unlike.get(name, True) & (decided == _UNLIKE)
    return untold, unlike


def _decided(rows: pd.DataFrame, rule: GroupRule) -> npt.NDArray[np.int8]:
    """What a rule says of each row: a value that is unlike decides, else one that is not told leaves it open."""
    said = [_of_field(rows, name, words) for name, words in rule.conditions.items()]
    found = np.min(said, axis=0)
    unlike = np.any([each == _UNLIKE for each in said], axis=0)
    return np.where(unlike, _UNLIKE, found).astype(np.int8)


def _of_field(rows: pd.DataFrame, name: str, words: tuple[str, ...]) -> npt.NDArray[np.int8]:
    column = _column(rows, name)
    if column is None:
        return np.full(len(rows), _UNTOLD, np.int8)
    wanted = {word_key(word) for word in words}
    codes, cells = pd.factorize(column)
    says = [_says(cell, wanted) for cell in cells.tolist()]
    return np.array(says or [0], np.int8)[codes]


def _says(cell: str, wanted: set[str]) -> int:
    if not cell:
        return _FITS if "" in wanted else _UNTOLD
    return _FITS if word_key("" if cell == CLEAR else cell) in wanted else _UNLIKE


def _column(rows: pd.DataFrame, name: str) -> pd.Series[str] | None:
    """The column of a field; Box tells tracking codes apart by their letter case, rosters hardly ever do."""
    if name in rows:
        return rows[name]
    like = [str(each) for each in rows.columns if str(each).casefold() == name.casefold()]
    return rows[like[0]] if len(like) == 1 else None
