"""How folders and what lies in them look in an answer (API reference, schemas Folder--Full, Items, File--Mini)."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from provision.sandbox.model.content import ROOT, Folder, loose_files

from .paging import Window, read_marker, write_marker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provision.sandbox.world import World

    Body = dict[str, object]
    Parts = Mapping[str, Callable[[], object]]

_ORDER = [{"by": "type", "direction": "ASC"}, {"by": "name", "direction": "ASC"}]
_MINI_FOLDER = ("type", "id", "sequence_id", "etag", "name")
_MINI_FILE = ("type", "id", "file_version", "sequence_id", "etag", "sha1", "name")
_MOST_SHOWN = 100


def shown(world: World, folder: Folder, fields: str | None) -> Body:
    """A folder in full, or type, id and what `fields` names."""
    return _chosen(_folder_parts(world, folder), fields, None)


def page(world: World, folder: Folder, asked: Window, fields: str | None) -> Body:
    """One page of what lies in a folder."""
    total = _count(world, folder)
    start = asked.offset if asked.marker is None else _place_of(asked.marker)
    stop = min(start + asked.limit, total)
    entries = _entries(world, folder, range(start, stop), fields)
    if asked.marker is not None:
        last = None if world.choices.last_marker == "null" else ""
        marker = write_marker(("", stop)) if stop < total else last
        return {"limit": asked.limit, "next_marker": marker, "entries": entries}
    return {
        "total_count": total,
        "entries": entries,
        "offset": asked.offset,
        "limit": asked.limit,
        "order": _ORDER,
    }


def _place_of(marker: str) -> int:
    return max(0, read_marker(marker)[1]) if marker else 0


def _files_in(world: World, folder: Folder) -> tuple[int, str, int]:
    """How many files lie in a folder, whose they were, and their bytes."""
    if folder.id != ROOT:
        return folder.files, folder.origin, folder.size
    owner = world.enterprise.accounts.get(folder.owner)
    if owner is None:
        return 0, folder.owner, 0
    return loose_files(owner), owner.id, owner.space_used


def _count(world: World, folder: Folder) -> int:
    return len(world.enterprise.content.inside(folder.owner, folder.id)) + _files_in(world, folder)[0]


def _entries(world: World, folder: Folder, which: range, fields: str | None) -> list[Body]:
    """So many of what lies in a folder: folders come first."""
    folders = world.enterprise.content.inside(folder.owner, folder.id)
    return [
        _chosen(_folder_parts(world, folders[number]), fields, _MINI_FOLDER)
        if number < len(folders)
        else _chosen(_file_parts(world, folder, number - len(folders)), fields, _MINI_FILE)
        for number in which
    ]


def _chosen(parts: Parts, fields: str | None, tier: tuple[str, ...] | None) -> Body:
    """The parts that are asked for, and only these are worked out: a page of full folders would be slow."""
    asked = tier or tuple(parts)
    if fields is not None:
        asked = ("type", "id", *(name.strip() for name in fields.split(",")))
    return {name: parts[name]() for name in dict.fromkeys(asked) if name in parts}


def _said(value: object) -> Callable[[], object]:
    return lambda: value


def _folder_parts(world: World, folder: Folder) -> Parts:
    is_root = folder.id == ROOT
    made, changed = (None, None) if is_root else (folder.created_at, folder.modified_at)
    plain = {
        **mini(folder),
        "created_at": made,
        "modified_at": changed,
        "description": "",
        "trashed_at": None,
        "purged_at": None,
        "content_created_at": made,
        "content_modified_at": changed,
        "shared_link": None,
        "folder_upload_email": None,
        "item_status": "active",
    }
    owner = partial(_mini_user, world, folder.owner)
    return {name: _said(value) for name, value in plain.items()} | {
        "size": lambda: _files_in(world, folder)[2],
        "path_collection": lambda: _path(world, folder),
        "created_by": owner,
        "modified_by": owner,
        "owned_by": owner,
        "parent": lambda: None if is_root else _parent(world, folder),
        "item_collection": lambda: _first_page(world, folder),
    }


def _first_page(world: World, folder: Folder) -> Body:
    total = _count(world, folder)
    entries = _entries(world, folder, range(min(total, _MOST_SHOWN)), None)
    return {"total_count": total, "entries": entries, "offset": 0, "limit": _MOST_SHOWN, "order": _ORDER}


def mini(folder: Folder) -> Body:
    """A folder as it stands in lists and in conflicts; the root has no version."""
    version = None if folder.id == ROOT else str(folder.version)
    return {
        "type": "folder",
        "id": folder.id,
        "sequence_id": version,
        "etag": version,
        "name": folder.name,
    }


def _mini_root() -> Body:
    return {"type": "folder", "id": ROOT, "sequence_id": None, "etag": None, "name": "All Files"}


def _mini_user(world: World, account_id: str) -> Body | None:
    account = world.enterprise.accounts.get(account_id)
    return world.fields.user(account, "type,id,name,login") if account is not None else None


def _parent(world: World, folder: Folder) -> Body:
    parent = world.enterprise.content.get(folder.parent)
    return _mini_root() if parent is None else mini(parent)


def _path(world: World, folder: Folder) -> Body:
    above: list[Body] = []
    here = folder
    while here.id != ROOT:
        above.insert(0, _parent(world, here))
        parent = world.enterprise.content.get(here.parent)
        if parent is None:
            break
        here = parent
    return {"total_count": len(above), "entries": above}


def _file_parts(world: World, folder: Folder, number: int) -> Parts:
    """A file nobody made: its id, name and digest follow from its first owner and its number, wherever it goes."""
    count, origin, size = _files_in(world, folder)
    file_id = f"{origin}{number + 1:06d}"
    digest = hashlib.sha1(file_id.encode(), usedforsecurity=False).hexdigest()
    plain = {
        "type": "file",
        "id": file_id,
        "file_version": {"type": "file_version", "id": f"{file_id}1", "sha1": digest},
        "sequence_id": "0",
        "etag": "0",
        "sha1": digest,
        "name": f"Document {number + 1}.txt",
        "size": size // count,
        "parent": mini(folder),
        "item_status": "active",
    }
    return {name: _said(value) for name, value in plain.items()} | {
        "owned_by": partial(_mini_user, world, folder.owner)
    }
