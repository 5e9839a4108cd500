"""What the executor needs of Box, and how each kind of operation is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from provision.box.accounts import Account
from provision.box.holdings import Alias, Memberships
from provision.model import AFTER_CREATE, Kind, UserKind
from provision.plan.value import Change


class Users(Protocol):
    """The few calls that create, change, find and remove users. Each is one request; all may raise any BoxFault."""

    def get(self, box_id: str) -> Account | None:
        """One account by id, None if there is none."""
        ...

    def find_app(self, external_id: str) -> list[Account]:
        """The app users with exactly this external id."""
        ...

    def find_login(self, login: str) -> Account | None:
        """The user with exactly this login, ours or not."""
        ...

    def space_used(self, box_id: str) -> int | None:
        """Bytes an account owns, None if there is no such account or Box does not say."""
        ...

    def create(self, kind: UserKind, fields: Mapping[str, str]) -> str:
        """Create an account; its id."""
        ...

    def update(self, box_id: str, fields: Mapping[str, str]) -> str:
        """Set attributes; the id."""
        ...

    def delete(self, box_id: str, *, force: bool = False) -> str:
        """Delete an account; its id. Box refuses it while anything is owned, unless ``force`` is to destroy that."""
        ...

    def end_sessions(self, box_ids: Sequence[str]) -> None:
        """Sign accounts out everywhere; a second time does no harm."""
        ...

    def transfer(self, box_id: str, to: str) -> str:
        """Begin to give all that an account owns to another one; the id of the folder it comes to lie in."""
        ...

    def roll_out(self, box_id: str) -> str:
        """Let a managed user leave the enterprise with all content; the id."""
        ...

    def create_folder(self, name: str, parent: str, as_user: str) -> str:
        """Make a folder as an account, "" for the one behind the sign-in; its id. Conflict names the one in the way."""
        ...

    def move_folder(self, folder_id: str, parent: str, as_user: str) -> str:
        """Put a folder into another one; its id."""
        ...

    def memberships(self, box_id: str, offset: int = 0) -> Memberships:
        """One page of the groups an account is in."""
        ...

    def aliases(self, box_id: str) -> tuple[Alias, ...]:
        """All further addresses of an account."""
        ...


def send(change: Change, users: Users) -> str:
    """Send the main request of an operation; the account's id, for a transfer that of the folder it has made."""
    fields = {each.field: each.after for each in change.fields}
    match change.kind:
        case Kind.CREATE:
            return users.create(change.user_kind, {n: v for n, v in fields.items() if n not in AFTER_CREATE})
        case Kind.UPDATE | Kind.ACTIVATE | Kind.DEACTIVATE:
            return users.update(change.box_id, fields)
        case Kind.END_SESSIONS:
            users.end_sessions([change.box_id])
            return change.box_id
        case Kind.TRANSFER:
            return users.transfer(change.box_id, change.to)
        case Kind.DELETE:
            return users.delete(change.box_id, force=change.destroys)
        case Kind.ROLL_OUT:
            return users.roll_out(change.box_id)


def afterwards(change: Change) -> dict[str, str]:
    """Fields of a create that need a second request."""
    if change.kind is not Kind.CREATE:
        return {}
    return {each.field: each.after for each in change.fields if each.field in AFTER_CREATE}
