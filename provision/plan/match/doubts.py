"""Why a row and an account may not be one person, with what the words on how to settle it need.

Some doubts a person settles by saying that both are one person; the others only by a change of the roster or in Box.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.because import Because, reason
from provision.frames import written
from provision.model import made_by_box, row_written
from provision.plan.columns import Positions, taken

_Objects = npt.NDArray[np.object_]


class Doubt(StrEnum):
    """Kinds of doubt, each a reason."""

    TWICE_IN_BOX = Because.TWICE_IN_BOX.value
    TWO_LOGINS = Because.TWO_LOGINS.value
    APART_IN_BOX = Because.APART_IN_BOX.value
    OTHER_KIND = Because.OTHER_KIND.value
    OTHER_ID = Because.OTHER_ID.value
    KNOWN_TWICE = Because.KNOWN_TWICE.value
    DISPUTED = Because.DISPUTED.value
    SWAPPED = Because.SWAPPED.value
    RENUMBERED = Because.RENUMBERED.value
    REUSED = Because.REUSED.value
    REHIRED = Because.REHIRED.value
    SHARED = Because.SHARED.value
    BAD_ROW = Because.BAD_ROW.value


#: doubts that "they are one person" settles, unless another row has to do with them too
ANSWERABLE = (Doubt.REUSED, Doubt.REHIRED, Doubt.DISPUTED)
#: doubts that give way to naming the two rows that lead to one account
LIGHT = ("", Doubt.REUSED, Doubt.REHIRED, Doubt.DISPUTED)


@dataclass(frozen=True, slots=True)
class Case:
    """The keys of a doubtful pair, all "" where there is none.

    ``external_id, login, key``: of the row; ``key`` is how people name it. ``account`` is how they name the account the
    row leads to, ``known_as`` the external id under which earlier runs know that one, ``other`` how they name the account
    known for the row's external id. ``rows`` names the other rows it has to do with.
    """

    external_id: str
    login: str
    key: str
    account: str = ""
    known_as: str = ""
    other: str = ""
    rows: str = ""


#: what the words for a doubt need of its case; the others need nothing
_FACTS = {
    Doubt.REUSED: ("account", "known_as", "external_id", "key"),
    Doubt.REHIRED: ("account", "known_as", "external_id", "key"),
    Doubt.DISPUTED: ("account", "known_as", "external_id", "key", "other"),
    Doubt.SWAPPED: ("rows", "external_id", "other"),
    Doubt.SHARED: ("account", "rows"),
    Doubt.BAD_ROW: ("account", "login"),
}


def doubted(doubt: Doubt, case: Case) -> str:
    """Why a pair is doubtful, as a reason."""
    return reason(Because(doubt.value), **{name: getattr(case, name) for name in _FACTS.get(doubt, ())})


def waiting(before: str, after: str) -> str:
    """A change of login that waits: who it is is certain, but it has to be made by hand."""
    return reason(Because.LOGIN_WAITS, before=before, after=after)


def as_reasons(
    doubt: _Objects, rows: pd.DataFrame, accounts: pd.DataFrame, known_at: Positions, position: Positions
) -> _Objects:
    """Doubts (kinds, one a row) as reasons; "" stays "".

    ``position``: the account each row leads to, ``known_at`` the one that is known for its external id, -1 for none.
    """
    reasons = np.full(len(doubt), "", dtype=object)
    at = np.flatnonzero(doubt != "")
    if not len(at):
        return reasons
    named, partners = _named(rows.iloc[at]), _partners(doubt[at], position[at], known_at[at])
    columns = (
        rows["external_id"].iloc[at], rows["login"].iloc[at], written(rows.iloc[at]),
        _accounts(accounts, position[at]), taken(accounts["known_id"], position[at]), _accounts(accounts, known_at[at]),
    )  # fmt: skip
    others = [" and ".join(named[other] for other in each) for each in partners]
    for place, *cells in zip(at.tolist(), *(column.tolist() for column in columns), others, strict=True):
        reasons[place] = doubted(Doubt(doubt[place]), Case(*cells))
    return reasons


def _partners(doubt: _Objects, position: Positions, known_at: Positions) -> list[list[int]]:
    """The doubtful pairs to be named with each: all of one account for a shared one, the other one for a swapped one."""
    by_account: dict[int, list[int]] = {}
    for at, place in enumerate(position.tolist()):
        by_account.setdefault(place, []).append(at)
    found = {Doubt.SHARED: position, Doubt.SWAPPED: known_at}
    return [
        by_account.get(int(found[why][at]), []) if why in found else []
        for at, why in enumerate(doubt.tolist())
    ]


def _named(rows: pd.DataFrame) -> list[str]:
    columns = (rows[name].tolist() for name in ("line", "external_id", "login"))
    return [
        f"{row_written(line)} ({', '.join(_telling(keys))})" for line, *keys in zip(*columns, strict=True)
    ]


def _telling(keys: Iterable[str]) -> list[str]:
    """The keys of a row that tell people something; all it has, if it has no other."""
    said = [key for key in keys if key]
    return [key for key in said if not made_by_box(key)] or said


def _accounts(accounts: pd.DataFrame, at: Positions) -> pd.Series[str]:
    """How people name the accounts at these positions, "" at -1."""
    names = ("kind", "external_id", "login", "box_id")
    return written(pd.DataFrame({name: taken(accounts[name], at) for name in names}))
