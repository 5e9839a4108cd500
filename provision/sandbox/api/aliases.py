"""GET, POST and DELETE of e-mail aliases (API reference, Email aliases)."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, denied, failure, invalid, login_taken, not_found, ok
from provision.sandbox.model.accounts import AccountKind

from .attributes import is_address
from .rights import require_admin, require_power_over, require_scope
from .users import found

if TYPE_CHECKING:
    from provision.sandbox.model.accounts import Account
    from provision.sandbox.world import Call, World

_SCOPES = ("manage_managed_users", "manage_app_users")


def listed(world: World, call: Call) -> Answer:
    """GET /users/{id}/email_aliases: all at once, there are no pages; anybody's to admins, one's own to everybody."""
    if call.args[0] != call.actor.account.id:
        require_scope(world, call.actor, *_SCOPES)
        require_admin(world, call.actor)
    target = found(world, call.args[0])
    entries = [_shown(target, address) for address in (*target.aliases, *target.unconfirmed_aliases)]
    return ok({"total_count": len(entries), "entries": entries})


def add(world: World, call: Call) -> Answer:
    """POST /users/{id}/email_aliases: on a registered domain; confirmed at once where that is verified."""
    target = _target(world, call)
    email = call.request.json().get("email")
    if not email:
        raise invalid("email", "'email' is required", "missing_parameter")
    if not isinstance(email, str) or not is_address(email):
        raise invalid("email", f"Invalid value '{email}'.")
    if _domain(email) not in {domain.casefold() for domain in world.enterprise.facts.domains}:
        raise invalid("email", f"Invalid value '{email}'.", code=world.choices.alias_refusal_code)
    if not world.enterprise.login_is_free(email, world.clock.now()):
        raise login_taken()
    if len(target.aliases) + len(target.unconfirmed_aliases) >= world.choices.most_aliases:
        raise failure(400, world.choices.alias_refusal_code, "Bad Request")
    world.enterprise.change(target, _with(world, target, email))
    account = found(world, target.id)
    return ok(_shown(account, email), 201)


def remove(world: World, call: Call) -> Answer:
    """DELETE /users/{id}/email_aliases/{alias id}."""
    target = _target(world, call)
    gone = call.args[1]
    kept = tuple(one for one in target.aliases if _id(one) != gone)
    waiting = tuple(one for one in target.unconfirmed_aliases if _id(one) != gone)
    if (kept, waiting) == (target.aliases, target.unconfirmed_aliases):
        raise not_found("email_alias", gone)
    now = stamp(world.clock.now())
    changed = msgspec.structs.replace(target, aliases=kept, unconfirmed_aliases=waiting, modified_at=now)
    world.enterprise.change(target, changed)
    return Answer(204)


def _target(world: World, call: Call) -> Account:
    """Whose aliases change: those of managed users and of the service account (Box guide, User types)."""
    require_scope(world, call.actor, *_SCOPES)
    target = found(world, call.args[0])
    require_power_over(world, call.actor, target)
    if target.kind is AccountKind.APP:
        raise denied(world.choices)
    return target


def _with(world: World, target: Account, email: str) -> Account:
    now = stamp(world.clock.now())
    if _confirmed_at_once(world, email):
        return msgspec.structs.replace(target, aliases=(*target.aliases, email), modified_at=now)
    waiting = (*target.unconfirmed_aliases, email)
    return msgspec.structs.replace(target, unconfirmed_aliases=waiting, modified_at=now)


def _confirmed_at_once(world: World, email: str) -> bool:
    verified = world.enterprise.facts.verified_domains
    return verified is None or _domain(email) in {domain.casefold() for domain in verified}


def _domain(email: str) -> str:
    return email.rpartition("@")[2].casefold()


def _id(address: str) -> str:
    """An alias has the same id for as long as it has the same address."""
    return str(zlib.crc32(address.casefold().encode()))


def _shown(account: Account, address: str) -> dict[str, object]:
    confirmed = address in account.aliases
    return {"type": "email_alias", "id": _id(address), "is_confirmed": confirmed, "email": address}
