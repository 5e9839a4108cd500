"""Which row and which account are one person.

Managed users by the whole login, whatever its letter case; app users by external id. What the ledger knows is a second witness.
If it knows the external id of a row whose login nobody has, that is a change of login, and certain. If the witnesses
disagree, the pair is doubtful and a person decides, since a wrong pair gives one person's account to another; what a person
has answered counts as known from then on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.frames import folded, side_by_side
from provision.ledger.value import Memory
from provision.model import HANDED_FROM, SUCCEEDS, UserKind
from provision.plan.columns import Mask, Positions, among, marked, placed, positions, repeated, taken
from provision.plan.match.doubts import ANSWERABLE, LIGHT, Doubt, as_reasons
from provision.plan.match.moved import passed_on

_Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Pairs:
    """The account of each row.

    ``position``: the row of the directory for each row of the roster, -1 for none. ``doubt``: why a pair is doubtful,
    "" if it is not. ``answerable``: whether "they are one person" settles that. ``renamed``: sure pairs whose account has
    another login than the row. ``bystanders``: for each account whether a row may mean it that is doubtful, or has another
    account; such an account is left alone.
    """

    position: Positions
    doubt: _Objects
    answerable: Mask
    renamed: Mask
    bystanders: Mask


class _Witnesses(NamedTuple):
    """Which account each witness names, -1 for none: the login, Box's external id, the ledger's external id."""

    by_login: Positions
    by_id: Positions
    remembered: Positions


def known_ids(accounts: pd.DataFrame, known: pd.DataFrame) -> pd.Series[str]:
    """The external id under which the ledger's ``known`` accounts have each account, "" for none."""
    place = positions(known["box_id"], accounts["box_id"])
    return placed(known["external_id"], place, len(accounts))


def with_memory(accounts: pd.DataFrame, memory: Memory) -> pd.DataFrame:
    """The accounts with what is known of them from before.

    ``known`` (whether the ledger has them), ``ledger_id`` (their external id there), ``known_id`` (the same, but with the
    answers people gave since) and ``has_left`` (whether this job deactivated them because their person left).
    """
    known = memory.accounts
    place = positions(known["box_id"], accounts["box_id"])
    ids = placed(known["external_id"], place, len(accounts))
    gone = placed(known["left_at"], place, len(accounts)) != ""
    return accounts.assign(
        known=marked(place, len(accounts)),
        ledger_id=ids,
        known_id=_answered(accounts, ids, memory.answers),
        has_left=gone.to_numpy(bool),
    )


def _answered(accounts: pd.DataFrame, ids: pd.Series[str], answers: pd.DataFrame) -> pd.Series[str]:
    """The ids with what was answered: an account that somebody gave to an external id is the only one that has it."""
    if not len(answers):
        return ids
    said = known_ids(accounts, answers)
    return ids.mask(among(ids, said), "").mask(said != "", said)


def correlate(rows: pd.DataFrame, accounts: pd.DataFrame, *, moves: bool = False) -> Pairs:
    """Pair valid rows (``line, external_id, login, kind``) with accounts as :func:`with_memory` gives them.

    ``moves``: logins go from one person to another where all of them are known, see :func:`provision.plan.match.moved.passed_on`.
    """
    if HANDED_FROM in rows:
        accounts = accounts.assign(known_id=_said_to_be(rows, accounts))
    seen = _witnesses(rows, accounts)
    is_app = (rows["kind"] == UserKind.APP.value).to_numpy(bool)
    if moves:
        passed = passed_on(rows, accounts, seen.by_login, seen.remembered)
        seen = seen._replace(by_login=np.where(passed, -1, seen.by_login))
    first = np.where(is_app & (seen.by_id >= 0), seen.by_id, seen.by_login)
    position = np.where(first >= 0, first, seen.remembered)
    doubt = _doubts(rows, accounts, seen, first)
    _mark_swapped(doubt, is_app, first, seen.remembered)
    shared = np.flatnonzero(_shared(position))
    doubt[shared[np.isin(doubt[shared], LIGHT)]] = Doubt.SHARED
    doubtful = doubt != ""
    bystanders = may_mean(rows[doubtful], accounts) | _left_behind(rows, accounts, position)
    answerable = _answerable(doubt, np.flatnonzero(doubtful), taken(accounts["known_id"], position[doubtful]))
    renamed = ~doubtful & (first < 0) & (position >= 0) & (rows["login"] != "").to_numpy(bool)
    reasons = as_reasons(doubt, rows, accounts, seen.remembered, position)
    return Pairs(position, reasons, answerable, renamed, bystanders)


