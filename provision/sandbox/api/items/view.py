"""How folders and files look in an answer (API reference, schemas Folder--Full, File--Full, TrashFolder, TrashFile)."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from provision.sandbox.api.abilities import ROLES
from provision.sandbox.fields import selected
from provision.sandbox.model.content import loose_files
from provision.sandbox.model.items import ROOT, File, Folder

from . import reach

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provision.sandbox.model.accounts import Account
    from provision.sandbox.model.items import Item, Version
    from provision.sandbox.world import World

    Body = dict[str, object]
    Parts = Mapping[str, Callable[[], object]]

MINI_FOLDER = ("type", "id", "sequence_id", "etag", "name")
MINI_FILE = ("type", "id", "file_version", "sequence_id", "etag", "sha1", "name")


def chosen(there: Parts, fields: str | None, tier: tuple[str, ...]) -> Body:
    """The parts that are asked for, and only these are worked out: a page of full folders would be slow."""
    return {name: look() for name, look in selected(there, fields, tier).items()}


def parts(world: World, item: Item, viewer: str = "") -> Parts:
    """All that can be asked of an item."""
    looker = world.enterprise.accounts.get(viewer or item.owner)
    return _folder_parts(world, item, looker) if item.kind == "folder" else _file_parts(world, item, looker)


def mini(item: Item) -> Body:
    """An item as it stands in lists and in conflicts; the root has no version."""
    version = None if item.id == ROOT else str(item.version)
    body: Body = {"type": item.kind, "id": item.id}
    if isinstance(item, File):
        body["file_version"] = {"type": "file_version", "id": item.version_id, "sha1": item.sha1}
    body |= {"sequence_id": version, "etag": version}
    if isinstance(item, File):
        body["sha1"] = item.sha1
    return {**body, "name": item.name}


def mini_user(world: World, account_id: str) -> Body | None:
    """An account as it stands beside an item."""
    account = world.enterprise.accounts.get(account_id)
    if account is not None:
        return world.fields.user(account, "type,id,name,login")
    outside = world.enterprise.external(account_id)
    return world.fields.outsider(outside, "type,id,name,login") if outside is not None else None


def version(world: World, file: File, one: Version) -> Body:
    """One version of a file."""
    return {
        "type": "file_version",
        "id": one.id,
        "sha1": one.sha1,
        "name": one.name,
        "size": one.size,
        "created_at": one.created_at,
        "modified_at": one.created_at,
        "modified_by": mini_user(world, one.by),
        "trashed_at": one.trashed_at or None,
        "purged_at": None,
        "uploader_display_name": (mini_user(world, one.by) or {}).get("name"),
    }


def counted(world: World, folder: Folder) -> tuple[int, str, int]:
    """How many counted files lie in a folder, whose they were, and their bytes."""
    if folder.id != ROOT:
        return folder.files, folder.origin, folder.size
    owner = world.enterprise.accounts.get(folder.owner)
    if owner is None:
        return 0, folder.owner, 0
    return loose_files(owner), owner.id, owner.space_used


def counted_parts(world: World, folder: Folder, number: int) -> Parts:
    """A file nobody made: its id, name and digest follow from its first owner and its number, wherever it goes."""
    count, origin, size = counted(world, folder)
    file_id = f"{origin}{number + 1:06d}"
    digest = hashlib.sha1(file_id.encode(), usedforsecurity=False).hexdigest()
    plain = {
        "type": "file",
        "id": file_id,
        "file_version": {"type": "file_version", "id": f"{file_id}1", "sha1": digest},
        "sequence_id": "0",
        "etag": "0",
        "sha1": digest,
        "name": counted_name(number),
        "size": size // count,
        "parent": mini(folder),
        "item_status": "active",
    }
    return {name: _said(value) for name, value in plain.items()} | {
        "owned_by": partial(mini_user, world, folder.owner)
    }


def counted_name(number: int) -> str:
    """The name of a counted file."""
    return f"Document {number + 1}.txt"


def _said(value: object) -> Callable[[], object]:
    return lambda: value


def _common_parts(world: World, item: Item, looker: Account | None) -> Parts:
    content = world.enterprise.content
    is_root = item.id == ROOT
    made, changed = (None, None) if is_root else (item.created_at, item.modified_at)
    plain = {
        **mini(item),
        "created_at": made,
        "modified_at": changed,
        "description": item.description,
        "trashed_at": item.trashed_at or None,
        "purged_at": None,
        "content_created_at": item.content_created_at or made,
        "content_modified_at": item.content_modified_at or changed,
        "tags": list(item.tags),
        "is_externally_owned": False,
        "is_associated_with_app_item": False,
        "is_accessible_via_shared_link": True,
        "allowed_invitee_roles": [role for role in ROLES if role != "owner"],
        "classification": None,
        "watermark_info": {"is_watermarked": False},
        "metadata": {},
    }
    return {name: _said(value) for name, value in plain.items()} | {
        "created_by": partial(mini_user, world, item.made_by or item.owner),
        "modified_by": partial(mini_user, world, item.changed_by or item.owner),
        "owned_by": partial(mini_user, world, item.owner),
        "item_status": lambda: "trashed" if content.is_trashed(item) else "active",
        "parent": lambda: None if is_root or item.trashed_at else _parent(world, item, looker),
        "path_collection": lambda: _path(world, item, looker),
        "shared_link": lambda: _link(item),
        "has_collaborations": lambda: bool(world.enterprise.collaborations.of("item", item.id)),
        "permissions": lambda: _permissions(world, item, looker),
    }


def _folder_parts(world: World, folder: Folder, looker: Account | None) -> Parts:
    plain = {
        "sync_state": folder.sync_state,
        "can_non_owners_invite": folder.can_non_owners_invite,
        "can_non_owners_view_collaborators": folder.can_non_owners_view_collaborators,
        "is_collaboration_restricted_to_enterprise": folder.is_collaboration_restricted_to_enterprise,
        "allowed_shared_link_access_levels": ["collaborators", "open", "company"],
        "folder_upload_email": _upload_email(folder),
    }
    return {
        **_common_parts(world, folder, looker),
        **{name: _said(value) for name, value in plain.items()},
        "size": lambda: _size(world, folder),
    }


def _file_parts(world: World, file: File, looker: Account | None) -> Parts:
    name, dot, extension = file.name.rpartition(".")
    plain = {
        "size": file.size,
        "version_number": str(len(file.earlier) + 1),
        "comment_count": 0,
        "extension": extension if dot and name else "",
        "is_package": False,
        "expires_at": None,
        "disposition_at": None,
        "representations": {"entries": []},
        "shared_link_permission_options": ["can_preview", "can_download", "can_edit"],
    }
    return {
        **_common_parts(world, file, looker),
        **{name: _said(value) for name, value in plain.items()},
        "lock": lambda: _lock(world, file),
        "uploader_display_name": lambda: (mini_user(world, file.changed_by or file.owner) or {}).get("name"),
    }


def _size(world: World, folder: Folder) -> int:
    return counted(world, folder)[2] if folder.id == ROOT else world.enterprise.content.size(folder)


def _lock(world: World, file: File) -> Body | None:
    if file.lock is None:
        return None
    held = {name: value for name, value in file.lock.items() if name != "by"}
    return {"type": "lock", **held, "created_by": mini_user(world, str(file.lock["by"])), "app_type": None}


def _upload_email(folder: Folder) -> Body | None:
    if folder.upload_email is None:
        return None
    return {"access": folder.upload_email, "email": f"upload.{folder.id}@u.box.com"}


def _link(item: Item) -> Body | None:
    told = item.shared_link
    if told is None:
        return None
    key, name = told["key"], told.get("vanity_name")
    extension = f".{item.name.rpartition('.')[2]}" if "." in item.name else ""
    can_edit, can_download = told["can_edit"], told["can_download"]
    return {
        "url": f"https://app.box.com/s/{key}",
        "download_url": f"https://app.box.com/shared/static/{key}{extension}"
        if item.kind == "file"
        else None,
        "vanity_url": f"https://app.box.com/v/{name}" if name else None,
        "vanity_name": name,
        "access": told["access"],
        "effective_access": told["access"],
        "effective_permission": "can_edit" if can_edit else "can_download" if can_download else "can_preview",
        "unshared_at": told["unshared_at"],
        "is_password_enabled": told["is_password_enabled"],
        "permissions": {"can_preview": True, "can_download": can_download, "can_edit": can_edit},
        "download_count": 0,
        "preview_count": 0,
    }


def _permissions(world: World, item: Item, looker: Account | None) -> Body:
    may = reach.abilities(world, looker, item) if looker is not None else frozenset[str]()
    told: Body = {
        "can_delete": "delete" in may,
        "can_download": "download" in may,
        "can_invite_collaborator": "invite" in may,
        "can_rename": "edit" in may,
        "can_set_share_access": "share" in may,
        "can_share": "share" in may,
    }
    if item.kind == "folder":
        return told | {"can_upload": "upload" in may}
    seen = "read" in may
    more = {"can_annotate": seen, "can_comment": seen, "can_preview": seen, "can_upload": "upload" in may}
    return told | more | {"can_view_annotations_all": seen, "can_view_annotations_self": seen}


def _parent(world: World, item: Item, looker: Account | None) -> Body | None:
    """The folder an item lies in; for a collaborator the root, if what is above is not shared."""
    there = world.enterprise.content.get(item.parent)
    if there is None or (looker is not None and not reach.role(world, looker, there)):
        return mini(reach.root(item.owner))
    return mini(there)


def _path(world: World, item: Item, looker: Account | None) -> Body:
    """From the root down, as far as the looker may see it."""
    if item.id == ROOT:
        return {"total_count": 0, "entries": []}
    if item.trashed_at:
        trash: Body = {"type": "folder", "id": "1", "sequence_id": None, "etag": None, "name": "Trash"}
        return {"total_count": 1, "entries": [trash]}
    above = world.enterprise.content.above(item)
    if looker is not None and looker.id != item.owner:
        above = [one for one in above if reach.role(world, looker, one)]
    entries = [mini(reach.root(item.owner)), *map(mini, reversed(above))]
    return {"total_count": len(entries), "entries": entries}
