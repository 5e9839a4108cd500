"""A village whose requests meet whatever the weather brings, and which keeps an eye on what it is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from itertools import accumulate
from random import Random
from typing import TypeVar

from provision.box.accounts import COLUMNS, Account
from provision.box.collaborators import GROUP, Collaborator, CollaboratorPage, Grantee
from provision.box.group_answers import GroupPage
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
from provision.errors import BoxAnswer, BoxFault, Lost, NotSent, Rejected, ServerTrouble
from provision.ledger.progress import Look, Progress
from provision.model import Kind, UserKind, fold
from provision.operations.content import folders
from provision.operations.groups.memberships import wanted_role
from provision.operations.people.login_change import new_login
from provision.operations.value import Change
from provision.plan.groups.warrant import KINDS
from provision.plan.undo.collaborations import BACK
from provision.plan.value import Plan
from provision.plan.wants.onboarding_warrant import ONBOARDING
from provision.trees import LocalFile
from tests.apply.village import BEFORE, LATE, TROUBLE, Fate, File, Member, Village

from .baton import Baton
from .watch import Request, Watch
from .worlds import GIVING, TREES, Listed

T = TypeVar("T")

#: what a request may meet; kills come at the boundaries around it, and one in the middle
FATES = tuple(fate for fate in Fate if fate not in (Fate.FINE, Fate.KILLED_BEFORE, Fate.KILLED_AFTER))
#: how much more often than others requests that write meet a fault, and how often at most, as a share of 1
_WRITES, _WORST = 3.0, 0.6
#: what a leaver owns whose content goes to somebody else, in bytes
_OWNED = 4096
#: the share of transfers that go on after they were answered, and of these that have ended by the next plan
_TAKES_LONG, _ARRIVES = 0.5, 0.5
#: fates that say for sure that nothing was written
_HARMLESS = (Fate.THROTTLED, Fate.NOT_SENT, Fate.EXPIRED)


@dataclass
class Weather:
    """What goes wrong with requests.

    ``faults``: the share of requests that meet one of ``fates``. ``late``: after how many requests a late write lands at
    most. ``lag``: for how many requests at most a listing does not show a new account. ``away_until``: the time until
    which Box answers nobody. ``used``: the share of second accounts that somebody puts to use at once.
    """

    random: Random
    faults: float = 0.0
    late: int = 1
    lag: int = 0
    away_until: float = -1.0
    used: float = 0.0
    fates: tuple[Fate, ...] = FATES

    def fate(self, *, writes: bool) -> Fate:
        """What becomes of the next request. One that writes meets more: that is what has to be told from what happened."""
        if self.random.random() >= (min(_WORST, self.faults * _WRITES) if writes else self.faults):
            return Fate.FINE
        return self.random.choice(self.fates)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.faults, self.away_until, self.lag = 0.0, -1.0, 0


class Town(Village):
    """``unique``: Box refuses a second account with the same external id. ``trace`` tells all that happened."""

    def __init__(
        self, users: Iterable[Mapping[str, str]], baton: Baton, weather: Weather, *, unique: bool
    ) -> None:
        self.weather = weather
        self.watch = Watch()
        self.trace: list[str] = []
        self.writes: list[Request] = []  # all that may have been carried out
        self.used: set[str] = set()  # accounts that somebody has put something into
        self.edited: set[str] = set()  # accounts that an admin has changed since the plan
        self._baton = baton
        self.unique = unique
        self._shown_from: dict[str, int] = {}
        self._wanted: dict[str, list[Change]] = {}
        self._planned: dict[str, Change] = {}
        self._about = Request("", "")
        self._were_in: dict[str, tuple[str, str]] = {}
        self._worked: dict[str, tuple[str, dict[str, str]]] = {}
        self.had: set[tuple[str, str]] = set()  # the addresses that accounts have come to have, by id
        self.logins: set[tuple[str, str]] = set()  # the logins that they have come to have
        self.again: set[tuple[str, str]] = (
            set()
        )  # those that came once more, since the first request was carried out late
        self.begun: dict[str, str] = {}  # into which folder uploads in parts go
        self.unlisted_of: dict[
            str, str
        ] = {}  # of which folder a collaboration without its place in a list is
        self.reopened: set[str] = set()  # those of them that came late
        self._landing = False
        super().__init__(users)
        self.content = {box_id: _OWNED for box_id, user in self.users.items() if user["login"] in GIVING}
        self.senders = frozenset(self.content)
        self._moving: set[str] = set()
        self._waited: dict[str, int] = {}  # after how many looks somebody who is invited says yes
        self._after_roll_out = weather.random.choice((200, 403, 404))
        self._shown_from.clear()  # listings have long shown who is there before
        self.before = {box_id: dict(user) for box_id, user in self.users.items()}

    # --- what is asked; the village does it

    def get(self, box_id: str) -> Account | None:
        self._about = Request("get", box_id)
        return self._asked(lambda: self._shown(box_id))

    def find_app(self, external_id: str) -> list[Account]:
        self._about = Request("find", external_id)
        return self._asked(lambda: self._visible("external_id", external_id))

    def find_login(self, login: str) -> Account | None:
        self._about = Request("find", fold(login))
        return self._asked(lambda: next(iter(self._visible("login", login)), None))

    def space_used(self, box_id: str) -> int | None:
        self._about = Request("space", box_id)
        owns = self.content.get(box_id, 0) + (box_id in self.used)
        return self._asked(lambda: owns if box_id in self.users else None)

    def create(self, kind: UserKind, fields: Mapping[str, str]) -> str:
        self._about = Request("create", _key(kind, fields), fields)
        return self._asked(lambda: self._created(kind, fields))

    def update(self, box_id: str, fields: Mapping[str, str]) -> str:
        self._about = Request("update", box_id, fields)
        return super().update(box_id, fields)

    def delete(self, box_id: str, *, force: bool = False) -> str:
        self._about = Request("delete", box_id)
        return super().delete(box_id, force=force)

    def end_sessions(self, box_ids: Sequence[str]) -> None:
        self._about = Request("end sessions of", " ".join(box_ids))
        super().end_sessions(box_ids)

    def transfer(self, box_id: str, to: str) -> str:
        self._about = Request("transfer", box_id, {"to": to})
        return super().transfer(box_id, to)

    def roll_out(self, box_id: str) -> str:
        self._about = Request("roll out", box_id)
        return super().roll_out(box_id)

    def create_folder(self, name: str, parent: str, as_user: str) -> str:
        path = "/".join(filter(None, (self.path(parent), name)))
        whose = as_user if as_user in self.before else self._key_of(as_user)
        self._about = Request("folder", f"{whose}/{path}")
        return super().create_folder(name, parent, as_user)

    def move_folder(self, folder_id: str, parent: str, as_user: str) -> str:
        source = self.folders[folder_id].source if folder_id in self.folders else ""
        self._about = Request("move", source, {"to": f"{as_user}/{self.path(parent)}"})
        return super().move_folder(folder_id, parent, as_user)

    def find_folder(self, name: str, parent: str, as_user: str, marker: str = "") -> FolderPage:
        self._about = Request("look into", f"{as_user}/{self.path(parent)}")
        return super().find_folder(name, parent, as_user, marker)

    def collaborators(self, folder_id: str, marker: str = "", as_user: str = "") -> CollaboratorPage:
        self._about = Request("who is in", f"/{self.path(folder_id)}")
        return super().collaborators(folder_id, marker, as_user)

    def collaborate(
        self, folder_id: str, who: Grantee, role: str, *, access_only: bool = False
    ) -> Collaborator:
        told = {"whom": self._whom(who), "role": role}
        self._about = Request("let into", f"/{self.path(folder_id)}", told)
        if access_only:
            self._about = Request("open", folder_id, {"whom": self._whom(who)})
        return super().collaborate(folder_id, who, role, access_only=access_only)

    def end_collaboration(self, collaboration_id: str) -> str:
        path, whom = self._worked[collaboration_id]
        self._about = Request("take out of", path, whom)
        if collaboration_id in self.unlisted:
            self._about = Request("close", self.unlisted_of[collaboration_id], whom)
        return super().end_collaboration(collaboration_id)

    def contents(self, folder_id: str, as_user: str, marker: str = "") -> ContentPage:
        self._about = Request("look at", f"{self._key_of(as_user)}/{self.path(folder_id)}")
        return super().contents(folder_id, as_user, marker)

    def folder_name(self, folder_id: str) -> str:
        self._about = Request("name of", folder_id)
        return super().folder_name(folder_id)

    def copy_folder(self, folder_id: str, as_user: str) -> str:
        self._about = Request("copy", f"{self._key_of(as_user)}/", {"source": folder_id})
        return super().copy_folder(folder_id, as_user)

    def upload(self, file: LocalFile, parent: str, as_user: str) -> None:
        self._about = Request("upload", self._place(file, parent, as_user))
        super().upload(file, parent, as_user)

    def begin_upload(self, file: LocalFile, parent: str, as_user: str) -> UploadSession:
        self._about = Request("begin", self._place(file, parent, as_user))
        return super().begin_upload(file, parent, as_user)

    def upload_part(self, session: UploadSession, file: LocalFile, offset: int, as_user: str) -> UploadedPart:
        self._about = Request("part", self._place(file, self._parent(session), as_user))
        return super().upload_part(session, file, offset, as_user)

    def end_upload(
        self, session: UploadSession, file: LocalFile, parts: Sequence[UploadedPart], as_user: str
    ) -> None:
        self._about = Request("end", self._place(file, self._parent(session), as_user))
        super().end_upload(session, file, parts, as_user)

    def _parent(self, session: UploadSession) -> str:
        return self.begun[session.session_id]

    def _upload_begun(self, file: File) -> UploadSession:
        session = super()._upload_begun(file)
        self.begun[session.session_id] = file.parent
        return session

    def _place(self, file: LocalFile, parent: str, as_user: str) -> str:
        return "/".join((self._key_of(as_user), self.path(parent), file.name))

    def memberships(self, box_id: str, offset: int = 0) -> Memberships:
        self._about = Request("groups", self._key_of(box_id))
        return super().memberships(box_id, offset)

    def shared_folders(self, box_id: str, marker: str = "") -> SharedFolders:
        self._about = Request("shared folders", self._key_of(box_id))
        return super().shared_folders(box_id, marker)

    def groups(self, offset: int = 0, beginning: str = "") -> GroupPage:
        self._about = Request("groups named", beginning)
        return super().groups(offset, beginning)

    def create_group(self, fields: Mapping[str, str]) -> str:
        self._about = Request("group", fields["name"])
        return super().create_group(fields)

    def add_membership(self, box_id: str, group_id: str, role: str) -> str:
        self._about = Request("join", self._key_of(box_id), {"group": self._name_of(group_id), "role": role})
        return super().add_membership(box_id, group_id, role)

    def update_membership(self, membership_id: str, role: str) -> str:
        whom, group = self._were_in[membership_id]
        self._about = Request("role of", whom, {"group": group, "role": role})
        return super().update_membership(membership_id, role)

    def remove_membership(self, membership_id: str) -> str:
        whom, group = self._were_in[membership_id]
        self._about = Request("leave", whom, {"group": group})
        return super().remove_membership(membership_id)

    def aliases(self, box_id: str) -> tuple[Alias, ...]:
        self._about = Request("aliases", box_id)
        return super().aliases(box_id)

    def add_alias(self, box_id: str, email: str) -> Alias:
        self._about = Request("add alias to", box_id, {"address": fold(email)})
        return super().add_alias(box_id, email)

    def remove_alias(self, box_id: str, alias_id: str) -> None:
        self._about = Request("remove alias of", box_id, {"address": alias_id})
        super().remove_alias(box_id, alias_id)

    def invite(self, enterprise_id: str, login: str) -> Invitation:
        self._about = Request("invite", fold(login))
        return super().invite(enterprise_id, login)

    def invitation(self, invite_id: str) -> Invitation | None:
        self._about = Request("invitation", invite_id)
        return super().invitation(invite_id)

    def total(self) -> int | None:
        self._about = Request("count", "")
        return super().total()

    # --- what a test does

    def wants(self, plan: Plan) -> None:
        """From now on this plan is what may be carried out."""
        self._wanted = defaultdict(list)
        for change in plan.changes:
            for request in requests_of(change):
                self._wanted[request.name].append(change)
        self._planned = {change.id: change for change in plan.changes}
        self.edited.clear()

    def listed(self) -> Listed:
        """What a listing shows now."""
        shown = [user for box_id, user in self.users.items() if self._seen(box_id)]
        return tuple(tuple(user[name] for name in COLUMNS) for user in shown)

    @property
    def asked_for(self) -> int:
        """How many requests there were."""
        return self._requests

    def settle(self) -> None:
        """Time passes: what is on its way lands, and listings show everybody."""
        self._requests += 10**6
        self._land()
        self._shown_from.clear()

    def looks(self, progress_by_id: Mapping[str, Progress]) -> tuple[Look, ...]:
        """What is seen now of leavers whose content is on its way; by now some of it may have come to its end."""
        for box_id in sorted(self._moving):
            if self.weather.random.random() < _ARRIVES:
                self._moving.discard(box_id)
                self.content[box_id] = 0
        return tuple(
            Look(box_id, self.content.get(box_id, 0), landing=bool(self.landed(box_id)))
            for box_id, progress in sorted(progress_by_id.items())
            if progress.moving and box_id in self.users
        )

    def landed(self, source: str) -> list[str]:
        """The paths of the folders that came of transfers of what somebody owned."""
        return [
            f"{folder.owner}/{self.path(folder.parent)}"
            for folder in self.folders.values()
            if folder.source == source
        ]

    def came_true(self, change: Change) -> bool:
        """Whether an operation on an account that is known has happened."""
        if change.kind in (*KINDS, *ONBOARDING, *BACK):
            return self._grouped(change) if change.kind in KINDS else self._shared(change)
        match change.kind:
            case Kind.INVITE:
                return self._with("login", change.login) != []  # a listing may show it later
            case Kind.ALIAS_ADD | Kind.ALIAS_REMOVE | Kind.LOGIN_CHANGE if change.object:
                return self._addressed(change)
            case Kind.DELETE | Kind.ROLL_OUT:
                return change.box_id not in self.users
            case Kind.END_SESSIONS:
                return change.box_id in self.signed_out
            case Kind.TRANSFER:
                return self.landed(change.box_id) != []
            case Kind.ARCHIVE_MOVE:
                return f"{change.to}/{change.object}" in self.landed(change.box_id)
        user = self.users.get(change.box_id)
        return user is not None and all(user[each.field] == each.after for each in change.fields)

    def _grouped(self, change: Change) -> bool:
        if change.kind is Kind.GROUP_CREATE:
            return self.named_group(change.name) is not None
        if change.kind is Kind.MEMBERSHIP_REMOVE:
            return change.membership not in self.members
        return self.role_in(change.box_id, change.object) == wanted_role(change)

    def _shared(self, change: Change) -> bool:
        if change.kind is Kind.STARTER_CONTENT:
            there = self.holds(change.box_id)
            wanted = {} if change.folder else held(change.object)
            return {**there, **wanted} == there if wanted else self._has_copy(change.folder, change.box_id)
        if change.kind is Kind.FOLDER_CREATE:
            return any(f"/{self.path(one)}" == change.name for one in self.folders)
        whom = change.name if change.of_nobody else self._key_of(change.box_id)
        role = self.at_work().get(folders.place_of(change), {}).get(whom, "")
        return role == (folders.wanted_role(change) if change.kind is Kind.COLLABORATION_ADD else "")

    def _has_copy(self, folder_id: str, box_id: str) -> bool:
        """Whether all that lies in a folder lies in somebody's root, in a folder of its name."""
        name = self.path(folder_id)
        source = {path: sha1 for path, sha1 in self.holds("").items() if f"{path}/".startswith(f"{name}/")}
        there = self.holds(box_id)
        return {**there, **source} == there

    def at_work(self) -> dict[str, dict[str, str]]:
        """By the path of each folder of the account behind the sign-in who works with it, by key, and as what."""
        found: dict[str, dict[str, str]] = {
            f"/{self.path(name)}": {} for name, one in self.folders.items() if not one.owner
        }
        for name, (folder_id, who, role) in self.working.items():
            if name in self.reopened:
                continue
            found[f"/{self.path(folder_id)}"][self._whom(who)] = role
        return found

    def _whom(self, who: Grantee) -> str:
        """By which key somebody works with a folder: that of an account, or the name of a group."""
        return self.all_groups[who.box_id].name if who.kind == GROUP else self._key_of(who.box_id)

    def _let_in(self, folder_id: str, who: Grantee, role: str) -> Collaborator:
        made = super()._let_in(folder_id, who, role)
        self._worked[made.collaboration_id] = (f"/{self.path(folder_id)}", {"whom": self._whom(who)})
        return made

    def _opened(self, folder_id: str, who: Grantee, role: str) -> Collaborator:
        """One that comes after the answer was given up lets somebody in whom nobody lets out: they have the copy already."""
        made = super()._opened(folder_id, who, role)
        self.unlisted_of[made.collaboration_id] = folder_id
        if self._landing:
            self.reopened.add(made.collaboration_id)
        return made

    def _land(self) -> None:
        self._landing = True
        super()._land()
        self._landing = False

    def _addressed(self, change: Change) -> bool:
        """Whether an address came to be there, or is there no more; what a late request has brought back does not count."""
        place = (change.box_id, change.object)
        there = change.object in self.further.get(change.box_id, {})
        return not there or place in self.again if change.kind is Kind.ALIAS_REMOVE else place in self.had

    def role_in(self, box_id: str, group: str) -> str:
        """As what an account is in the group of this name, "" if it is not."""
        found = (one for one in self.members.values() if one.box_id == box_id)
        return next((one.role for one in found if self._name_of(one.group_id) == group), "")

    def in_groups(self) -> dict[str, dict[str, str]]:
        """By the name of each group who is in it, by key, and as what."""
        found: dict[str, dict[str, str]] = {one.name: {} for one in self.all_groups.values()}
        for one in self.members.values():
            found[self._name_of(one.group_id)][self._key_of(one.box_id)] = one.role
        return found

    def _key_of(self, box_id: str) -> str:
        user = self.users.get(box_id)
        return user["external_id"] or fold(user["login"]) if user else box_id

    def _name_of(self, group_id: str) -> str:
        return self.all_groups[group_id].name if group_id in self.all_groups else group_id

    def _member_added(self, member: Member) -> str:
        membership_id = super()._member_added(member)
        self._were_in[membership_id] = (self._key_of(member.box_id), self._name_of(member.group_id))
        return membership_id

    def with_key(self, key: str) -> list[str]:
        """The ids of the accounts with this external id or login."""
        return [
            box_id for box_id, user in self.users.items() if key in (user["external_id"], fold(user["login"]))
        ]

    def told(self, what: str) -> None:
        """Add to the trace."""
        self.trace.append(f"{self._baton.now:8.1f} {self._baton.lane} {what}")

    # --- how it is done

    def _asked(self, perform: Callable[[], T]) -> T:
        request = self._about
        self._baton.point(f"before {request}")
        self.ghosts += self._baton.dead
        self._requests += 1
        self._land()
        fate, trouble = self._met(request)
        self.told(f"{request}: {(trouble and type(trouble).__name__) or 'answered'}, {fate.value}")
        if request.writes and fate not in _HARMLESS and not isinstance(trouble, NotSent):
            self._judge(request)
            self.writes.append(request)
            self.watch.sends(request, partial(self._shows, request))
        if fate in BEFORE:
            self._baton.point(f"after {request}")
            raise trouble
        if fate in LATE:
            self._on_the_way.append(
                (self._requests + self.weather.random.randint(1, self.weather.late), perform)
            )
            if fate is Fate.KILLED_THEN_LATE:
                self._baton.kill()
            self._baton.point(f"after {request}")
            raise trouble
        return self._answered(request, perform, trouble)

    def _answered(self, request: Request, perform: Callable[[], T], trouble: BaseException | None) -> T:
        """Carried out at once; the answer comes unless there is trouble with it."""
        refusal, answer = None, None
        try:
            answer = perform()
        except BoxFault as fault:
            refusal = fault
        if trouble is None and refusal is not None:
            self.told(f"{request}: refused, {refusal}")
            self.watch.refused(request)
        if trouble is None and not request.writes:
            self.watch.looked(request)
        self._baton.point(f"after {request}")
        if problem := trouble or refusal:
            raise problem
        return answer

    def _judge(self, request: Request) -> None:
        """Whether this may be sent at all: what is planned, the second step of a create, or a second account's removal."""
        made = request.whom not in self.before
        if request.whom in self.edited:
            self.watch.broken.append(f"{request} was sent, and an admin has changed the account meanwhile")
        elif request.name not in self._wanted and not (
            made and (request.completes or self._superfluous(request))
        ):
            self.watch.broken.append(f"{request} was sent, and nobody has planned it")
        elif request.name in self._wanted and not any(map(self._may_follow, self._wanted[request.name])):
            self.watch.broken.append(f"{request} was sent, and what it needs has not happened")

    def _may_follow(self, change: Change) -> bool:
        """Whether all that it needs has happened."""
        needed = (self._planned[need] for need in change.needs)
        return all(self.came_true(each) for each in needed if each.box_id)

    def _superfluous(self, request: Request) -> bool:
        """Whether somebody is there twice, and this removes one that nobody uses."""
        user = self.users.get(request.whom)
        if request.verb != "delete" or user is None:
            return request.verb == "delete"
        return len(self.with_key(user["external_id"])) > 1 and request.whom not in self.used

    def _met(self, request: Request) -> tuple[Fate, BaseException]:
        if self._baton.now < self.weather.away_until:
            fault = self.weather.random.choice((NotSent, Lost, partial(ServerTrouble, BoxAnswer(503))))()
            return Fate.LOST_BEFORE, fault
        fate = self.weather.fate(writes=request.writes)
        return fate, None if fate is Fate.FINE else TROUBLE.get(fate, Lost)()

    def _visible(self, column: str, key: str) -> list[Account]:
        return [account for account in self._with(column, key) if self._seen(account.box_id)]

    def _seen(self, box_id: str) -> bool:
        return self._shown_from.get(box_id, 0) <= self._requests

    def _shows(self, request: Request) -> bool:
        match request.verb:
            case "create":
                return any(self._seen(box_id) for box_id in self.with_key(request.whom))
            case "delete" | "roll out":
                return request.whom not in self.users
            case "update":
                user = self.users.get(request.whom)
                return user is not None and all(user[name] == cell for name, cell in request.fields.items())
            case "transfer" | "copy":
                return self._came_over(request)
            case "group":
                return self.named_group(request.whom) is not None
            case "let into" | "take out of" | "join" | "role of" | "leave":
                there, whom = self._roles(request)
                return there.get(whom, "") == request.fields.get("role", "")
            case "add alias to" | "remove alias of":
                there = request.fields["address"] in self.further.get(request.whom, {})
                return there == request.verb.startswith("add")
        return False

    def _came_over(self, request: Request) -> bool:
        """Whether what somebody owned, or a copy of a folder, is where a request has sent it."""
        if request.verb == "transfer":
            return self.landed(request.whom) != []
        ids = self.with_key(request.whom.removesuffix("/"))
        return any(self._has_copy(request.fields["source"], box_id) for box_id in ids)

    def _roles(self, request: Request) -> tuple[Mapping[str, str], str]:
        """Who is in the group or the folder of a request, and as what; and whom the request is about."""
        if request.verb in ("let into", "take out of"):
            return self.at_work().get(request.whom, {}), request.fields["whom"]
        return self.in_groups().get(request.fields["group"], {}), request.whom

    def _shown(self, box_id: str) -> Account | None:
        """One account. What Box answers of one that was rolled out is undocumented."""
        if box_id in self.left and self._after_roll_out == HTTPStatus.FORBIDDEN:
            raise Rejected(BoxAnswer(403, "access_denied_insufficient_permissions"))
        shown = self.left if self._after_roll_out == HTTPStatus.OK else {}
        user = self.users.get(box_id) or shown.get(box_id)
        return Account(dict(user)) if user else None

    def _transferred(self, box_id: str, to: str) -> str:
        """Some transfers go on for long after they were answered; the folder is there from their beginning."""
        owned = self.content.get(box_id, 0)
        folder_id = super()._transferred(box_id, to)
        self.told(f"  folder {folder_id} is made of what {box_id} owns")
        if owned and self.weather.random.random() < _TAKES_LONG:
            self._moving.add(box_id)
            self.content[box_id] = owned
        return folder_id

    def _created(self, kind: UserKind, fields: Mapping[str, str]) -> str:
        if kind is UserKind.MANAGED or self.unique:
            return super()._created(kind, fields)
        second = bool(self.with_key(fields["external_id"]))
        box_id = self._add({"kind": kind.value, "status": "active", **fields})
        if second and self.weather.random.random() < self.weather.used:
            self.used.add(box_id)
        return box_id

    def _alias_added(self, box_id: str, address: str) -> Alias:
        made = super()._alias_added(box_id, address)
        if (box_id, address) in self.had:
            self.again.add((box_id, address))
        self.had.add((box_id, address))
        return made

    def _login_moved(self, box_id: str, login: str) -> None:
        super()._login_moved(box_id, login)
        if (box_id, login) in self.logins:
            self.again.add((box_id, login))
        self.logins.add((box_id, login))

    def _invitation(self, invite_id: str) -> Invitation | None:
        """Whoever is waited for long enough says yes."""
        self._waited[invite_id] = self._waited.get(invite_id, self.weather.random.randint(0, 1)) - 1
        if invite_id in self.invited and self._waited[invite_id] < 0:
            self.accept(invite_id)
        return super()._invitation(invite_id)

    def _deleted(self, box_id: str) -> str:
        if box_id in self.used:
            raise Rejected(BoxAnswer(403, "forbidden"))
        return super()._deleted(box_id)

    def _add(self, cells: dict[str, str]) -> str:
        box_id = super()._add(cells)
        if self.weather.lag:
            self._shown_from[box_id] = self._requests + self.weather.random.randint(0, self.weather.lag)
        self.told(f"  account {box_id} is made for {cells.get('external_id') or cells['login']}")
        return box_id


