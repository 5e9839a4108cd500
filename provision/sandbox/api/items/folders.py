"""Folders: what lies in them, making, changing, copying, deleting (API reference, Folders).

A deleted folder goes into the trash of its owner, from where it can be restored or removed for good (`.trash`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.api.paging import truth, window
from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, denied, failure, gateway, ok
from provision.sandbox.model.items import ROOT, Folder

from . import given as body
from . import reach
from .moves import copied, moved
from .pages import page
from .whole import answer, shown

if TYPE_CHECKING:
    from provision.sandbox.world import Call, World


def items(world: World, call: Call) -> Answer:
    """GET /folders/{id}/items: folders first, then files; by offset or by marker."""
    folder, query = reach.folder(world, call, call.args[0], "read"), call.request.query
    world.enterprise.content.look(call.actor.account.id)
    return ok(page(world, folder, window(query, world.choices), query, call.actor.account))


def read(world: World, call: Call) -> Answer:
    """GET /folders/{id}, with the first hundred of what lies in it."""
    folder = reach.folder(world, call, call.args[0], "read")
    world.enterprise.content.look(call.actor.account.id)
    return body.unchanged(call, folder) or ok(_with_lines(world, call, folder))


def create(world: World, call: Call) -> Answer:
    """POST /folders: empty, in a folder of one's own or one that is shared; it belongs to whom that belongs to."""
    given = call.request.json()
    name, parent = body.name(given.get("name")), body.parent(world, call, given.get("parent"))
    body.refuse_taken(world, (parent.owner, parent.id), name, "folder")
    now = stamp(world.clock.now())
    made = Folder(
        id=world.enterprise.next_id(),
        name=name,
        owner=parent.owner,
        parent=parent.id,
        created_at=now,
        modified_at=now,
        made_by=call.actor.account.id,
    )
    wished: dict[str, object] = {
        key: given[key] for key in ("folder_upload_email", "sync_state") if key in given
    }
    made = msgspec.structs.replace(made, **body.changes(world, call, made, wished))
    return answer(world, call, world.enterprise.content.put(made), 201)


def update(world: World, call: Call) -> Answer:
    """PUT /folders/{id}: name, place, description, tags, shared link and switches."""
    folder = _changeable(world, call, "edit")
    given = call.request.json()
    changed = msgspec.structs.replace(folder, **body.changes(world, call, folder, given))
    changed = moved(world, call, changed, given)
    return answer(world, call, world.enterprise.content.put(changed))


def delete(world: World, call: Call) -> Answer:
    """DELETE /folders/{id}: one that is not empty only with `recursive`."""
    folder = _changeable(world, call, "delete")
    content = world.enterprise.content
    filled = folder.files or len(content.below(folder)) > 1
    if filled and not truth(call.request.query.get("recursive")):
        # the body is quoted in github.com/box/box-openapi, issue 221
        raise failure(400, "folder_not_empty", "Cannot delete - folder not empty")
    content.put(msgspec.structs.replace(folder, trashed_at=stamp(world.clock.now())))
    return Answer(204)


def copy(world: World, call: Call) -> Answer:
    """POST /folders/{id}/copy: with all below it; the root cannot be copied (API reference: 500)."""
    if call.args[0] == ROOT:
        raise gateway(500)
    folder = reach.folder(world, call, call.args[0], "download")
    given = call.request.json()
    made = copied(world, call, folder, given)
    return answer(world, call, made, 201)


def _with_lines(world: World, call: Call, folder: Folder) -> dict[str, object]:
    """A folder in full, and of what lies in it the part and the order that are asked for."""
    query, viewer = call.request.query, call.actor.account
    told = shown(world, folder, query.get("fields"), viewer.id)
    if "item_collection" in told and query.keys() & {"sort", "direction", "offset", "limit"}:
        asked = {name: query[name] for name in ("sort", "direction", "offset", "limit") if name in query}
        told["item_collection"] = page(world, folder, window(asked, world.choices), asked, viewer)
    return told


def _changeable(world: World, call: Call, ability: str) -> Folder:
    folder = reach.folder(world, call, call.args[0], ability)
    if folder.id == ROOT:
        raise denied(world.choices)
    reach.require_free(world, folder, moves=call.request.method == "PUT")
    body.require_match(call, folder)
    return folder
