"""Who may do what: tokens, As-User, admin levels, protected accounts (Box guides, Scopes; User types)."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from provision.sandbox.errors import denied, failure, insufficient_scope, protected, unauthorized
from provision.sandbox.model.accounts import Account, AccountKind
from provision.sandbox.world import Actor

if TYPE_CHECKING:
    from provision.sandbox.model.tokens import Token
    from provision.sandbox.world import Request, World


class AccessLevel(IntEnum):
    """How much an account may do; the service account counts as a co-admin (Box guide, User types)."""

    USER = 0
    COADMIN = 1
    ADMIN = 2


def level(account: Account) -> AccessLevel:
    """The level of an account."""
    if account.role == "admin":
        return AccessLevel.ADMIN
    return (
        AccessLevel.COADMIN
        if account.role == "coadmin" or account.kind is AccountKind.SERVICE
        else AccessLevel.USER
    )


def identify(world: World, request: Request) -> Actor:
    """Who is calling; 401 without a token in force, 400 for an empty one, 403 for somebody inactive."""
    token = _token(world, request.headers.get("authorization", ""))
    owner = world.enterprise.accounts.get(token.user_id)
    if owner is None:
        raise unauthorized()
    wanted = request.headers.get("as-user")
    acting = _as_user(world, owner, wanted) if wanted else owner
    if acting.status == "inactive":
        raise denied(world.choices)
    pays = owner if world.choices.as_user_is_charged_to == "token" else acting
    return Actor(acting, token, pays.id)


def _token(world: World, header: str) -> Token:
    kind, _, value = header.strip().partition(" ")
    if kind.lower() == "bearer" and not value.strip():
        raise failure(400, "bad_request", "Bad Request")
    token = world.tokens.find(value.strip(), world.clock.now()) if kind.lower() == "bearer" else None
    if token is None or token.refresh:
        raise unauthorized()
    return token


def _as_user(world: World, owner: Account, wanted: str) -> Account:
    """Box guide, As-User: not the service account, no higher or equal admin for a co-admin (KB 360043693434)."""
    acting = world.enterprise.accounts.get(wanted)
    allowed = world.enterprise.app.as_user and level(owner) >= AccessLevel.COADMIN
    if not allowed or acting is None or acting.kind is AccountKind.SERVICE:
        raise denied(world.choices)
    if acting.id != owner.id and level(acting) >= max(level(owner), AccessLevel.COADMIN):
        raise denied(world.choices)
    if not acting.email_confirmed and world.choices.unconfirmed_users_refuse_as_user:
        raise failure(403, "user_email_confirmation_required", "User needs to complete email confirmation")
    return acting


def require_scope(world: World, actor: Actor, *any_of: str) -> None:
    """403 with an empty body unless app and token have one of the scopes."""
    granted = set(world.enterprise.app.scopes)
    if actor.token.scopes is not None:
        granted &= set(actor.token.scopes)
    if granted.isdisjoint(any_of):
        raise insufficient_scope()


def require_admin(world: World, actor: Actor) -> None:
    """403 for those who manage nobody: app users and plain users."""
    if level(actor.account) < AccessLevel.COADMIN:
        raise denied(world.choices)


def is_visible(world: World, account: Account) -> bool:
    """Whether the app may know of an account: not other apps' users, and without Enterprise Access only its own."""
    if account.app:
        return False
    return world.enterprise.app.access == "enterprise" or account.kind is not AccountKind.MANAGED


def require_power_over(world: World, actor: Actor, target: Account) -> None:
    """403 for editing the admin, unless as the admin (KB 360043694174)."""
    require_admin(world, actor)
    if level(target) is AccessLevel.ADMIN and actor.account.id != target.id:
        raise denied(world.choices)


def require_editable(world: World, actor: Actor, target: Account) -> None:
    """The refusal to change a co-admin's equal, where the enterprise lets only the admin do that."""
    require_power_over(world, actor, target)
    equal = level(target) is AccessLevel.COADMIN and level(actor.account) is AccessLevel.COADMIN
    if equal and target.id != actor.account.id and not world.choices.coadmin_edits_coadmin:
        raise denied(world.choices)


def require_removable(world: World, actor: Actor, target: Account) -> None:
    """The refusal to delete or roll out the admin, the service account, oneself, or a co-admin's equal."""
    require_power_over(world, actor, target)
    untouchable = (
        level(target) is AccessLevel.ADMIN
        or target.kind is AccountKind.SERVICE
        or target.id == actor.account.id
    )
    if untouchable:
        raise protected(world.choices)
    equal = level(target) is AccessLevel.COADMIN and level(actor.account) is AccessLevel.COADMIN
    if equal and not world.choices.coadmin_deletes_coadmin:
        raise denied(world.choices)
