"""Which of the existing users a job may touch, and why not the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from provision.batches import Batches, Held, Spool, joined
from provision.because import Because
from provision.box.accounts import COLUMNS, Whoami
from provision.directory.fingerprint import fingerprint, nobody_summed, summed
from provision.directory.several import PROVEN, Certainty
from provision.frames import equals, folded, one_piece, side_by_side, worded
from provision.job.settings import Scope
from provision.model import SERVICE_ACCOUNT, UserKind, fold

#: columns of a Directory
SURVEYED = (*COLUMNS, "login_key", "in_scope", "protected")


@dataclass(frozen=True, slots=True)
class UserCounts:
    """How many users were listed: all, the managed ones, the app users, and the managed ones that are inactive."""

    users: int = 0
    managed: int = 0
    app: int = 0
    inactive: int = 0

    def __add__(self, other: UserCounts) -> UserCounts:
        return UserCounts(
            self.users + other.users,
            self.managed + other.managed,
            self.app + other.app,
            self.inactive + other.inactive,
        )


class WayOfReading(StrEnum):
    """How an enterprise was read: everybody was listed, or some people were looked up."""

    LISTING = "listing"
    LOOKUP = "lookup"


@dataclass(frozen=True, slots=True)
class Directory:
    """The enterprise as listed at one moment.

    ``listed``: one row a user, each batch sorted by ``box_id``; columns SURVEYED: text columns COLUMNS (see
    :mod:`provision.box.accounts`), then ``login_key`` (the login as it is compared), ``in_scope`` (bool) and ``protected``
    (why this user is never touched, or ""). ``tally`` counts all who were listed. ``fingerprint`` is the same for the same
    users, whatever the order and the batches. ``certainty``: how certain it is that these are all. ``read``: whether everybody
    was listed, or only some people looked up, by ``asked`` calls.
    """

    listed: Batches
    tally: UserCounts
    fingerprint: str
    certainty: Certainty = PROVEN
    read: WayOfReading = WayOfReading.LISTING
    asked: int = 0

    @property
    def frame(self) -> pd.DataFrame:
        """All of it, in memory, sorted by ``box_id``; put together anew each time where it lies in many batches."""
        if self.listed.count == 1:
            return self.listed.whole()
        order = self._column("box_id").argsort().to_numpy()
        # one column at a time, so that nothing but the frame is there twice
        columns = {name: self._column(name).take(order).reset_index(drop=True) for name in SURVEYED}
        return pd.DataFrame(columns, copy=False)

    def where(
        self, wanted: Callable[[pd.DataFrame], pd.Series[bool]], columns: Sequence[str] = SURVEYED
    ) -> pd.DataFrame:
        """These columns (``box_id`` among them) of the users who are wanted, sorted by ``box_id``, with an index from 0.

        Batch by batch, so what is not wanted does not come into memory all at once.
        """
        found = joined(frame[wanted(frame)] for frame in self.listed.each(columns))
        return by_box_id(found)

    def _column(self, name: str) -> pd.Series:
        return joined(self.listed.each([name]))[name]


def survey(
    listing: Batches,
    scope: Scope,
    kinds: frozenset[UserKind],
    me: Whoami,
    certainty: Certainty = PROVEN,
) -> Directory:
    """Sort a listing (columns COLUMNS) into a Directory for one job: one batch in memory, more of them on disk."""
    spool = Spool() if listing.count > 1 else None
    frame = pd.DataFrame()
    counted, sums = UserCounts(), nobody_summed()
    with side_by_side(listing.rows) as beside:
        for users in listing.each():
            summing = beside.submit(summed, users)
            frame = _surveyed(users, scope, kinds, me)
            counted, sums = counted + tally(frame), sums + summing.result()
            if spool is not None:
                spool.append(frame)
    return Directory(Held(frame) if spool is None else spool, counted, fingerprint(sums), certainty)


def _surveyed(users: pd.DataFrame, scope: Scope, kinds: frozenset[UserKind], me: Whoami) -> pd.DataFrame:
    frame = by_box_id(users).copy(deep=False)
    frame["login_key"] = folded(frame["login"])
    frame["in_scope"] = _in_scope(frame, scope, kinds, me.enterprise_id)
    frame["protected"] = _protected(frame, scope, me)
    return frame


def by_box_id(users: pd.DataFrame) -> pd.DataFrame:
    """The users (with an index from 0, and a text column ``box_id``) in the order of their ids."""
    ids = one_piece(users["box_id"])
    in_order = pc.all(pc.less(ids[:-1], ids[1:])).as_py()  # as Box mostly lists them
    return users if in_order else users.sort_values("box_id", ignore_index=True)


def tally(frame: pd.DataFrame) -> UserCounts:
    """Count a listing (columns COLUMNS)."""
    managed, app = (equals(frame["kind"], kind.value) for kind in (UserKind.MANAGED, UserKind.APP))
    inactive = managed & equals(frame["status"], "inactive")
    return UserCounts(len(frame), int(managed.sum()), int(app.sum()), int(inactive.sum()))


def login_in_scope(login_keys: pd.Series[str], scope: Scope) -> pd.Series[bool]:
    """Whether the domain of each folded login is one of the job's; all are if the job names none."""
    if not scope.domains:
        return pd.Series(True, index=login_keys.index)
    domains = [fold(domain) for domain in scope.domains]
    return login_keys.str.endswith(tuple(f"@{domain}" for domain in domains)) | login_keys.isin(domains)


