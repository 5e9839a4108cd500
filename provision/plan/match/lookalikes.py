"""Somebody new who looks like somebody who is gone: perhaps one person with a new address, perhaps two people.

Nobody is created, and the other one does not leave, before a person has looked. Common names must not stop everybody, so
only who is alone with a name, or with the part of the login before the ``@``, is taken for somebody else's twin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from provision.because import Because, reason
from provision.frames import end_to_end, of_arrow, written
from provision.letters import plain_name
from provision.model import PersonKey, fold
from provision.operations.value import Change
from provision.plan.columns import Mask, Positions, among, marked, positions, repeated

#: so many new people may look like the same one who is gone; more of them share a name like "Reception"
_FEW = 3
#: so many new people with names of accounts that no row names are no chance
_NO_CHANCE = 3
#: what two people have in common, the surest first
_ALIKE = (("name", "local"), ("name",), ("local",))
#: by byte what a letter or a digit of ASCII adds to the sum of a name; cubes, so that others seldom add up to the same
_WEIGHTS = np.array(
    [ord(sign.lower()) ** 3 if sign.isascii() and sign.isalnum() else 0 for sign in map(chr, range(256))],
    np.int64,
)


def held_for_twins(
    frame: pd.DataFrame, new: Mask, absent: Mask, changes: Mapping[int, Change]
) -> dict[int, Change]:
    """Of the ``changes`` (by position in the people ``frame``) those to be looked at first, with their ``hold``.

    ``new`` and ``absent`` say who would be created, and whose owned account no row of a full roster names. A new row outside
    of the job's scope counts too: it creates nobody, but may be somebody whose address was mistyped.
    """
    joiners, gone = np.flatnonzero(new), np.flatnonzero(absent)
    if not len(joiners) or not len(gone):
        return {}
    twin = twins(frame.iloc[joiners], frame.iloc[gone])
    held = {}
    paired = np.flatnonzero(twin >= 0)
    for at in reversed(paired.tolist()):  # of several the first is named to the one who is gone
        joiner, other = int(joiners[at]), int(gone[twin[at]])
        if joiner in changes:
            key = PersonKey.of(frame.iloc[other].to_dict())
            held[joiner] = _two_accounts(changes[joiner], key.written, key.box_id)
        if other in changes:
            hold = _no_leaver(frame.iloc[joiner], created=joiner in changes)
            held[other] = replace(
                changes[other], hold=hold, asks=f"twin:{PersonKey.of(frame.iloc[joiner].to_dict()).anchor}"
            )
    return held


def held_for_names(
    frame: pd.DataFrame, new: Mask, there: Mask, changes: Mapping[int, Change]
) -> dict[int, Change]:
    """Of the creates among ``changes`` those of people who have the name of an account that is ``there`` without a row.

    So it is when the logins of a first roster are built in another way than those in Box: everybody would get a second account.
    """
    if not new.any():
        return {}
    joiners = np.flatnonzero(new & marked(np.array([*changes], np.intp), len(frame)))
    others = np.flatnonzero(there)
    pairs = same_names(frame["name"].iloc[joiners], frame["name"].iloc[others])
    found = np.flatnonzero(pairs >= 0)
    if not len(found):
        return {}
    whose = frame.iloc[others[pairs[found]]]
    told = zip(joiners[found].tolist(), written(whose).tolist(), whose["box_id"].tolist(), strict=True)
    return {at: _two_accounts(changes[at], who, box_id) for at, who, box_id in told}


def held_for_zeros(
    frame: pd.DataFrame, new: Mask, there: Mask, changes: Mapping[int, Change]
) -> dict[int, Change]:
    """Of the creates among ``changes`` those of people whose number an account has that is ``there`` without a row.

    The numbers differ in leading zeros only, which spreadsheets eat; so it is in rosters of every kind. An account that is not
    the job's own must have the name of the row too.
    """
    if not new.any():
        return {}
    joiners = np.flatnonzero(new & marked(np.array([*changes], np.intp), len(frame)))
    others = np.flatnonzero(there)
    if not len(joiners) or not len(others):
        return {}
    pairs = _same_numbers(frame.iloc[joiners], frame.iloc[others])
    found = np.flatnonzero(pairs >= 0)
    whose = frame.iloc[others[pairs[found]]]
    told = zip(joiners[found].tolist(), written(whose).tolist(), whose["box_id"].tolist(), strict=True)
    return {
        at: replace(changes[at], hold=reason(Because.LOST_ZEROS, account=who), asks=f"twin:{box_id}")
        for at, who, box_id in told
    }


def numbered_alike(rows: pd.DataFrame, accounts: pd.DataFrame) -> Mask:
    """For each account whether one of these rows, which lead to none, has its number but for leading zeros.

    ``rows``: text columns ``external_id, kind``; ``accounts``: likewise, and ``ledger_id``.
    """
    found = np.zeros(len(accounts), np.bool_)
    ours = _number(rows)
    if not len(ours) or not (ours != "").any():
        return found
    for theirs in (_number(accounts), _number(accounts.assign(external_id=accounts["ledger_id"]))):
        found |= among(theirs, ours) & (theirs != "").to_numpy(bool)
    return found


def without_zeros(ids: pd.Series[str]) -> pd.Series[str]:
    """Numbers without the zeros that they begin with; "" for what is none."""
    return ids.str.lstrip("0").where(ids.str.isdecimal(), "")


def _same_numbers(new: pd.DataFrame, there: pd.DataFrame) -> Positions:
    """For each of the new people the position of the account with the same number, -1 for none: one's own, or of the same name."""
    near = np.flatnonzero(among(_number(new), _number(there)))
    found = np.full(len(new), -1, np.intp)
    if len(near):  # of hardly anybody, so that hardly anybody's name is looked at
        found[near] = _same_of_these(new.iloc[near], there)
    return found


