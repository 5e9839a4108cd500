"""An enterprise too large for memory, sorted by the batches of the roster: each account beside the row it most likely belongs to.

Which row that is, only hashes of keys say here; whether both are one person is decided where texts are compared. An account
whose login a row has lies beside such a row; one that lies beside the wrong row by another key, or beside none, is merely not
settled (see :mod:`provision.plan.large.settle`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.batches import Batches, Spool, joined
from provision.directory.scope import by_box_id
from provision.frames import folded
from provision.hashes import EMPTY, Hashes, Index, hashed
from provision.ledger.others import LEFT, SAYS_LEFT
from provision.ledger.value import Memory
from provision.plan.columns import Mask, Positions, among
from provision.plan.match.correlate import app_ids, with_memory
from provision.plan.uninvolved import NAMED_COLUMNS
from provision.roster.value import Roster

#: what each account may be known by, as hashes: the login, Box's external id, the ledger's, and that with people's answers
KEYS = ("login_hash", "app_hash", "ledger_hash", "known_hash")
#: what else is known of each account from before (bool), as :func:`provision.plan.match.correlate.with_memory` says it
KNOWN, HAS_LEFT = "known", "has_left"
#: all that an account has here and not in a Directory
ADDED = (*KEYS, KNOWN, HAS_LEFT)


@dataclass(frozen=True, slots=True)
class RowKeys:
    """The keys of all rows of a roster as hashes, the good ones first; ``ends``: how many good rows each batch and those before have."""

    logins: Index
    ids: Index
    ends: npt.NDArray[np.intp]

    def batch_of(self, row: Positions) -> Positions:
        """In which batch each row is; as many as there are batches for a bad one, and for -1."""
        batch = np.searchsorted(self.ends, row, side="right").astype(np.intp)
        return np.where(row < 0, len(self.ends), batch)


@dataclass(frozen=True, slots=True)
class Parts:
    """The accounts (columns as :class:`provision.directory.scope.Directory` has them, and ADDED).

    ``beside``: for each batch of the roster those that may belong to its rows. ``apart``: those that belong to no good row.
    ``left_out``: NAMED_COLUMNS of accounts that the job has never had to do with, outside of its scope and without a row.
    ``ids`` are the external ids of all accounts, also of those left out.
    """

    beside: tuple[Batches, ...]
    apart: pd.DataFrame
    left_out: Batches
    ids: Index


def rows_of(roster: Roster) -> RowKeys:
    """The keys of a roster's rows."""
    ends, logins, ids = [0], [], []
    for rows in roster.people.each(["login", "external_id"]):
        ends.append(ends[-1] + len(rows))
        logins.append(hashed(folded(rows["login"])))
        ids.append(hashed(rows["external_id"]))
    for others in (roster.rejected, roster.excluded):
        logins.append(hashed(folded(others["login"])))
        ids.append(hashed(others["external_id"]))
    return RowKeys(
        Index.of(np.concatenate(logins)), Index.of(np.concatenate(ids)), np.array(ends[1:], np.intp)
    )


def sorted_out(listed: Batches, remembered: Remembered, rows: RowKeys) -> Parts:
    """Lay each account beside the batch of its row: that of its login, if there is one."""
    beside, left_out = [Spool() for _ in rows.ends], Spool()
    apart, ids = [], []
    for accounts in listed.each():
        keyed = _keyed(accounts, remembered)
        ids.append(_each_once(keyed))
        row = _row(keyed, rows)
        batch = rows.batch_of(row)
        for number in np.unique(batch[batch < len(beside)]).tolist():
            beside[number].append(keyed[batch == number])
        foreign = _foreign(keyed, remembered.memory) & (row < 0)
        left_out.append(_named(keyed[foreign]))
        apart.append(keyed[(batch == len(beside)) & ~foreign])
    return Parts(tuple(beside), joined(apart), left_out, Index.of(np.concatenate(ids)))


def _named(accounts: pd.DataFrame) -> pd.DataFrame:
    return accounts.assign(external_id=app_ids(accounts))[list(NAMED_COLUMNS)]


@dataclass(frozen=True, slots=True)
class Remembered:
    """What the ledger knows of accounts, to be looked up a batch at a time.

    ``doubled``: the places of its accounts whose hash another one has too; they are among what is known of every batch.
    """

    memory: Memory
    places: Index
    doubled: Positions

    @classmethod
    def of(cls, memory: Memory) -> Remembered:
        """The accounts of a memory by box id."""
        places = Index.of(hashed(memory.accounts["box_id"]))
        return cls(memory, places, places.doubled)

    def of_these(self, accounts: pd.DataFrame) -> Memory:
        """The memory with all it has of these accounts, and of few others.

        What rosters said last is left out: only who differs is asked about it. So is what other jobs claim, but for whom
        they have locked: only of an account with a row that is locked in Box is that asked.
        """
        place = self.places.find(hashed(accounts["box_id"]))
        known = self.memory.accounts.iloc[np.union1d(place[place >= 0], self.doubled)]
        claims = self.memory.claims
        locked = claims[claims["how"].isin([LEFT, SAYS_LEFT]).to_numpy(bool)].reset_index(drop=True)
        return replace(self.memory, accounts=known.reset_index(drop=True), said=b"", claims=locked, others=())


def _keyed(accounts: pd.DataFrame, remembered: Remembered) -> pd.DataFrame:
    """The accounts with ADDED."""
    seen = with_memory(accounts, remembered.of_these(accounts))
    columns = (seen["login_key"], app_ids(seen), seen["ledger_id"], seen["known_id"])
    keys = dict(zip(KEYS, map(hashed, columns), strict=True))
    return accounts.assign(**keys, **{name: seen[name].array for name in (KNOWN, HAS_LEFT)})


def _each_once(keyed: pd.DataFrame) -> Hashes:
    """All external ids of accounts, each once an account."""
    app, ledger, known = (keyed[name].to_numpy() for name in KEYS[1:])
    return np.concatenate([app, ledger[ledger != app], known[(known != app) & (known != ledger)]])


def _row(keyed: pd.DataFrame, rows: RowKeys) -> Positions:
    """The row that has a key of each account, the login first; -1 for none."""
    place = rows.logins.find(keyed["login_hash"].to_numpy())
    for name in KEYS[1:]:
        left = np.flatnonzero(place < 0)
        place[left] = rows.ids.find(keyed[name].to_numpy()[left])
    return place


def _foreign(keyed: pd.DataFrame, memory: Memory) -> Mask:
    """Accounts with which this job has nothing to do, as long as no row names them."""
    has_manager = among(keyed["box_id"], memory.managers["box_id"])
    strange = ~keyed["in_scope"] & ~keyed[KNOWN] & (keyed["known_hash"] == EMPTY)
    return strange.to_numpy(bool) & ~has_manager


def each_of(parts: Parts, roster: Roster) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """The rows of each batch, and the accounts beside them, sorted by box id."""
    for rows, accounts in zip(roster.people.each(), parts.beside, strict=True):
        beside = joined(accounts.each()) if accounts.count else parts.apart[:0]
        yield rows, by_box_id(beside)
