"""What a shared link lets somebody do who has nothing else (Box guide, Shared links; API reference, GET /shared_items).

The link stands in the header `boxapi`, with its password if it has one. `open` and `company` make no difference here, since
everybody who calls is of the company; `collaborators` gives nothing.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import unquote

from provision.sandbox.clock import has_come

if TYPE_CHECKING:
    from provision.sandbox.model.items import Item
    from provision.sandbox.world import Call, World

_NOTHING = frozenset[str]()


def secret_of(password: str) -> str:
    """How a password is kept; no secret of anybody's, a test's."""
    return hashlib.sha256(password.encode()).hexdigest()


def by_link(world: World, call: Call, item: Item) -> frozenset[str]:
    """What the link in the header of a call allows with an item; it holds for all below the item that has it."""
    url, password = _told(call)
    if not url:
        return _NOTHING
    for place in (item, *world.enterprise.content.above(item)):
        if is_of(url, place):
            return _allowed(world, place, password)
    return _NOTHING


def linked(world: World, call: Call) -> Item | None:
    """The item whose link the header of a call has, if it lets the caller in."""
    url, password = _told(call)
    found = next((one for one in world.enterprise.content if url and is_of(url, one)), None)
    return found if found is not None and _allowed(world, found, password) else None


def is_of(url: str, item: Item) -> bool:
    """Whether this is the address of an item's link."""
    told = item.shared_link
    if told is None:
        return False
    names = [f"https://app.box.com/s/{told['key']}"]
    if told.get("vanity_name"):
        names.append(f"https://app.box.com/v/{told['vanity_name']}")
    return url in names


def _told(call: Call) -> tuple[str, str]:
    """Address and password in the header; an address has no `&` of its own."""
    parts = dict(part.partition("=")[::2] for part in call.request.headers.get("boxapi", "").split("&"))
    return unquote(parts.get("shared_link", "")), unquote(parts.get("shared_link_password", ""))


def _allowed(world: World, item: Item, password: str) -> frozenset[str]:
    told = item.shared_link or {}
    over = told.get("unshared_at")
    if over and has_come(over, world.clock.now()):
        return _NOTHING
    if told.get("access") == "collaborators" or world.enterprise.content.is_trashed(item):
        return _NOTHING
    if told.get("is_password_enabled") and secret_of(password) != told.get("secret"):
        return _NOTHING
    return frozenset({"read", "download"} if told.get("can_download") else {"read"})