def _same_of_these(new: pd.DataFrame, there: pd.DataFrame) -> Positions:
    own = np.flatnonzero(there["owned"].to_numpy(bool))
    found = np.full(len(new), -1, np.intp)
    for ours, theirs, place in (
        (_number(new), _number(there.iloc[own]), own),
        (_with_name(new), _with_name(there), np.arange(len(there))),
    ):
        at = positions(ours, theirs.mask(theirs.isin(repeated(theirs)), ""))
        here = (at >= 0) & (ours != "").to_numpy(bool)
        found[here] = place[at[here]]
    return found


def _number(people: pd.DataFrame) -> pd.Series[str]:
    """Kind and number as one key, "" where there is no number."""
    numbers = without_zeros(people["external_id"])
    return people["kind"].str.cat(numbers, sep="\n").where(numbers != "", "")


def _with_name(people: pd.DataFrame) -> pd.Series[str]:
    """Kind, number and name as one key, "" where one is missing."""
    people = people.reset_index(drop=True)  # which plain names are told by
    numbers, names = _number(people), _plain_names(people["name"])
    return numbers.str.cat(names, sep="\n").where((numbers != "") & (names != ""), "")


def unnamed(frame: pd.DataFrame) -> Mask:
    """The accounts of people in scope that no row names: those of service accounts are nobody's."""
    machines = frame["why_protected"].isin([Because.MYSELF.value, Because.SERVICE_ACCOUNT.value])
    found: Mask = (~frame["row"] & frame["account"] & frame["in_scope"] & ~machines).to_numpy(bool)
    return found


def same_names(new: pd.Series[str], there: pd.Series[str]) -> Positions:
    """For each new name the position of the same one among those that are ``there``, -1 for none; accents do not count.

    A name counts that nobody else has on either side; if there are several such pairs, so that it is no chance, every name
    counts.
    """
    if not len(new) or not len(there):
        return np.full(len(new), -1, np.intp)
    theirs = _plain_names(there)
    near = np.flatnonzero(_may_be(new, theirs))
    ours = _plain_names(new.iloc[near])
    found = positions(ours, theirs)
    twice = ours.isin(repeated(ours)) | ours.isin(repeated(theirs))
    alone = (found >= 0) & ~twice.to_numpy(bool)
    same = np.full(len(new), -1, np.intp)
    same[near] = np.where(alone | (alone.sum() >= _NO_CHANCE), found, -1)
    return same


def _may_be(names: pd.Series[str], plain: pd.Series[str]) -> Mask:
    """Which names may be among these plain ones: whose letters add up to those of one of them, and who has letters beyond ASCII."""
    sums, foreign = _added_up(names)
    return np.isin(sums, _added_up(plain)[0]) | foreign


def _added_up(names: pd.Series[str]) -> tuple[npt.NDArray[np.int64], Mask]:
    """Of each name a sum over its letters and digits in ASCII, in any order and case, and whether it has others."""
    raw, bounds = end_to_end(names)
    sums = np.concatenate([[0], np.cumsum(_WEIGHTS[raw])])
    others = np.concatenate([[0], np.cumsum(raw > ord("\x7f"))])
    return np.diff(sums[bounds]), np.diff(others[bounds]) > 0


def _plain_names(names: pd.Series[str]) -> pd.Series[str]:
    plain = {name: plain_name(name) for name in names.unique().tolist()}
    found = of_arrow(pa.array([plain[name] for name in names.tolist()], pa.large_string()))
    return found.set_axis(names.index)


def twins(joiners: pd.DataFrame, gone: pd.DataFrame) -> Positions:
    """For each joiner the position among those ``gone`` who looks like the same person, -1 for none.

    Both have the text columns ``name, login, kind``. A name is the same in any order of its parts, in any letter case and
    with or without accents.
    """
    ours, theirs = _marks(joiners), _marks(gone)
    twin = np.full(len(joiners), -1, np.intp)
    for names in _ALIKE:
        wanted, keys = _together(ours, names, twin >= 0), _together(theirs, names, marked(twin, len(gone)))
        keys = keys.mask(keys.isin(repeated(keys)), "")
        often = wanted.map(wanted.value_counts()) > _FEW
        twin = np.maximum(twin, positions(wanted.mask(often, ""), keys))
    return twin


def _marks(people: pd.DataFrame) -> pd.DataFrame:
    local = [fold(login).rpartition("@")[0] for login in people["login"].tolist()]
    marks = {"kind": people["kind"].tolist(), "name": _plain_names(people["name"]).tolist(), "local": local}
    return pd.DataFrame(marks, dtype="str")


def _together(marks: pd.DataFrame, names: tuple[str, ...], paired: npt.NDArray[np.bool_]) -> pd.Series[str]:
    """One key of several marks; "" where one is missing, and for those who are paired already."""
    key = marks["kind"]
    blank = paired.copy()
    for name in names:
        key = key.str.cat(marks[name], sep="\n")
        blank |= (marks[name] == "").to_numpy(bool)
    return key.mask(blank, "")


def _two_accounts(change: Change, who: str, box_id: str) -> Change:
    """A create that waits, since the person has an account already, it seems: how people name that one, and its id."""
    hold = reason(Because.LIKE_SOMEBODY_GONE, who=who, account=who, login=change.login)
    return replace(change, hold=hold, asks=f"twin:{box_id}")


def _no_leaver(joiner: pd.Series[Any], *, created: bool) -> str:
    what = "create" if created else "out_of_scope"
    return reason(
        Because.LIKE_SOMEBODY_NEW,
        line=int(joiner["line"]),
        who=PersonKey.of(joiner.to_dict()).written,
        what=what,
    )
