"""A small enterprise in memory: one request at a time, and a fate for each of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from provision.box.accounts import COLUMNS, Account, ListingPage
from provision.box.collaborators import USER, Collaborator, CollaboratorPage, Grantee
from provision.box.group_answers import GroupPage, GroupSeen
from provision.box.holdings import (
    Alias,
    ContentPage,
    ContentRow,
    FolderPage,
    Membership,
    Memberships,
    SharedFolders,
    UploadedPart,
    UploadSession,
)
from provision.box.invite_answers import ACCEPTED, Invitation
from provision.errors import (
    BoxAnswer,
    BoxFault,
    Conflict,
    Expired,
    Garbled,
    Lost,
    NotFound,
    NotSent,
    Rejected,
    ServerTrouble,
    Throttled,
)
from provision.model import UserKind, fold
from provision.trees import LocalFile

T = TypeVar("T")

ENTERPRISE = "27335"
#: the folder everything of an account lies in
ROOT = "0"
#: bytes of each part of an upload but the last
PART = 8 * 1024 * 1024


class Killed(BaseException):
    """The process ends here and now."""


class Fate(Enum):
    """What becomes of one request."""

    FINE = "fine"
    THROTTLED = "throttled"
    NOT_SENT = "not sent"
    EXPIRED = "expired"
    LOST_BEFORE = "lost before it was carried out"
    LOST_AFTER = "carried out, the answer lost"
    LOST_THEN_LATE = "lost, and carried out some requests later"
    TROUBLE_BEFORE = "503, not written"
    TROUBLE_AFTER = "503, written"
    TROUBLE_THEN_LATE = "503, and written some requests later"
    ERROR_AFTER = "500, written"
    GARBLED = "carried out, and the answer cannot be read"
    KILLED_BEFORE = "our process killed before it leaves"
    KILLED_AFTER = "our process killed before the answer comes"
    KILLED_THEN_LATE = "our process killed, and the request carried out later"


TROUBLE: dict[Fate, Callable[[], BaseException]] = {
    Fate.THROTTLED: lambda: Throttled(BoxAnswer(429), 2.0),
    Fate.NOT_SENT: NotSent,
    Fate.EXPIRED: lambda: Expired(BoxAnswer(401)),
    Fate.TROUBLE_BEFORE: lambda: ServerTrouble(BoxAnswer(503)),
    Fate.TROUBLE_AFTER: lambda: ServerTrouble(BoxAnswer(503)),
    Fate.TROUBLE_THEN_LATE: lambda: ServerTrouble(BoxAnswer(503)),
    Fate.ERROR_AFTER: lambda: ServerTrouble(BoxAnswer(500)),
    Fate.GARBLED: lambda: Garbled(BoxAnswer(200)),
    Fate.KILLED_BEFORE: Killed,
    Fate.KILLED_AFTER: Killed,
    Fate.KILLED_THEN_LATE: Killed,
}
BEFORE = (
    Fate.THROTTLED, Fate.NOT_SENT, Fate.EXPIRED, Fate.LOST_BEFORE, Fate.TROUBLE_BEFORE, Fate.KILLED_BEFORE,
)  # fmt: skip
LATE = (Fate.LOST_THEN_LATE, Fate.TROUBLE_THEN_LATE, Fate.KILLED_THEN_LATE)


class Folder(NamedTuple):
    """A folder: whose it is, its name, and the folder it lies in. ``source`` is whose content came in it, "" for nobody's."""

    owner: str
    name: str
    parent: str
    source: str = ""


class File(NamedTuple):
    """A file: whose it is, its name, the folder it lies in, and the digest of what is in it."""

    owner: str
    name: str
    parent: str
    sha1: str


class Member(NamedTuple):
    """Somebody in a group, by their ids, and as what."""

    box_id: str
    group_id: str
    role: str


