"""Uploads in one piece, of new files and of new versions, and the question whether one would be taken.

API reference: POST and OPTIONS /files/content, POST /files/{id}/content. Up to 50 MB; larger ones come in parts.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, failure, invalid, ok
from provision.sandbox.model.items import File, Folder, Version

from . import given as body
from . import multipart, reach
from .moves import require_space
from .whole import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.model.blobs import Blob
    from provision.sandbox.world import Call, World

    Given = Mapping[str, object]

_MOST_AT_ONCE = 50 * 1024 * 1024


def upload(world: World, call: Call) -> Answer:
    """POST /files/content: a new file."""
    form = multipart.read(call.request)
    into, name = wanted_place(world, call, form.attributes)
    require_fit(world, into.owner, form.size, at_once=True)
    blob = _kept(world, call, form)
    return uploaded(world, call, new_file(world, call, into, (name, blob), form.attributes))


def upload_version(world: World, call: Call) -> Answer:
    """POST /files/{id}/content: the newest version of a file, under another name if wanted."""
    file = reach.file(world, call, call.args[0], "upload")
    body.require_match(call, file)
    form = multipart.read(call.request, with_attributes=False)
    require_fit(world, file.owner, form.size, at_once=True)
    return uploaded(world, call, new_version(world, call, file, _kept(world, call, form), form.attributes))


def preflight(world: World, call: Call) -> Answer:
    """OPTIONS /files/content: whether a file would be taken, and where to send it."""
    given = call.request.json() if call.request.body else {}
    into, _ = wanted_place(world, call, given)
    require_fit(world, into.owner, _size(given))
    url = f"{call.request.base}/api/2.0/files/content"
    return ok({"upload_url": url, "upload_token": secrets.token_hex(16)})


def preflight_version(world: World, call: Call) -> Answer:
    """OPTIONS /files/{id}/content: the same for a new version."""
    file = reach.file(world, call, call.args[0], "upload")
    given = call.request.json() if call.request.body else {}
    if given.get("name"):
        body.refuse_taken(world, (file.owner, file.parent), body.name(given["name"]), "file", but=file.id)
    require_fit(world, file.owner, _size(given))
    url = f"{call.request.base}/api/2.0/files/{file.id}/content"
    return ok({"upload_url": url, "upload_token": secrets.token_hex(16)})


def wanted_place(world: World, call: Call, given: Given) -> tuple[Folder, str]:
    """The folder and the free name that the attributes of a new file say."""
    name = body.name(given.get("name"))
    into = body.parent(world, call, given.get("parent"))
    body.refuse_taken(world, (into.owner, into.id), name, "file")
    return into, name


def new_file(world: World, call: Call, into: Folder, what: tuple[str, Blob], given: Given) -> File:
    """A file with this name and these bytes."""
    now, (name, blob) = stamp(world.clock.now()), what
    made = File(
        id=world.enterprise.next_id(),
        name=name,
        owner=into.owner,
        parent=into.id,
        created_at=now,
        modified_at=now,
        made_by=call.actor.account.id,
        content_created_at=body.moment("content_created_at", given.get("content_created_at")),
        content_modified_at=body.moment("content_modified_at", given.get("content_modified_at")),
        description=str(given.get("description") or ""),
        size=blob.size,
        sha1=blob.sha1,
        version_id=world.enterprise.next_id(),
    )
    world.enterprise.content.put(made)
    world.enterprise.use_space(into.owner, blob.size)
    return made


def new_version(world: World, call: Call, file: File, blob: Blob, given: Given) -> File:
    """A file with other bytes; what it was before is kept as a version."""
    name = body.name(given["name"]) if given.get("name") else file.name
    body.refuse_taken(world, (file.owner, file.parent), name, "file", but=file.id)
    now = stamp(world.clock.now())
    changed = msgspec.structs.replace(
        file,
        name=name,
        size=blob.size,
        sha1=blob.sha1,
        version_id=world.enterprise.next_id(),
        earlier=(as_version(file), *file.earlier),
        version=file.version + 1,
        modified_at=now,
        changed_by=call.actor.account.id,
        content_modified_at=body.moment("content_modified_at", given.get("content_modified_at")),
    )
    world.enterprise.content.put(changed)
    world.enterprise.use_space(file.owner, blob.size - file.size)
    return changed


def as_version(file: File) -> Version:
    """What a file is now, as one of its versions."""
    return Version(
        id=file.version_id,
        name=file.name,
        sha1=file.sha1,
        size=file.size,
        created_at=file.modified_at,
        by=file.changed_by or file.made_by or file.owner,
    )


def uploaded(world: World, call: Call, file: File) -> Answer:
    """201 with the one file in a list."""
    entry = shown(world, file, call.request.query.get("fields"), call.actor.account.id)
    return ok({"total_count": 1, "entries": [entry]}, 201)


def _size(given: Given) -> int:
    size = given.get("size", 0)
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < 2**63:
        raise invalid("size", f"Invalid value '{size}'.")
    return size


def require_fit(world: World, owner: str, size: int, *, at_once: bool = False) -> None:
    """403 `file_size_limit_exceeded`, and the refusal of what is over the space (Box guide, Common errors)."""
    account = world.enterprise.accounts.get(owner)
    most = account.max_upload_size if account is not None else _MOST_AT_ONCE
    if size > (min(most, _MOST_AT_ONCE) if at_once else most):
        raise failure(403, "file_size_limit_exceeded", "File size exceeds the folder owner's file size limit")
    require_space(world, owner, size)


def _kept(world: World, call: Call, form: multipart.UploadForm) -> Blob:
    """The bytes of the form, if they are those that `content-md5`, a SHA-1 in spite of its name, says."""
    blob = world.blobs.keep(form.stream, form.size)
    told = call.request.headers.get("content-md5", "").strip().lower()
    if told and told != blob.sha1:
        raise failure(400, "bad_digest", "The specified content-md5 did not match what we received")
    return blob
