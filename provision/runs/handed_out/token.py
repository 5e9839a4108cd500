"""A token for one app user: a portal acts as its client with it, and never sees the app's secret."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from provision.box.accounts import Account
from provision.box.connect import Connection
from provision.directory.lookup import Wanted, look_up
from provision.errors import ExitCode, InputError, UsageError
from provision.job.settings import Job
from provision.model import UserKind
from provision.report.summary import Summary
from provision.runs.observer import Observer
from provision.runs.reading.connection import sign_in, waited_for


@dataclass(frozen=True, slots=True)
class Handed(Summary):
    """A token and whose it is, in a form of its own."""

    access_token: str = field(default="", repr=False)
    expires_in: int = 0
    box_id: str = ""
    external_id: str = ""
    login: str = ""

    def to_json(self) -> str:
        """One JSON object on one line."""
        told = {
            "access_token": self.access_token,
            "expires_in": self.expires_in,
            "token_type": "bearer",
            "box_id": self.box_id,
            "external_id": self.external_id,
            "login": self.login,
            "exit_code": self.exit_code,
        }
        return json.dumps(told, ensure_ascii=False)


def token(job: Job, person: str, observer: Observer) -> Handed:
    """A token of the app user with this external id, Box id or generated address.

    Raises InputError for nobody, UsageError for more than one, a managed user or one who is not active, SignInRefused
    where Box makes no token.
    """
    connection = sign_in(job, observer)
    with waited_for(job):
        account = _usable(_meant(person, connection), person)
        made = connection.retry.read(lambda: connection.tokens.of(account.box_id))
    return Handed(
        exit_code=int(ExitCode.DONE),
        access_token=made.text,
        expires_in=made.seconds,
        box_id=account.box_id,
        external_id=account.cells["external_id"],
        login=account.login,
    )


def _meant(person: str, connection: Connection) -> Account:
    wanted = Wanted.named(person, by_app_id=True)
    found = look_up(wanted, connection.box, connection.retry, connection.me)
    if not found:
        raise InputError(
            f"No app user of this app is called {person!r}.",
            cause="another external id, a user of another app, or one that is deleted",
            remedy="name an external id, a Box id or an AppUser_ address; provision export --identities lists them",
        )
    if len(found) > 1:
        raise UsageError(
            f"{person!r} may be {len(found)} accounts: {', '.join(sorted(one.box_id for one in found))}.",
            remedy="name one by its Box id",
        )
    return found[0]


def _usable(account: Account, person: str) -> Account:
    if account.cells["kind"] != UserKind.APP.value:
        raise UsageError(
            f"{person!r} is a managed user (Box id {account.box_id}), who signs in alone.",
            remedy="name an app user; what an app does for managed users it does with the As-User header",
        )
    if account.cells["status"] != "active":
        raise UsageError(
            f"{person!r} (Box id {account.box_id}) is {account.cells['status']}: Box lets nobody act as that user.",
            remedy="activate the user first, by the roster",
        )
    return account