class Village:
    """Users by id, each a row of cells. ``fates`` are used up one a request; afterwards all is fine.

    ``content`` is what accounts own, in bytes by id; ``folders`` are the folders by id, ``signed_out`` who was signed out, ``left``
    the accounts that were rolled out. ``all_groups`` are the groups by id, ``members`` who is in them, by the id of the membership. Keys are as unique as in Box: logins and external ids. ``late`` is after how many requests a late write lands.
    ``outside`` are the names of people with an account elsewhere, by folded login, and ``invited`` the invitations by id: the login and the status.
    ``further`` are the aliases by id and folded address, and whether each is confirmed; on ``unverified`` domains none is at once.
    ``working``: who works with which folder, as the id of the folder, the account or group, and the role, by the id of the collaboration.
    ``files`` are the files by id, ``uploads`` those in parts that are not ended, with what has arrived, ``unlisted`` the ids of collaborations that show nobody the folder among their own.
    ``dead``: our process was killed, and no other is started yet; ``ghosts`` counts what it sends still. ``needless`` counts creates sent although the account was there to be seen and nothing was on its way.
    """

    def __init__(self, users: Iterable[Mapping[str, str]], fates: Iterable[Fate] = (), late: int = 2) -> None:
        self.users: dict[str, dict[str, str]] = {}
        self.fates = iter(fates)
        self.needless = 0
        self.dead = False
        self.ghosts = 0
        self.ever: list[tuple[str, str]] = []
        self.content: dict[str, int] = {}
        self.folders: dict[str, Folder] = {}
        self.files: dict[str, File] = {}
        self.unlisted: set[str] = set()
        self.uploads: dict[str, tuple[File, set[int]]] = {}
        self.signed_out: list[str] = []
        self.further: dict[str, dict[str, bool]] = {}
        self.unverified: tuple[str, ...] = ()
        self.outside: dict[str, str] = {}
        self.invited: dict[str, tuple[str, str]] = {}
        self.left: dict[str, dict[str, str]] = {}
        self.all_groups: dict[str, GroupSeen] = {}
        self.members: dict[str, Member] = {}
        self.working: dict[str, tuple[str, Grantee, str]] = {}
        self._late = late
        self._on_the_way: list[tuple[int, Callable[[], Any]]] = []
        self._requests = 0
        self._ids = itertools.count(1000)
        self._folder_ids = itertools.count(70_000)
        self._group_ids = itertools.count(80_000)
        for user in users:
            self._add(dict(user))

    def calm(self) -> bool:
        """Let everything land that is on its way, and nothing go wrong from now on; whether it was so already."""
        was_calm = not self._on_the_way and next(self.fates, None) is None
        self.fates = iter(())
        self._requests += 10**6
        self._land()
        return was_calm

    # --- what Box's users can be asked (the protocols of apply/ and directory/)

    #: it hides nothing
    codes_shown = True

    def get(self, box_id: str) -> Account | None:
        return self._asked(lambda: Account(dict(self.users[box_id])) if box_id in self.users else None)

    def find_app(self, external_id: str) -> list[Account]:
        return self._asked(lambda: self._with("external_id", external_id))

    def find_login(self, login: str) -> Account | None:
        return self._asked(lambda: next(iter(self._with("login", login)), None))

    def space_used(self, box_id: str) -> int | None:
        return self._asked(lambda: self.content.get(box_id, 0) if box_id in self.users else None)

    def create(self, kind: UserKind, fields: Mapping[str, str]) -> str:
        column = "external_id" if kind is UserKind.APP else "login"
        if not self._on_the_way and self._with(column, fields[column]):
            self.needless += 1
        return self._asked(lambda: self._created(kind, fields))

    def update(self, box_id: str, fields: Mapping[str, str]) -> str:
        return self._asked(lambda: self._updated(box_id, fields))

    def delete(self, box_id: str, *, force: bool = False) -> str:
        return self._asked(lambda: self._deleted(box_id))

    def end_sessions(self, box_ids: Sequence[str]) -> None:
        self._asked(lambda: self.signed_out.extend(box_ids))

    def transfer(self, box_id: str, to: str) -> str:
        return self._asked(lambda: self._transferred(box_id, to))

    def roll_out(self, box_id: str) -> str:
        return self._asked(lambda: self._rolled_out(box_id))

    def create_folder(self, name: str, parent: str, as_user: str) -> str:
        return self._asked(lambda: self._folder_made(Folder(as_user, name, parent)))

    def move_folder(self, folder_id: str, parent: str, as_user: str) -> str:
        return self._asked(lambda: self._folder_moved(folder_id, parent, as_user))

    def find_folder(self, name: str, parent: str, as_user: str, marker: str = "") -> FolderPage:
        return self._asked(lambda: FolderPage(self._folder_named(Folder(as_user, name, parent)), ""))

    def collaborators(self, folder_id: str, marker: str = "", as_user: str = "") -> CollaboratorPage:
        return self._asked(lambda: self._collaborators(folder_id))

    def collaborate(
        self, folder_id: str, who: Grantee, role: str, *, access_only: bool = False
    ) -> Collaborator:
        if access_only:
            return self._asked(lambda: self._opened(folder_id, who, role))
        return self._asked(lambda: self._let_in(folder_id, who, role))

    def end_collaboration(self, collaboration_id: str) -> str:
        return self._asked(lambda: self._taken_out(collaboration_id))

    def contents(self, folder_id: str, as_user: str, marker: str = "") -> ContentPage:
        return self._asked(lambda: self._contents(folder_id, as_user))

    def folder_name(self, folder_id: str) -> str:
        return self._asked(lambda: self._folder_name(folder_id))

    def copy_folder(self, folder_id: str, as_user: str) -> str:
        return self._asked(lambda: self._copied(folder_id, as_user))

    def upload(self, file: LocalFile, parent: str, as_user: str) -> None:
        self._asked(lambda: self._uploaded(File(as_user, file.name, parent, file.sha1)))

    def begin_upload(self, file: LocalFile, parent: str, as_user: str) -> UploadSession:
        return self._asked(lambda: self._upload_begun(File(as_user, file.name, parent, file.sha1)))

    def upload_part(self, session: UploadSession, file: LocalFile, offset: int, as_user: str) -> UploadedPart:
        return self._asked(lambda: self._part_taken(session, file, offset))

    def end_upload(
        self, session: UploadSession, file: LocalFile, parts: Sequence[UploadedPart], as_user: str
    ) -> None:
        self._asked(lambda: self._upload_ended(session, file, parts))

    def memberships(self, box_id: str, offset: int = 0) -> Memberships:
        return self._asked(lambda: self._memberships(box_id))

    def shared_folders(self, box_id: str, marker: str = "") -> SharedFolders:
        return self._asked(lambda: SharedFolders((), ""))

    def group(self, group_id: str) -> GroupSeen | None:
        return self._asked(lambda: self.all_groups.get(group_id))

    def groups(self, offset: int = 0, beginning: str = "") -> GroupPage:
        return self._asked(lambda: self._groups(beginning))

    def create_group(self, fields: Mapping[str, str]) -> str:
        return self._asked(lambda: self._group_made(fields))

    def add_membership(self, box_id: str, group_id: str, role: str) -> str:
        return self._asked(lambda: self._member_added(Member(box_id, group_id, role)))

    def update_membership(self, membership_id: str, role: str) -> str:
        return self._asked(lambda: self._member_changed(membership_id, role))

    def remove_membership(self, membership_id: str) -> str:
        return self._asked(lambda: self._member_removed(membership_id))

    def aliases(self, box_id: str) -> tuple[Alias, ...]:
        return self._asked(
            lambda: tuple(Alias(one, one, known) for one, known in self.further.get(box_id, {}).items())
        )

    def add_alias(self, box_id: str, email: str) -> Alias:
        return self._asked(lambda: self._alias_added(box_id, fold(email)))

    def remove_alias(self, box_id: str, alias_id: str) -> None:
        self._asked(lambda: self._alias_removed(box_id, alias_id))

    def invite(self, enterprise_id: str, login: str) -> Invitation:
        return self._asked(lambda: self._invited(fold(login)))

    def invitation(self, invite_id: str) -> Invitation | None:
        return self._asked(lambda: self._invitation(invite_id))

    def page(self, marker: str, limit: int = 1000) -> ListingPage:
        return self._asked(lambda: self._page(int(marker or 0), limit))

    def page_at(self, offset: int, limit: int = 1000) -> ListingPage:
        raise NotImplementedError("a village has no second page")

    def total(self) -> int | None:
        return self._asked(lambda: len(self.users))

    # --- how it is done

    def _asked(self, perform: Callable[[], T]) -> T:
        """One request with its fate."""
        self.ghosts += self.dead
        self._requests += 1
        self._land()
        fate = next(self.fates, Fate.FINE)
        trouble = TROUBLE.get(fate, Lost)()
        self.dead = isinstance(trouble, Killed)
        if fate in BEFORE:
            raise trouble
        if fate in LATE:
            self._on_the_way.append((self._requests + self._late, perform))
            raise trouble
        answer = perform()
        if fate is not Fate.FINE:
            raise trouble
        return answer

    def _land(self) -> None:
        due = [perform for moment, perform in self._on_the_way if moment <= self._requests]
        self._on_the_way = [one for one in self._on_the_way if one[0] > self._requests]
        for perform in due:
            try:
                perform()
            except BoxFault:
                continue  # refused, and nobody is there to hear it

    def _with(self, column: str, key: str) -> list[Account]:
        found = (user for user in self.users.values() if key and fold(user[column]) == fold(key))
        return [Account(dict(user)) for user in found]

    def _created(self, kind: UserKind, fields: Mapping[str, str]) -> str:
        column = "external_id" if kind is UserKind.APP else "login"
        if column == "login" and fold(fields[column]) in self.outside:
            raise Conflict(BoxAnswer(409, "user_login_already_used"))
        if column == "login" and any(fold(fields[column]) in mine for mine in self.further.values()):
            raise Conflict(BoxAnswer(409))
        if taken := self._with(column, fields[column]):
            raise Conflict(BoxAnswer(409), taken[0].box_id if kind is UserKind.APP else "")
        return self._add({"kind": kind.value, "status": "active", **fields})

    def _add(self, cells: dict[str, str]) -> str:
        box_id = str(next(self._ids))
        standard = {"role": "user", "enterprise_id": ENTERPRISE, "login": f"AppUser_{box_id}@box.example"}
        self.users[box_id] = dict.fromkeys(COLUMNS, "") | standard | cells | {"box_id": box_id}
        self.ever.append((cells.get("external_id", ""), self.users[box_id]["login"]))
        return box_id

    def _updated(self, box_id: str, fields: Mapping[str, str]) -> str:
        if box_id not in self.users:
            raise NotFound(BoxAnswer(404))
        if login := fields.get("login"):
            self._login_moved(box_id, fold(login))
        self.users[box_id] |= fields
        return box_id

    def _login_moved(self, box_id: str, login: str) -> None:
        """A confirmed alias becomes the login, and the old login an alias."""
        mine = self.further.setdefault(box_id, {})
        if not mine.get(login):
            raise Rejected(BoxAnswer(400, "bad_request"))
        del mine[login]
        mine[fold(self.users[box_id]["login"])] = True

    def _alias_added(self, box_id: str, address: str) -> Alias:
        if box_id not in self.users:
            raise NotFound(BoxAnswer(404))
        if self._with("login", address) or any(address in mine for mine in self.further.values()):
            raise Conflict(BoxAnswer(409))
        known = address.rpartition("@")[2] not in self.unverified
        self.further.setdefault(box_id, {})[address] = known
        return Alias(address, address, known)

    def _alias_removed(self, box_id: str, alias_id: str) -> None:
        if self.further.get(box_id, {}).pop(alias_id, None) is None:
            raise NotFound(BoxAnswer(404))

    def _invited(self, login: str) -> Invitation:
        """One that waits is there once; what Box does with a second one is undocumented."""
        if self._with("login", login):
            raise Rejected(BoxAnswer(400, "bad_request"))
        if login not in self.outside:
            raise NotFound(BoxAnswer(404))
        known = next((name for name, one in self.invited.items() if one == (login, "pending")), "")
        invite_id = known or str(next(self._group_ids))
        self.invited[invite_id] = (login, "pending")
        return Invitation(invite_id, "pending")

    def _invitation(self, invite_id: str) -> Invitation | None:
        if invite_id not in self.invited:
            return None
        login, status = self.invited[invite_id]
        return Invitation(invite_id, status, next((one.box_id for one in self._with("login", login)), ""))

    def accept(self, invite_id: str) -> None:
        """Whoever is invited joins."""
        login, _ = self.invited[invite_id]
        self.invited[invite_id] = (login, ACCEPTED)
        if (name := self.outside.pop(login, None)) is not None:
            self._add({"kind": "managed", "status": "active", "login": login, "name": name})

    def _deleted(self, box_id: str) -> str:
        if self.users.pop(box_id, None) is None:
            raise NotFound(BoxAnswer(404))
        self.members = {name: one for name, one in self.members.items() if one.box_id != box_id}
        return box_id

    def _transferred(self, box_id: str, to: str) -> str:
        """All that an account owns comes to lie in a folder in the root of another one, each time in a new one."""
        if not {box_id, to} <= self.users.keys():
            raise NotFound(BoxAnswer(404))
        self.content[to] = self.content.get(to, 0) + self.content.pop(box_id, 0)
        return self._folder(Folder(to, f"{self.users[box_id]['login']} - Files and Folders", ROOT, box_id))

    def _rolled_out(self, box_id: str) -> str:
        if box_id not in self.users:
            raise NotFound(BoxAnswer(404))
        self.left[box_id] = self.users.pop(box_id) | {"enterprise_id": ""}
        return box_id

    def _folder_made(self, wanted: Folder) -> str:
        self._expect(wanted.parent, wanted.owner)
        self._refuse_taken(wanted)
        return self._folder(wanted)

    def _folder_moved(self, folder_id: str, parent: str, as_user: str) -> str:
        for each in (folder_id, parent):
            self._expect(each, as_user)
        self.folders[folder_id] = self.folders[folder_id]._replace(parent=parent)
        return folder_id

    def _folder(self, folder: Folder) -> str:
        folder_id = str(next(self._folder_ids))
        self.folders[folder_id] = folder
        return folder_id

    def share(self, name: str, box_id: str, role: str) -> str:
        """Somebody works with a folder of the account behind the sign-in when all begins; its id."""
        folder_id = self._folder_named(Folder("", name, ROOT)) or self._folder(Folder("", name, ROOT))
        self._let_in(folder_id, Grantee(box_id), role)
        return folder_id

    def _folder_named(self, wanted: Folder) -> str:
        low = wanted.name.casefold()
        found = (
            name
            for name, one in self.folders.items()
            if (one.owner, one.parent, one.name.casefold()) == (wanted.owner, wanted.parent, low)
        )
        return next(found, "")

    def _collaborators(self, folder_id: str) -> CollaboratorPage:
        if folder_id not in self.folders:
            raise NotFound(BoxAnswer(404))
        found = ((name, one) for name, one in self.working.items() if one[0] == folder_id)
        rows = (
            replace(_at_work(name, who, role), access_only=name in self.unlisted)
            for name, (_, who, role) in found
        )
        return CollaboratorPage(tuple(rows), "")

    def _opened(self, folder_id: str, who: Grantee, role: str) -> Collaborator:
        made = self._let_in(folder_id, who, role)
        self.unlisted.add(made.collaboration_id)
        return replace(made, access_only=True)

    def _let_in(self, folder_id: str, who: Grantee, role: str) -> Collaborator:
        known: Iterable[str] = self.users if who.kind == USER else self.all_groups
        if folder_id not in self.folders or who.box_id not in known:
            raise NotFound(BoxAnswer(404))
        if any(one[:2] == (folder_id, who) for one in self.working.values()):
            raise Rejected(BoxAnswer(400, "user_already_collaborator"))
        collaboration_id = str(next(self._folder_ids))
        self.working[collaboration_id] = (folder_id, who, role)
        return _at_work(collaboration_id, who, role)

    def _taken_out(self, collaboration_id: str) -> str:
        if self.working.pop(collaboration_id, None) is None:
            raise NotFound(BoxAnswer(404))
        return collaboration_id

    def keep(self, path: str, sha1: str) -> None:
        """A file of the account behind the sign-in when all begins, with the folders it lies in."""
        *above, name = path.split("/")
        parent = ROOT
        for each in above:
            parent = self._folder_named(Folder("", each, parent)) or self._folder(Folder("", each, parent))
        self.files[str(next(self._folder_ids))] = File("", name, parent, sha1)

    def holds(self, owner: str) -> dict[str, str]:
        """By path all that lies in somebody's root, and the digest of what are files."""
        found = {self.path(name): "" for name, one in self.folders.items() if one.owner == owner}
        return found | {
            "/".join(filter(None, (self.path(one.parent), one.name))): one.sha1
            for one in self.files.values()
            if one.owner == owner
        }

    def path(self, folder_id: str) -> str:
        """The names of the folders from the root to this one, "" for the root."""
        folder = self.folders.get(folder_id)
        return "/".join(filter(None, (self.path(folder.parent), folder.name))) if folder else ""

    def _contents(self, folder_id: str, as_user: str) -> ContentPage:
        self._expect_shown(folder_id, as_user)
        owner = self.folders[folder_id].owner if folder_id in self.folders else as_user
        place = (owner, folder_id)
        folders = [
            ContentRow(name, "folder", one.name, "", one.owner)
            for name, one in self.folders.items()
            if (one.owner, one.parent) == place
        ]
        files = [
            ContentRow(name, "file", one.name, one.sha1, one.owner)
            for name, one in self.files.items()
            if (one.owner, one.parent) == place
        ]
        return ContentPage((*folders, *files), "")

    def _folder_name(self, folder_id: str) -> str:
        self._expect_shown(folder_id, "")
        return self.folders[folder_id].name

    def _copied(self, folder_id: str, as_user: str) -> str:
        self._expect_shown(folder_id, as_user)
        name = self.folders[folder_id].name
        self._refuse_taken(Folder(as_user, name, ROOT))
        return self._copy(folder_id, as_user, ROOT)

    def _uploaded(self, file: File) -> None:
        self._expect(file.parent, file.owner)
        self._refuse_taken(Folder(file.owner, file.name, file.parent))
        self.files[str(next(self._folder_ids))] = file

    def _upload_begun(self, file: File) -> UploadSession:
        self._expect(file.parent, file.owner)
        self._refuse_taken(Folder(file.owner, file.name, file.parent))
        session_id = str(next(self._folder_ids))
        self.uploads[session_id] = (file, set())
        return UploadSession(session_id, PART)

    def _part_taken(self, session: UploadSession, file: LocalFile, offset: int) -> UploadedPart:
        if session.session_id not in self.uploads:
            raise NotFound(BoxAnswer(404))
        self.uploads[session.session_id][1].add(offset)
        return UploadedPart(f"part {offset}", offset, min(PART, file.size - offset), "")

    def _upload_ended(self, session: UploadSession, file: LocalFile, parts: Sequence[UploadedPart]) -> None:
        if session.session_id not in self.uploads:
            raise NotFound(BoxAnswer(404))
        wanted, there = self.uploads[session.session_id]
        if {part.offset for part in parts} != there or sum(part.size for part in parts) != file.size:
            raise Rejected(BoxAnswer(400, "bad_request"))
        self._uploaded(wanted)
        del self.uploads[session.session_id]

    def _copy(self, folder_id: str, owner: str, parent: str) -> str:
        made = self._folder(Folder(owner, self.folders[folder_id].name, parent))
        for one in [one for one in self.files.values() if one.parent == folder_id]:
            self.files[str(next(self._folder_ids))] = one._replace(owner=owner, parent=made)
        for name in [name for name, one in self.folders.items() if one.parent == folder_id]:
            self._copy(name, owner, made)
        return made

    def _refuse_taken(self, wanted: Folder) -> None:
        low = wanted.name.casefold()
        files = (name for name, one in self.files.items() if one.name.casefold() == low
                 and (one.owner, one.parent) == (wanted.owner, wanted.parent))  # fmt: skip
        if there := self._folder_named(wanted) or next(files, ""):
            raise Conflict(BoxAnswer(409, "item_name_in_use"), there)

    def _expect_shown(self, folder_id: str, as_user: str) -> None:
        """Raise NotFound unless this account has this folder, or works with it or one above it."""
        if as_user and as_user not in self.users:
            raise NotFound(BoxAnswer(404))
        place = folder_id
        while place in self.folders:
            if self.folders[place].owner == as_user or any(
                one[:2] == (place, Grantee(as_user)) for one in self.working.values()
            ):
                return
            place = self.folders[place].parent
        if folder_id != ROOT:
            raise NotFound(BoxAnswer(404))

    def named_group(self, name: str) -> GroupSeen | None:
        """The group of this name; letter case makes no other one."""
        return next((one for one in self.all_groups.values() if one.name.casefold() == name.casefold()), None)

    def join(self, box_id: str, name: str, role: str = "member") -> None:
        """Somebody is in a group when all begins."""
        group = self.named_group(name)
        self._member_added(
            Member(box_id, group.group_id if group else self._group_made({"name": name}), role)
        )

    def _memberships(self, box_id: str) -> Memberships:
        if box_id not in self.users:
            raise NotFound(BoxAnswer(404))
        found = ((name, one) for name, one in self.members.items() if one.box_id == box_id)
        rows = (
            Membership(name, one.group_id, self.all_groups[one.group_id].name, one.role)
            for name, one in found
        )
        return Memberships(tuple(rows), None)

    def _groups(self, beginning: str) -> GroupPage:
        low = beginning.casefold()
        rows = tuple(one for one in self.all_groups.values() if one.name.casefold().startswith(low))
        return GroupPage(rows, None, len(rows))

    def _group_made(self, fields: Mapping[str, str]) -> str:
        if self.named_group(fields["name"]) is not None:
            raise Conflict(BoxAnswer(409, "conflict"))
        group_id = str(next(self._group_ids))
        told = (fields.get(name, "") for name in ("provenance", "external_sync_identifier"))
        self.all_groups[group_id] = GroupSeen(group_id, fields["name"], "managed_group", *told)
        return group_id

    def _member_added(self, member: Member) -> str:
        if member.box_id not in self.users or member.group_id not in self.all_groups:
            raise NotFound(BoxAnswer(404))
        if any(one[:2] == member[:2] for one in self.members.values()):
            raise Conflict(BoxAnswer(409, "conflict"))
        membership_id = str(next(self._group_ids))
        self.members[membership_id] = member
        return membership_id

    def _member_changed(self, membership_id: str, role: str) -> str:
        if membership_id not in self.members:
            raise NotFound(BoxAnswer(404))
        self.members[membership_id] = self.members[membership_id]._replace(role=role)
        return membership_id

    def _member_removed(self, membership_id: str) -> str:
        if self.members.pop(membership_id, None) is None:
            raise NotFound(BoxAnswer(404))
        return membership_id

    def _expect(self, folder_id: str, owner: str) -> None:
        """Raise NotFound unless this account has this folder."""
        folder = self.folders.get(folder_id)
        if folder_id != ROOT and (folder is None or folder.owner != owner):
            raise NotFound(BoxAnswer(404))

    def _page(self, start: int, limit: int) -> ListingPage:
        shown = list(self.users.values())[start : start + limit]
        more = str(start + limit) if start + limit < len(self.users) else ""
        return ListingPage({name: [user[name] for user in shown] for name in COLUMNS}, more, limit)


def _at_work(collaboration_id: str, who: Grantee, role: str) -> Collaborator:
    return Collaborator(collaboration_id, who.kind, who.box_id, "", role, "accepted")
