"""GET /shared_items: the file or folder that a shared link leads to (API reference, Shared links)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provision.sandbox.errors import Answer, failure, invalid

from . import reach
from .links import linked
from .whole import answer

if TYPE_CHECKING:
    from provision.sandbox.world import Call, World


def find(world: World, call: Call) -> Answer:
    """The item of the link in the header `boxapi`; 404 for none, also for a wrong password, 400 without the header."""
    if not call.request.headers.get("boxapi", "").strip():
        raise invalid("boxapi", "'boxapi' is required", "missing_parameter")
    found = linked(world, call)
    if found is None:
        raise failure(404, "not_found", "Not Found")
    item = (reach.folder if found.kind == "folder" else reach.file)(world, call, found.id, "read")
    return answer(world, call, item)