def _key(kind: UserKind, fields: Mapping[str, str]) -> str:
    return fields["external_id"] if kind is UserKind.APP else fold(fields["login"])


def _whose(change: Change) -> str:
    return change.external_id if change.user_kind is UserKind.APP else fold(change.login)


def _about_groups(change: Change) -> Request:
    if change.kind is Kind.GROUP_CREATE:
        return Request("group", change.name)
    if change.kind is Kind.MEMBERSHIP_REMOVE:
        return Request("leave", _whose(change), {"group": change.object})
    verb = "join" if change.kind is Kind.MEMBERSHIP_ADD else "role of"
    return Request(verb, _whose(change), {"group": change.object, "role": wanted_role(change)})


def _about_folders(change: Change) -> Request:
    folder, whom = folders.place_of(change), change.name if change.of_nobody else _whose(change)
    if change.kind is Kind.COLLABORATION_REMOVE:
        return Request("take out of", folder, {"whom": whom})
    return Request("let into", folder, {"whom": whom, "role": folders.wanted_role(change)})


def asked_by(change: Change) -> Request:
    """The main request of an operation."""
    if change.kind in KINDS:
        return _about_groups(change)
    if change.kind is Kind.FOLDER_CREATE:
        return Request("folder", change.name)
    if change.kind in BACK:
        return _about_folders(change)
    if change.kind is Kind.STARTER_CONTENT and not change.folder:
        return Request("folder", f"{_whose(change)}{change.object}")
    if change.kind is Kind.STARTER_CONTENT:
        return Request("copy", f"{_whose(change)}/", {"source": change.folder})
    if change.kind is Kind.CREATE:
        return Request(
            "create", change.external_id if change.user_kind is UserKind.APP else fold(change.login)
        )
    if change.kind is Kind.INVITE:
        return Request("invite", fold(change.login))
    verb = _VERBS.get(change.kind, "update")
    return Request(verb, change.box_id, _ASKED.get(change.kind, lambda _change: {})(change))


