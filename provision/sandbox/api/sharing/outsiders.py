"""POST /external_users/submit_delete_job: accounts outside lose all that is shared with them (version 2025.0).

Box does it later and answers 207 at once; here it is done at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provision.sandbox.api.rights import require_admin, require_scope
from provision.sandbox.errors import Answer, invalid, ok, older_version

if TYPE_CHECKING:
    from provision.sandbox.world import Call, World

_VERSION, _MOST = "2025.0", 100


def remove(world: World, call: Call) -> Answer:
    """207 with a line for each of up to a hundred ids; 404 in the line for nobody outside."""
    require_scope(world, call.actor, "manage_managed_users")
    require_admin(world, call.actor)
    if call.request.headers.get("box-version") != _VERSION:
        raise older_version()
    given = call.request.json().get("external_users")
    ids = (
        [one.get("id") if isinstance(one, dict) else None for one in given] if isinstance(given, list) else []
    )
    if not 1 <= len(ids) <= _MOST or not all(isinstance(one, str) for one in ids):
        raise invalid("external_users", "'external_users' is a list of one to a hundred users")
    return ok({"entries": [_removed(world, str(one)) for one in ids]}, 207)


def _removed(world: World, user_id: str) -> dict[str, object]:
    if world.enterprise.external(user_id) is None:
        return {"user_id": user_id, "status": 404, "detail": "user not found"}
    world.enterprise.collaborations.forget("user", user_id)
    return {"user_id": user_id, "status": 202}
