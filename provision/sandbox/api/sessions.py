"""Ending sessions, of users and of all who are in groups (API reference, Create jobs to terminate users session).

Box answers 202 and does it later; here it is done at once, and all it does is leave its time on the account: whether it
ends access tokens as well is undocumented, and here it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, RefusedCall, failure, not_found, ok

from .groups import there
from .rights import is_visible, require_admin, require_scope

if TYPE_CHECKING:
    from provision.sandbox.model.accounts import Account
    from provision.sandbox.world import Call, World

# The literal text that Box's own SDK tests compare (github.com/box/box-python-sdk, test/session_termination.py).
MESSAGE = "Request is successful, please check the admin events for the status of the job"


def terminate(world: World, call: Call) -> Answer:
    """202 with a message, for users named by ids, by logins, or both."""
    require_scope(world, call.actor, "manage_managed_users", "manage_app_users")
    require_admin(world, call.actor)
    ids, logins = _asked(world, call)
    accounts = [_known(world, one, world.enterprise.accounts.get(one)) for one in ids]
    accounts += [_known(world, one, world.enterprise.accounts.with_login(one)) for one in logins]
    return _ended(world, [one for one in accounts if one is not None])


def terminate_groups(world: World, call: Call) -> Answer:
    """202 with the same message, for all members of groups named by id."""
    require_scope(world, call.actor, "manage_groups")
    require_admin(world, call.actor)
    ids = _json(call).get("group_ids")
    if not isinstance(ids, list) or not ids:
        raise failure(400, "bad_request", "Groups can not be NULL or EMPTY")
    if not all(isinstance(one, str) for one in ids):
        raise failure(400, "bad_request", "Group id format is string")
    groups = [there(world, one) for one in ids]
    inside = [one.user for group in groups for one in world.enterprise.groups.of_group(group.id)]
    members = [world.enterprise.accounts.get(one) for one in inside]
    return _ended(world, [one for one in members if one is not None])


def _ended(world: World, meant: list[Account]) -> Answer:
    now = stamp(world.clock.now())
    for account in meant:
        current = world.enterprise.accounts.get(account.id) or account
        world.enterprise.change(current, msgspec.structs.replace(current, sessions_ended_at=now))
    return ok({"message": MESSAGE}, 202)


def _json(call: Call) -> dict[str, object]:
    try:
        return call.request.json()
    except RefusedCall:
        raise failure(400, "bad_request", "Supported payload format is JSON") from None


def _asked(world: World, call: Call) -> tuple[list[str], list[str]]:
    given = _json(call)
    missing: list[str] | None = [] if world.choices.sessions_by_one_key == "accepted" else None
    ids, logins = given.get("user_ids", missing), given.get("user_logins", missing)
    if not isinstance(ids, list) or not isinstance(logins, list) or not (ids or logins):
        raise failure(400, "bad_request", "Users can not be NULL or EMPTY")
    if not all(isinstance(one, str) for one in (*ids, *logins)):
        raise failure(400, "bad_request", "User id format is string")
    return ids, logins


def _known(world: World, name: str, account: Account | None) -> Account | None:
    if account is not None and is_visible(world, account):
        return account
    if world.choices.unknown_session_user == 404:
        raise not_found("user", name)
    return None