def _fields(change: Change) -> Mapping[str, str]:
    return {each.field: each.after for each in change.fields}


#: what is asked of an account, where it is no update
_VERBS: Mapping[Kind, str] = {
    Kind.DELETE: "delete",
    Kind.ROLL_OUT: "roll out",
    Kind.END_SESSIONS: "end sessions of",
    Kind.TRANSFER: "transfer",
    Kind.ARCHIVE_MOVE: "move",
    Kind.ALIAS_ADD: "add alias to",
    Kind.ALIAS_REMOVE: "remove alias of",
}
#: with what, where that makes a difference
_ASKED: Mapping[Kind, Callable[[Change], Mapping[str, str]]] = {
    Kind.UPDATE: _fields,
    Kind.ACTIVATE: _fields,
    Kind.DEACTIVATE: _fields,
    Kind.LOGIN_CHANGE: lambda change: {"login": new_login(change)},
    Kind.TRANSFER: lambda change: {"to": change.to},
    Kind.ARCHIVE_MOVE: lambda change: {"to": f"{change.to}/{change.object}"},
    Kind.ALIAS_ADD: lambda change: {"address": change.object},
    Kind.ALIAS_REMOVE: lambda change: {"address": change.object},
}


def held(place: str) -> dict[str, str]:
    """What a folder of this machine is to be in somebody's root, by path, and the digest of what are files."""
    tree, top = TREES[place], place.removeprefix("/")
    return {
        top: "",
        **{f"{top}/{path}": "" for path in tree.folders},
        **{f"{top}/{each.path}": each.sha1 for each in tree.files},
    }


def _uploads(change: Change) -> Iterator[Request]:
    """All requests that bring a folder of this machine."""
    for path, sha1 in held(change.object).items():
        for verb in ("upload", "begin", "part", "end") if sha1 else ("folder",):
            yield Request(verb, f"{_whose(change)}/{path}")


def requests_of(change: Change) -> tuple[Request, ...]:
    """All requests of an operation that write."""
    if change.kind is Kind.STARTER_CONTENT and not change.folder:
        return tuple(_uploads(change))
    if change.kind is Kind.STARTER_CONTENT:
        whom = {"whom": _whose(change)}
        around = (Request("open", change.folder, whom), Request("close", change.folder, whom))
        return (*around, asked_by(change))
    path = change.object.split("/") if change.kind is Kind.ARCHIVE_MOVE else []
    folders = list(accumulate(path, "{}/{}".format))
    return (*(Request("folder", f"{change.to}/{path}") for path in folders), asked_by(change))
