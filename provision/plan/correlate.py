"""Which row and which account are one person.

Managed users by the whole login, casefolded; app users by external id. What the ledger knows is a second witness: if it
disagrees, the pair is doubtful and a person decides, since a wrong pair gives one person's account to another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.model import UserKind

_Positions = npt.NDArray[np.intp]

_TWICE_IN_BOX = "Box has two accounts with this external id; one of them has to go first"
_OTHER_KIND = "the login belongs to an account of the other kind"
_RENAMED = "known under another login: a change of login, which this version does not carry out"
_DISPUTED = "the external id is known for one account and the login belongs to another"
_REUSED = "the login belongs to an account known under another external id: a reused address?"
_OTHER_ID = "the login exists in Box but carries another external id"
_SHARED = "two rows of the roster lead to the same account"


@dataclass(frozen=True, slots=True)
class Pairs:
    """The account of each row.

    ``position``: the row of the directory for each row of the roster, -1 for none. ``doubt``: why a pair is doubtful,
    "" if it is not. ``bystanders``: positions of further accounts that a doubtful row may mean; they are left alone.
    """

    position: _Positions
    doubt: npt.NDArray[np.object_]
    bystanders: _Positions


def correlate(rows: pd.DataFrame, accounts: pd.DataFrame, known: pd.DataFrame) -> Pairs:
    """Pair roster rows (``external_id, login, kind``) with directory rows, by the ledger's ``known`` accounts too."""
    by_login = _lookup(accounts["login_key"], rows["login"].str.casefold())
    is_app = (rows["kind"] == UserKind.APP.value).to_numpy(bool)
    apps = accounts["external_id"].where(accounts["kind"] == UserKind.APP.value, "")
    by_id = np.where(is_app, _lookup(apps, rows["external_id"]), -1)
    remembered = np.where(is_app, -1, _remembered(rows, accounts, known))
    position = np.where(by_id >= 0, by_id, by_login)
    doubt = np.select(
        [
            is_app & rows["external_id"].isin(_doubles(apps)).to_numpy(bool),
            is_app & (by_id >= 0) & (by_login >= 0) & (by_id != by_login),
            is_app & (by_id < 0) & (by_login >= 0) & (rows["external_id"] != "").to_numpy(bool),
            (by_login >= 0) & (position == by_login) & _other_kind(accounts, by_login, is_app),
            (remembered >= 0) & (by_login < 0),
            (remembered >= 0) & (remembered != by_login),
            ~is_app & _known_as_another(rows, accounts, known, by_login),
        ],
        [_TWICE_IN_BOX, _DISPUTED, _OTHER_ID, _OTHER_KIND, _RENAMED, _DISPUTED, _REUSED],
        default="",
    ).astype(object)
    position = np.where((position < 0) & (remembered >= 0), remembered, position)
    doubt = np.where(_shared(position) & (doubt == ""), _SHARED, doubt)
    return Pairs(position, doubt, _bystanders(doubt, by_login, by_id, remembered))


def _lookup(keys: pd.Series[str], wanted: pd.Series[str]) -> _Positions:
    """The first position of each wanted key; -1 for "" and for what is not there."""
    index = pd.Index(keys)
    first = ~index.duplicated() & (index != "")
    found = index[first].get_indexer(pd.Index(wanted))
    places = np.flatnonzero(first)
    if not len(places):
        return np.full(len(wanted), -1, dtype=np.intp)
    return np.where(found >= 0, places[found], -1)


def _doubles(keys: pd.Series[str]) -> pd.Series[str]:
    return keys[(keys != "") & keys.duplicated(keep=False)]


def _remembered(rows: pd.DataFrame, accounts: pd.DataFrame, known: pd.DataFrame) -> _Positions:
    """Where the ledger's account for a managed row's external id is now."""
    managed = known[(known["kind"] == UserKind.MANAGED.value) & (known["external_id"] != "")]
    place = _lookup(managed["external_id"], rows["external_id"])
    box_ids = (
        pd.Series(np.where(place >= 0, managed["box_id"].to_numpy(object)[place], ""), dtype="str")
        if len(managed)
        else pd.Series("", index=rows.index, dtype="str")
    )
    return _lookup(accounts["box_id"], box_ids)


def _known_as_another(
    rows: pd.DataFrame, accounts: pd.DataFrame, known: pd.DataFrame, by_login: _Positions
) -> npt.NDArray[np.bool_]:
    """The account found by login is known under another external id than the row's."""
    if not len(known) or not len(accounts):
        return np.zeros(len(rows), dtype=bool)
    box_ids = pd.Series(
        np.where(by_login >= 0, accounts["box_id"].to_numpy(object)[by_login], ""), dtype="str"
    )
    place = _lookup(known["box_id"], box_ids)
    theirs = np.where(place >= 0, known["external_id"].to_numpy(object)[place], "")
    ours = rows["external_id"].to_numpy(object)
    return np.asarray((theirs != "") & (ours != "") & (theirs != ours), dtype=bool)


def _other_kind(
    accounts: pd.DataFrame, place: _Positions, is_app: npt.NDArray[np.bool_]
) -> npt.NDArray[np.bool_]:
    if not len(accounts):
        return np.zeros(len(place), dtype=bool)
    kind = accounts["kind"].to_numpy(object)[place]
    return np.asarray((kind != "") & ((kind == UserKind.APP.value) != is_app), dtype=bool)


def _shared(position: _Positions) -> npt.NDArray[np.bool_]:
    return (position >= 0) & pd.Series(position).duplicated(keep=False).to_numpy(bool)


def _bystanders(doubt: npt.NDArray[np.object_], *places: _Positions) -> _Positions:
    meant = np.concatenate([place[doubt != ""] for place in places])
    return np.unique(meant[meant >= 0])
