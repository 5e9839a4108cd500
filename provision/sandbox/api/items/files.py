"""Files: looking, changing, copying, deleting, their bytes and their versions (API reference, Files, File versions).

Counted files (see `provision.sandbox.model.content`) are only listed.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.api.paging import by_offset, window
from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, denied, invalid, not_found, ok, trashed, unknown_path

from . import given as body
from . import reach
from .moves import copied, moved
from .uploads import as_version
from .view import version
from .whole import answer

if TYPE_CHECKING:
    from provision.sandbox.model.items import File, Version
    from provision.sandbox.world import Call, Request, World

_LASTS = 900
# a picture of one point, for whoever asks for a thumbnail
_PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def read(world: World, call: Call) -> Answer:
    """GET /files/{id}; one in the trash is shown as such."""
    file = reach.file(world, call, call.args[0], "read")
    return body.unchanged(call, file) or answer(world, call, file)


def update(world: World, call: Call) -> Answer:
    """PUT /files/{id}: name, place, description, tags, shared link, lock."""
    file = _changeable(world, call, "edit")
    given = call.request.json()
    changed = msgspec.structs.replace(file, **body.changes(world, call, file, given))
    changed = moved(world, call, changed, given)
    return answer(world, call, world.enterprise.content.put(changed))


def delete(world: World, call: Call) -> Answer:
    """DELETE /files/{id}: into the trash."""
    file = _changeable(world, call, "delete")
    world.enterprise.content.put(msgspec.structs.replace(file, trashed_at=stamp(world.clock.now())))
    return Answer(204)


def copy(world: World, call: Call) -> Answer:
    """POST /files/{id}/copy, of the newest version or the one that is named."""
    file = reach.file(world, call, call.args[0], "download")
    given = call.request.json()
    if isinstance(given.get("version"), str):
        old = _version(file, str(given["version"]))
        file = msgspec.structs.replace(file, size=old.size, sha1=old.sha1)
    return answer(world, call, copied(world, call, file, given), 201)


def content(world: World, call: Call) -> Answer:
    """GET /files/{id}/content: 302 to an address that is good for a quarter of an hour."""
    file = reach.file(world, call, call.args[0], "download")
    wanted = call.request.query.get("version")
    sha1 = _version(file, wanted).sha1 if wanted else file.sha1
    key = secrets.token_hex(16)
    world.downloads[key] = sha1, world.clock.now() + _LASTS
    return Answer(302, b"", (("location", f"{call.request.base}/download/{key}"),))


def download(world: World, request: Request) -> Answer:
    """The bytes behind such an address, whole or a range of them; it needs no token."""
    sha1, until = world.downloads.get(request.path.rpartition("/")[2], ("", 0.0))
    if until <= world.clock.now():
        world.downloads.pop(request.path.rpartition("/")[2], None)
        raise unknown_path()
    path = world.blobs.path(sha1)
    size = path.stat().st_size
    kind = ("content-type", "application/octet-stream")
    span = _span(request.headers.get("range", ""), size)
    if span is None:
        return Answer(200, b"", (kind, ("accept-ranges", "bytes")), path, (0, size))
    first, last = span
    told = ("content-range", f"bytes {first}-{last}/{size}")
    return Answer(206, b"", (kind, told), path, (first, last + 1))


def thumbnail(world: World, call: Call) -> Answer:
    """GET /files/{id}/thumbnail.png or .jpg: 302 to one and the same small picture for all."""
    reach.file(world, call, call.args[0], "read")
    return Answer(302, b"", (("location", f"{call.request.base}/download/thumbnail.png"),))


def picture(_: World, __: Request) -> Answer:
    """The picture behind such an address; it needs no token."""
    return Answer(200, _PICTURE, (("content-type", "image/png"),))


def versions(world: World, call: Call) -> Answer:
    """GET /files/{id}/versions: what the file was before, the newest first."""
    file = reach.file(world, call, call.args[0], "read")
    asked = window(call.request.query, world.choices)
    return ok({**by_offset(asked, file.earlier, lambda one: version(world, file, one)), "order": []})


def one_version(world: World, call: Call) -> Answer:
    """GET /files/{id}/versions/{id}."""
    file = reach.file(world, call, call.args[0], "read")
    return ok(version(world, file, _version(file, call.args[1])))


def drop_version(world: World, call: Call) -> Answer:
    """DELETE /files/{id}/versions/{id}: one before the newest goes into the trash."""
    file = _changeable(world, call, "delete")
    old = _version(file, call.args[1])
    if old.id == file.version_id:
        raise denied(world.choices)
    _keep(world, file, msgspec.structs.replace(old, trashed_at=stamp(world.clock.now())))
    return Answer(204)


def restore_version(world: World, call: Call) -> Answer:
    """PUT /files/{id}/versions/{id} with `trashed_at: null`: back out of the trash."""
    file = _changeable(world, call, "edit")
    given, old = call.request.json(), _version(file, call.args[1])
    if given.get("trashed_at", "") is not None:
        raise invalid("trashed_at", "'trashed_at' can only be null")
    back = msgspec.structs.replace(old, trashed_at="")
    _keep(world, file, back)
    return ok(version(world, file, back))


def _keep(world: World, file: File, changed: Version) -> None:
    kept = tuple(changed if one.id == changed.id else one for one in file.earlier)
    world.enterprise.content.put(msgspec.structs.replace(file, earlier=kept))


def promote(world: World, call: Call) -> Answer:
    """POST /files/{id}/versions/current: a copy of an earlier version becomes the newest."""
    file = _changeable(world, call, "edit")
    given = call.request.json()
    if not isinstance(given.get("id"), str):
        raise invalid("id", "'id' is required", "missing_parameter")
    old = _version(file, str(given["id"]))
    if old.trashed_at:
        raise trashed()
    changed = msgspec.structs.replace(
        file,
        name=old.name,
        sha1=old.sha1,
        size=old.size,
        version_id=world.enterprise.next_id(),
        earlier=(as_version(file), *file.earlier),
        version=file.version + 1,
        modified_at=stamp(world.clock.now()),
        changed_by=call.actor.account.id,
    )
    body.refuse_taken(world, (file.owner, file.parent), old.name, "file", but=file.id)
    world.enterprise.content.put(changed)
    world.enterprise.use_space(file.owner, old.size - file.size)
    return ok(version(world, changed, as_version(changed)), 201)


def _changeable(world: World, call: Call, ability: str) -> File:
    """A file to change; a lock keeps out everybody but who set it (API reference, PUT /files)."""
    file = reach.file(world, call, call.args[0], ability)
    body.require_match(call, file)
    if file.lock is not None and file.lock["by"] != call.actor.account.id:
        raise denied(world.choices)
    return file


def _version(file: File, version_id: str) -> Version:
    known = (as_version(file), *file.earlier)
    found = next((one for one in known if one.id == version_id), None)
    if found is None:
        raise not_found("file_version", version_id)
    return found


def _span(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte that `Range` wants; None for all, also for what cannot be had."""
    unit, _, text = header.partition("=")
    first, dash, last = text.partition("-")
    if unit.strip() != "bytes" or not dash or not (first + last).isdigit():
        return None
    if not first:
        return (max(0, size - int(last)), size - 1) if size else None
    end = min(int(last), size - 1) if last else size - 1
    return (int(first), end) if int(first) <= end else None