def _said_to_be(rows: pd.DataFrame, accounts: pd.DataFrame) -> pd.Series[str]:
    """The external id under which each account is known, or, of nobody yet, that of who has left and had its login.

    Not where the account bears the name of who has the login now.
    """
    handed = rows[rows[HANDED_FROM] != ""]
    place = positions(folded(handed["login"]), accounts["login_key"])
    theirs = placed(handed[HANDED_FROM], place, len(accounts))
    renamed = placed(handed["name"], place, len(accounts)).str.casefold() == accounts["name"].str.casefold()
    open_to_all = (accounts["known_id"] == "") & (theirs != "") & ~renamed.to_numpy(bool)
    return accounts["known_id"].mask(open_to_all, theirs)


def correlate_rejected(rows: pd.DataFrame, accounts: pd.DataFrame) -> Positions:
    """The account each bad row most likely means. Nothing in such a row is trusted, not even its kind."""
    seen = _witnesses(rows, accounts)
    is_managed = (rows["kind"] == UserKind.MANAGED.value).to_numpy(bool)
    order = [seen.by_id, seen.by_login, seen.remembered]
    first = np.where(is_managed & (seen.by_login >= 0), seen.by_login, -1)
    for place in order:
        first = np.where(first >= 0, first, place)
    return first


def correlate_excluded(rows: pd.DataFrame, accounts: pd.DataFrame, others: Positions) -> Positions:
    """The account of each row that the job leaves out, -1 for none; never one of ``others``, which rows that count have."""
    seen, has = _witnesses(rows, accounts), marked(others, len(accounts))
    is_app = (rows["kind"] == UserKind.APP.value).to_numpy(bool)
    found = np.full(len(rows), -1, np.intp)
    for place in (np.where(is_app, seen.by_id, -1), seen.by_login, seen.remembered):
        free = (place >= 0) & ~np.append(has, False)[place]
        found = np.where((found < 0) & free, place, found)
    return found


def may_mean(rows: pd.DataFrame, accounts: pd.DataFrame) -> Mask:
    """For each account whether any of its keys stands in one of these rows, whatever their kind."""
    by_login = among(accounts["login_key"], folded(rows["login"]))
    by_id = among(accounts["external_id"], rows["external_id"])
    by_id |= among(accounts["ledger_id"], rows["external_id"])
    return by_login | by_id | among(accounts["known_id"], rows["external_id"])


def unsure_of_renamed(pairs: Pairs, rows: pd.DataFrame, accounts: pd.DataFrame, meant: Mask) -> Pairs:
    """The pairs, with those in doubt whose login changes and whose account a bad row may mean (``meant``, by account)."""
    if not pairs.renamed.any():
        return pairs
    torn = pairs.renamed & meant[pairs.position]
    if not torn.any():
        return pairs
    doubt = np.where(torn, Doubt.BAD_ROW, "").astype(object)
    reasons = as_reasons(doubt, rows, accounts, pairs.position, pairs.position)
    return Pairs(
        pairs.position,
        np.where(torn, reasons, pairs.doubt),
        pairs.answerable,
        pairs.renamed & ~torn,
        pairs.bystanders | may_mean(rows[torn], accounts),
    )


def _witnesses(rows: pd.DataFrame, accounts: pd.DataFrame) -> _Witnesses:
    asked = [folded(rows["login"]), rows["external_id"], rows["external_id"]]
    keys = [accounts["login_key"], app_ids(accounts), accounts["known_id"]]
    with side_by_side(len(rows) + len(accounts)) as pool:
        return _Witnesses(*pool.map(positions, asked, keys))


def app_ids(accounts: pd.DataFrame) -> pd.Series[str]:
    """The external ids of the app users among the accounts, "" for everybody else."""
    return accounts["external_id"].where(accounts["kind"] == UserKind.APP.value, "")


