"""GET /events and OPTIONS /events: what happened, for admins and for the acting user (API reference, Events)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from provision.sandbox.clock import stamp
from provision.sandbox.errors import Answer, failure, invalid, ok

from .rights import require_admin, require_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.model.events import Event
    from provision.sandbox.world import Call, Request, World

_ADMIN = frozenset({"admin_logs", "admin_logs_streaming"})
_USER = frozenset({"all", "changes", "sync"})
_MOST, _DEFAULT = 500, 100


def events(world: World, call: Call) -> Answer:
    """GET /events: so many after a position, with the position to go on from."""
    query = call.request.query
    stream = query.get("stream_type") or "all"
    if stream not in _ADMIN | _USER:
        raise invalid("stream_type", f"Invalid value '{stream}'.")
    if stream in _ADMIN:
        require_scope(world, call.actor, "manage_enterprise_properties")
        require_admin(world, call.actor)
    position, limit = query.get("stream_position") or "0", _limit(query)
    if position == "now":
        return _page(world, stream, world.enterprise.events.last, [])
    if not (position.isascii() and position.isdigit()):
        raise invalid("stream_position", f"Invalid value '{position}'.")
    there = world.enterprise.events.after(int(position))
    fitting = [one for one in there if _fits(call, stream, one)]
    fitting = _within(query, fitting) if stream == "admin_logs" else fitting
    delay = world.choices.admin_logs_delay
    if stream == "admin_logs" and delay:
        fitting = [one for one in fitting if one.at + delay <= world.clock.now()]
    page = fitting[:limit]
    is_end = len(page) == len(fitting) and not (stream == "admin_logs" and delay)
    end = there[-1].number if is_end and there else page[-1].number if page else int(position)
    if stream == "admin_logs_streaming" and world.choices.streaming_repeats:
        page = [*page[:1], *reversed(page)]
    return _page(world, stream, end, page)


def servers(world: World, call: Call) -> Answer:
    """OPTIONS /events: where to wait for news."""
    url = f"{call.request.base}/realtime?stream_position={world.enterprise.events.last}"
    entry = {"type": "realtime_server", "url": url, "ttl": "10", "max_retries": "10", "retry_timeout": 610}
    return ok({"chunk_size": 1, "entries": [entry]})


def news(world: World, request: Request) -> Answer:
    """GET of such an address: whether there is news; at once, where Box waits for some."""
    known = request.query.get("stream_position", "0")
    is_new = known.isdigit() and int(known) < world.enterprise.events.last
    return ok({"version": 1, "message": "new_change" if is_new else "reconnect"})


def _limit(query: Mapping[str, str]) -> int:
    text = query.get("limit") or str(_DEFAULT)
    if not (text.isascii() and text.isdigit()):
        raise failure(400, "invalid_limit", "Limit is not a valid number")
    return min(int(text), _MOST)


def _fits(call: Call, stream: str, one: Event) -> bool:
    if stream not in _ADMIN:
        return bool(one.user) and call.actor.account.id in one.concerns
    wanted = call.request.query.get("event_type")
    return bool(one.admin) and (not wanted or one.admin in wanted.split(","))


def _within(query: Mapping[str, str], among: list[Event]) -> list[Event]:
    after, before = (_moment(query, name) for name in ("created_after", "created_before"))
    # by the whole seconds that an event shows
    return [one for one in among if (after or 0) <= int(one.at) and (before is None or int(one.at) <= before)]


def _moment(query: Mapping[str, str], name: str) -> float | None:
    text = query.get(name)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise invalid(name, f"Invalid value '{text}'.") from None


def _page(world: World, stream: str, end: int, page: list[Event]) -> Answer:
    stem = world.enterprise.app.client_id
    entries = [_shown(stem, one, is_admin=stream in _ADMIN) for one in page]
    return ok({"chunk_size": len(entries), "next_stream_position": str(end), "entries": entries})


def _shown(stem: str, one: Event, *, is_admin: bool) -> dict[str, object]:
    """Key order as recorded (github.com/box/boxcli, test/fixtures/events/get_events.json)."""
    told: dict[str, object] = {
        "source": one.source,
        "created_by": one.by,
        "created_at": stamp(one.at),
        "event_id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{stem} {one.number}")),
        "event_type": one.admin if is_admin else one.user,
        "type": "event",
        "session_id": None,
        "additional_details": one.details,
    }
    return {**told, "ip_address": "127.0.0.1"} if is_admin else {**told, "recorded_at": stamp(one.at)}
