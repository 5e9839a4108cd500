"""Lists that Box gives page by page, each asked for with the marker that stands on the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar


class MarkedPage(Protocol):
    """A page of a list; ``marker`` is that of the next one, "" on the last."""

    @property
    def marker(self) -> str:
        """The marker of the next page."""
        ...


PageT = TypeVar("PageT", bound=MarkedPage)


def by_marker(page: Callable[[str], PageT]) -> Iterator[PageT]:
    """All pages; ``page`` asks for the one of a marker, "" for the first."""
    found = page("")
    yield found
    while found.marker:
        found = page(found.marker)
        yield found
