"""The words every room shares: kinds of user, kinds of operation, verdicts, outcomes, and the attributes Box knows.

Cells are canonical text everywhere between the readers and the calls: "" means *not said* (roster) or *empty* (Box),
booleans are ``true``/``false``, sizes are decimal bytes (``-1`` is unlimited), logins keep their spelling and are
compared in lower case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

#: what an HR person writes into a cell to empty an attribute (an empty cell means "leave as it is")
CLEAR = "(clear)"

#: bytes that stand for "no limit" (Box API reference, POST /users, space_amount)
UNLIMITED = "-1"

#: in some places Box shows "no limit" as this many bytes, and people copy it from there
NO_LIMIT = 999_999_999_999_999


class UserKind(StrEnum):
    """The two kinds of user this program makes (developer.box.com, User types)."""

    MANAGED = "managed"
    APP = "app"


class Kind(StrEnum):
    """A kind of operation. The values are part of plan.json and of the JSON summary."""

    CREATE = "create"
    UPDATE = "update"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    INVITE = "invite"
    END_SESSIONS = "end_sessions"
    TRANSFER = "transfer"
    ARCHIVE_MOVE = "archive_move"
    DELETE = "delete"
    ROLL_OUT = "roll_out"
    GROUP_CREATE = "group_create"
    MEMBERSHIP_ADD = "membership_add"
    MEMBERSHIP_UPDATE = "membership_update"
    MEMBERSHIP_REMOVE = "membership_remove"
    LOGIN_CHANGE = "login_change"
    ALIAS_ADD = "alias_add"
    ALIAS_REMOVE = "alias_remove"
    FOLDER_CREATE = "folder_create"
    COLLABORATION_ADD = "collaboration_add"
    COLLABORATION_REMOVE = "collaboration_remove"
    STARTER_CONTENT = "starter_content"


#: operations that are about nobody, so that no line of the reconciliation tells them
OF_NOBODY = (Kind.GROUP_CREATE, Kind.FOLDER_CREATE)

#: attributes that Box takes only in an update: a create with one is two requests (Box API reference, POST /users)
AFTER_CREATE = ("notification_email",)


class Verdict(StrEnum):
    """What the plan says of one roster row or one existing user.

    Operations have the name of their kind, but for those that only complete another one.
    """

    UNCHANGED = "unchanged"
    CREATE = "create"
    UPDATE = "update"
    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    INVITE = "invite"
    END_SESSIONS = "end_sessions"
    TRANSFER = "transfer"
    ARCHIVE_MOVE = "archive_move"
    DELETE = "delete"
    ROLL_OUT = "roll_out"
    MEMBERSHIP_ADD = "membership_add"
    MEMBERSHIP_UPDATE = "membership_update"
    MEMBERSHIP_REMOVE = "membership_remove"
    LOGIN_CHANGE = "login_change"
    ALIAS_ADD = "alias_add"
    ALIAS_REMOVE = "alias_remove"
    COLLABORATION_ADD = "collaboration_add"
    COLLABORATION_REMOVE = "collaboration_remove"
    STARTER_CONTENT = "starter_content"
    REJECTED = "rejected"
    PROTECTED = "protected"
    UNOWNED = "unowned"
    HELD = "held"
    OUT_OF_SCOPE = "out_of_scope"
    STARTS_LATER = "starts_later"
    EXCLUDED = "excluded"
    CLAIMED = "claimed"


class Status(StrEnum):
    """What became of one operation. The values are part of the reconciliation."""

    DONE = "done"
    FAILED = "failed"
    IN_DOUBT = "in_doubt"
    SKIPPED = "skipped"
    HELD = "held"
    NOT_ATTEMPTED = "not_attempted"
    #: Box or the person has to act first; the next runs look again
    WAITING = "waiting"


class Action(StrEnum):
    """What a row of a partial roster asks for."""

    UPSERT = "upsert"
    DEACTIVATE = "deactivate"
    DELETE = "delete"
    IGNORE = "ignore"


#: the action of a row that has ended and whose person another row of the roster has; no file can say it
SUPERSEDED = "superseded"
#: column of a roster that says under which external id a row's person was in another row of it, only there if any was
SUCCEEDS = "succeeds"
#: column of a roster that says whose login a row's person has now, by the external id of who has left, only there if any has
HANDED_FROM = "handed_from"
#: column of a roster of several sources: the names of those that name the row's person, its own first, with blanks between
NAMED_BY = "named_by"


class Shape(StrEnum):
    """How a cell of an attribute is written and compared."""

    TEXT = "text"
    BOOLEAN = "boolean"
    BYTES = "bytes"
    LANGUAGE = "language"
    TIMEZONE = "timezone"
    STATUS = "status"
    ROLE = "role"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a Box user that a roster may set.

    ``limit`` is the longest text in characters, 0 for none. ``app``: an app user can have it (Box's tutorial on app
    users lists eight). ``clearable``: ``(clear)`` may empty it.
    """

    name: str
    shape: Shape = Shape.TEXT
    limit: int = 0
    app: bool = False
    clearable: bool = False