def _in_scope(
    frame: pd.DataFrame, scope: Scope, kinds: frozenset[UserKind], enterprise_id: str
) -> pd.Series[bool]:
    ours = frame["enterprise_id"].isin([enterprise_id, "?"])
    managed = login_in_scope(frame["login_key"], scope) & (UserKind.MANAGED in kinds)
    is_app = equals(frame["kind"], UserKind.APP.value)
    # app users' logins are Box's own addresses, so domains say nothing about them
    return ours & ((managed & ~is_app) | (is_app & (UserKind.APP in kinds)))


def _protected(frame: pd.DataFrame, scope: Scope, me: Whoami) -> pd.Series[str]:
    """Why a user is never touched; the first reason that fits, "" for none."""
    coadmin = equals(frame["role"], "coadmin")
    coadmin &= ~named(frame["login_key"], frame["external_id"], scope.coadmins).to_numpy(bool)
    service = frame["login_key"].str.startswith(SERVICE_ACCOUNT.lower())
    protected = named(frame["login_key"], frame["external_id"], scope.protect)
    # a role that is new to this program may be one of those who administer
    role_known = equals(frame["role"], "user") | equals(frame["role"], "coadmin")
    reasons = (
        (equals(frame["box_id"], me.box_id), Because.MYSELF),
        (service.to_numpy(bool), Because.SERVICE_ACCOUNT),
        (equals(frame["role"], "admin"), Because.ADMIN),
        (coadmin, Because.COADMIN),
        (equals(frame["kind"], ""), Because.KIND_UNKNOWN),
        (~role_known, Because.ROLE_UNKNOWN),
        (protected.to_numpy(bool), Because.SCOPE_PROTECT),
    )
    first = np.select([mask for mask, _ in reasons], range(1, len(reasons) + 1), default=0)
    return worded(first, ["", *(why.value for _, why in reasons)]).set_axis(frame.index)


def named(login_keys: pd.Series[str], ids: pd.Series[str], patterns: Iterable[str]) -> pd.Series[bool]:
    """Whom ``scope.protect`` names, by folded login or by external id; ``*`` and ``?`` stand for any letters."""
    found = pd.Series(False, index=login_keys.index)
    for pattern in patterns:
        regex = re.escape(fold(pattern)).replace(r"\*", ".*").replace(r"\?", ".")
        found |= login_keys.str.fullmatch(regex) | ids.str.lower().str.fullmatch(regex)
    return found
