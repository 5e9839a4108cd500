"""Which of the existing users a job may touch, and why not the others."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from provision.batches import Batches, Held
from provision.box.accounts import COLUMNS, Whoami
from provision.frames import folded, one_piece, worded
from provision.job.settings import Scope
from provision.model import UserKind, fold

#: the reason given for people that the job itself protects
PROTECTED_BY_JOB = "scope.protect"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many users were listed: all, the managed ones, the app users, and the managed ones that are inactive."""

    users: int = 0
    managed: int = 0
    app: int = 0
    inactive: int = 0


@dataclass(frozen=True, slots=True)
class Directory:
    """The enterprise as listed at one moment.

    ``listed``: one row a user, sorted by ``box_id``; text columns COLUMNS (see :mod:`provision.box.accounts`), then
    ``login_key`` (the login as it is compared), ``in_scope`` (bool) and ``protected`` (why this user is never touched, or "").
    ``tally`` counts all who were listed. ``fingerprint`` is the same for the same users, whatever the order.
    """

    listed: Batches
    tally: Tally
    fingerprint: str

    @property
    def frame(self) -> pd.DataFrame:
        """All of it, in memory."""
        return self.listed.whole()


def survey(users: pd.DataFrame, scope: Scope, kinds: frozenset[UserKind], me: Whoami) -> Directory:
    """Sort a listing (columns COLUMNS) into a Directory for one job."""
    frame = users.sort_values("box_id", ignore_index=True)
    frame["login_key"] = folded(frame["login"])
    frame["in_scope"] = _in_scope(frame, scope, kinds, me.enterprise_id)
    frame["protected"] = _protected(frame, scope, me)
    return Directory(Held(frame), tally(frame), fingerprint(frame))


def tally(frame: pd.DataFrame) -> Tally:
    """Count a listing (columns COLUMNS)."""
    managed, app = (frame["kind"] == kind.value for kind in (UserKind.MANAGED, UserKind.APP))
    inactive = managed & (frame["status"] == "inactive")
    return Tally(len(frame), int(managed.sum()), int(app.sum()), int(inactive.sum()))


def login_in_scope(login_keys: pd.Series[str], scope: Scope) -> pd.Series[bool]:
    """Whether the domain of each folded login is one of the job's; all are if the job names none."""
    if not scope.domains:
        return pd.Series(True, index=login_keys.index)
    domains = [fold(domain) for domain in scope.domains]
    return login_keys.str.endswith(tuple(f"@{domain}" for domain in domains)) | login_keys.isin(domains)


def fingerprint(frame: pd.DataFrame) -> str:
    """A hash over all listed cells of all users; their order does not count."""
    listed = frame[list(COLUMNS)]
    ids = one_piece(listed["box_id"])
    if not pc.all(pc.less(ids[:-1], ids[1:])).as_py():  # a survey is in order already, and no id comes twice
        listed = listed.sort_values(list(COLUMNS))
    with ThreadPoolExecutor() as pool:  # hashlib lets go of the interpreter over long bytes
        digests = list(pool.map(_digest, (listed[name] for name in COLUMNS)))
    return hashlib.sha256(b"".join(digests)).hexdigest()


def _digest(column: pd.Series[str]) -> bytes:
    """The hash of a column's texts, their lengths included, so that no cell can run into the next."""
    text = one_piece(column)
    _, bounds, letters = text.buffers()
    places = np.frombuffer(bounds, np.int64)[text.offset : text.offset + len(text) + 1]
    found = hashlib.sha256(b"%d" % len(text))
    if places[-1] > places[0]:
        found.update(np.diff(places).astype(np.uint32).tobytes())
        found.update(memoryview(letters)[places[0] : places[-1]])
    return found.digest()


def _in_scope(
    frame: pd.DataFrame, scope: Scope, kinds: frozenset[UserKind], enterprise_id: str
) -> pd.Series[bool]:
    ours = frame["enterprise_id"].isin([enterprise_id, "?"])
    managed = login_in_scope(frame["login_key"], scope) & (UserKind.MANAGED in kinds)
    is_app = frame["kind"] == UserKind.APP.value
    # app users' logins are Box's own addresses, so domains say nothing about them
    return ours & managed.where(~is_app, UserKind.APP in kinds)


def _protected(frame: pd.DataFrame, scope: Scope, me: Whoami) -> pd.Series[str]:
    """Why a user is never touched; the first reason that fits, "" for none."""
    coadmin = (frame["role"] == "coadmin") & ~named(frame["login_key"], frame["external_id"], scope.coadmins)
    reasons = (
        (frame["box_id"] == me.box_id, "the account behind this sign-in"),
        (frame["login_key"].str.startswith("automationuser_"), "a service account"),
        (frame["role"] == "admin", "the enterprise's admin"),
        (coadmin, "a co-admin"),
        (frame["kind"] == "", "Box did not say what kind of user this is"),
        (frame["role"] == "", "Box did not say this user's role"),
        (named(frame["login_key"], frame["external_id"], scope.protect), PROTECTED_BY_JOB),
    )
    first = np.select([mask.to_numpy(bool) for mask, _ in reasons], range(1, len(reasons) + 1), default=0)
    return worded(first, ["", *(why for _, why in reasons)]).set_axis(frame.index)


def named(login_keys: pd.Series[str], ids: pd.Series[str], patterns: Iterable[str]) -> pd.Series[bool]:
    """Whom ``scope.protect`` names, by folded login or by external id; ``*`` and ``?`` stand for any letters."""
    found = pd.Series(False, index=login_keys.index)
    for pattern in patterns:
        regex = re.escape(fold(pattern)).replace(r"\*", ".*").replace(r"\?", ".")
        found |= login_keys.str.fullmatch(regex) | ids.str.lower().str.fullmatch(regex)
    return found
