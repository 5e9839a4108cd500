"""Which path and verb lead where. A new room of the API is a few more lines in `ROUTES`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from provision.sandbox.api import (
    aliases,
    groups,
    listing,
    memberships,
    sessions,
    settings,
    signin,
    streams,
    transfers,
    users,
)
from provision.sandbox.api.happenings import kinds_of, recorded
from provision.sandbox.api.items import files
from provision.sandbox.errors import Answer, not_built, unknown_path, wrong_method
from provision.sandbox.world import Call, Request, World

from .box_api import shelf, verbs_of
from .item_routes import ITEMS
from .sharing_routes import SHARING

Door = Callable[[World, Request], Answer]
Room = Callable[[World, Call], Answer]


def _no_room(_: World, __: Call) -> Answer:
    raise unknown_path()


@dataclass(frozen=True, slots=True)
class Route:
    """One verb on one path; `*` stands for one part. `door` needs no token, `room` does."""

    method: str
    path: str
    room: Room = _no_room
    door: Door | None = None


ROUTES = (
    Route("POST", "/oauth2/token", door=signin.token),
    Route("POST", "/oauth2/revoke", door=signin.revoke),
    Route("GET", "/2.0/users", listing.users),
    Route("POST", "/2.0/users", users.create),
    Route("GET", "/2.0/users/me", users.me),
    Route("GET", "/2.0/users/*", users.read),
    Route("PUT", "/2.0/users/*", users.update),
    Route("DELETE", "/2.0/users/*", users.delete),
    Route("POST", "/2.0/users/terminate_sessions", sessions.terminate),
    Route("PUT", "/2.0/users/*/folders/0", transfers.transfer),
    Route("GET", "/2.0/users/*/email_aliases", aliases.listed),
    Route("POST", "/2.0/users/*/email_aliases", aliases.add),
    Route("DELETE", "/2.0/users/*/email_aliases/*", aliases.remove),
    Route("GET", "/2.0/users/*/memberships", memberships.of_user),
    Route("GET", "/2.0/groups", groups.groups),
    Route("POST", "/2.0/groups", groups.create),
    Route("GET", "/2.0/groups/*", groups.group),
    Route("PUT", "/2.0/groups/*", groups.update),
    Route("DELETE", "/2.0/groups/*", groups.delete),
    Route("GET", "/2.0/groups/*/memberships", memberships.of_group),
    Route("POST", "/2.0/group_memberships", memberships.add),
    Route("GET", "/2.0/group_memberships/*", memberships.read),
    Route("PUT", "/2.0/group_memberships/*", memberships.update),
    Route("DELETE", "/2.0/group_memberships/*", memberships.remove),
    Route("GET", "/2.0/enterprise_configurations/*", settings.configuration),
    Route("POST", "/2.0/groups/terminate_sessions", sessions.terminate_groups),
    Route("GET", "/realtime", door=streams.news),
    Route("GET", "/download/thumbnail.png", door=files.picture),
    Route("GET", "/download/*", door=files.download),
    *(Route(*one) for one in (*ITEMS, *SHARING)),
)


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path).replace(r"\*", "([^/]+)"))


def _with_events(route: Route) -> Route:
    kinds = kinds_of(route.method, route.path)
    return replace(route, room=recorded(kinds, route.room)) if kinds else route


_PATTERNS: dict[tuple[int, str], list[tuple[re.Pattern[str], Route]]] = {}
for _route in ROUTES:
    _PATTERNS.setdefault(shelf(_route.path), []).append((_pattern(_route.path), _with_events(_route)))


def plain(path: str) -> str:
    """A path as the routes have it: that of an upload host and a slash at the end make no difference.

    Upload hosts have `/api` before it; Box CLI knows the answers of uploads only by `upload.box.com` in the address.
    """
    for base in ("/upload.box.com", "/api"):
        path = path.removeprefix(base)
    return path.rstrip("/") or "/"


@lru_cache(maxsize=4096)
def find(method: str, path: str) -> tuple[Route, tuple[str, ...]]:
    """The route of a request and the variable parts of its path.

    404 for no such path, 405 for no such verb, 501 for what Box has and the sandbox has not.
    """
    path = plain(path)
    near = _PATTERNS.get(shelf(path), ())
    fitting = [(route, match.groups()) for pattern, route in near if (match := pattern.fullmatch(path))]
    elsewhere, stars = verbs_of(path)
    # what names a path whole goes before what fits as well: `me` is no id
    fewest = min([stars, *(len(args) for _, args in fitting)])
    fitting = [(route, args) for route, args in fitting if len(args) == fewest]
    if stars > fewest:
        elsewhere = frozenset()
    for route, args in fitting:
        if route.method == method:
            return route, args
    if method in elsewhere:
        raise not_built(f"{method} {path}")
    if not fitting and not elsewhere:
        raise unknown_path()
    raise wrong_method({*elsewhere, *(route.method for route, _ in fitting)})
