"""Reading the whole enterprise while others work in it, or saying that it could not be read.

A few thousand users are asked for side by side (:mod:`provision.directory.offsets`); pages that do not prove each other are put aside.

Users are listed by marker without a filter (with one the marker never ends: Box CLI, src/modules/user.js), and counted
before and after by another way of paging. A pass that shows as many as Box counts, before and after, is complete. Any other
is followed by passes with other page borders, and what they show is put together: who is not in the last one is looked up
by id, so that whoever was deleted is told from whoever was lost. Then fewer users than Box counts need a reason:

- others came and went meanwhile, and no more are missing than that; or
- Box counts users whom it does not show, since other apps made them. Pages may rightly be short, even empty, for these;
  but they are the same in every pass, while a hole moves with the page borders.

Without one of them the listing has a hole, and nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

import pandas as pd
import pyarrow as pa

from provision.box.accounts import Account, ListingPage
from provision.box.pacing.retry import Retry
from provision.directory.answered import answered, hole
from provision.directory.gather import Gathering, Room, batch_of, room
from provision.directory.offsets import OffsetPages, by_offset
from provision.directory.several import Listing, Pass, Several, pass_of
from provision.errors import IncompleteDirectory, Rejected
from provision.model import UserKind
from provision.paging import PAGE_SIZE

#: passes over all pages before a hole is called one
_MOST_PASSES = 4
#: how often a pass is begun before a marker that Box refuses is believed to be worth nothing
_MOST_STARTS = 3


class _MarkerRefused(Exception):
    """Box does not take the marker that it gave itself: it has ended, or was of another machine."""


class UserPages(OffsetPages, Protocol):
    """What is needed of Box to list its users."""

    def page(self, marker: str, limit: int = ...) -> ListingPage:
        """One page by marker."""
        ...

    def total(self) -> int | None:
        """How many users there are at most."""
        ...

    def get(self, box_id: str) -> Account | None:
        """One account by id, None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class _Piece:
    """What is kept of one page."""

    users: pa.RecordBatch
    marker: str
    limit: int


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a listing is for: the ``kinds`` that the job looks after, and whether its roster names only ``some`` of the people.

    ``counted``: what Box counted just now, None if it was not asked.
    """

    kinds: frozenset[UserKind] = frozenset()
    some: bool = False
    counted: int | None = None


def list_users(
    pages: UserPages,
    retry: Retry,
    seen: Callable[[int], None] = lambda _: None,
    purpose: Purpose | None = None,
) -> Listing:
    """All managed and app users Box shows us, in one batch unless they are too many.

    ``seen`` is told the number of users read so far. Raises
    IncompleteDirectory when a page fails or cannot be read, when people are lost without a reason, and when a job for managed
    users is shown none at all; SignInRefused when the token may not list users.
    """
    purpose = purpose or Purpose()
    listing = _complete(pages, retry, seen, purpose)
    if UserKind.MANAGED in purpose.kinds and all(_only_app(frame) for frame in listing.users.each(["kind"])):
        raise IncompleteDirectory(
            f"The enterprise shows {listing.users.rows:,} users and not one managed user, not even its admin.",
            cause="the app has access to its own app users only: App Access Only instead of App + Enterprise Access",
            remedy="choose App + Enterprise Access in the Developer Console and have an admin authorise the app again",
        )
    return listing


def _only_app(users: pd.DataFrame) -> bool:
    return bool((users["kind"] == UserKind.APP.value).all())


def _complete(pages: UserPages, retry: Retry, seen: Callable[[int], None], purpose: Purpose) -> Listing:
    """The users of one pass that is proven by the count around it, or of several put together."""
    counts = [answered(retry, pages.total) if purpose.counted is None else purpose.counted]
    within = room(some=purpose.some)
    if (at_once := by_offset(pages, retry, counts[0], seen)) is not None:
        return Listing(at_once.users)
    first = _pass(pages, retry, PAGE_SIZE, seen, within)
    counts.append(answered(retry, pages.total))
    if not first.twice and counts[0] == counts[1] == first.users.rows:
        return Listing(first.users)
    several = Several(first)
    size, limit = _other_size(first.users.rows, counts[-1] or 0, first.limit), first.limit
    del first  # a further pass takes as much room, in memory or on disk
    while True:
        last = _pass(pages, retry, size, seen, within)
        counts.append(answered(retry, pages.total))
        at_last = several.passes + 1 >= _MOST_PASSES
        judged = several.judge(last, counts, lambda box_ids: _some(retry, pages, box_ids), at_last=at_last)
        if judged is not None:
            return judged
        if at_last:
            raise hole(several.told(counts[-1]))
        size = max(1, min(size, last.limit, limit) * 2 // 3)
        del last


def _some(retry: Retry, pages: UserPages, box_ids: Sequence[str]) -> list[Account | None]:
    return retry.each([partial(answered, retry, partial(pages.get, box_id)) for box_id in box_ids])


def _other_size(listed: int, counted: int, limit: int) -> int:
    """A page size whose page borders fall elsewhere: at least three full pages, so a place lost in each is lost thrice."""
    users = max(listed, counted)
    return max(1, min(limit - 1, users // 3 if users else limit))


def _pass(pages: UserPages, retry: Retry, size: int, seen: Callable[[int], None], within: Room) -> Pass:
    """All pages from the first one on; begun again where a marker has ended on the way."""
    for _ in range(_MOST_STARTS):
        try:
            return _begun(pages, retry, size, seen, within)
        except _MarkerRefused:
            continue
    raise hole("Box refused the page markers that it had given (HTTP 400)")


def _begun(pages: UserPages, retry: Retry, size: int, seen: Callable[[int], None], within: Room) -> Pass:
    gathering, limit = Gathering(within), size
    for piece in _pieces(pages, retry, size):
        gathering.take(piece.users)
        limit = min(limit, piece.limit or limit)
        seen(gathering.users)
    return pass_of(gathering.gathered(), limit)


def _pieces(pages: UserPages, retry: Retry, size: int) -> Iterator[_Piece]:
    """Page by page; the next one is on its way while the cells of this one are made."""

    def question(marker: str) -> Callable[[], ListingPage]:
        return lambda: answered(retry, lambda: _page(pages, marker, size))

    markers = set[str]()
    with retry.beside() as ask:
        answer = ask(question(""))
        while True:
            page = answer()
            if page.marker in markers:
                raise hole("Box gave the same page marker twice")
            if page.marker:
                markers.add(page.marker)
                answer = ask(question(page.marker))
            piece = _Piece(batch_of(page), page.marker, page.limit)
            del page  # cells of two pages at a time would take fresh memory for every page
            yield piece
            if not piece.marker:
                return


def _page(pages: UserPages, marker: str, size: int) -> ListingPage:
    try:
        return pages.page(marker, size)
    except Rejected as fault:
        if marker and fault.answer.http_status == 400:
            raise _MarkerRefused from None
        raise
