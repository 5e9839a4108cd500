"""PUT /users/{id}/folders/0: all that a user owns goes to somebody else (API reference, Transfer owned folders).

At once, or in the background after the answer (`Choices.transfer_seconds`, `Choices.transfer_looks`): until it ends the
source shows its content and space as before, and Box has no call that tells when that is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, RefusedCall, denied, failure, invalid, locked, not_found, ok
from provision.sandbox.model.content import loose_files
from provision.sandbox.model.items import ROOT, Folder, Transfer

from .items.whole import shown
from .rights import AccessLevel, is_visible, level, require_admin, require_scope
from .users import found

if TYPE_CHECKING:
    from provision.sandbox.model.accounts import Account
    from provision.sandbox.world import Call, World


def transfer(world: World, call: Call) -> Answer:
    """A new folder in the destination's root, answered at once; the content follows now or later."""
    require_scope(world, call.actor, "root_readwrite")
    require_scope(world, call.actor, "manage_managed_users", "manage_app_users")
    require_admin(world, call.actor)
    source = found(world, call.args[0])
    destination = _destination(world, call.request.json())
    _refuse(world, call, source, destination)
    folder = _landing(world, source, destination)
    choices = world.choices
    under_way = Transfer(
        source=source.id,
        destination=destination.id,
        folder=folder.id,
        ends_at=world.clock.now() + choices.transfer_seconds,
        looks=choices.transfer_looks,
    )
    world.enterprise.content.begin(under_way)
    settle(world)
    return ok(
        shown(world, world.enterprise.content.get(folder.id) or folder, call.request.query.get("fields"))
    )


def settle(world: World) -> bool:
    """End the transfers whose time has come; whether there were any."""
    content, now = world.enterprise.content, world.clock.now()
    due = [one for one in content.transfers() if one.ends_at <= now and one.looks <= 0]
    for one in due:
        _finish(world, one)
    return bool(due)


def _destination(world: World, given: dict[str, object]) -> Account:
    owner = given.get("owned_by")
    wanted = owner.get("id") if isinstance(owner, dict) else None
    if not isinstance(wanted, str):
        raise invalid("owned_by", "'owned_by' is required", "missing_parameter")
    account = world.enterprise.accounts.get(wanted)
    if account is not None and is_visible(world, account):
        return account
    if world.choices.transfer_to_unknown_status == 400:
        raise invalid("owned_by", f"Invalid value '{wanted}'.")
    raise not_found("owned_by", wanted)


def _refuse(world: World, call: Call, source: Account, destination: Account) -> None:
    """Higher privileged accounts (API reference, 403), oneself, the inactive, and who is in a transfer already."""
    for account in (source, destination):
        if level(account) > AccessLevel.USER and not _may_touch(call, account):
            raise _privileged(world)
    if source.id == destination.id:
        if world.choices.transfer_to_self_status == 403:
            raise denied(world.choices)
        raise invalid("owned_by", f"Invalid value '{destination.id}'.")
    refused = {"source": source, "destination": destination}.get(world.choices.inactive_refused_as)
    if refused is not None and refused.status == "inactive":
        raise denied(world.choices)
    content = world.enterprise.content
    if content.is_busy(source.id) or content.is_leaving(destination.id):
        raise locked(world.choices)


def _may_touch(call: Call, account: Account) -> bool:
    return level(call.actor.account) is AccessLevel.ADMIN or account.id == call.actor.account.id


def _privileged(world: World) -> RefusedCall:
    message = "Cannot transfer files from/to higher privileged accounts"
    return failure(403, world.choices.privileged_transfer_code, message)


def _landing(world: World, source: Account, destination: Account) -> Folder:
    """The folder that the content goes into, made unless an earlier one is used again."""
    content, choices = world.enterprise.content, world.choices
    shown_as = source.name if choices.transfer_folder_name == "name" else f"{source.login} - {source.name}"
    name = f"{shown_as}'s Files and Folders"
    earlier = content.named(destination.id, ROOT, name)
    if isinstance(earlier, Folder) and choices.repeated_transfer == "same_folder":
        return earlier
    now = stamp(world.clock.now())
    made = Folder(
        id=world.enterprise.next_id(),
        name=_free(world, destination, name),
        owner=destination.id,
        created_at=now,
        modified_at=now,
    )
    return content.put(made)


def _free(world: World, destination: Account, name: str) -> str:
    """How Box names a second folder of the same name is undocumented: here it gets a number."""
    free, number = name, 0
    while world.enterprise.content.named(destination.id, ROOT, free) is not None:
        number += 1
        free = f"{name} ({number})"
    return free


def _finish(world: World, done: Transfer) -> None:
    enterprise, content = world.enterprise, world.enterprise.content
    content.end(done)
    source, destination = (enterprise.accounts.get(one) for one in (done.source, done.destination))
    folder = content.get(done.folder)
    if source is None or destination is None or folder is None:
        return
    mine = content.of_owner(source.id)
    uploaded = sum(one.size for top in mine for one in content.below(top) if one.kind == "file")
    for child in mine:
        content.give(child, folder.id, folder.owner)
    files, size = folder.files + loose_files(source), folder.size + max(0, source.space_used - uploaded)
    content.put(msgspec.structs.replace(folder, files=files, size=size, origin=source.id))
    replace = msgspec.structs.replace
    enterprise.change(source, replace(source, space_used=0, owns_content=False, files=0))
    enterprise.change(
        destination, replace(destination, space_used=destination.space_used + source.space_used)
    )