def _doubts(rows: pd.DataFrame, accounts: pd.DataFrame, seen: _Witnesses, first: Positions) -> _Objects:
    """The kind of doubt of each pair, the gravest one; "" where there is none."""
    by_login, by_id, remembered = seen
    is_app = (rows["kind"] == UserKind.APP.value).to_numpy(bool)
    has_id = (rows["external_id"] != "").to_numpy(bool)
    renamed = (remembered >= 0) & (first < 0)
    position = np.where(first >= 0, first, remembered)
    theirs = taken(accounts["known_id"], by_login)
    others = ~is_app & has_id & ((theirs != "") & (theirs != _ids(rows))).to_numpy(bool)
    if SUCCEEDS in rows:  # the same person under a new number, as the roster itself says
        others &= (theirs != rows[SUCCEEDS].reset_index(drop=True)).to_numpy(bool)
    reasons = (
        (is_app & among(rows["external_id"], repeated(app_ids(accounts))), Doubt.TWICE_IN_BOX),
        ((first == by_login) & _two_logins(rows, accounts, by_login), Doubt.TWO_LOGINS),
        (is_app & (by_id >= 0) & (by_login >= 0) & (by_id != by_login), Doubt.APART_IN_BOX),
        (_other_kind(accounts, position, is_app), Doubt.OTHER_KIND),
        (is_app & has_id & (by_id < 0) & (by_login >= 0), Doubt.OTHER_ID),
        ((remembered >= 0) & (first >= 0) & (remembered != first), Doubt.DISPUTED),
        (is_app & renamed, Doubt.RENUMBERED),
        (_known_twice(rows, accounts, renamed), Doubt.KNOWN_TWICE),
        (others & ~_at(accounts["has_left"], by_login), Doubt.REUSED),
        (others, Doubt.REHIRED),
    )
    doubt = np.full(len(rows), "", dtype=object)
    for mask, why in reversed(reasons):
        doubt[mask] = why
    return doubt


def _mark_swapped(doubt: _Objects, is_app: Mask, first: Positions, remembered: Positions) -> None:
    """Of the disputed pairs of managed users, those of which each has the login of the other one's account."""
    doubtful = np.flatnonzero((doubt != "") & ~is_app)
    disputed = doubtful[doubt[doubtful] == Doubt.DISPUTED].tolist()
    ways = {(first[at], remembered[at]) for at in disputed}
    for at in disputed:
        if (remembered[at], first[at]) in ways:
            doubt[at] = Doubt.SWAPPED


def _answerable(doubt: _Objects, doubtful: Positions, known_as: pd.Series[str]) -> Mask:
    """Whether one word settles each doubt; not if the disputed account is known as somebody else's."""
    kinds = doubt[doubtful]
    open_end = (kinds != Doubt.DISPUTED) | (known_as == "").to_numpy(bool)
    return marked(doubtful[np.isin(kinds, ANSWERABLE) & open_end], len(doubt))


def _left_behind(rows: pd.DataFrame, accounts: pd.DataFrame, position: Positions) -> Mask:
    """Accounts without a row that the ledger knows for a row which has another account: nobody's absence leads to them."""
    rest = np.flatnonzero(~marked(position, len(accounts)))
    ids, kinds = accounts["ledger_id"].iloc[rest], accounts["kind"].iloc[rest]
    row_at = positions(ids, rows["external_id"])
    same_kind = (taken(rows["kind"], row_at) == kinds.reset_index(drop=True)).to_numpy(bool)
    return marked(rest[(row_at >= 0) & same_kind], len(accounts))


def _two_logins(rows: pd.DataFrame, accounts: pd.DataFrame, by_login: Positions) -> Mask:
    """Rows whose login is that of an account and of a further one; a further one is never the one that was found."""
    further = accounts["login_key"][~marked(by_login, len(accounts))]
    return (by_login >= 0) & among(folded(rows["login"]), further)


def _known_twice(rows: pd.DataFrame, accounts: pd.DataFrame, renamed: Mask) -> Mask:
    """Of the rows whose login nobody has, those for whose external id the ledger knows two accounts."""
    if not renamed.any():
        return renamed
    return renamed & among(rows["external_id"], repeated(accounts["known_id"]))


def _ids(rows: pd.DataFrame) -> pd.Series[str]:
    return rows["external_id"].reset_index(drop=True)


def _at(flags: pd.Series[bool], place: Positions) -> Mask:
    """The flags at these positions, false at -1."""
    there: Mask = flags.to_numpy(bool)
    found: Mask = np.append(there, False)[place]  # the last is for -1
    return found


def _other_kind(accounts: pd.DataFrame, place: Positions, is_app: Mask) -> Mask:
    theirs = _at(accounts["kind"] == UserKind.APP.value, place)
    other: Mask = _at(accounts["kind"] != "", place) & (theirs != is_app)
    return other


def _shared(position: Positions) -> Mask:
    rows = np.bincount(position[position >= 0], minlength=1)
    shared: Mask = (position >= 0) & (rows[position] > 1)
    return shared