#: attributes a roster may set, in the order in which they are shown (Box API reference, POST and PUT /users)
ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("name", limit=50, app=True),
    Attribute("role", Shape.ROLE),
    Attribute("status", Shape.STATUS, app=True),
    Attribute("language", Shape.LANGUAGE, app=True),
    Attribute("timezone", Shape.TIMEZONE, app=True),
    Attribute("job_title", limit=100, app=True, clearable=True),
    Attribute("phone", limit=100, app=True, clearable=True),
    Attribute("address", limit=255, app=True, clearable=True),
    Attribute("space_amount", Shape.BYTES, app=True),
    Attribute("is_sync_enabled", Shape.BOOLEAN),
    Attribute("can_see_managed_users", Shape.BOOLEAN),
    Attribute("is_external_collab_restricted", Shape.BOOLEAN),
    Attribute("is_exempt_from_device_limits", Shape.BOOLEAN),
    Attribute("is_exempt_from_login_verification", Shape.BOOLEAN),
    Attribute("notification_email", Shape.EMAIL, clearable=True),
)

ATTRIBUTE: dict[str, Attribute] = {attribute.name: attribute for attribute in ATTRIBUTES}

#: a roster column ``tracking_codes.NAME`` sets the tracking code NAME of a managed user
TRACKING_PREFIX = "tracking_codes."

#: languages Box knows: its own two-letter dialect, not ISO 639 (developer.box.com, Language codes)
LANGUAGES = frozenset([
    "bn", "da", "de", "en", "gb", "e2", "e3", "s2", "es", "fi", "fr", "f2", "hi",
    "it", "ja", "ko", "nb", "nl", "pl", "pt", "ru", "sv", "tr", "zh", "zt",
])  # fmt: skip

#: statuses of an account (Box API reference, User)
STATUSES = ("active", "inactive", "cannot_delete_edit", "cannot_delete_edit_upload")

#: roles that can be written (Box API reference, POST /users), and the one that can only be read: a person has to act where a row says it
ROLES, ADMIN = ("user", "coadmin"), "admin"

#: roster fields that are not attributes of the account
IDENTITY_FIELDS = ("external_id", "login", "kind", "action")
DATE_FIELDS = ("start_date", "end_date")
#: columns of the verdict table: the days of a row that lie ahead
DAYS_AHEAD = ("starts_on", "ends_on")
#: fields that name another person, by login or external id; they matter once somebody leaves
PERSON_FIELDS = ("manager", "transfer_to")
#: fields that name groups, with ; between; they matter for jobs with a section on groups
GROUP_FIELDS = ("groups",)
#: what stands between the names of a list, and behind the name of a group that somebody is an admin of
LIST_SEPARATOR, AS_ADMIN = ";", " (admin)"
#: the longest name of a group (Box API reference, POST /groups)
GROUP_NAME_LETTERS = 255
#: the roster field of further addresses, and what stands between several
ALIASES, ALIAS_SEPARATOR = "aliases", ";"

#: every roster field a column may be mapped to, apart from ``tracking_codes.NAME``
ROSTER_FIELDS: tuple[str, ...] = (
    *IDENTITY_FIELDS,
    *(attribute.name for attribute in ATTRIBUTES),
    *DATE_FIELDS,
    *PERSON_FIELDS,
    *GROUP_FIELDS,
    ALIASES,
)


#: lines are told apart by the place of their source among several: those of the second one begin behind this number
SOURCE_LINES = 10_000_000_000


