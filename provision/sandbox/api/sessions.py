"""POST /users/terminate_sessions (API reference, Create jobs to terminate users session).

Box answers 202 and does it later; here it is done at once, and all it does is leave its time on the account: whether it
ends access tokens as well is undocumented, and here it does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, Refusal, failure, not_found, ok

from .rights import is_visible, require_power_over, require_scope

if TYPE_CHECKING:
    from provision.sandbox.model.accounts import Account
    from provision.sandbox.world import Call, World

# The literal text that Box's own SDK tests compare (github.com/box/box-python-sdk, test/session_termination.py).
MESSAGE = "Request is successful, please check the admin events for the status of the job"


def terminate(world: World, call: Call) -> Answer:
    """202 with a message, for users named by ids, by logins, or both."""
    require_scope(world, call.actor, "manage_managed_users", "manage_app_users")
    ids, logins = _asked(call)
    accounts = [_known(world, one, world.enterprise.accounts.get(one)) for one in ids]
    accounts += [_known(world, one, world.enterprise.accounts.with_login(one)) for one in logins]
    meant = [one for one in accounts if one is not None]
    for account in meant:
        require_power_over(world, call.actor, account)
    now = stamp(world.clock.now())
    for account in meant:
        current = world.enterprise.accounts.get(account.id) or account
        world.enterprise.change(current, msgspec.structs.replace(current, sessions_ended_at=now))
    return ok({"message": MESSAGE}, 202)


def _asked(call: Call) -> tuple[list[str], list[str]]:
    try:
        given = call.request.json()
    except Refusal:
        raise failure(400, "bad_request", "Supported payload format is JSON") from None
    ids, logins = given.get("user_ids"), given.get("user_logins")
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
