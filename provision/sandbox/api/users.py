"""GET, POST, PUT and DELETE of users (API reference, Users)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.clock import stamp
from provision.sandbox.errors import (
    Answer,
    denied,
    external_id_taken,
    failure,
    invalid,
    locked,
    login_taken,
    not_found,
    ok,
    protected,
)
from provision.sandbox.model.accounts import AVATAR, Account, AccountKind

from .attributes import attributes, is_address, refuse_extra
from .paging import truth
from .rights import (
    AccessLevel,
    is_visible,
    level,
    require_admin,
    require_editable,
    require_removable,
    require_scope,
)
from .sharing.collaborations import claim

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.model.accounts import Elsewhere
    from provision.sandbox.world import Call, World

_FOR_MANAGED, _FOR_APP = "manage_managed_users", "manage_app_users"


def me(world: World, call: Call) -> Answer:
    """GET /users/me: for an enterprise token the service account."""
    return ok(world.fields.user(call.actor.account, call.request.query.get("fields")))


def read(world: World, call: Call) -> Answer:
    """GET /users/{id}: anyone to those who manage users, oneself to everybody; external users in part."""
    wanted, fields = call.args[0], call.request.query.get("fields")
    if wanted == call.actor.account.id:
        return me(world, call)
    require_scope(world, call.actor, _FOR_MANAGED, _FOR_APP)
    require_admin(world, call.actor)
    outsider = world.enterprise.external(wanted) or _left_and_shown(world, wanted)
    if outsider is not None:
        return ok(world.fields.outsider(outsider, fields))
    account = found(world, wanted)
    world.enterprise.content.look(account.id)
    return ok(world.fields.user(account, fields))


def create(world: World, call: Call) -> Answer:
    """POST /users: an app user if `is_platform_access_only` is true, else a managed one."""
    require_scope(world, call.actor, _FOR_MANAGED, _FOR_APP)
    require_admin(world, call.actor)
    given = call.request.json()
    is_app = _wants_app_user(given)
    require_scope(world, call.actor, _FOR_APP if is_app else _FOR_MANAGED)
    if not is_app and world.enterprise.app.access == "app":
        raise denied(world.choices)
    account = _new(world, given, is_app=is_app)
    _refuse_taken_external_id(world, account.external_app_user_id, account)
    delay, now = world.choices.listing_delay, world.clock.now()
    world.enterprise.add(account, now + delay if delay else 0)
    claim(world, account)
    return ok(world.fields.user(account, call.request.query.get("fields")), 201)


def update(world: World, call: Call) -> Answer:
    """PUT /users/{id}: only what the body names changes; `enterprise: null` rolls the user out."""
    target = _target(world, call)
    require_editable(world, call.actor, target)
    given = call.request.json()
    _refuse_protected_changes(world, target, given)
    changed = _changed(world, target, given)
    if "enterprise" in given:
        return _roll_out(world, call, target, given["enterprise"])
    world.enterprise.change(target, changed)
    return ok(world.fields.user(changed, call.request.query.get("fields")))


def delete(world: World, call: Call) -> Answer:
    """DELETE /users/{id}: fails for someone who owns content, unless `force`."""
    target = _target(world, call)
    require_removable(world, call.actor, target)
    content = world.enterprise.content
    content.look(target.id)
    if content.is_owner(target):
        _refuse_deletion_of_content(world, force=truth(call.request.query.get("force")))
    _refuse_busy(world, target)
    delay, now = world.choices.login_freed_after, world.clock.now()
    world.enterprise.remove(target, now + delay if delay else 0)
    return Answer(204)


def _target(world: World, call: Call) -> Account:
    """Whom a change is about, if the app has the scope for that kind of user."""
    require_scope(world, call.actor, _FOR_MANAGED, _FOR_APP)
    target = found(world, call.args[0])
    require_scope(world, call.actor, _FOR_MANAGED if target.kind is AccountKind.MANAGED else _FOR_APP)
    return target


def found(world: World, account_id: str) -> Account:
    """The account of the enterprise with this id, if the app may know of it; else the 404, or the choice's 403."""
    account = world.enterprise.accounts.get(account_id)
    if account is not None and is_visible(world, account):
        return account
    if world.choices.rolled_out_status == 403 and world.enterprise.who_left(account_id) is not None:
        raise denied(world.choices)
    raise not_found("user", account_id)


def _left_and_shown(world: World, account_id: str) -> Elsewhere | None:
    shown = world.choices.rolled_out_status == 200
    return world.enterprise.who_left(account_id) if shown else None


def _refuse_busy(world: World, target: Account) -> None:
    if world.enterprise.content.is_busy(target.id):
        raise locked(world.choices)


def _wants_app_user(given: Mapping[str, object]) -> bool:
    wanted = given.get("is_platform_access_only", False)
    if not isinstance(wanted, bool):
        raise invalid("is_platform_access_only", f"Invalid value '{wanted}'.")
    return wanted


