"""Who works with a folder, as Box says it, decoded into canonical text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import msgspec

#: a collaboration of somebody who has not accepted it yet
PENDING = "pending"


#: who is let into folders
USER, GROUP = "user", "group"


class Grantee(NamedTuple):
    """Who is let into a folder, or out of it: a user or a group, by Box id. Nothing says that their ids are counted together."""

    box_id: str
    kind: str = USER


@dataclass(frozen=True, slots=True)
class Collaborator:
    """Who works with a folder, in which role: ``kind`` is user or group, by Box id, "" where Box does not say.

    ``who`` is a login, the name of a group, or an address that has no account yet. ``access_only``: the folder is not shown to
    them among their own.
    """

    collaboration_id: str
    kind: str
    box_id: str
    who: str
    role: str
    status: str
    access_only: bool = False

    @property
    def waits(self) -> bool:
        """Whether it is not accepted yet."""
        return self.status == PENDING

    def is_of(self, who: Grantee) -> bool:
        """Whether it is theirs, of whatever kind where Box does not say."""
        return self.box_id == who.box_id and self.kind in (who.kind, "")


@dataclass(frozen=True, slots=True)
class CollaboratorPage:
    """One page of who works with a folder; ``marker`` is "" on the last one."""

    rows: tuple[Collaborator, ...]
    marker: str


class _Grantee(msgspec.Struct, gc=False):
    id: str | int | None = None
    type: str | None = None
    name: str | None = None
    login: str | None = None


class _Collaboration(msgspec.Struct, gc=False):
    id: str | int
    role: str | None = None
    status: str | None = None
    accessible_by: _Grantee | None = None
    invite_email: str | None = None
    is_access_only: bool | None = None


class _Collaborations(msgspec.Struct):
    entries: list[_Collaboration]
    next_marker: str | int | None = None


_PAGE = msgspec.json.Decoder(_Collaborations)


def collaborators(body: bytes) -> CollaboratorPage:
    """Decode a page. Raises ``msgspec.MsgspecError`` for what is none."""
    page = _PAGE.decode(body)
    marker = "" if page.next_marker is None else str(page.next_marker)
    return CollaboratorPage(tuple(map(_seen, page.entries)), marker)


def _seen(one: _Collaboration) -> Collaborator:
    whom = one.accessible_by or _Grantee()
    box_id = "" if whom.id is None else str(whom.id)
    who = whom.login or one.invite_email or whom.name or ""
    told = (one.role or "", one.status or "", one.is_access_only is True)
    return Collaborator(str(one.id), whom.type or "", box_id, who, *told)
