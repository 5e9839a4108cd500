"""The enterprise: its facts, its app, its accounts and who lives elsewhere; every change is written through.

Not locked: whoever calls holds the sandbox's lock.
"""

from __future__ import annotations

import secrets
from itertools import chain
from typing import TYPE_CHECKING, Literal

import msgspec

from .accounts import Account, Accounts, Elsewhere
from .collaborations import Collaborations
from .content import Content
from .events import Events
from .groups import Groups
from .invites import Invites
from .uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from provision.sandbox.choices import Choices

    from .state import Book

SCOPES = (
    *("manage_managed_users", "manage_app_users", "manage_groups", "manage_enterprise_properties"),
    "root_readwrite",
)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class App(msgspec.Struct, frozen=True, kw_only=True):
    """The platform application the sandbox's client is: credentials, key pair and what the admin allowed it.

    access: `enterprise` is App + Enterprise Access, `app` is App Access Only. user_tokens and as_user are
    the two switches of the console. private_key is encrypted with the passphrase (PEM).
    """

    client_id: str
    client_secret: str
    service_id: str
    key_id: str
    public_key: str
    private_key: str
    passphrase: str
    developer_token: str
    name: str = "Sandbox App"
    access: Literal["enterprise", "app"] = "enterprise"
    user_tokens: bool = True
    as_user: bool = True
    authorized: bool = True
    scopes: tuple[str, ...] = SCOPES


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is true of the enterprise as a whole. tracking_codes None: any name is configured; verified_domains None: all are.

    settings: what the admin has set in the console, by the names of `provision.sandbox.api.settings`.
    """

    id: str
    name: str
    domains: tuple[str, ...]
    verified_domains: tuple[str, ...] | None = None
    admin_id: str
    service_account_id: str
    retention_policies: bool = False
    tracking_codes: tuple[str, ...] | None = None
    settings: dict[str, bool | int | str] = {}


class Enterprise:
    """One enterprise in memory, and the book that keeps it."""

    def __init__(self, facts: Facts, app: App, choices: Choices, book: Book) -> None:
        self.facts = facts
        self.app = app
        self.accounts = Accounts(choices.listing_order)
        self.elsewhere: dict[str, Elsewhere] = {}
        self.content = Content(book)
        self.groups = Groups(book)
        self.collaborations = Collaborations(book)
        self.invites = Invites(book)
        self.events = Events(book)
        self.uploads = Uploads(book)
        self._changes = 0
        self._book = book
        self._hidden: dict[str, float] = {}
        self._freed: dict[str, float] = {}
        self._last_id = 0

    @property
    def changes(self) -> int:
        """How many changes there were since the start."""
        return self._changes + self.content.changes + self.groups.changes + self._sharing_changes

    @property
    def _sharing_changes(self) -> int:
        return self.collaborations.changes + self.invites.changes + self.uploads.changes

    # --- filling ---------------------------------------------------------------------------------

    def fill(self, accounts: Iterable[Account], elsewhere: Iterable[Elsewhere]) -> None:
        """Take in everybody at the start, without writing anything down; folders and groups are there already."""
        self.accounts.fill(accounts)
        self.elsewhere |= {one.login.casefold(): one for one in elsewhere}
        people = chain((one.id for one in self.accounts), (one.id for one in self.elsewhere.values()))
        things = chain(
            self.content.ids(),
            self.groups.ids(),
            *((one.id for one in some) for some in (self.collaborations, self.invites)),
        )
        self._last_id = max(int(one) for one in chain(people, things))

    def write_all(self) -> None:
        """Write the whole enterprise down, once, when its state file is new."""
        encode = msgspec.json.encode
        self._book.put("facts", "enterprise", encode(self.facts))
        self._book.put("facts", "app", encode(self.app))
        self._book.put_many("accounts", ((one.id, encode(one)) for one in self.accounts))
        self._book.put_many("elsewhere", ((one.id, encode(one)) for one in self.elsewhere.values()))
        for kind in ("folder", "file"):
            kept = ((one.id, encode(one)) for one in self.content if one.kind == kind)
            self._book.put_many(f"{kind}s", kept)
        self._book.put_many("groups", ((one.id, encode(one)) for one in self.groups.listed()))
        self._book.put_many("memberships", ((one.id, encode(one)) for one in self.groups.memberships()))
        self._book.commit()

    # --- looking ---------------------------------------------------------------------------------

    def login_is_free(self, login: str, now: float) -> bool:
        """Whether nobody in all of Box has this address (logins are unique over the whole of Box)."""
        low = login.casefold()
        taken = self.accounts.with_login(low) is not None or low in self.elsewhere
        return not taken and self._freed.get(low, 0) <= now

    def is_hidden(self, account_id: str, now: float) -> bool:
        """Whether listings do not show this user yet (`Choices.listing_delay`)."""
        if not self._hidden:
            return False
        if self._hidden.get(account_id, 0) <= now:
            self._hidden.pop(account_id, None)
            return False
        return True

    def external(self, account_id: str) -> Elsewhere | None:
        """The external collaborator with this id."""
        found = (one for one in self.elsewhere.values() if one.id == account_id and one.what == "external")
        return next(found, None)

    def who_left(self, account_id: str) -> Elsewhere | None:
        """The personal account that somebody with this id has become."""
        found = (one for one in self.elsewhere.values() if one.id == account_id and one.was_ours)
        return next(found, None)

    def digests(self, now: float) -> Iterator[str]:
        """Those of all bytes that can still be asked for: of files, pictures, and uploads under way."""
        pictures = (one.picture for one in self.accounts if one.picture)
        return chain(self.content.digests(), pictures, self.uploads.digests(now))

    # --- changing --------------------------------------------------------------------------------

    def next_id(self) -> str:
        """An id nobody has had."""
        self._last_id += 7
        return str(self._last_id)

    def app_user_login(self) -> str:
        """The address Box makes up for an app user (Box guide, User types)."""
        drawn = "".join(secrets.choice(_ALPHABET) for _ in range(10))
        return f"AppUser_{self.app.service_id}_{drawn}@boxdevedition.com"

    def add(self, account: Account, hidden_until: float = 0) -> None:
        """A new user."""
        self.accounts.add(account)
        if hidden_until:
            self._hidden[account.id] = hidden_until
        self._write(account)

    def change(self, old: Account, new: Account) -> None:
        """A user as edited."""
        self.accounts.remove(old)
        self.accounts.add(new)
        self._write(new)

    def use_space(self, account_id: str, size: int) -> None:
        """So many bytes more that somebody uses, or less."""
        account = self.accounts.get(account_id)
        if account is not None and size:
            used = max(0, account.space_used + size)
            self.change(account, msgspec.structs.replace(account, space_used=used))

    def remove(self, account: Account, login_free_at: float = 0) -> None:
        """A user who is gone, with all folders and memberships."""
        self.accounts.remove(account)
        for top in self.content.of_owner(account.id):
            for one in self.content.below(top):
                self.collaborations.forget("item", one.id)
        self.content.forget(account.id)
        self.groups.forget(account.id)
        self.collaborations.forget("user", account.id)
        if login_free_at:
            self._freed[account.login.casefold()] = login_free_at
        self._book.drop("accounts", account.id)
        self._changes += 1

    def roll_out(self, account: Account) -> None:
        """A user who leaves and goes on as a personal account with the same id and login."""
        self.remove(account)
        gone = Elsewhere(
            id=account.id, name=account.name, login=account.login, what="personal", was_ours=True
        )
        self.elsewhere[gone.login.casefold()] = gone
        self._book.put("elsewhere", gone.id, msgspec.json.encode(gone))

    def take_in(self, person: Elsewhere, account: Account) -> None:
        """An account from elsewhere that belongs to the enterprise from now on."""
        self.elsewhere.pop(person.login.casefold(), None)
        self._book.drop("elsewhere", person.id)
        self.add(account)

    def _write(self, account: Account) -> None:
        self._book.put("accounts", account.id, msgspec.json.encode(account))
        self._changes += 1
