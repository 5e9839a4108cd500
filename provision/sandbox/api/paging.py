"""Pages by offset and by marker (Box guides, Offset-based pagination; Marker-based pagination)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec

from provision.sandbox.errors import Answer, failure, invalid, ok

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from provision.sandbox.choices import Choices
    from provision.sandbox.model.accounts import Place
    from provision.sandbox.world import Call, World

T = TypeVar("T")
MAX_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a listing is asked for; marker None means by offset, "" the first page by marker."""

    limit: int
    offset: int
    marker: str | None


def truth(text: str | None, *, default: bool = False) -> bool:
    """A boolean of the query: `true` and, as the Python SDK writes it, `True`."""
    return default if text is None else text.lower() in ("true", "1")


def window(query: Mapping[str, str], choices: Choices) -> Window:
    """The window a query asks for; a limit too large is cut down (the answer tells), nonsense is a 400."""
    limit = min(_number(query, "limit", choices.default_limit), MAX_LIMIT)
    if truth(query.get("usemarker")):
        if not limit:  # undocumented; a page of nothing would have no next one
            raise failure(400, "invalid_limit", "Limit is not a valid number")
        marker = query.get("marker", "")
        return Window(limit, 0, "" if marker == "0" else marker)
    offset = _number(query, "offset", 0)
    if offset > choices.max_offset:
        message = f"Invalid value '{offset}'. 'offset' exceeds the maximum of {choices.max_offset}"
        raise invalid("offset", message, code=choices.offset_refusal_code)
    return Window(limit, offset, None)


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise failure(400, f"invalid_{name}", f"{name.capitalize()} is not a valid number")
    return int(text)


def by_offset(asked: Window, among: Sequence[T], look: Callable[[T], object]) -> dict[str, object]:
    """A page by offset, with how many there are in all."""
    entries = [look(one) for one in among[asked.offset : asked.offset + asked.limit]]
    return {"total_count": len(among), "entries": entries, "limit": asked.limit, "offset": asked.offset}


def page(world: World, call: Call, among: Sequence[T], look: Callable[[T], object]) -> Answer:
    """One page by offset, of a listing that has no markers (Box guide, Marker-based pagination)."""
    query = {name: value for name, value in call.request.query.items() if name != "usemarker"}
    return ok(by_offset(window(query, world.choices), among, look))


def start_of(asked: Window) -> int:
    """Where a window begins in a listing whose markers are numbers of lines."""
    if asked.marker is None:
        return asked.offset
    return max(0, read_marker(asked.marker)[1]) if asked.marker else 0


def next_marker(stop: int, total: int, choices: Choices) -> str | None:
    """The marker for what comes after so many lines of such a listing (`Choices.last_marker` for the last page)."""
    return write_marker(("", stop)) if stop < total else last_marker(choices)


def last_marker(choices: Choices) -> str | None:
    """What a last page has for a marker."""
    return None if choices.last_marker == "null" else ""


def write_marker(place: Place) -> str:
    """A marker for what comes after this place."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_marker(marker: str) -> Place:
    """The place of a marker the sandbox gave out; anything else is a 400 (undocumented)."""
    try:
        padded = marker + "=" * (-len(marker) % 4)
        return msgspec.json.decode(base64.b64decode(padded, b"-_", validate=True), type=tuple[str, int])
    except (msgspec.DecodeError, binascii.Error, ValueError) as error:
        raise invalid("marker", f"Invalid value '{marker}'.") from error
