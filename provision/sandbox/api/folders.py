"""Folders of the acting user: what lies in them, making, moving, deleting (API reference, Folders).

Nothing is shared here, so somebody else's folder is not found; files cannot be opened or sent. Deleted folders are gone
without a stay in the trash.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, Refusal, blocked, failure, invalid, name_in_use, not_found, ok
from provision.sandbox.model.content import ROOT, Folder

from .folder_view import mini, page, shown
from .paging import truth, window
from .rights import require_scope

if TYPE_CHECKING:
    from provision.sandbox.world import Call, World

_READ, _WRITE = ("root_readwrite", "root_readonly"), ("root_readwrite",)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f/\\]")


def items(world: World, call: Call) -> Answer:
    """GET /folders/{id}/items: folders first, then files; by offset or by marker."""
    require_scope(world, call.actor, *_READ)
    folder, query = _own(world, call, call.args[0]), call.request.query
    world.enterprise.content.look(call.actor.account.id)
    return ok(page(world, folder, window(query, world.choices), query.get("fields")))


def read(world: World, call: Call) -> Answer:
    """GET /folders/{id}, with the first hundred of what lies in it."""
    require_scope(world, call.actor, *_READ)
    folder = _own(world, call, call.args[0])
    world.enterprise.content.look(call.actor.account.id)
    return ok(shown(world, folder, call.request.query.get("fields")))


def create(world: World, call: Call) -> Answer:
    """POST /folders: empty, in a folder of one's own."""
    require_scope(world, call.actor, *_WRITE)
    given = call.request.json()
    name, parent = _name(given.get("name")), _parent(world, call, given.get("parent"))
    _refuse_taken(world, parent, name)
    now = stamp(world.clock.now())
    made = Folder(
        id=world.enterprise.next_id(),
        name=name,
        owner=parent.owner,
        parent=parent.id,
        created_at=now,
        modified_at=now,
    )
    world.enterprise.content.put(made)
    return ok(shown(world, made, call.request.query.get("fields")), 201)


def update(world: World, call: Call) -> Answer:
    """PUT /folders/{id}: another name, another parent, or both."""
    folder = _changeable(world, call)
    given = call.request.json()
    name = _name(given["name"]) if "name" in given else folder.name
    parent = folder.parent
    if "parent" in given:
        into = _parent(world, call, given["parent"])
        _refuse_circle(world, folder, into)
        parent = into.id
    _refuse_taken(world, _place(folder.owner, parent), name, but=folder.id)
    changed = msgspec.structs.replace(
        folder, name=name, parent=parent, modified_at=stamp(world.clock.now()), version=folder.version + 1
    )
    world.enterprise.content.put(changed)
    return ok(shown(world, changed, call.request.query.get("fields")))


def delete(world: World, call: Call) -> Answer:
    """DELETE /folders/{id}: one that is not empty only with `recursive`."""
    folder = _changeable(world, call)
    content = world.enterprise.content
    if (folder.files or content.inside(folder.owner, folder.id)) and not truth(
        call.request.query.get("recursive")
    ):
        # the body is quoted in github.com/box/box-openapi, issue 221
        raise failure(400, "folder_not_empty", "Cannot delete - folder not empty")
    owner = world.enterprise.accounts.get(folder.owner)
    content.drop(folder)
    if owner is not None and folder.size:
        left = max(0, owner.space_used - folder.size)
        world.enterprise.change(owner, msgspec.structs.replace(owner, space_used=left))
    return Answer(204)


def _changeable(world: World, call: Call) -> Folder:
    require_scope(world, call.actor, *_WRITE)
    folder = _own(world, call, call.args[0])
    if folder.id == ROOT:
        raise failure(
            403, "access_denied_insufficient_permissions", "Access denied - insufficient permission"
        )
    may_move = call.request.method == "PUT" and not world.choices.folder_locked_meanwhile
    if not may_move and world.enterprise.content.is_target(folder.id):
        raise blocked()
    return folder


def _own(world: World, call: Call, folder_id: str) -> Folder:
    owner = call.actor.account.id
    if folder_id == ROOT:
        return _place(owner, ROOT)
    folder = world.enterprise.content.get(folder_id)
    if folder is None or folder.owner != owner:
        raise not_found("folder", folder_id)
    return folder


def _place(owner: str, folder_id: str) -> Folder:
    """A folder as a place to put something, when only owner and id matter."""
    return Folder(id=folder_id, name="All Files", owner=owner, parent="", created_at="", modified_at="")


def _parent(world: World, call: Call, given: object) -> Folder:
    wanted = given.get("id") if isinstance(given, dict) else None
    if not isinstance(wanted, str):
        raise invalid("parent", "'parent' is required", "missing_parameter")
    return _own(world, call, wanted)


def _name(given: object) -> str:
    """What the API reference, POST /folders, says of names."""
    if not isinstance(given, str) or not given:
        raise invalid("name", "'name' is required", "missing_parameter")
    if len(given) > 255:
        raise _bad_name("item_name_too_long", given)
    if _UNPRINTABLE.search(given) or given.endswith(" ") or given in (".", ".."):
        raise _bad_name("item_name_invalid", given)
    return given


def _bad_name(code: str, name: str) -> Refusal:
    return invalid("name", f"Invalid value '{name}'.", code=code)


def _refuse_taken(world: World, parent: Folder, name: str, but: str = "") -> None:
    there = world.enterprise.content.named(parent.owner, parent.id, name)
    if there is not None and there.id != but:
        raise name_in_use(mini(there))


def _refuse_circle(world: World, folder: Folder, into: Folder) -> None:
    """What Box says to a folder that is moved into itself is undocumented."""
    if into.id in {one.id for one in world.enterprise.content.below(folder)}:
        raise invalid("parent", f"Invalid value '{into.id}'.")
