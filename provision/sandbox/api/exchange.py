"""Token exchange: a token that may do less, for one file or folder if wanted (Box guide, Downscope a token).

The API reference asks for a client's id and secret in other grants only, so none is needed here; a wrong one is refused.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.errors import JSON, NO_STORE, Answer, RefusedCall, sign_in

from .abilities import SCOPES
from .items.view import mini

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provision.sandbox.world import World

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105  the name of a kind
_RESOURCE = re.compile(r"https?://[^/]+(?:/api)?/2\.0/(file|folder)s/([0-9]+)/?")


def exchanged(world: World, form: Mapping[str, str]) -> Answer:
    """A narrower token for one that is held; what the held one may not do cannot be asked for."""
    held = world.tokens.find(form.get("subject_token", ""), world.clock.now())
    if held is None or held.refresh:
        raise sign_in("invalid_grant", "Invalid subject token")
    if form.get("subject_token_type", _ACCESS_TOKEN) != _ACCESS_TOKEN:
        raise sign_in("invalid_request", "Invalid subject_token_type parameter")
    wanted = tuple(form.get("scope", "").split())
    granted = world.enterprise.app.scopes if held.scopes is None else held.scopes
    if not wanted or not all(_is_within(one, granted) for one in wanted):
        raise sign_in("invalid_scope", "The requested scope is invalid or exceeds that of the subject token")
    resource = _resource(form["resource"]) if form.get("resource") else held.resource
    item = _meant(world, resource) if resource is not None else None
    made = world.tokens.narrow(held, world.clock.now(), wanted, resource)
    body = {
        "access_token": made.value,
        "expires_in": int((made.expires_at or 0) - world.clock.now()),
        "restricted_to": [{"scope": one, "object": item} for one in wanted] if item else [],
        "token_type": "bearer",
        "issued_token_type": _ACCESS_TOKEN,
    }
    return Answer(200, msgspec.json.encode(body), (JSON, NO_STORE))


def _is_within(scope: str, granted: tuple[str, ...]) -> bool:
    """Whether a scope asks for nothing that is not granted."""
    if scope in granted:
        return True
    asked = SCOPES.get(scope)
    return asked is not None and asked <= frozenset[str]().union(*(SCOPES.get(one, ()) for one in granted))


def _resource(address: str) -> tuple[str, str]:
    found = _RESOURCE.fullmatch(address)
    if found is None:
        raise _wrong_resource()
    return found[1], found[2]


def _meant(world: World, resource: tuple[str, str]) -> dict[str, object]:
    there = world.enterprise.content.find(resource[1])
    if there is None or there.kind != resource[0]:
        raise _wrong_resource()
    return mini(there)


def _wrong_resource() -> RefusedCall:
    """What Box answers to a resource that is none is undocumented."""
    return sign_in("invalid_resource", "The specified resource is invalid")
