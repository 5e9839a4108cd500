"""Uploads in parts: begin, send part by part, look, commit, abort (API reference, Upload sessions; Box guide, Chunked uploads)."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.api.paging import by_offset, window
from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, failure, invalid, not_found, ok
from provision.sandbox.model.blobs import Blob
from provision.sandbox.model.uploads import Part, Upload

from . import given as body
from . import reach
from .uploads import new_file, new_version, require_fit, uploaded, wanted_place

if TYPE_CHECKING:
    from provision.sandbox.model.items import File
    from provision.sandbox.world import Call, World

_LASTS = 7 * 86_400
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


def begin(world: World, call: Call) -> Answer:
    """POST /files/upload_sessions: for a new file."""
    given = call.request.json()
    place = {"name": given.get("file_name"), "parent": {"id": given.get("folder_id")}}
    into, name = wanted_place(world, call, place)
    size = _size(world, given.get("file_size"))
    require_fit(world, into.owner, size)
    return _begun(world, call, _upload(world, call, size, ("", into.id, name)))


def begin_version(world: World, call: Call) -> Answer:
    """POST /files/{id}/upload_sessions: for a new version."""
    file, given = reach.file(world, call, call.args[0], "upload"), call.request.json()
    size = _size(world, given.get("file_size"))
    require_fit(world, file.owner, size)
    name = body.name(given["file_name"]) if given.get("file_name") is not None else file.name
    return _begun(world, call, _upload(world, call, size, (file.id, "", name)))


def look(world: World, call: Call) -> Answer:
    """GET /files/upload_sessions/{id}."""
    return ok(_shown(call, _found(world, call)))


def send(world: World, call: Call) -> Answer:
    """PUT /files/upload_sessions/{id}: one part, of the size that was told, with its digest."""
    one, headers = _found(world, call), call.request.headers
    for needed in ("content-range", "digest"):
        if not headers.get(needed, "").strip():
            raise invalid(needed, f"'{needed}' is required", "missing_parameter")
    told = _RANGE.fullmatch(headers.get("content-range", "").strip())
    stream = call.request.stream()
    size = stream.seek(0, 2)
    stream.seek(0)
    first, last, total = (int(number) for number in told.groups()) if told else (0, -2, 0)
    is_last = first + size == one.size
    if total != one.size or last - first + 1 != size or first % one.part_size or last >= one.size:
        raise failure(416, "range_not_satisfiable", "The content range does not match the session")
    if size != one.part_size and not is_last:
        raise failure(416, "range_not_satisfiable", "The part does not have the size that the session wants")
    blob = world.blobs.keep(stream, size)
    _require_digest(headers.get("digest", ""), blob.sha1)
    known = next((part for part in one.parts if part.offset == first), None)
    if known is not None and known.sha1 != blob.sha1:
        raise failure(409, "part_already_uploaded", "Another part has been uploaded at this offset")
    part = known or Part(part_id=secrets.token_hex(4).upper(), offset=first, size=size, sha1=blob.sha1)
    if known is None:
        parts = tuple(sorted((*one.parts, part), key=lambda part: part.offset))
        world.enterprise.uploads.put(msgspec.structs.replace(one, parts=parts))
    return ok({"part": msgspec.structs.asdict(part)})


def parts(world: World, call: Call) -> Answer:
    """GET /files/upload_sessions/{id}/parts, by offset."""
    one, asked = _found(world, call), window(call.request.query, world.choices)
    told = by_offset(asked, one.parts, msgspec.structs.asdict)
    return ok({**told, "order": [{"by": "offset", "direction": "ASC"}]})


def commit(world: World, call: Call) -> Answer:
    """POST /files/upload_sessions/{id}/commit: the parts become the file, if all are there and make it up."""
    one, given = _found(world, call), call.request.json()
    _require_parts(one, given.get("parts"))
    if one.asked < world.choices.commits_answered_later:
        world.enterprise.uploads.put(msgspec.structs.replace(one, asked=one.asked + 1))
        return Answer(202, b"", (("retry-after", "1"),))
    blob = world.blobs.join([part.sha1 for part in one.parts])
    _require_digest(call.request.headers.get("digest", ""), blob.sha1)
    attributes = given.get("attributes")
    attributes = attributes if isinstance(attributes, dict) else {}
    answer = uploaded(world, call, _made(world, call, one, blob, attributes))
    world.enterprise.uploads.put(msgspec.structs.replace(one, done=True))
    return answer


def abort(world: World, call: Call) -> Answer:
    """DELETE /files/upload_sessions/{id}."""
    world.enterprise.uploads.drop(_found(world, call, done=True))
    return Answer(204)


def _made(world: World, call: Call, one: Upload, blob: Blob, attributes: dict[str, object]) -> File:
    """The file, or the new version, that the parts are."""
    if one.file:
        file = reach.file(world, call, one.file, "upload")
        body.require_match(call, file)
        return new_version(world, call, file, blob, {"name": one.name, **attributes})
    into = reach.folder(world, call, one.folder, "upload")
    name = body.name(attributes.get("name") or one.name)
    body.refuse_taken(world, (into.owner, into.id), name, "file")
    return new_file(world, call, into, (name, blob), attributes)


def _require_parts(one: Upload, told: object) -> None:
    named = (
        [part.get("part_id") if isinstance(part, dict) else "" for part in told]
        if isinstance(told, list)
        else []
    )
    if {str(part) for part in named} != {part.part_id for part in one.parts} or one.done:
        raise invalid("parts", "The parts are not those of the session")
    if sum(part.size for part in one.parts) != one.size:
        raise failure(400, "bad_request", "Not all parts of the file have been uploaded")


def _require_digest(header: str, sha1: str) -> None:
    """`sha=` and the SHA-1 in base64 (RFC 3230)."""
    name, _, text = header.partition("=")
    try:
        told = base64.b64decode(text.strip(), validate=True).hex()
    except (binascii.Error, ValueError):
        told = ""
    if name.strip().lower() != "sha" or told != sha1:
        raise failure(400, "bad_digest", "The specified digest did not match what we received")


def _size(world: World, given: object) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or given < 1:
        raise invalid("file_size", f"Invalid value '{given}'.")
    if given < world.choices.chunked_from:
        raise invalid("file_size", f"Files below {world.choices.chunked_from} bytes are uploaded at once")
    return given


def _upload(world: World, call: Call, size: int, place: tuple[str, str, str]) -> Upload:
    return Upload(
        id=secrets.token_hex(16).upper(),
        file=place[0],
        folder=place[1],
        name=place[2],
        size=size,
        part_size=world.choices.upload_part_size,
        by=call.actor.account.id,
        expires_at=world.clock.now() + _LASTS,
    )


def _begun(world: World, call: Call, one: Upload) -> Answer:
    return ok(_shown(call, world.enterprise.uploads.put(one)), 201)


def _found(world: World, call: Call, *, done: bool = False) -> Upload:
    """The upload of the acting user with this id; one that was committed can only be aborted."""
    one = world.enterprise.uploads.get(call.args[0], world.clock.now())
    if one is None or one.by != call.actor.account.id or (one.done and not done):
        raise not_found("upload_session", call.args[0])
    return one


def _shown(call: Call, one: Upload) -> dict[str, object]:
    url = f"{call.request.base}/api/2.0/files/upload_sessions/{one.id}"
    ends = {
        "list_parts": "/parts",
        "commit": "/commit",
        "log_event": "/log",
        "upload_part": "",
        "status": "",
        "abort": "",
    }
    return {
        "type": "upload_session",
        "id": one.id,
        "session_expires_at": stamp(one.expires_at),
        "part_size": one.part_size,
        "total_parts": -(-one.size // one.part_size),
        "num_parts_processed": len(one.parts),
        "session_endpoints": {name: url + end for name, end in ends.items()},
    }
