"""Reading the whole enterprise, or nothing: a listing with a hole is never used.

Users are listed by marker without a filter (with one the marker never ends: Box CLI, src/modules/user.js), and counted
before and after by another way of paging. Pages may rightly be short, since Box takes other apps' users out after paging
and counts them all the same; so a count that does not agree is settled by listing again with other page borders: a hole
moves, hidden users do not. A count is only believed if it is the same before and after the pass, since somebody deleted
meanwhile makes up for somebody lost; and what two passes tell differently only if the count moved during the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from provision.batches import Batches
from provision.box.accounts import COLUMNS, ListingPage
from provision.box.pacing.retry import Retry
from provision.directory.gather import SCHEMA, Gathering
from provision.errors import Away, BoxFault, Expired, Garbled, IncompleteDirectory, Rejected, SignInRefused
from provision.hashes import Hashes, hashed
from provision.model import PAGE_SIZE, UserKind

T = TypeVar("T")

#: with a seed the empty text is hashed like any other
_SEED = 1


class UserPages(Protocol):
    """What is needed of Box to list its users."""

    def page(self, marker: str, limit: int = ...) -> ListingPage:
        """One page by marker."""
        ...

    def total(self) -> int | None:
        """How many users there are at most."""
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """One pass over all pages, in which no id came twice.

    ``users``: one row a user as listed, columns COLUMNS, text; ``ids``: the hashes of their ids, sorted; ``limit``: the
    smallest page size Box has used.
    """

    users: Batches
    ids: Hashes
    limit: int


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
) -> Batches:
    """All managed and app users Box shows us: one row a user, columns COLUMNS, text; in one batch unless they are too many.

    ``seen`` is told the number of users read so far. ``kinds`` are those the job looks after. Raises
    IncompleteDirectory when a page fails, cannot be read, comes twice or loses people, and when a job for managed
    users is shown none at all; SignInRefused when the token may not list users.
    """
    users = _complete(pages, retry, seen)
    if UserKind.MANAGED in kinds and all(_only_app(frame) for frame in users.each(["kind"])):
        raise IncompleteDirectory(
            f"The enterprise shows {users.rows:,} users and not one managed user, not even its admin. Nothing was planned.",
            cause="the app has access to its own app users only: App Access Only instead of App + Enterprise Access",
            remedy="choose App + Enterprise Access in the Developer Console and have an admin authorise the app again",
        )
    return users


def _only_app(users: pd.DataFrame) -> bool:
    return bool((users["kind"] == UserKind.APP.value).all())


def _complete(pages: UserPages, retry: Retry, seen: Callable[[int], None]) -> Batches:
    """The users of a pass that is proven to have no hole, by the count around it or by another pass."""
    before = _told(retry, pages.total)
    first = _listing(pages, retry, PAGE_SIZE, seen)
    after = _told(retry, pages.total)
    listed, limit = first.ids, first.limit
    if before == after == len(listed):
        return first.users
    del first  # the second pass takes as much room, in memory or on disk
    second = _listing(pages, retry, _other_size(len(listed), after or 0, limit), seen)
    if _same(listed, second.ids):
        return second.users
    if before != after == len(second.ids) == _told(retry, pages.total):
        return second.users  # somebody was created or deleted while we were reading
    counted = "names no count" if after is None else f"counts {after:,}"
    raise _hole(f"one pass showed {len(listed):,} users, another {len(second.ids):,}, Box {counted}")


def _other_size(listed: int, counted: int, limit: int) -> int:
    """A page size whose page borders fall elsewhere: at least three full pages, so a place lost in each is lost thrice."""
    users = max(listed, counted)
    return max(1, min(limit - 1, users // 3 if users else limit))


def _listing(pages: UserPages, retry: Retry, size: int, seen: Callable[[int], None]) -> Listing:
    gathering, limit = Gathering(), size
    for piece in _pieces(pages, retry, size):
        gathering.take(piece.users)
        limit = min(limit, piece.limit or limit)
        seen(gathering.users)
    users = gathering.gathered()
    return Listing(users, _single(users), limit)


def _single(users: Batches) -> Hashes:
    """The hashes of all ids in order. Raises IncompleteDirectory where an id comes twice.

    Ids without a common hash differ; of those with one the texts decide, since two of many million may share a hash by
    chance, and would in every run.
    """
    ids = np.sort(np.concatenate([hashed(frame["box_id"], _SEED) for frame in users.each(["box_id"])]))
    again = ids[1:][ids[1:] == ids[:-1]]
    if len(again):
        columns = (frame["box_id"] for frame in users.each(["box_id"]))
        suspects = pd.concat([column[np.isin(hashed(column, _SEED), again)] for column in columns])
        if twice := int(suspects.duplicated().sum()):
            raise _hole(f"of {users.rows:,} users listed {twice:,} came twice, so others may be missing")
    return ids


def _same(first: Hashes, second: Hashes) -> bool:
    """Whether two passes showed the same people, none of them twice.

    Other hashes are other people for sure. That the same hashes were other people, each who is missing here would have to
    have the hash of somebody who is missing there: of the few that passes lose, and not of all pairs among millions, so one
    chance in 2**64.
    """
    return np.array_equal(first, second)


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
    page = _told(retry, lambda: pages.page(marker, size))
    columns = [_column(page.columns[name]) for name in COLUMNS]
    return _Piece(pa.RecordBatch.from_arrays(columns, schema=SCHEMA), page.marker, page.limit)


def _told(retry: Retry, ask: Callable[[], T]) -> T:
    """What Box answers; every way of not answering is a hole, or a right that is missing."""
    try:
        return retry.read(lambda: _readable(ask))
    except Away:
        raise  # nobody is answered, which says nothing of the listing
    except BoxFault as fault:
        answer = fault.answer
        if isinstance(fault, Expired) or (isinstance(fault, Rejected) and answer.http_status == 403):
            raise _may_not_list(fault) from None
        status = f"HTTP {answer.http_status}" if answer.http_status else "no answer"
        raise _hole(f"a page could not be read ({status})") from None


def _readable(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Garbled:
        # an answer of 200 without users is not "no users": it is no answer
        raise _hole("Box answered 200, but what came is not a page of users") from None


def _hole(what: str) -> IncompleteDirectory:
    return IncompleteDirectory(
        f"The enterprise could not be read completely: {what}. Nothing was planned.",
        cause="Box or a proxy in between is having trouble, or users came and went during the reading",
        remedy="run again; if it stays so, look at https://status.box.com",
    )


def _may_not_list(fault: BoxFault) -> SignInRefused:
    told = f"HTTP {fault.answer.http_status} {fault.answer.code}".rstrip()
    return SignInRefused(
        f"Box does not let this sign-in list the users ({told}).",
        cause="the app lacks the scope 'Manage users' or App + Enterprise Access, or the token is a plain user's",
        remedy="grant both in the Developer Console and have an admin authorise the app again",
    )
