"""Who works with a folder, as Box says it, decoded into canonical text."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

#: a collaboration of somebody who has not accepted it yet
PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Collaborator:
    """Somebody, or a group, who works with a folder: by Box id, "" where Box does not say; ``waits``: not accepted yet."""

    collaboration_id: str
    box_id: str
    role: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class CollaboratorPage:
    """One page of who works with a folder; ``marker`` is "" on the last one."""

    rows: tuple[Collaborator, ...]
    marker: str


class _Grantee(msgspec.Struct, gc=False):
    id: str | int | None = None


class _Collaboration(msgspec.Struct, gc=False):
    id: str | int
    role: str | None = None
    status: str | None = None
    accessible_by: _Grantee | None = None


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
    whom = one.accessible_by.id if one.accessible_by else None
    return Collaborator(str(one.id), "" if whom is None else str(whom), one.role or "", one.status == PENDING)
