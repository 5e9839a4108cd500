"""What operations need of Box: a few calls, each one request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from provision.box.accounts import Account
from provision.box.collaborators import Collaborator, CollaboratorPage, Grantee
from provision.box.group_answers import GroupPage, GroupSeen
from provision.box.holdings import (
    Alias,
    ContentPage,
    FolderPage,
    Memberships,
    SharedFolders,
    UploadedPart,
    UploadSession,
)
from provision.box.invite_answers import Invitation
from provision.model import UserKind
from provision.trees import LocalFile, LocalTree

T = TypeVar("T")


class Repeat(Protocol):
    """Repeats a request until it is answered: one that changes nothing, or that does no harm a second time."""

    def __call__(self, call: Callable[[], T], /) -> T:
        """The answer."""
        ...


class Users(Protocol):
    """The few calls that create, change, find and remove users. Each is one request; all may raise any BoxFault."""

    @property
    def codes_shown(self) -> bool | None:
        """Whether an answer showed the tracking codes that were set by it; None as long as none were."""
        ...

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
        """Create a folder as an account, "" for the one behind the sign-in; its id. Conflict names the one in the way."""
        ...

    def move_folder(self, folder_id: str, parent: str, as_user: str) -> str:
        """Put a folder into another one; its id."""
        ...

    def find_folder(self, name: str, parent: str, as_user: str, marker: str = "") -> FolderPage:
        """Look for a folder of a name on one page of another one, as an account, "" for the one behind the sign-in."""
        ...

    def collaborators(self, folder_id: str, marker: str = "", as_user: str = "") -> CollaboratorPage:
        """One page of who works with a folder, as an account sees it, "" for the one behind the sign-in. NotFound for one that is not shown."""
        ...

    def collaborate(
        self, folder_id: str, who: Grantee, role: str, *, access_only: bool = False
    ) -> Collaborator:
        """Let an account or a group into a folder, which ``access_only`` does not show it among its own.

        Conflict or Rejected for somebody who works with it already.
        """
        ...

    def end_collaboration(self, collaboration_id: str) -> str:
        """Take somebody out of a folder; its id. NotFound for a collaboration that is not there."""
        ...

    def contents(self, folder_id: str, as_user: str, marker: str = "") -> ContentPage:
        """One page of what lies in a folder, as an account sees it, "" for the one behind the sign-in."""
        ...

    def folder_name(self, folder_id: str) -> str:
        """The name of a folder. NotFound for one that the sign-in is not shown."""
        ...

    def copy_folder(self, folder_id: str, as_user: str) -> str:
        """Copy a folder into the root of an account, as that account; the id of the copy. Conflict for a name in use."""
        ...

    def upload(self, file: LocalFile, parent: str, as_user: str) -> None:
        """Send a file into a folder of an account, as that account. Conflict for a name in use."""
        ...

    def begin_upload(self, file: LocalFile, parent: str, as_user: str) -> UploadSession:
        """Begin to send a large file in parts; likewise."""
        ...

    def upload_part(self, session: UploadSession, file: LocalFile, offset: int, as_user: str) -> UploadedPart:
        """Send the part of a file that begins at a byte; a second time does no harm."""
        ...

    def end_upload(
        self, session: UploadSession, file: LocalFile, parts: Sequence[UploadedPart], as_user: str
    ) -> None:
        """Make the file of its parts. ServerTrouble while Box does so, NotFound for an upload that is over."""
        ...

    def memberships(self, box_id: str, offset: int = 0) -> Memberships:
        """One page of the groups an account is in."""
        ...

    def shared_folders(self, box_id: str, marker: str = "") -> SharedFolders:
        """One page of the folders in an account's root that it owns and others take part in, asked as that account."""
        ...

    def group(self, group_id: str) -> GroupSeen | None:
        """One group by id, None if there is none."""
        ...

    def groups(self, offset: int = 0, beginning: str = "") -> GroupPage:
        """One page of the groups, of those only whose name begins so."""
        ...

    def create_group(self, fields: Mapping[str, str]) -> str:
        """Create a group; its id. Conflict for a name that another one has."""
        ...

    def add_membership(self, box_id: str, group_id: str, role: str) -> str:
        """Take an account into a group; the id of the membership. Conflict for one that is there."""
        ...

    def update_membership(self, membership_id: str, role: str) -> str:
        """Give a membership another role; its id."""
        ...

    def remove_membership(self, membership_id: str) -> str:
        """End a membership; its id. NotFound for one that is not there."""
        ...

    def aliases(self, box_id: str) -> tuple[Alias, ...]:
        """All further addresses of an account."""
        ...

    def add_alias(self, box_id: str, email: str) -> Alias:
        """Give an account a further address, which may have to be confirmed first."""
        ...

    def remove_alias(self, box_id: str, alias_id: str) -> None:
        """Take a further address from an account."""
        ...

    def invite(self, enterprise_id: str, login: str) -> Invitation:
        """Invite whoever has this login into the enterprise. NotFound if it is no account's login."""
        ...

    def invitation(self, invite_id: str) -> Invitation | None:
        """One invitation by id, None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Remote:
    """Box as an operation reaches it.

    ``users`` makes single requests. ``read`` repeats one that changes nothing until it is answered; it may raise any
    BoxFault, Interrupted or BoxRefused. ``me`` is the Box id of the account behind the sign-in. ``trees`` are the folders of
    this machine that new people get, by their place in the root of who gets them; ``sent`` is told of each part of
    a large file, and how many bytes of it Box has by then. ``pause`` lets so many seconds pass;
    it raises Interrupted if the run is to stop.
    """

    users: Users
    read: Repeat
    enterprise_id: str
    me: str = ""
    trees: Mapping[str, LocalTree] = field(default_factory=dict)
    sent: Callable[[LocalFile, int], None] = lambda _file, _bytes: None
    pause: Callable[[float], None] = lambda _seconds: None