def _new(world: World, given: Mapping[str, object], *, is_app: bool) -> Account:
    if "name" not in given:
        raise invalid("name", "'name' is required", "missing_parameter")
    now = stamp(world.clock.now())
    facts = attributes(given, world, is_app=is_app)
    _refuse_external_id_on_managed(world, facts, is_app=is_app)
    login = _login_for_new(world, given, is_app=is_app)
    kind = _APP_DEFAULTS if is_app else {**_MANAGED_DEFAULTS, "status": world.choices.new_managed_status}
    common = {"id": world.enterprise.next_id(), "login": login, "created_at": now, "modified_at": now}
    return msgspec.convert({**kind, **facts, **common}, Account)


# What a fresh account has (Box, "first app user" tutorial; recorded answers in github.com/box/boxcli, test/fixtures).
_APP_DEFAULTS: dict[str, object] = {
    "kind": AccountKind.APP,
    "space_amount": 5_368_709_120,
    "max_upload_size": 16_106_127_360,
}
_MANAGED_DEFAULTS: dict[str, object] = {
    "kind": AccountKind.MANAGED,
    "email_confirmed": False,
    "avatar_url": AVATAR,
}


def _login_for_new(world: World, given: Mapping[str, object], *, is_app: bool) -> str:
    login = given.get("login")
    if is_app and (not login or world.choices.login_of_app_user == "replaced"):
        return world.enterprise.app_user_login()
    if not login:
        raise invalid("login", "'login' is required", "missing_parameter")
    if not isinstance(login, str) or not is_address(login):
        raise invalid("login", f"Invalid value '{login}'.")
    if not world.enterprise.login_is_free(login, world.clock.now()):
        raise login_taken()
    return login


def _changed(world: World, target: Account, given: Mapping[str, object]) -> Account:
    facts = attributes(given, world, is_app=target.kind is not AccountKind.MANAGED)
    _refuse_external_id_on_managed(world, facts, is_app=target.kind is AccountKind.APP)
    if facts.get("external_app_user_id"):
        _refuse_taken_external_id(world, given.get("external_app_user_id"), target)
    if given.get("login") is not None and given["login"] != target.login:
        facts |= _new_login(world, target, given["login"])
    facts["modified_at"] = stamp(world.clock.now())
    return msgspec.structs.replace(target, **facts)


def _new_login(world: World, target: Account, login: object) -> dict[str, object]:
    """A login change: reported to need a confirmed alias, and more than a change of letter case."""
    if target.kind is not AccountKind.MANAGED:
        refuse_extra("login", world)
        return {}
    if not isinstance(login, str) or not is_address(login):
        raise invalid("login", f"Invalid value '{login}'.")
    aliases = {alias.casefold() for alias in target.aliases}
    is_alias, same = login.casefold() in aliases, login.casefold() == target.login.casefold()
    own = {address.casefold() for address in target.addresses}
    if login.casefold() not in own and not world.enterprise.login_is_free(login, world.clock.now()):
        raise login_taken()
    if same or (
        world.choices.login_change == "confirmed_alias" and not (is_alias and target.email_confirmed)
    ):
        raise invalid("login", f"Invalid value '{login}'.", code=world.choices.login_change_refusal_code)
    kept = [alias for alias in target.aliases if alias.casefold() != login.casefold()]
    return {"login": login, "aliases": (*kept, target.login)}


def _refuse_external_id_on_managed(world: World, facts: Mapping[str, object], *, is_app: bool) -> None:
    if is_app or world.choices.external_id_on_managed == "accepted":
        return
    if facts.get("external_app_user_id"):
        raise invalid("external_app_user_id", "'external_app_user_id' is only available for app users")


def _refuse_taken_external_id(world: World, external_id: object, account: Account) -> None:
    if not external_id or world.choices.external_id_taken == "accepted":
        return
    for holder in world.enterprise.accounts.all_with_external_id(str(external_id)):
        if holder.id != account.id:
            raise external_id_taken(holder.id, world.choices)


def _refuse_protected_changes(world: World, target: Account, given: Mapping[str, object]) -> None:
    """The admin keeps role and status; of the service account only the space can be set (Box guide, User types)."""
    if level(target) is AccessLevel.ADMIN and not given.keys().isdisjoint({"role", "status"}):
        raise protected(world.choices)
    if target.kind is AccountKind.SERVICE and not given.keys() <= {"space_amount"}:
        raise protected(world.choices)


def _roll_out(world: World, call: Call, target: Account, enterprise: object) -> Answer:
    """PUT with `enterprise: null`: the account leaves and becomes a free one; managed users only."""
    if enterprise is not None or target.kind is AccountKind.APP:
        raise invalid("enterprise", f"Invalid value '{enterprise}'.")
    require_removable(world, call.actor, target)
    _refuse_busy(world, target)
    body = world.fields.user(target, call.request.query.get("fields"))
    world.enterprise.roll_out(target)
    return ok({**body, "enterprise": None} if "enterprise" in body else body)


def _refuse_deletion_of_content(world: World, *, force: bool) -> None:
    choices, retained = world.choices, world.enterprise.facts.retention_policies
    if not force and not (retained and choices.retention_refuses_unforced):
        message = "User cannot be deleted while owning content"
        raise failure(choices.owned_content_status, choices.owned_content_code, message)
    if retained:
        # Box help centre, article 33282413279635
        message = "User cannot be deleted due to retention policies. Please transfer user content first"
        raise failure(403, "forbidden", message)
