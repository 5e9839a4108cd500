"""Lists of collaborations: of a folder, a file, a group, and those that wait for the acting user."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provision.sandbox.api.groups import there
from provision.sandbox.api.items import reach
from provision.sandbox.api.paging import next_marker, page, start_of, window
from provision.sandbox.api.rights import require_admin, require_scope
from provision.sandbox.errors import Answer, invalid, ok

from .view import shown

if TYPE_CHECKING:
    from provision.sandbox.model.collaborations import Collaboration
    from provision.sandbox.world import Call, World


def of_folder(world: World, call: Call) -> Answer:
    """GET /folders/{id}/collaborations: those of the folder itself, by marker."""
    folder = reach.folder(world, call, call.args[0], "read")
    return _by_marker(world, call, world.enterprise.collaborations.of("item", folder.id))


def of_file(world: World, call: Call) -> Answer:
    """GET /files/{id}/collaborations, by marker."""
    file = reach.file(world, call, call.args[0], "read")
    return _by_marker(world, call, world.enterprise.collaborations.of("item", file.id))


def of_group(world: World, call: Call) -> Answer:
    """GET /groups/{id}/collaborations, by offset."""
    require_scope(world, call.actor, "manage_groups")
    require_admin(world, call.actor)
    return _by_offset(world, call, world.enterprise.collaborations.of("group", there(world, call.args[0]).id))


def pending(world: World, call: Call) -> Answer:
    """GET /collaborations?status=pending: what the acting user is invited to, by offset."""
    if call.request.query.get("status") != "pending":
        raise invalid("status", "'status' has to be 'pending'")
    mine = world.enterprise.collaborations.of("user", call.actor.account.id)
    return _by_offset(world, call, [one for one in mine if one.status == "pending"])


def _by_offset(world: World, call: Call, among: list[Collaboration]) -> Answer:
    return page(world, call, among, lambda one: shown(world, one, call.request.query.get("fields")))


def _by_marker(world: World, call: Call, among: list[Collaboration]) -> Answer:
    asked = window({**call.request.query, "usemarker": "true"}, world.choices)
    start = start_of(asked)
    stop = start + asked.limit
    marker = next_marker(stop, len(among), world.choices)
    entries = [shown(world, one, call.request.query.get("fields")) for one in among[start:stop]]
    return ok({"limit": asked.limit, "next_marker": marker, "entries": entries})
