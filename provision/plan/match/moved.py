"""Logins that go from one person to another: who has such a login in Box is known to be somebody else, who moves on. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from provision.frames import folded
from provision.letters import plain_name
from provision.model import UserKind
from provision.plan.columns import Mask, Positions, among, positions, repeated, taken


def passed_on(rows: pd.DataFrame, accounts: pd.DataFrame, by_login: Positions, remembered: Positions) -> Mask:
    """Of the rows of managed users whose login is that of somebody else's account those which get it from that person.

    ``by_login``: the account with the row's login, ``remembered``: the one known for its external id, -1 for none. Certain it
    is only where that account is known for another external id, which stands in exactly one row, and this one says another
    login in turn: then that person is known to move on. The row's own account has to be known, or nobody is known for its
    external id at all. A row with the name of the account that has its login, and not of its own one, is more likely about that
    account, and the ids were mixed up.
    """
    theirs, ids = taken(accounts["known_id"], by_login), rows["external_id"].reset_index(drop=True)
    managed = (rows["kind"] == UserKind.MANAGED.value).to_numpy(bool)
    other: Mask = managed & ((theirs != "") & (ids != "") & (theirs != ids)).to_numpy(bool)
    other &= (remembered != by_login) & ~among(ids, repeated(ids))
    if not other.any():
        return other
    other &= ~_mixed_up(rows, accounts, by_login, remembered, np.flatnonzero(other))
    return _moving_on(rows, (theirs, ids), other, (by_login >= 0) & (by_login != remembered))


def _moving_on(
    rows: pd.DataFrame, ids: tuple[pd.Series[str], pd.Series[str]], other: Mask, someones: Mask
) -> Mask:
    """Those before whom everybody moves on: whoever stays keeps all behind where they are.

    ``ids``: the external id of whoever has each row's login, and the row's own. ``someones``: rows whose login is not their own
    account's, so that they move on only if they get it.
    """
    logins = folded(rows["login"]).reset_index(drop=True)
    holder = positions(*ids)
    there = np.flatnonzero(other & (holder >= 0))
    theirs = logins.iloc[holder[there]].to_numpy()
    free = np.zeros(len(rows), dtype=bool)
    free[there] = (logins.iloc[there].to_numpy() != theirs) & (theirs != "")
    while True:
        waits = np.zeros(len(rows), dtype=bool)
        waits[there] = someones[holder[there]] & ~free[holder[there]]
        left = free & ~waits
        if (left == free).all():
            return left
        free = left


def _mixed_up(
    rows: pd.DataFrame, accounts: pd.DataFrame, by_login: Positions, remembered: Positions, at: Positions
) -> Mask:
    found = np.zeros(len(rows), dtype=bool)
    names = rows["name"].iloc[at].tolist()
    holders = taken(accounts["name"], by_login[at]).tolist()
    own = taken(accounts["name"], remembered[at]).tolist()
    for place, name, holder, mine in zip(at.tolist(), names, holders, own, strict=True):
        told = plain_name(name)
        found[place] = bool(told) and told == plain_name(holder) and told != plain_name(mine)
    return found
