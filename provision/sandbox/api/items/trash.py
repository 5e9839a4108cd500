"""The trash: what is in it, looking, restoring, removing for good (API reference, Trashed items, folders and files)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.api.paging import next_marker, start_of, window
from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, ok
from provision.sandbox.model.items import ROOT, Folder

from . import given as body
from . import reach
from .moves import hand_over
from .view import MINI_FILE, MINI_FOLDER, chosen, parts
from .whole import answer

if TYPE_CHECKING:
    from provision.sandbox.model.items import Item
    from provision.sandbox.world import Call, World


def items(world: World, call: Call) -> Answer:
    """GET /folders/trash/items: what the acting user threw away, the newest first."""
    reach.folder(world, call, ROOT, "read")
    query = call.request.query
    asked, fields = window(query, world.choices), query.get("fields")
    there = world.enterprise.content.trashed(call.actor.account.id)
    start = start_of(asked)
    entries = [_line(world, one, fields) for one in there[start : start + asked.limit]]
    if asked.marker is not None:
        marker = next_marker(start + asked.limit, len(there), world.choices)
        return ok({"limit": asked.limit, "next_marker": marker, "entries": entries})
    order = [{"by": "date", "direction": "DESC"}]
    told = {"total_count": len(there), "entries": entries, "offset": asked.offset, "limit": asked.limit}
    return ok({**told, "order": order})


def _line(world: World, item: Item, fields: str | None) -> dict[str, object]:
    tier = MINI_FOLDER if item.kind == "folder" else MINI_FILE
    return chosen(parts(world, item), fields, tier)


def read(world: World, call: Call) -> Answer:
    """GET /folders/{id}/trash and /files/{id}/trash."""
    return answer(world, call, _target(world, call, "read"))


def restore(world: World, call: Call) -> Answer:
    """POST /folders/{id} and /files/{id}: back to where it was, or to another place and name."""
    item = _target(world, call, "edit")
    given = call.request.json() if call.request.body else {}
    name = body.name(given["name"]) if given.get("name") else item.name
    place = (
        body.parent(world, call, given["parent"])
        if given.get("parent") is not None
        else _earlier(world, item)
    )
    body.refuse_taken(world, (place.owner, place.id), name, item.kind)
    hand_over(world, item, place.owner, place.id)
    restored = msgspec.structs.replace(
        item,
        name=name,
        parent=place.id,
        owner=place.owner,
        trashed_at="",
        modified_at=stamp(world.clock.now()),
    )
    return answer(world, call, world.enterprise.content.put(restored), 201)


def purge(world: World, call: Call) -> Answer:
    """DELETE /folders/{id}/trash and /files/{id}/trash: for good; only now its space is free again."""
    item = _target(world, call, "delete")
    reach.require_free(world, item)
    content = world.enterprise.content
    world.enterprise.use_space(item.owner, -content.size(item))
    for one in content.below(item):
        world.enterprise.collaborations.forget("item", one.id)
    content.drop(item)
    return Answer(204)


def _earlier(world: World, item: Item) -> Folder:
    """Where an item was; the root if that place is gone (undocumented: Box may refuse it instead)."""
    there = world.enterprise.content.get(item.parent)
    if there is None or world.enterprise.content.is_trashed(there):
        return reach.root(item.owner)
    return there


def _target(world: World, call: Call, ability: str) -> Item:
    kind = "folder" if "/folders/" in call.request.path else "file"
    return reach.in_trash(world, call, kind, call.args[0], ability)
