"""One planned operation as a value."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, dataclass, fields, replace
from itertools import starmap
from operator import attrgetter
from typing import Any

import msgspec

from provision.model import OF_NOBODY, Kind, PersonKey, UserKind, escaped, subject_of

#: between the folder and the group in the object of an operation that lets a group in: no path and no id has it
OF_GROUP = "//"
#: kinds that are about a person, or else about a group
_OF_EITHER = (Kind.COLLABORATION_ADD, Kind.COLLABORATION_REMOVE)


def about_nobody(kind: Kind, about: str) -> bool:
    """Whether an operation of this kind and object is about no person, but about a group or a folder."""
    return kind in OF_NOBODY or (kind in _OF_EITHER and OF_GROUP in about)


class FieldChange(msgspec.Struct, frozen=True, gc=False):
    """One field of one account: canonical text before and after; "" is empty.

    No dataclass, since a plan may make a million of them, which takes five times as long there.
    """

    field: str
    before: str
    after: str


_name_of = attrgetter("field")


@dataclass(frozen=True, slots=True)
class Change:
    """One planned operation on one account, a group or a folder. A person may have several.

    Its id is made of ``kind``, ``subject`` and ``object``. Reasons are codes as text, see :mod:`provision.because`; "" is none.
    """

    kind: Kind
    user_kind: UserKind
    #: the roster row, 0 without one
    line: int
    #: "" for a create, and in a plan for what follows one
    box_id: str
    external_id: str
    login: str
    name: str
    fields: tuple[FieldChange, ...]
    #: why it is planned
    because: str
    #: what proves a leaver
    evidence: str = ""
    #: that of the account as the plan saw it
    status: str = ""
    #: why a person has to look at it before it is carried out
    hold: str = ""
    #: who has looked
    approved: str = ""
    #: whose word there is while more are wanted
    heard: str = ""
    #: the part of the people it falls into (``guards.by``)
    segment: str = ""
    #: the Box id of who gets the content of a transfer
    to: str = ""
    #: how people name that account
    to_key: str = ""
    #: a deletion takes what the account still owns with it
    destroys: bool = False
    #: the account is one whom the job lists (``scope.coadmins``)
    coadmin: bool = False
    #: the kind of ``hold`` and whom it is about, the same every night: an approval is for what was asked
    asks: str = ""
    #: whom it is about, as ids name them
    subject: str = ""
    #: what else it is about
    object: str = ""
    #: the ids of operations of this plan that have to be done first
    needs: tuple[str, ...] = ()
    #: the id of the one whose second half this is; guards count and people approve the whole
    completes: str = ""
    #: what Box made when that one was carried out: part of a plan only where an earlier run did that
    made: str = ""
    #: the Box id of its group, "" also where an operation in ``needs`` makes it
    group: str = ""
    #: the id of the membership that it changes
    membership: str = ""
    #: the id of the invitation that is followed, "" for one that is to be made
    invite: str = ""
    #: the Box id of its folder, or of that in which one is made, "" also where one in ``needs`` makes it or its path is looked up
    folder: str = ""
    #: the sources of the roster that could not be used and might say otherwise
    missing: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.subject:
            object.__setattr__(self, "subject", self.own_subject)

    @property
    def id(self) -> str:
        """What names this operation in plan, journal and reports: ``kind:subject[:object]``."""
        first = f"{self.kind}:{self.subject}"
        return f"{first}:{escaped(self.object)}" if self.object else first

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of its fields."""
        return tuple(map(_name_of, self.fields))

    @property
    def own_subject(self) -> str:
        """The subject that is made of the person, as most have it."""
        app_id = self.external_id if self.user_kind is UserKind.APP else ""
        return subject_of(app_id, self.box_id, self.login)

    @property
    def person(self) -> PersonKey:
        """Whom this is about."""
        return PersonKey(self.user_kind.value, self.external_id, self.login, self.box_id, self.line)

    @property
    def of_nobody(self) -> bool:
        """Whether it is about no person, and so has no line among them; ``name`` is what it is about then."""
        return about_nobody(self.kind, self.object)

    @property
    def whole(self) -> str:
        """The id of the operation that this is, or is the second half of: what people hold, approve and wait for."""
        return self.completes or self.id

    @property
    def key(self) -> str:
        """How people name whom this is about, or what."""
        return self.person.written or self.name

    @property
    def hold_id(self) -> str:
        """What names this operation among the holds of a ledger, which outlive a plan and versions of it."""
        return self._named(self.subject if self.of_nobody else self.person.anchor)

    @property
    def hold_ids(self) -> tuple[str, ...]:
        """Its ``hold_id``, and the one it had while it waited beside the create of its account, whose Box id nobody knew yet."""
        if self.of_nobody or not self.box_id:
            return (self.hold_id,)
        return (self.hold_id, self._named(replace(self.person, box_id="").anchor))

    def _named(self, anchor: str) -> str:
        return hold_id(self.kind, anchor, "" if self.completes else self.object)

    @property
    def aim(self) -> str:
        """A fingerprint of what the account is to be like: an approval of a whole, see :func:`wholes`, counts for this alone."""
        return self.aim_under(self.hold_id)

    def aim_under(self, name: str) -> str:
        """The same as it is, or was, under one of its ``hold_ids``."""
        told = "\0".join(
            f"{each.field}={each.after}" for each in sorted(self.fields, key=lambda each: each.field)
        )
        return hashlib.sha256(f"{name}\0{told}\0{self.to}\0{self.destroys}\0{self.asks}".encode()).hexdigest()


#: an operation of which only that is written which is not as it is when nothing is said
_Bare = msgspec.defstruct(
    "_Bare",
    [
        (each.name, Any) if each.default is MISSING else (each.name, Any, each.default)
        for each in fields(Change)
    ],
    omit_defaults=True,
    gc=False,
)
_cells_of = attrgetter(*(each.name for each in fields(Change)))


def bare_json(changes: Iterable[Change]) -> Iterator[bytes]:
    """Each operation as a JSON object without what it does not say, which reading it as a Change puts in again."""
    return map(msgspec.json.Encoder().encode, starmap(_Bare, map(_cells_of, changes)))


def hold_id(kind: Kind, anchor: str, about: str = "") -> str:
    """What names a held operation in a ledger; ``about`` is its object, "" for an operation on all that differs."""
    return ":".join((kind.value, anchor, *((about,) if about else ())))


def wholes(changes: Iterable[Change]) -> tuple[Change, ...]:
    """The operations that stand on their own, in order, each with the fields of those that complete it."""
    planned = tuple(changes)
    later: dict[str, tuple[FieldChange, ...]] = {}
    for change in planned:
        if change.completes:
            later[change.completes] = later.get(change.completes, ()) + change.fields
    return tuple(
        replace(change, fields=change.fields + later[change.id]) if change.id in later else change
        for change in planned
        if not change.completes
    )
