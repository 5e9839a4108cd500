"""What lies in a folder, page by page: folders first, then files (API reference, GET /folders/{id}/items)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from provision.sandbox.api.paging import Window, next_marker, start_of
from provision.sandbox.errors import invalid
from provision.sandbox.model.items import ROOT, Folder

from . import reach
from .view import MINI_FILE, MINI_FOLDER, chosen, counted, counted_name, counted_parts, parts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from provision.sandbox.model.accounts import Account
    from provision.sandbox.model.items import Item
    from provision.sandbox.world import World

    Body = dict[str, object]

_MOST_SHOWN = 100


class _Entry(NamedTuple):
    """One line of a listing, not yet rendered."""

    kind: str
    id: str
    name: str
    modified_at: str
    size: int
    render: Callable[[str | None], Body]


def page(
    world: World, folder: Folder, asked: Window, query: Mapping[str, str], viewer: Account | None
) -> Body:
    """One page; by marker always in the order of names (API reference: `sort` is for pages by offset)."""
    lines = _Lines(world, folder, viewer)
    sort, direction = _order(query)
    start = start_of(asked)
    stop = min(start + asked.limit, len(lines))
    fields = query.get("fields")
    if asked.marker is not None:
        marker = next_marker(stop, len(lines), world.choices)
        entries = lines.rendered(range(start, stop), fields)
        return {"limit": asked.limit, "next_marker": marker, "entries": entries}
    ordered = lines.ordered(sort, direction) if {"sort", "direction"} & set(query) else None
    if ordered is None:
        entries = lines.rendered(range(start, stop), fields)
    else:
        entries = [one.render(fields) for one in ordered[start:stop]]
    return {
        "total_count": len(lines),
        "entries": entries,
        "offset": asked.offset,
        "limit": asked.limit,
        "order": _told(sort, direction),
    }


def first_page(world: World, folder: Folder, viewer: Account | None) -> Body:
    """The first hundred, as a folder in full shows them."""
    return page(world, folder, Window(_MOST_SHOWN, 0, None), {}, viewer)


def _told(sort: str, direction: str) -> list[Body]:
    return [{"by": "type", "direction": "ASC"}, {"by": sort, "direction": direction}]


def _order(query: Mapping[str, str]) -> tuple[str, str]:
    sort, direction = query.get("sort") or "name", (query.get("direction") or "ASC").upper()
    if sort not in _SORTS:
        raise invalid("sort", f"Invalid value '{sort}'.")
    if direction not in ("ASC", "DESC"):
        raise invalid("direction", f"Invalid value '{direction}'.")
    return sort, direction


_SORTS: dict[str, Callable[[_Entry], Any]] = {
    "id": lambda one: int(one.id),
    "name": lambda one: one.name.casefold(),
    "date": lambda one: one.modified_at,
    "size": lambda one: one.size,
}


class _Lines:
    """All lines of a folder; the counted files are only looked at one by one when they are shown."""

    def __init__(self, world: World, folder: Folder, viewer: Account | None) -> None:
        content = world.enterprise.content
        shared = reach.shared_with(world, viewer) if folder.id == ROOT and viewer is not None else []
        folders = content.inside(folder.owner, folder.id)
        files = content.files_inside(folder.owner, folder.id)
        self._items: Sequence[Item] = [
            *_by_name([*folders, *(one for one in shared if one.kind == "folder")]),
            *_by_name([*files, *(one for one in shared if one.kind == "file")]),
        ]
        self._world, self._folder, self._viewer = world, folder, viewer
        self._counted = counted(world, folder)[0]

    def __len__(self) -> int:
        return len(self._items) + self._counted

    def rendered(self, which: range, fields: str | None) -> list[Body]:
        """So many of them, folders and then files by name."""
        return [self._render(number, fields) for number in which]

    def ordered(self, sort: str, direction: str) -> list[_Entry]:
        """All of them in an order; folders come first all the same."""
        entries = [self._entry(number) for number in range(len(self))]
        entries.sort(key=_SORTS[sort], reverse=direction == "DESC")
        return sorted(entries, key=lambda one: one.kind != "folder")

    def _entry(self, number: int) -> _Entry:
        render = partial(self._render, number)
        if number < len(self._items):
            item = self._items[number]
            size = self._world.enterprise.content.size(item)
            return _Entry(item.kind, item.id, item.name, item.modified_at, size, render)
        place = number - len(self._items)
        told = counted_parts(self._world, self._folder, place)
        each = int(str(told["size"]()))
        return _Entry("file", str(told["id"]()), counted_name(place), "", each, render)

    def _render(self, number: int, fields: str | None) -> Body:
        if number < len(self._items):
            item = self._items[number]
            viewer = self._viewer.id if self._viewer is not None else ""
            return chosen(
                parts(self._world, item, viewer), fields, MINI_FOLDER if item.kind == "folder" else MINI_FILE
            )
        place = number - len(self._items)
        return chosen(counted_parts(self._world, self._folder, place), fields, MINI_FILE)


def _by_name(items: list[Item]) -> list[Item]:
    return sorted(items, key=lambda one: (one.name.casefold(), one.id))
