"""What an account holds besides its attributes: things in folders, memberships, aliases; decoded into canonical text."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

#: the most rows Box puts on one page of memberships or of a folder (Box API reference)
MOST_ROWS = 1000

_Id = str | int | None


@dataclass(frozen=True, slots=True)
class Membership:
    """One group an account is in. ``role`` is ``member`` or ``admin``, "" if Box does not say."""

    membership_id: str
    group_id: str
    group: str
    role: str


@dataclass(frozen=True, slots=True)
class Memberships:
    """One page of memberships; ``following`` is the offset of the next page, None at the end."""

    rows: tuple[Membership, ...]
    following: int | None


@dataclass(frozen=True, slots=True)
class Alias:
    """One further address of an account; only a confirmed one can become its login."""

    alias_id: str
    email: str
    confirmed: bool


@dataclass(frozen=True, slots=True)
class FolderPage:
    """What one page of a folder says: the id of the folder looked for ("" if it is not on this page), and the next marker.

    ``marker`` is "" on the last page.
    """

    folder_id: str
    marker: str


@dataclass(frozen=True, slots=True)
class ContentRow:
    """What lies in a folder: ``kind`` is folder, file or web_link; ``sha1`` is that of a file's content in hex, "" for others.

    ``owner`` is the account whose it is, "" where Box does not say.
    """

    box_id: str
    kind: str
    name: str
    sha1: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class ContentPage:
    """One page of what lies in a folder; ``marker`` is "" on the last one."""

    rows: tuple[ContentRow, ...]
    marker: str


@dataclass(frozen=True, slots=True)
class SharedFolder:
    """A folder of an account in which others take part."""

    folder_id: str
    name: str


@dataclass(frozen=True, slots=True)
class SharedFolders:
    """Those on one page of a root folder that the account itself owns; ``marker`` is that of the next page, "" at the end."""

    rows: tuple[SharedFolder, ...]
    marker: str


@dataclass(frozen=True, slots=True)
class UploadSession:
    """An upload in parts that was begun: each part but the last has ``part_size`` bytes."""

    session_id: str
    part_size: int


@dataclass(frozen=True, slots=True)
class UploadedPart:
    """A part that Box has: where it begins and how long it is, in bytes, and its SHA-1 in hex."""

    part_id: str
    offset: int
    size: int
    sha1: str


class _Group(msgspec.Struct, gc=False):
    id: _Id = None
    name: str | None = None


class _Membership(msgspec.Struct, gc=False):
    id: _Id = None
    group: _Group | None = None
    role: str | None = None


class _Memberships(msgspec.Struct):
    entries: list[_Membership]
    total_count: int
    limit: int | None = None


class _Alias(msgspec.Struct, gc=False):
    id: str | int
    email: str
    is_confirmed: bool | None = None


class _Aliases(msgspec.Struct):
    entries: list[_Alias]
    total_count: int


class _Owner(msgspec.Struct, gc=False):
    id: _Id = None


class _Thing(msgspec.Struct, gc=False):
    id: str | int
    type: str
    name: str | None = None
    sha1: str | None = None
    owned_by: _Owner | None = None


class _Things(msgspec.Struct):
    entries: list[_Thing]
    next_marker: str | int | None = None


class _Folder(msgspec.Struct, gc=False):
    id: str | int
    type: str
    name: str | None = None
    owned_by: _Owner | None = None
    has_collaborations: bool | None = None


class _Folders(msgspec.Struct):
    entries: list[_Folder]
    next_marker: str | int | None = None


_FOLDERS = msgspec.json.Decoder(_Folders)
_MEMBERSHIPS = msgspec.json.Decoder(_Memberships)
_ALIASES = msgspec.json.Decoder(_Aliases)
_THINGS = msgspec.json.Decoder(_Things)
_THING = msgspec.json.Decoder(_Thing)


def memberships(body: bytes, offset: int) -> Memberships:
    """Decode the page that begins at an offset. Raises ``msgspec.MsgspecError`` if it is none or has no total.

    The next page begins where this one's ``limit`` ends, however many rows it has (developer.box.com, Offset-based
    pagination).
    """
    page = _MEMBERSHIPS.decode(body)
    rows = tuple(_membership(one) for one in page.entries)
    following = offset + (page.limit or MOST_ROWS)
    return Memberships(rows, following if following < page.total_count else None)


def _membership(one: _Membership) -> Membership:
    group = one.group or _Group()
    return Membership(_text(one.id), _text(group.id), group.name or "", one.role or "")


def aliases(body: bytes) -> tuple[Alias, ...]:
    """Decode all aliases of an account. Raises ``msgspec.MsgspecError`` for an answer with fewer than it counts."""
    page = _ALIASES.decode(body)
    if len(page.entries) < page.total_count:
        raise msgspec.ValidationError("fewer aliases than counted")
    return tuple(Alias(_text(one.id), one.email, one.is_confirmed is True) for one in page.entries)


def folder_named(name: str, body: bytes) -> FolderPage:
    """Look for a folder on one page; letter case makes no other name. Raises ``msgspec.MsgspecError`` for no page."""
    page = _THINGS.decode(body)
    low = name.casefold()
    same = (one for one in page.entries if one.type == "folder" and (one.name or "").casefold() == low)
    found = next(same, None)
    return FolderPage(_text(found.id) if found else "", _text(page.next_marker))


def contents(body: bytes) -> ContentPage:
    """Decode one page of a folder. Raises ``msgspec.MsgspecError`` for what is none."""
    page = _THINGS.decode(body)
    return ContentPage(tuple(map(_content_row, page.entries)), _text(page.next_marker))


def _content_row(one: _Thing) -> ContentRow:
    owner = "" if one.owned_by is None else _text(one.owned_by.id)
    return ContentRow(_text(one.id), one.type, one.name or "", one.sha1 or "", owner)


def name_of(body: bytes) -> str:
    """The name of a file or folder. Raises ``msgspec.MsgspecError`` for an answer without one."""
    name = _THING.decode(body).name
    if not name:
        raise msgspec.ValidationError("without a name")
    return name


def shared_folders(owner: str, body: bytes) -> SharedFolders:
    """The folders of this owner that have collaborations. Raises ``msgspec.MsgspecError`` for no page."""
    page = _FOLDERS.decode(body)
    own = (one for one in page.entries if one.type == "folder" and one.has_collaborations is not False)
    rows = (one for one in own if one.owned_by is None or _text(one.owned_by.id) == owner)
    return SharedFolders(
        tuple(SharedFolder(_text(one.id), one.name or "") for one in rows), _text(page.next_marker)
    )


def _text(value: _Id) -> str:
    return "" if value is None else str(value)
