"""The people of the enterprise, and the indexes that find them.

Built for a million accounts: one slotted value of about 250 bytes each, three dictionaries and one list.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Place = tuple[str, int]


# What managed users without a picture have (recorded answers in github.com/box/boxcli, test/fixtures/users).
AVATAR = "https://app.box.com/api/avatar/large/deprecated"


class AccountKind(StrEnum):
    """What an account is (Box guide, User types)."""

    MANAGED = "managed"
    APP = "app"
    SERVICE = "service"


class Account(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, kw_only=True):
    """One user of the enterprise; field names are Box's where Box has one.

    app: "" for the own app, else the name of the other app that made this app user. notification_email:
    "" means none. tracking_codes: (name, value) pairs. aliases: confirmed further addresses; unconfirmed_aliases: those that
    wait for a click in a mail.
    owns_content: has files of its own; files: how many lie in the root (0: one, if it has any).
    sessions_ended_at: "" means never. picture: the digest of an uploaded avatar.
    """

    id: str
    name: str
    login: str
    kind: AccountKind
    created_at: str
    modified_at: str
    role: str = "user"
    status: str = "active"
    language: str = "en"
    timezone: str = "America/Los_Angeles"
    space_amount: int = 10_737_418_240
    space_used: int = 0
    max_upload_size: int = 5_368_709_120
    job_title: str = ""
    phone: str = ""
    address: str = ""
    avatar_url: str = ""
    picture: str = ""
    notification_email: str = ""
    notification_email_confirmed: bool = False
    tracking_codes: tuple[tuple[str, str], ...] = ()
    external_app_user_id: str | None = None
    app: str = ""
    owns_content: bool = False
    files: int = 0
    sessions_ended_at: str = ""
    email_confirmed: bool = True
    aliases: tuple[str, ...] = ()
    unconfirmed_aliases: tuple[str, ...] = ()
    can_see_managed_users: bool = True
    is_sync_enabled: bool = True
    is_external_collab_restricted: bool = False
    is_exempt_from_device_limits: bool = False
    is_exempt_from_login_verification: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """All that nobody else can have while this account has them."""
        return (self.login, *self.aliases, *self.unconfirmed_aliases)


class Elsewhere(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """An account outside the enterprise whose login is taken all the same. was_ours: it has been rolled out."""

    id: str
    name: str
    login: str
    what: Literal["external", "personal", "other_enterprise"]
    was_ours: bool = False


def by_name(account: Account) -> Place:
    """The place of an account in a listing by name; equal names by age."""
    return account.name.casefold(), int(account.id)


def by_id(account: Account) -> Place:
    """The place of an account in a listing by id."""
    return "", int(account.id)


class Accounts:
    """All accounts with their indexes; logins compare without regard to case."""

    def __init__(self, order: Literal["name", "id"] = "name") -> None:
        self.place = by_name if order == "name" else by_id
        self._all: dict[str, Account] = {}
        self._logins: dict[str, str] = {}
        self._externals: dict[str, str] = {}
        # who carries an external id that an older account carries already
        self._further: dict[str, tuple[str, ...]] = {}
        self._listed: list[Account] | None = None

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Account]:
        return iter(list(self._all.values()))

    def fill(self, accounts: Iterable[Account]) -> None:
        """Take in many accounts at once; the listing is sorted when it is first asked for."""
        self._listed = None
        for account in accounts:
            self._all[account.id] = account
            self._index(account)

    def get(self, account_id: str) -> Account | None:
        """The account with this id, the service account included."""
        return self._all.get(account_id)

    def with_login(self, login: str) -> Account | None:
        """The account whose login or alias this is."""
        return self._all.get(self._logins.get(login.casefold(), ""))

    def with_external_id(self, external_id: str) -> Account | None:
        """The account of the own app that carries this `external_app_user_id`; the oldest, if there are several."""
        return next(iter(self.all_with_external_id(external_id)), None)

    def all_with_external_id(self, external_id: str) -> list[Account]:
        """All that carry it, oldest first: more than one only where `Choices.external_id_taken` accepts that."""
        first = self._externals.get(external_id)
        ids = () if first is None else (first, *self._further.get(external_id, ()))
        return [self._all[account_id] for account_id in ids]

    def listed(self) -> list[Account]:
        """Everyone a listing can show, in its order; not to be changed by the caller."""
        if self._listed is None:
            shown = (account for account in self._all.values() if account.kind is not AccountKind.SERVICE)
            self._listed = sorted(shown, key=self.place)
        return self._listed

    def add(self, account: Account) -> None:
        """Take in one account."""
        self._all[account.id] = account
        self._index(account)
        if self._listed is not None and account.kind is not AccountKind.SERVICE:
            insort(self._listed, account, key=self.place)

    def remove(self, account: Account) -> None:
        """Forget one account and free its addresses."""
        del self._all[account.id]
        for address in account.addresses:
            self._logins.pop(address.casefold(), None)
        if account.external_app_user_id is not None and not account.app:
            self._release(account.external_app_user_id, account.id)
        if self._listed is not None and account.kind is not AccountKind.SERVICE:
            del self._listed[bisect_left(self._listed, self.place(account), key=self.place)]

    def after(self, among: list[Account], place: Place) -> int:
        """Where in a sorted list the accounts begin that come after a place."""
        return bisect_right(among, place, key=self.place)

    def _index(self, account: Account) -> None:
        for address in account.addresses:
            low = address.casefold()
            self._logins[address if low == address else low] = account.id
        if account.external_app_user_id is not None and not account.app:
            self._carry(account.external_app_user_id, account.id)

    def _carry(self, external_id: str, account_id: str) -> None:
        if self._externals.setdefault(external_id, account_id) != account_id:
            ids = {*self._further.get(external_id, ()), account_id, self._externals[external_id]}
            self._externals[external_id], *further = sorted(ids, key=int)
            self._further[external_id] = tuple(further)

    def _release(self, external_id: str, account_id: str) -> None:
        left = [one for one in self._further.pop(external_id, ()) if one != account_id]
        first = self._externals.pop(external_id, account_id)
        for one in ([] if first == account_id else [first]) + left:
            self._carry(external_id, one)