def place_of(line: int) -> tuple[int, int]:
    """Of a roster's line the place of its source, from 0, and the line there."""
    return divmod(line, SOURCE_LINES)


def row_written(line: int) -> str:
    """A row as people find it: row 7, or row 7 of source 2."""
    source, row = place_of(line)
    return f"row {row} of source {source + 1}" if source else f"row {row}"


def fold(login: str) -> str:
    """A login as it is compared: surrounding blanks and letter case do not count.

    Lower case, not Unicode's case folding: that would make one address of strauß@ and strauss@.
    """
    return login.strip().lower()


@dataclass(frozen=True, slots=True)
class PersonKey:
    """Whom something is about: the one home of the rules on how people, comparisons and ids name somebody.

    All text, "" is none; ``kind`` is a UserKind, or "" where nobody knows it any more. ``line`` is the roster row, 0 without one.
    :func:`provision.frames.written` and :func:`provision.frames.compared` are two of these rules for whole columns.
    """

    kind: str
    external_id: str = ""
    login: str = ""
    box_id: str = ""
    line: int = 0

    @classmethod
    def of(cls, cells: Mapping[Hashable, Any]) -> PersonKey:
        """Whom one line of a frame is about: its cells ``kind, external_id, login, box_id``."""
        kind, external_id, login, box_id = (
            str(cells[name]) for name in ("kind", "external_id", "login", "box_id")
        )
        return cls(kind, external_id, login, box_id)

    @property
    def is_app(self) -> bool:
        """Whether it is an app user; one of a kind that is not known is told by the login that Box made."""
        return self.kind == UserKind.APP or (not self.kind and made_by_box(self.login))

    @property
    def written(self) -> str:
        """How people name them: login, else external id, else Box id, else the row.

        Nobody knows an app user by a login that Box made, so those are named by external id, else Box id.
        """
        named = (
            (self.external_id, self.box_id) if self.is_app else (self.login, self.external_id, self.box_id)
        )
        login = "" if made_by_box(self.login) else self.login
        row = row_written(self.line) if self.line else ""
        return next((name for name in (*named, login, row, self.login) if name), "")

    @property
    def compared(self) -> str:
        """Equal for two keys of the same person, "" if nothing tells: an app user's external id as it is, else the login.

        An account whose kind is not known may be a managed user's.
        """
        if self.is_app and self.external_id:
            return f"app id\n{self.external_id}"
        return f"{'app login' if self.is_app else 'login'}\n{fold(self.login)}" if self.login else ""

    @property
    def subject(self) -> str:
        """What ids of operations name them by: an app user's external id, else the Box id, else a fingerprint of the login."""
        return subject_of(self.external_id if self.is_app else "", self.box_id, self.login)

    @property
    def anchor(self) -> str:
        """What holds and approvals in a ledger name them by. They outlive releases of this program: it never changes."""
        return self.box_id or self.external_id or self.login

    @property
    def hold_id(self) -> str:
        """The id of what waits about them and is no operation, in holds and approvals; it never changes either."""
        return f":{self.anchor}"


def subject_of(app_id: str, box_id: str, login: str) -> str:
    """The rule of :attr:`PersonKey.subject`; ``app_id`` is an app user's external id, "" for anybody else."""
    if named := app_id or box_id:
        return escaped(named)
    return f"login={hashlib.sha256(fold(login).encode()).hexdigest()[:16]}"


#: what separates the parts of an id, and what stands for it inside one
_SEPARATED = (("%", "%25"), (":", "%3A"))


def escaped(part: str) -> str:
    """A part of an id without the sign that separates parts."""
    if "%" not in part and ":" not in part:  # as nearly always
        return part
    for sign, stands in _SEPARATED:
        part = part.replace(sign, stands)
    return part


def unescaped(part: str) -> str:
    """What :func:`escaped` was given."""
    for sign, stands in reversed(_SEPARATED):
        part = part.replace(stands, sign)
    return part


#: how the logins begin that Box makes for app users, which are given none
MADE_BY_BOX = "AppUser_"
#: how the logins of service accounts begin
SERVICE_ACCOUNT = "AutomationUser_"


def made_by_box(login: str) -> bool:
    """Whether a login is one that Box made for an app user; such a login tells nobody who it is."""
    return login.startswith(MADE_BY_BOX)
