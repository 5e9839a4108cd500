"""Reading the whole enterprise, or nothing: a listing with a hole is never used.

Users are listed by marker without a filter (with one the marker never ends), and counted once more by another way of
paging. Pages may rightly be short, since Box takes other apps' users out after paging; so a short page or a count that
does not agree is settled by listing again with other page borders: a real hole moves, hidden users do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import pandas as pd
import pyarrow as pa

from provision.box.accounts import COLUMNS, Page
from provision.box.client import PAGE_SIZE
from provision.box.retry import Retry
from provision.errors import BoxFault, Expired, Garbled, IncompleteDirectory, Rejected, SignInRefused

_SCHEMA = pa.schema([(name, pa.large_string()) for name in COLUMNS])


class Pages(Protocol):
    """What is needed of Box to list its users."""

    def page(self, marker: str, limit: int = ...) -> Page:
        """One page by marker."""
        ...

    def total(self) -> int | None:
        """How many users there are at most."""
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """One pass over all pages. ``users``: one row a user as listed; ``short``: a page before the last was not full."""

    users: pa.Table
    short: bool

    @property
    def ids(self) -> pd.Index[str]:
        """The ids, in order."""
        ids: pd.Index[str] = pd.Index(self.users.column("box_id").to_pandas())
        return ids


def list_users(pages: Pages, retry: Retry, seen: Callable[[int], None] = lambda _: None) -> pd.DataFrame:
    """All managed and app users Box shows us: one row a user, columns COLUMNS, text.

    ``seen`` is told the number of users read so far. Raises IncompleteDirectory when a page fails, cannot be read,
    comes twice or loses people, and SignInRefused when the token may not list users.
    """
    first = _listing(pages, retry, PAGE_SIZE, seen)
    total = retry.read(pages.total)
    twice = first.ids.has_duplicates
    if not twice and (len(first.ids) == total or (total is None and not first.short)):
        return _frame(first)
    second = _listing(pages, retry, _other_size(len(first.ids)), seen)
    if not twice and set(first.ids) == set(second.ids) and not second.ids.has_duplicates:
        return _frame(first)
    if not (twice or first.short) and len(second.ids) == retry.read(pages.total):
        return _frame(second)  # somebody was created or deleted while we were reading
    raise _hole(
        f"one pass showed {len(first.ids):,} users, another {len(second.ids):,}, Box counts {total or 0:,}"
    )


def _other_size(users: int) -> int:
    """A page size whose page borders fall elsewhere, with at least three pages."""
    return max(1, min(PAGE_SIZE - 1, users // 3 + 1))


def _frame(listing: Listing) -> pd.DataFrame:
    frame: pd.DataFrame = listing.users.to_pandas()
    return frame.astype("str")


def _listing(pages: Pages, retry: Retry, size: int, seen: Callable[[int], None]) -> Listing:
    batches, short, users = [], False, 0
    for page in _pages(pages, retry, size):
        short = short or (bool(page.marker) and len(page) < size)
        batches.append(
            pa.RecordBatch.from_arrays(
                [pa.array(page.columns[c], pa.large_string()) for c in COLUMNS], schema=_SCHEMA
            )
        )
        users += len(page)
        seen(users)
    return Listing(pa.Table.from_batches(batches, _SCHEMA), short)


def _pages(pages: Pages, retry: Retry, size: int) -> Iterator[Page]:
    marker, markers = "", set[str]()
    while True:
        page = _page(pages, retry, marker, size)
        yield page
        if not page.marker:
            return
        if page.marker in markers:
            raise _hole("Box gave the same page marker twice")
        markers.add(page.marker)
        marker = page.marker


def _page(pages: Pages, retry: Retry, marker: str, size: int) -> Page:
    try:
        return retry.read(lambda: _readable(pages, marker, size))
    except (Expired, Rejected) as fault:
        raise _may_not_list(fault) from None
    except BoxFault as fault:
        status = f"HTTP {fault.answer.http_status}" if fault.answer.http_status else "no answer"
        raise _hole(f"a page could not be read ({status})") from None


def _readable(pages: Pages, marker: str, size: int) -> Page:
    try:
        return pages.page(marker, size)
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
    return SignInRefused(
        f"Box does not let this sign-in list the users (HTTP {fault.answer.http_status} {fault.answer.code}).",
        cause="the app lacks the scope 'Manage users' or App + Enterprise Access, or the token is a plain user's",
        remedy="grant both in the Developer Console and have an admin authorise the app again",
    )
