"""Which row and which account are one person.

Managed users by the whole login, whatever its letter case; app users by external id. What the ledger knows is a second witness: if it
disagrees, the pair is doubtful and a person decides, since a wrong pair gives one person's account to another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.frames import folded
from provision.model import UserKind
from provision.plan.columns import Mask, Positions, among, marked, placed, positions, repeated, taken

_TWICE_IN_BOX = "Box has two accounts with this external id; one of them has to go first"
_TWO_LOGINS = "Box has two accounts whose logins differ in letters only that count as the same"
_OTHER_KIND = "the login belongs to an account of the other kind"
_RENAMED = "known under another login: a change of login, which this version does not carry out"
_RENUMBERED = "the account known for this external id does not carry it in Box"
_DISPUTED = "the external id is known for one account and the login belongs to another"
_REUSED = "the login belongs to an account known under another external id: a reused address?"
_OTHER_ID = "the login exists in Box, but not with this external id"
_SHARED = "two rows of the roster lead to the same account"


@dataclass(frozen=True, slots=True)
class Pairs:
    """The account of each row.

    ``position``: the row of the directory for each row of the roster, -1 for none. ``doubt``: why a pair is doubtful,
    "" if it is not. ``bystanders``: for each account whether a doubtful row may mean it; such an account is left alone.
    """

    position: Positions
    doubt: npt.NDArray[np.object_]
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


def correlate(rows: pd.DataFrame, accounts: pd.DataFrame, ids: pd.Series[str]) -> Pairs:
    """Pair valid rows (``external_id, login, kind``) with accounts; ``ids`` are the :func:`known_ids` of these."""
    seen = _witnesses(rows, accounts, ids)
    is_app = (rows["kind"] == UserKind.APP.value).to_numpy(bool)
    first = np.where(is_app & (seen.by_id >= 0), seen.by_id, seen.by_login)
    doubt = _doubts(rows, accounts, ids, seen, first)
    position = np.where(first >= 0, first, seen.remembered)
    doubt = np.where(_shared(position) & (doubt == ""), _SHARED, doubt)
    return Pairs(position, doubt, may_mean(rows[doubt != ""], accounts, ids))


def correlate_rejected(rows: pd.DataFrame, accounts: pd.DataFrame, ids: pd.Series[str]) -> Positions:
    """The account each bad row most likely means. Nothing in such a row is trusted, not even its kind."""
    seen = _witnesses(rows, accounts, ids)
    is_managed = (rows["kind"] == UserKind.MANAGED.value).to_numpy(bool)
    order = [seen.by_id, seen.by_login, seen.remembered]
    first = np.where(is_managed & (seen.by_login >= 0), seen.by_login, -1)
    for place in order:
        first = np.where(first >= 0, first, place)
    return first


def may_mean(rows: pd.DataFrame, accounts: pd.DataFrame, ids: pd.Series[str]) -> Mask:
    """For each account whether any of its keys stands in one of these rows, whatever their kind."""
    by_login = among(accounts["login_key"], folded(rows["login"]))
    by_id = among(accounts["external_id"], rows["external_id"])
    return by_login | by_id | among(ids, rows["external_id"])


def _witnesses(rows: pd.DataFrame, accounts: pd.DataFrame, ids: pd.Series[str]) -> _Witnesses:
    return _Witnesses(
        positions(folded(rows["login"]), accounts["login_key"]),
        positions(rows["external_id"], app_ids(accounts)),
        positions(rows["external_id"], ids),
    )


def app_ids(accounts: pd.DataFrame) -> pd.Series[str]:
    """The external ids of the app users among the accounts, "" for everybody else."""
    return accounts["external_id"].where(accounts["kind"] == UserKind.APP.value, "")


def _doubts(
    rows: pd.DataFrame, accounts: pd.DataFrame, ids: pd.Series[str], seen: _Witnesses, first: Positions
) -> npt.NDArray[np.object_]:
    """Why the pair of each row is doubtful, the gravest reason first."""
    by_login, by_id, remembered = seen
    is_app = (rows["kind"] == UserKind.APP.value).to_numpy(bool)
    has_id = (rows["external_id"] != "").to_numpy(bool)
    theirs = taken(ids, by_login)
    reasons = (
        (is_app & among(rows["external_id"], repeated(app_ids(accounts))), _TWICE_IN_BOX),
        ((first == by_login) & _two_logins(rows, accounts, by_login), _TWO_LOGINS),
        (is_app & (by_id >= 0) & (by_login >= 0) & (by_id != by_login), _DISPUTED),
        ((first == by_login) & _other_kind(accounts, by_login, is_app), _OTHER_KIND),
        (is_app & has_id & (by_id < 0) & (by_login >= 0), _OTHER_ID),
        ((remembered >= 0) & (first >= 0) & (remembered != first), _DISPUTED),
        (is_app & (remembered >= 0) & (first < 0), _RENUMBERED),
        ((remembered >= 0) & (first < 0), _RENAMED),
        (~is_app & has_id & ((theirs != "") & (theirs != _ids(rows))).to_numpy(bool), _REUSED),
    )
    doubt = np.full(len(rows), "", dtype=object)
    for mask, why in reversed(reasons):
        doubt[mask] = why
    return doubt


def _two_logins(rows: pd.DataFrame, accounts: pd.DataFrame, by_login: Positions) -> Mask:
    """Rows whose login is that of an account and of a further one; a further one is never the one that was found."""
    further = accounts["login_key"][~marked(by_login, len(accounts))]
    return (by_login >= 0) & among(folded(rows["login"]), further)


def _ids(rows: pd.DataFrame) -> pd.Series[str]:
    return rows["external_id"].reset_index(drop=True)


def _other_kind(accounts: pd.DataFrame, place: Positions, is_app: Mask) -> Mask:
    kind = taken(accounts["kind"], place)
    return ((kind != "") & ((kind == UserKind.APP.value) != is_app)).to_numpy(bool)


def _shared(position: Positions) -> Mask:
    return (position >= 0) & pd.Series(position).duplicated(keep=False).to_numpy(bool)
