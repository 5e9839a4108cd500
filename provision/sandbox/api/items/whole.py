"""An item as it stands alone in an answer: in full, or with what `fields` names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from provision.sandbox.errors import Answer, ok

from .pages import first_page
from .view import MINI_FILE, MINI_FOLDER, chosen, parts

if TYPE_CHECKING:
    from provision.sandbox.model.items import Item
    from provision.sandbox.world import Call, World

# what there is without `fields`; the rest of the parts comes only when it is named
_TIMES = ("trashed_at", "purged_at", "content_created_at", "content_modified_at")
_FOLDER = (
    *(*MINI_FOLDER, "created_at", "modified_at", "description", "size", "path_collection", *_TIMES),
    *("created_by", "modified_by", "owned_by", "shared_link", "folder_upload_email", "parent", "item_status"),
    "item_collection",
)
_FILE = (
    *(*MINI_FILE, "description", "size", "path_collection", "created_at", "modified_at", *_TIMES),
    *("created_by", "modified_by", "owned_by", "shared_link", "parent", "item_status"),
)


def shown(world: World, item: Item, fields: str | None, viewer: str = "") -> dict[str, object]:
    """An item; viewer: who looks at it, by default the owner. A folder has the first hundred of what lies in it."""
    there = parts(world, item, viewer)
    if item.kind == "file":
        return chosen(there, fields, _FILE)
    looker = world.enterprise.accounts.get(viewer or item.owner)
    return chosen({**there, "item_collection": partial(first_page, world, item, looker)}, fields, _FOLDER)


def answer(world: World, call: Call, item: Item, status: int = 200) -> Answer:
    """An item to who asks for it, with the fields that the call names."""
    return ok(shown(world, item, call.request.query.get("fields"), call.actor.account.id), status)
