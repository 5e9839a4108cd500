"""Reading the whole enterprise while others work in it, or saying that it could not be read.

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
from itertools import count
from typing import Protocol, TypeVar

import pandas as pd
import pyarrow as pa

from provision.box.accounts import COLUMNS, Account, ListingPage
from provision.box.pacing.retry import Retry
from provision.directory.gather import SCHEMA, Gathering
from provision.directory.several import Listing, Pass, Several, pass_of
from provision.errors import (
    Away,
    BoxFault,
    Expired,
    Garbled,
    IncompleteDirectory,
    LedElsewhere,
    Rejected,
    SignInRefused,
    Throttled,
)
from provision.model import PAGE_SIZE, UserKind

T = TypeVar("T")

#: passes over all pages before a hole is called one
_MOST_PASSES = 4
#: how often a pass is begun before a marker that Box refuses is believed to be worth nothing
_MOST_STARTS = 3
#: how often a page is asked for that comes as something else
_MOST_GARBLED = 3


class _MarkerRefused(Exception):
    """Box does not take the marker that it gave itself: it has ended, or was of another machine."""


class UserPages(Protocol):
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


def list_users(
    pages: UserPages,
    retry: Retry,
    seen: Callable[[int], None] = lambda _: None,
    kinds: frozenset[UserKind] = frozenset(),
    counted: int | None = None,
) -> Listing:
    """All managed and app users Box shows us, in one batch unless they are too many.

    ``seen`` is told the number of users read so far. ``kinds`` are those the job looks after. ``counted``: what Box counted
    just now, None if it was not asked. Raises
    IncompleteDirectory when a page fails or cannot be read, when people are lost without a reason, and when a job for managed
    users is shown none at all; SignInRefused when the token may not list users.
    """
    listing = _complete(pages, retry, seen, counted)
    if UserKind.MANAGED in kinds and all(_only_app(frame) for frame in listing.users.each(["kind"])):
        raise IncompleteDirectory(
            f"The enterprise shows {listing.users.rows:,} users and not one managed user, not even its admin.",
            cause="the app has access to its own app users only: App Access Only instead of App + Enterprise Access",
            remedy="choose App + Enterprise Access in the Developer Console and have an admin authorise the app again",
        )
    return listing


def _only_app(users: pd.DataFrame) -> bool:
    return bool((users["kind"] == UserKind.APP.value).all())


def _complete(pages: UserPages, retry: Retry, seen: Callable[[int], None], counted: int | None) -> Listing:
    """The users of one pass that is proven by the count around it, or of several put together."""
    counts = [answered(retry, pages.total) if counted is None else counted]
    first = _pass(pages, retry, PAGE_SIZE, seen)
    counts.append(answered(retry, pages.total))
    if not first.twice and counts[0] == counts[1] == first.users.rows:
        return Listing(first.users)
    several = Several(first)
    size, limit = _other_size(first.users.rows, counts[-1] or 0, first.limit), first.limit
    del first  # a further pass takes as much room, in memory or on disk
    while True:
        last = _pass(pages, retry, size, seen)
        counts.append(answered(retry, pages.total))
        at_last = several.passes + 1 >= _MOST_PASSES
        judged = several.judge(last, counts, lambda box_ids: _some(retry, pages, box_ids), at_last=at_last)
        if judged is not None:
            return judged
        if at_last:
            raise _hole(several.told(counts[-1]))
        size = max(1, min(size, last.limit, limit) * 2 // 3)
        del last


def _some(retry: Retry, pages: UserPages, box_ids: Sequence[str]) -> list[Account | None]:
    return retry.each([partial(answered, retry, partial(pages.get, box_id)) for box_id in box_ids])


def _other_size(listed: int, counted: int, limit: int) -> int:
    """A page size whose page borders fall elsewhere: at least three full pages, so a place lost in each is lost thrice."""
    users = max(listed, counted)
    return max(1, min(limit - 1, users // 3 if users else limit))


def _pass(pages: UserPages, retry: Retry, size: int, seen: Callable[[int], None]) -> Pass:
    """All pages from the first one on; begun again where a marker has ended on the way."""
    for _ in range(_MOST_STARTS):
        try:
            return _begun(pages, retry, size, seen)
        except _MarkerRefused:
            continue
    raise _hole("Box refused the page markers that it had given (HTTP 400)")


def _begun(pages: UserPages, retry: Retry, size: int, seen: Callable[[int], None]) -> Pass:
    gathering, limit = Gathering(), size
    for piece in _pieces(pages, retry, size):
        gathering.take(piece.users)
        limit = min(limit, piece.limit or limit)
        seen(gathering.users)
    return pass_of(gathering.gathered(), limit)


def _column(cells: Sequence[str]) -> pa.Array:
    """Cells as Arrow; a page of one and the same value, as of most attributes, is made without a look at each."""
    if cells and cells[0] == cells[-1] and cells.count(cells[0]) == len(cells):
        return pa.repeat(pa.scalar(cells[0], pa.large_string()), len(cells))
    return pa.array(cells, pa.large_string())


def _pieces(pages: UserPages, retry: Retry, size: int) -> Iterator[_Piece]:
    marker, markers = "", set[str]()
    while True:
        piece = _piece(pages, retry, marker, size)
        yield piece
        if not piece.marker:
            return
        if piece.marker in markers:
            raise _hole("Box gave the same page marker twice")
        markers.add(piece.marker)
        marker = piece.marker


def _piece(pages: UserPages, retry: Retry, marker: str, size: int) -> _Piece:
    """The cells of a page are gone when the next one is asked for: two at a time take fresh memory for every page."""
    page = answered(retry, lambda: _page(pages, marker, size))
    columns = [_column(page.columns[name]) for name in COLUMNS]
    return _Piece(pa.RecordBatch.from_arrays(columns, schema=SCHEMA), page.marker, page.limit)


def _page(pages: UserPages, marker: str, size: int) -> ListingPage:
    try:
        return pages.page(marker, size)
    except Rejected as fault:
        if marker and fault.answer.http_status == 400:
            raise _MarkerRefused from None
        raise


def answered(retry: Retry, ask: Callable[[], T]) -> T:
    """What Box answers; every way of not answering is a hole, or a right that is missing."""
    garbled = count(1)

    def readable() -> T:
        try:
            return ask()
        except Garbled:
            # an answer of 200 without users is not "no users": it is no answer, and asked for again as one that is lost
            if next(garbled) < _MOST_GARBLED:
                raise
            raise _hole("Box answered 200, but what came is not a page of users") from None

    try:
        return retry.read(readable)
    except (Away, Throttled, LedElsewhere):
        raise  # nobody is answered, or not by Box, which says nothing of the listing
    except BoxFault as fault:
        answer = fault.answer
        if isinstance(fault, Expired) or (isinstance(fault, Rejected) and answer.http_status == 403):
            raise _may_not_list(fault) from None
        status = f"HTTP {answer.http_status}" if answer.http_status else "no answer"
        raise _hole(f"a page could not be read ({status})") from None


def _hole(what: str) -> IncompleteDirectory:
    return IncompleteDirectory(
        f"The enterprise could not be read completely: {what}.",
        cause="Box or a proxy in between is having trouble",
        remedy="run again; if it stays so, look at https://status.box.com",
    )


def _may_not_list(fault: BoxFault) -> SignInRefused:
    told = f"HTTP {fault.answer.http_status} {fault.answer.code}".rstrip()
    return SignInRefused(
        f"Box does not let this sign-in list the users ({told}).",
        cause="the app lacks the scope 'Manage users' or App + Enterprise Access, or the token is a plain user's",
        remedy="grant both in the Developer Console and have an admin authorise the app again",
    )
