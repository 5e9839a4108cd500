"""Why a row and an account may not be one person, in words that say how to settle it.

Some doubts a person settles by saying that both are one person; the others only by a change of the roster or in Box.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.model import UserKind
from provision.plan.columns import Positions, taken

_Objects = npt.NDArray[np.object_]

_CONSOLE = "in the Admin Console"


class Doubt(StrEnum):
    """Kinds of doubt."""

    TWICE_IN_BOX = "twice_in_box"
    TWO_LOGINS = "two_logins"
    APART_IN_BOX = "apart_in_box"
    OTHER_KIND = "other_kind"
    OTHER_ID = "other_id"
    KNOWN_TWICE = "known_twice"
    DISPUTED = "disputed"
    SWAPPED = "swapped"
    RENUMBERED = "renumbered"
    REUSED = "reused"
    REHIRED = "rehired"
    SHARED = "shared"
    BAD_ROW = "bad_row"


#: doubts that "they are one person" settles, unless another row has to do with them too
ANSWERABLE = (Doubt.REUSED, Doubt.REHIRED, Doubt.DISPUTED)
#: doubts that give way to naming the two rows that lead to one account
LIGHT = ("", Doubt.REUSED, Doubt.REHIRED, Doubt.DISPUTED)


@dataclass(frozen=True, slots=True)
class Case:
    """The keys of a doubtful pair, all "" where there is none.

    ``external_id, login, key``: of the row; ``key`` is how a person would name it. ``account`` is the login of the account the
    row leads to, ``known_as`` the external id under which earlier runs know that one, ``other`` the login of the account they
    know for the row's external id. ``rows`` names the other rows it has to do with.
    """

    external_id: str
    login: str
    key: str
    account: str = ""
    known_as: str = ""
    other: str = ""
    rows: str = ""


_FIXED = {
    Doubt.TWICE_IN_BOX: "Box has two accounts with this external id; one of them has to go first",
    Doubt.TWO_LOGINS: "Box has two accounts whose logins differ in letters only that count as the same; one has to go first",
    Doubt.APART_IN_BOX: "Box has the external id on one account and the login on another; correct the row",
    Doubt.OTHER_KIND: "the account of this key is of the other kind, and Box makes none of the other; correct the row's kind",
    Doubt.OTHER_ID: "the login exists in Box, but not with this external id; leave the login out, or correct the external id",
    Doubt.RENUMBERED: "the account known for this external id does not carry it in Box; put it back there, or correct the row",
    Doubt.KNOWN_TWICE: (
        "earlier runs know two accounts for this external id; delete the one that is of no use in the Admin Console"
    ),
}  # fmt: skip


def question(doubt: Doubt, case: Case) -> str:
    """A doubtful pair in one sentence: what is doubtful, and what to do about it."""
    match doubt:
        case Doubt.REUSED:
            return _reused(case, f"the account known as {case.known_as}", "a reused address?")
        case Doubt.REHIRED:
            left = f"the account of {case.known_as}, who has left"
            return _reused(case, left, "hired again under a new number, or a reused address?")
        case Doubt.DISPUTED:
            return _disputed(case)
        case Doubt.SWAPPED:
            return (
                f"logins swapped with {case.rows}: {case.external_id} is known for the account {case.other}; "
                f"correct the roster, or change both logins {_CONSOLE}"
            )
        case Doubt.SHARED:
            return (
                f"rows of the roster lead to the same account ({case.account}): {case.rows}; correct the one that is wrong, "
                f"or, if an address went from one person to another, change the login of the account {_CONSOLE} first"
            )
        case Doubt.BAD_ROW:
            return f"login: {case.account} → {case.login} waits: a row with an error may mean the same account; correct it first"
        case _:
            return _FIXED[doubt]


def waiting(before: str, after: str) -> str:
    """A change of login in words: who it is is certain, but it has to be made by hand."""
    return f"login: {before} → {after} waits: this version does not change logins; change it {_CONSOLE}"


def in_words(
    doubt: _Objects, rows: pd.DataFrame, accounts: pd.DataFrame, known_at: Positions, position: Positions
) -> _Objects:
    """Doubts (kinds, one a row) as people read them; "" stays "".

    ``position``: the account each row leads to, ``known_at`` the one that is known for its external id, -1 for none.
    """
    words = np.full(len(doubt), "", dtype=object)
    at = np.flatnonzero(doubt != "")
    if not len(at):
        return words
    named, partners = _named(rows.iloc[at]), _partners(doubt[at], position[at], known_at[at])
    columns = (
        rows["external_id"].iloc[at], rows["login"].iloc[at], _keys(rows.iloc[at]),
        taken(accounts["login"], position[at]), taken(accounts["known_id"], position[at]),
        taken(accounts["login"], known_at[at]),
    )  # fmt: skip
    others = [" and ".join(named[other] for other in each) for each in partners]
    for place, *cells in zip(at.tolist(), *(column.tolist() for column in columns), others, strict=True):
        words[place] = question(Doubt(doubt[place]), Case(*cells))
    return words


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
        f"row {line} ({', '.join(key for key in keys if key)})" for line, *keys in zip(*columns, strict=True)
    ]


def _keys(rows: pd.DataFrame) -> pd.Series[str]:
    """How a person would name each row: as :attr:`provision.plan.value.Change.key`, or by its login."""
    is_app = rows["kind"] == UserKind.APP.value
    return rows["external_id"].where(is_app & (rows["external_id"] != ""), rows["login"])


def _answer(case: Case) -> str:
    return f"provision approve RUN --person {case.key} --by NAME"


def _reused(case: Case, account: str, asked: str) -> str:
    return (
        f"{case.account} is the login of {account}, and the row says {case.external_id}: {asked} If they are two people, archive "
        f"the old account: give it another login {_CONSOLE} and remove the alias that is left; then the next run creates a "
        f"new one. If they are one, answer so: {_answer(case)}"
    )


def _disputed(case: Case) -> str:
    what = f"{case.external_id} is known for the account {case.other}, and {case.account} is the login of another one"
    if case.known_as:
        return f"{what}, known as {case.known_as}; correct the roster, or the logins {_CONSOLE}"
    return (
        f"{what}; if that other one is this person's now, answer so: {_answer(case)}; if not, correct the roster, or the "
        f"logins {_CONSOLE}"
    )
