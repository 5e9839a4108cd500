"""Several passes over one enterprise put together: who is there, who was deleted meanwhile, and whether anybody was lost.

Who some pass has shown and the last one has not is looked up by id: gone, or there all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
import pandas as pd

from provision.batches import Batches, Held, Spool, joined, on_disk, sifted
from provision.box.accounts import Account
from provision.directory.account_rows import frame_of
from provision.hashes import Hashes, hashed

#: with a seed the empty text is hashed like any other
_SEED = 1
#: so many users are looked up by id after a pass, or as many as a pass has pages: from there on another pass costs less
_MOST_SINGLY = 500

Counts = Sequence[int | None]
#: accounts by their ids, in order, None for one that is not there
Get = Callable[[Sequence[str]], Sequence[Account | None]]


@dataclass(frozen=True, slots=True)
class Certainty:
    """How certain a listing is.

    ``passes`` over all pages it took. ``came`` and ``went``: how many accounts were seen to be made and deleted meanwhile,
    ``singly``: how many were looked up by id for that. ``unseen``: how many fewer users are listed than Box counts.
    """

    passes: int = 1
    came: int = 0
    went: int = 0
    singly: int = 0
    unseen: int = 0

    @property
    def proven(self) -> bool:
        """Whether whoever is not listed was not there; else absence is to be looked into before it is believed."""
        return not (self.came or self.went or self.unseen)


#: of a listing that was proven by the count around it
PROVEN = Certainty()


@dataclass(frozen=True, slots=True)
class Listing:
    """The users of the enterprise: one row a user, columns COLUMNS, text; and how certain it is that these are all."""

    users: Batches
    certainty: Certainty = PROVEN


@dataclass(frozen=True, slots=True)
class Pass:
    """What one pass over all pages showed, nobody twice.

    ``users``: one row a user as listed, columns COLUMNS, text; ``ids``: the hashes of their ids; ``limit``: the smallest page
    size Box has used; ``twice``: how many came twice.
    """

    users: Batches
    ids: Hashes
    limit: int
    twice: int


def pass_of(users: Held | Spool, limit: int) -> Pass:
    """What a pass has gathered. Of who came twice the last row counts.

    Ids without a common hash differ; of those with one the texts decide, since two of many million may share a hash by
    chance, and would in every run.
    """
    ids = np.concatenate([hashed(frame["box_id"], _SEED) for frame in users.each(["box_id"])])
    ordered = np.sort(ids)
    again = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(again):
        return Pass(users, ordered, limit, 0)
    at = np.flatnonzero(np.isin(ids, again))
    before = at[ids_of(users).iloc[at].duplicated(keep="last").to_numpy(bool)]
    chosen = np.ones(len(ids), bool)
    chosen[before] = False
    return Pass(sifted(users, chosen), np.unique(ids), limit, len(before))


def ids_of(users: Batches) -> pd.Series[str]:
    """The ids of all users, in order."""
    return joined(users.each(["box_id"]))["box_id"]


class Several:
    """The passes so far. Kept of them are the ids of whoever is not known to be gone, since rows take too much room."""

    def __init__(self, first: Pass) -> None:
        self.passes = 1
        self._ids = ids_of(first.users)
        self._sizes = [first.users.rows]
        self._twice = first.twice
        self._went = self._asked = 0

    def told(self, counted: int | None) -> str:
        """What the passes showed, and Box counts, in words."""
        shown = ", ".join(f"{size:,}" for size in self._sizes)
        counts = "names no count" if counted is None else f"counts {counted:,}"
        twice = f" ({self._twice:,} came twice)" if self._twice else ""
        return f"{self.passes} passes showed {shown} users{twice}, Box {counts}"

    def judge(self, last: Pass, counts: Counts, get: Get, *, at_last: bool) -> Listing | None:
        """The listing as of one more pass, None if people are lost in it without a reason.

        ``counts`` are those before the first pass and after each. Who was lost by one pass is looked up with ``get``,
        unless they are so many that another pass costs less; ``at_last`` there is no other.
        """
        lost, fresh = self._compared(last)
        most = max(_MOST_SINGLY, last.users.rows // max(last.limit, 1))
        if len(lost) > most and not at_last:
            return None
        found = self._looked_up(lost.head(most), get)
        came = _came(counts, self._went, fresh)
        life = self._went + _drift(counts)
        unseen = max(0, (counts[-1] or 0) - last.users.rows - len(found))
        moved = len(found) + max(0, fresh - came)  # who was there, and whom some pass did not show
        settled = counts[-1] is not None and not unseen
        if not (settled or (not moved and not self._twice) or (life and min(unseen, moved) <= life)):
            return None
        certainty = Certainty(self.passes, came, self._went, self._asked, unseen)
        return Listing(_with(last.users, found), certainty)

    def _compared(self, last: Pass) -> tuple[pd.Series[str], int]:
        """The ids that this pass does not show, and how many it shows that none has shown before."""
        self.passes += 1
        self._sizes.append(last.users.rows)
        self._twice = last.twice
        known, ids = hashed(self._ids, _SEED), ids_of(last.users)
        new = ids[~np.isin(hashed(ids, _SEED), known)]
        lost = self._ids[~np.isin(known, last.ids)]
        self._ids = pd.concat([self._ids, new], ignore_index=True)
        return lost, len(new)

    def _looked_up(self, lost: pd.Series[str], get: Get) -> list[Account]:
        """Those of them who are there; the others are forgotten. Box may still tell of who has left the enterprise."""
        asked = lost.tolist()
        found = [one for one in get(asked) if one is not None and one.cells["enterprise_id"]]
        gone = set(asked) - {account.box_id for account in found}
        self._asked += len(asked)
        self._went += len(gone)
        if gone:
            self._ids = self._ids[~self._ids.isin(gone)]
        return found


def _drift(counts: Counts) -> int:
    """By how many the count moved, up or down, from one time to the next."""
    told = [count for count in counts if count is not None]
    return sum(abs(after - before) for before, after in pairwise(told))


def _came(counts: Counts, went: int, fresh: int) -> int:
    """How many were made meanwhile: by the count, what is there more than before and what makes up for those who went."""
    before, after = counts[0], counts[-1]
    return fresh if before is None or after is None else max(0, after - before + went)


def _with(users: Batches, found: Sequence[Account]) -> Batches:
    """The users, and those who were found singly."""
    if not found:
        return users
    more = frame_of(found)
    if isinstance(users, Held):
        return Held(pd.concat([users.frame, more], ignore_index=True).astype("str"))
    return on_disk(chain(users.each(), [more]))
