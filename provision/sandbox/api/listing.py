"""GET /users: filters, pages, and who is left out of them (API reference, GET /users)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provision.sandbox.errors import Answer, invalid, ok

from .paging import Window, last_marker, read_marker, window, write_marker
from .rights import is_visible, require_admin, require_scope

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.model.accounts import Account
    from provision.sandbox.world import Call, World


def users(world: World, call: Call) -> Answer:
    """The page that the query asks for; app users are managed users here, the service account is not listed."""
    require_scope(world, call.actor, "manage_managed_users", "manage_app_users")
    require_admin(world, call.actor)
    query = call.request.query
    asked = window(query, world.choices)
    wanted = _user_type(query, world)
    if (
        asked.marker is not None
        and "external_app_user_id" in query
        and world.choices.external_id_with_marker_is_null
    ):
        return ok({"limit": asked.limit, "next_marker": None, "entries": None})
    outsider = _outsider(world, query) if wanted != "managed" else None
    if outsider is not None:
        return _single(asked, outsider)
    candidates = [] if wanted == "external" else _candidates(world, query)
    if asked.marker is None:
        return _by_offset(world, query, asked, candidates)
    return _by_marker(world, query, asked, candidates)


def _user_type(query: Mapping[str, str], world: World) -> str:
    wanted = query.get("user_type") or world.choices.default_user_type
    if wanted not in ("all", "managed", "external"):
        raise invalid("user_type", f"Invalid value '{wanted}'.")
    return wanted


def _outsider(world: World, query: Mapping[str, str]) -> dict[str, object] | None:
    """The external user whose whole login the filter is; external users cannot be enumerated."""
    found = world.enterprise.elsewhere.get(query.get("filter_term", "").casefold())
    if found is None or found.what != "external":
        return None
    return world.fields.outsider(found, query.get("fields"))


def _single(asked: Window, entry: dict[str, object]) -> Answer:
    if asked.marker is not None:
        return ok({"limit": asked.limit, "next_marker": None, "entries": [entry]})
    entries = [entry] if asked.offset == 0 else []
    return ok({"total_count": 1, "entries": entries, "limit": asked.limit, "offset": asked.offset})


def _candidates(world: World, query: Mapping[str, str]) -> list[Account]:
    accounts = world.enterprise.accounts
    if "external_app_user_id" in query:
        return accounts.all_with_external_id(query["external_app_user_id"])
    term = query.get("filter_term", "").casefold()
    if not term:
        return accounts.listed()
    return [
        one
        for one in accounts.listed()
        if one.name.casefold().startswith(term) or one.login.casefold().startswith(term)
    ]


def _visible(world: World, page: list[Account]) -> list[Account]:
    """Those the app may see: filtered after paging, so pages run short (box-windows-sdk-v2, issue 599)."""
    now = world.clock.now()
    return [one for one in page if is_visible(world, one) and not world.enterprise.is_hidden(one.id, now)]


def _by_offset(world: World, query: Mapping[str, str], asked: Window, among: list[Account]) -> Answer:
    page = _visible(world, among[asked.offset : asked.offset + asked.limit])
    entries = world.fields.users(page, query.get("fields"))
    return ok({"total_count": len(among), "entries": entries, "limit": asked.limit, "offset": asked.offset})


def _by_marker(world: World, query: Mapping[str, str], asked: Window, among: list[Account]) -> Answer:
    accounts = world.enterprise.accounts
    start = accounts.after(among, read_marker(asked.marker)) if asked.marker else 0
    page = among[start : start + asked.limit]
    more = start + len(page) < len(among)
    marker = last_marker(world.choices)
    # With a filter the marker never ends (Box CLI, src/modules/user.js, pages such listings by offset).
    if more or query.get("filter_term"):
        marker = write_marker(accounts.place(page[-1])) if page else asked.marker or write_marker(("", 0))
    entries = world.fields.users(_visible(world, page), query.get("fields"))
    return ok({"limit": asked.limit, "next_marker": marker, "entries": entries})
