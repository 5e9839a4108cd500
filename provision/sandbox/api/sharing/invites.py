"""Invitations of people with an account of their own into the enterprise (API reference, Invites).

Whoever has an account in another enterprise cannot be invited; who accepts is a managed user from then on, with the same
id. Nobody answers here unless `Choices.invites_accepted_after` says when, or somebody says so at the control address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.api.happenings import note
from provision.sandbox.api.items.view import mini_user
from provision.sandbox.api.rights import require_admin, require_scope
from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, failure, invalid, not_found, ok
from provision.sandbox.fields import selected
from provision.sandbox.model.accounts import AVATAR, Account, AccountKind
from provision.sandbox.model.invites import Invite

from .collaborations import claim

if TYPE_CHECKING:
    from provision.sandbox.world import Call, World


def create(world: World, call: Call) -> Answer:
    """POST /invites: 200, not 201; 404 if nobody has that login."""
    require_scope(world, call.actor, "manage_enterprise_properties")
    require_admin(world, call.actor)
    given = call.request.json()
    enterprise, whom = given.get("enterprise"), given.get("actionable_by")
    wanted = enterprise.get("id") if isinstance(enterprise, dict) else None
    login = whom.get("login") if isinstance(whom, dict) else None
    if not isinstance(wanted, str) or not isinstance(login, str):
        name = "actionable_by" if isinstance(wanted, str) else "enterprise"
        raise invalid(name, f"'{name}' is required", "missing_parameter")
    if wanted != world.enterprise.facts.id:
        raise not_found("enterprise", wanted)
    return ok(_shown(world, _invited(world, call, login), call.request.query.get("fields")))


def read(world: World, call: Call) -> Answer:
    """GET /invites/{id}."""
    require_scope(world, call.actor, "manage_enterprise_properties")
    require_admin(world, call.actor)
    one = world.enterprise.invites.get(call.args[0])
    if one is None:
        raise not_found("invite", call.args[0])
    return ok(_shown(world, one, call.request.query.get("fields")))


def settle(world: World) -> bool:
    """Accept the invitations whose time has come; whether there were any."""
    after = world.choices.invites_accepted_after
    if after < 0:
        return False
    due = [one for one in world.enterprise.invites.pending() if one.at + after <= world.clock.now()]
    for one in due:
        answer(world, one, accepted=True)
    return bool(due)


def answer(world: World, one: Invite, *, accepted: bool) -> Invite:
    """Whoever is invited joins, or does not want to."""
    enterprise, now = world.enterprise, stamp(world.clock.now())
    person = enterprise.elsewhere.get(one.login.casefold())
    if accepted and person is not None:
        enterprise.take_in(
            person,
            Account(
                id=person.id,
                name=person.name,
                login=person.login,
                kind=AccountKind.MANAGED,
                created_at=now,
                modified_at=now,
                avatar_url=AVATAR,
            ),
        )
        joined = enterprise.accounts.get(person.id)
        if joined is not None:
            claim(world, joined)
    note(world, "MASTER_INVITE_ACCEPT" if accepted else "MASTER_INVITE_REJECT", one.user)
    status = "accepted" if accepted else "rejected"
    return enterprise.invites.put(msgspec.structs.replace(one, status=status, modified_at=now))


def _invited(world: World, call: Call, login: str) -> Invite:
    """The invitation, or the one that waits already (undocumented)."""
    member = world.enterprise.accounts.with_login(login)
    if member is not None and member.login.casefold() == login.casefold():
        # undocumented: somebody who is a member already
        raise failure(400, "bad_request", "User is already a member of the enterprise")
    person = world.enterprise.elsewhere.get(login.casefold())
    if person is None:  # undocumented: also for a login that is somebody's alias
        raise not_found("user", login)
    if person.what == "other_enterprise":
        # the wording is the console's, status and code are undocumented
        told = "Cannot invite user who belongs to a different enterprise"
        raise failure(world.choices.invite_of_other_enterprise_status, "bad_request", told)
    waiting = [one for one in world.enterprise.invites.pending() if one.user == person.id]
    if waiting:
        return waiting[0]
    now = stamp(world.clock.now())
    made = Invite(
        id=world.enterprise.next_id(),
        user=person.id,
        login=person.login,
        by=call.actor.account.id,
        at=world.clock.now(),
        created_at=now,
        modified_at=now,
    )
    return world.enterprise.invites.put(made)


def _shown(world: World, one: Invite, fields: str | None) -> dict[str, object]:
    facts = world.enterprise.facts
    whole: dict[str, object] = {
        "type": "invite",
        "id": one.id,
        "invited_to": {"type": "enterprise", "id": facts.id, "name": facts.name},
        "actionable_by": {"type": "user", "id": one.user, "name": "", "login": one.login},
        "invited_by": mini_user(world, one.by),
        "status": one.status,
        "created_at": one.created_at,
        "modified_at": one.modified_at,
    }
    return selected(whole, fields, whole)
