"""Some thousand users by pages that are asked for side by side, since a place in a list needs no answer to an earlier question.

Offsets say nothing of what happened between two pages: whoever is made or deleted moves all behind. So each page begins with
the user that ends the one before, each tells how many users there are, and all have to agree: with that overlap, with the
count before, and with how many different users they show. Else nothing is concluded, and the pages are asked for by marker.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Protocol

import pyarrow as pa

from provision.box.accounts import ListingPage
from provision.box.pacing.retry import Retry
from provision.directory.answered import answered
from provision.directory.gather import Gathering, batch_of
from provision.directory.several import Pass, pass_of
from provision.errors import Rejected
from provision.paging import PAGE_SIZE, places_of_pages


class OffsetPages(Protocol):
    """What is needed of Box to ask for pages by their place."""

    def page_at(self, offset: int, limit: int = ...) -> ListingPage:
        """The page that begins behind so many users; it tells how many there are."""
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is kept of one page."""

    users: pa.RecordBatch
    total: int | None


def by_offset(
    pages: OffsetPages, retry: Retry, counted: int | None, seen: Callable[[int], None]
) -> Pass | None:
    """All users, of whom Box ``counted`` so many just now; None where pages do not reach them all, or do not prove each other.

    ``seen`` is told the number of users read so far. Raises as :func:`provision.directory.listing.list_users` does where Box
    does not answer.
    """
    offsets = places_of_pages(counted or 0)
    if counted is None or not offsets:
        return None
    asked = [partial(_piece, pages, retry, offset) for offset in offsets]
    return _together(retry.each(asked, lambda number: seen(min(number * PAGE_SIZE, counted))), counted)


def _piece(pages: OffsetPages, retry: Retry, offset: int) -> _Piece | None:
    """A page, None where Box does not give one at this place."""
    page = answered(retry, lambda: _page(pages, offset))
    return None if page is None else _Piece(batch_of(page), page.total)


def _page(pages: OffsetPages, offset: int) -> ListingPage | None:
    try:
        return pages.page_at(offset, PAGE_SIZE)
    except Rejected as fault:
        if fault.answer.http_status == HTTPStatus.BAD_REQUEST:
            return None
        raise


def _together(pieces: list[_Piece | None], counted: int) -> Pass | None:
    gathering, last = Gathering(), None
    for piece in pieces:
        if piece is None or piece.total != counted or not len(piece.users):
            return None
        ids = piece.users.column("box_id")
        if last is not None and ids[0] != last:
            return None
        gathering.take(piece.users if last is None else piece.users.slice(1))
        last = ids[-1]
    listed = pass_of(gathering.gathered(), PAGE_SIZE)
    return listed if not listed.twice and listed.users.rows == counted else None
