"""Pictures of people (API reference, User avatars): sending, looking, taking away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.errors import Answer, failure, not_found, ok

from .items import multipart
from .rights import require_admin, require_scope
from .users import found

if TYPE_CHECKING:
    from provision.sandbox.model.accounts import Account
    from provision.sandbox.world import Call, World

_MOST = 1024 * 1024
_KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


def put(world: World, call: Call) -> Answer:
    """POST /users/{id}/avatar: 201 for the first, 200 for another one; .png and .jpg up to 1 MB."""
    account = _target(world, call)
    form = multipart.read(call.request, with_attributes=False)
    kind = _kind(form.stream.read(4))
    if form.size > _MOST or not kind:
        raise failure(400, "bad_request", "The avatar has to be a .png or .jpg of up to 1 MB")
    form.stream.seek(form.start)
    blob = world.blobs.keep(form.stream, form.size)
    world.enterprise.change(account, msgspec.structs.replace(account, picture=blob.sha1))
    url = f"https://app.box.com/index.php?rm=pic_storage_auth&pic={blob.sha1}"
    urls = {size: f"{url}&size={size}" for size in ("small", "large", "preview")}
    return ok({"pic_urls": urls}, 200 if account.picture else 201)


def read(world: World, call: Call) -> Answer:
    """GET /users/{id}/avatar: the picture; 404 for who has none."""
    account = _target(world, call)
    if not account.picture:
        raise not_found("avatar", account.id)
    path = world.blobs.path(account.picture)
    with path.open("rb") as picture:
        kind = _kind(picture.read(4))
    return Answer(200, b"", (("content-type", kind),), path, (0, path.stat().st_size))


def drop(world: World, call: Call) -> Answer:
    """DELETE /users/{id}/avatar."""
    account = _target(world, call)
    if not account.picture:
        raise not_found("avatar", account.id)
    world.enterprise.change(account, msgspec.structs.replace(account, picture=""))
    return Answer(204)


def _target(world: World, call: Call) -> Account:
    """Oneself, or anybody to who manages people."""
    if call.args[0] == call.actor.account.id:
        return call.actor.account
    require_scope(world, call.actor, "manage_managed_users", "manage_app_users")
    require_admin(world, call.actor)
    return found(world, call.args[0])


def _kind(begin: bytes) -> str:
    return next((kind for sign, kind in _KINDS.items() if begin.startswith(sign)), "")
