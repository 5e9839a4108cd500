"""Single accounts, asked for by id or key: beside a listing that may not show them, or in the place of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Protocol

import pandas as pd

from provision.batches import Held, Spool, on_disk
from provision.box.accounts import COLUMNS, Account, Whoami
from provision.box.pacing.retry import Retry
from provision.directory.account_rows import frame_of
from provision.directory.answered import answered
from provision.directory.fingerprint import added
from provision.directory.scope import Directory, by_box_id, survey
from provision.job.settings import Job
from provision.model import fold


class Lookups(Protocol):
    """What is needed of Box to find single accounts. Each is one request; all may raise any BoxFault."""

    def get(self, box_id: str) -> Account | None:
        """One account by id, None if there is none."""
        ...

    def find_app(self, external_id: str) -> list[Account]:
        """The app users with exactly this external id."""
        ...

    def find_login(self, login: str) -> Account | None:
        """The user with exactly this login, ours or not."""
        ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to ask for: accounts by their ids, app users by external id, managed users by login; each one request."""

    box_ids: tuple[str, ...] = ()
    app_ids: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()

    @classmethod
    def named(cls, who: str, *, by_app_id: bool = False) -> Wanted:
        """Whom somebody may mean: by Box id, by login, and ``by_app_id`` by an app user's external id."""
        ids = (who,) if who.isascii() and who.isdecimal() else ()
        return cls(ids, (who,) if by_app_id else (), (fold(who),) if "@" in who else ())

    def __len__(self) -> int:
        return len(self.box_ids) + len(self.app_ids) + len(self.logins)

    def __add__(self, other: Wanted) -> Wanted:
        """Everybody whom one of both wants, once."""
        return Wanted(
            *(tuple(dict.fromkeys(pair)) for pair in (
                self.box_ids + other.box_ids, self.app_ids + other.app_ids, self.logins + other.logins,
            ))
        )  # fmt: skip


def look_up(
    wanted: Wanted,
    users: Lookups,
    retry: Retry,
    me: Whoami,
    seen: Callable[[int], None] = lambda _: None,
) -> list[Account]:
    """Those of them who are in our enterprise, each once, in the order of asking. ``seen`` is told how many are answered so far.

    Raises as :func:`provision.directory.listing.list_users` does where Box does not answer.
    """
    found: dict[str, Account] = {}
    for accounts in retry.each(_questions(wanted, users, retry), seen):
        # Box tells by login of users elsewhere too, and by id of who has left the enterprise
        ours = (one for one in accounts if one.cells["enterprise_id"] in (me.enterprise_id, "?"))
        found |= {account.box_id: account for account in ours}
    return list(found.values())


def _questions(wanted: Wanted, users: Lookups, retry: Retry) -> list[Callable[[], list[Account]]]:
    def one(ask: Callable[[str], Account | None], key: str) -> list[Account]:
        account = answered(retry, partial(ask, key))
        return [] if account is None else [account]

    def some(external_id: str) -> list[Account]:
        return answered(retry, partial(users.find_app, external_id))

    return [
        *(partial(one, users.get, box_id) for box_id in wanted.box_ids),
        *(partial(one, users.find_login, login) for login in wanted.logins),
        *(partial(some, external_id) for external_id in wanted.app_ids),
    ]


def seen_again(
    users: pd.DataFrame, box_ids: Sequence[str], accounts: Iterable[Account], job: Job, me: Whoami
) -> Directory:
    """The users, of whom those with these ids were looked up once more: the ``accounts`` that were found stand for them."""
    kept = users.loc[~users["box_id"].isin(list(box_ids)), list(COLUMNS)]
    now = pd.concat([kept, frame_of(accounts)], ignore_index=True)
    return survey(Held(now), job.scope, job.roster.kinds, me)


def with_accounts(directory: Directory, accounts: list[Account], job: Job, me: Whoami) -> Directory:
    """The directory with accounts that its listing did not show; those that it did show are left out."""
    listed = directory.where(
        lambda users: users["box_id"].isin([one.box_id for one in accounts]), ("box_id",)
    )
    known = set(listed["box_id"])
    fresh = [one for one in accounts if one.box_id not in known]
    if not fresh:
        return directory
    more = survey(Held(frame_of(fresh)), job.scope, job.roster.kinds, me)
    certainty = directory.certainty
    return replace(
        directory,
        listed=_joined(directory, more.frame),
        tally=directory.tally + more.tally,
        fingerprint=added(directory.fingerprint, more.frame),
        certainty=replace(certainty, unseen=max(0, certainty.unseen - len(fresh))),
    )


def _joined(directory: Directory, more: pd.DataFrame) -> Held | Spool:
    if isinstance(directory.listed, Held):
        return Held(by_box_id(pd.concat([directory.listed.frame, more], ignore_index=True)))
    return on_disk(chain(directory.listed.each(), [more]))
