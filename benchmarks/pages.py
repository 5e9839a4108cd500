"""Decoding a listing: pages of 1,000 users into columns, beside orjson's bare parse and the vendor's own objects.

    python benchmarks/pages.py [--quick]

1,000 pages of 1,000 users with the fields a listing asks for. Ours is the whole of ``list_users``: decode, keep, see that
nobody came twice, make the frame. orjson parses the same bytes and keeps nothing. The vendor's objects are made of some of
the pages and kept, and taken as that slow for all. Making the bytes is not counted. Writes benchmarks/results/pages.md.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from measure import Notes, Part, at_least, at_most, chosen, in_turns, keep, now_mb, table, timed

from provision.__main__ import look_rarely_for_cycles
from provision.box import accounts, answers
from provision.box.accounts import ListingPage
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.directory.listing import list_users

USERS = 1_000
#: what stands in the place of the page's number
_NUMBER = b"####"
#: pages of which the vendor's objects are made
_BY_SDK = 10


def template() -> bytes:
    """One page as Box sends it; ids and logins have the place of the page's number in them."""
    page = {"entries": [_user(number) for number in range(USERS)], "limit": USERS}
    return json.dumps(page, separators=(",", ":")).encode()


def _user(number: int) -> dict[str, object]:
    place = _NUMBER.decode()
    about: dict[str, object] = {"type": "user", "id": f"28{place}{number:05d}", "name": f"Person {number}"}
    about |= {"login": f"p{place}.{number}@acme.example", "role": "user", "status": "active"}
    about |= {"language": "en", "timezone": "Europe/Berlin", "job_title": f"Clerk {number % 40}"}
    about |= {"phone": f"+49 30 {number}", "address": f"Street {number}", "space_amount": 10 * 1024**3}
    about |= {"is_sync_enabled": True, "can_see_managed_users": True, "is_external_collab_restricted": False}
    about |= {"is_exempt_from_device_limits": False, "is_exempt_from_login_verification": False}
    about |= {"notification_email": None, "is_platform_access_only": False, "external_app_user_id": None}
    about["tracking_codes"] = [{"type": "tracking_code", "name": "Cost", "value": f"C{number % 90}"}]
    return about | {"enterprise": {"type": "enterprise", "id": "27335", "name": "Acme Inc."}}


class Pages:
    """An enterprise of so many pages that are there at once; ``made`` are the seconds that making their bytes took."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.made = 0.0
        self._template = template()

    def body(self, number: int) -> bytes:
        """The bytes of one page, with the marker of the next one."""
        began = time.perf_counter()
        last = number + 1 == self.count
        marker = b'"next_marker":' + (b"null" if last else b'"%d"' % (number + 1))
        body = self._template.replace(_NUMBER, b"%04d" % number)[:-1] + b"," + marker + b"}"
        self.made += time.perf_counter() - began
        return body

    def page(self, marker: str, limit: int = USERS) -> ListingPage:
        """One page, decoded as the client does it."""
        return accounts.page(answers.raw_page(self.body(int(marker or 0))))

    def page_at(self, offset: int, limit: int = USERS) -> ListingPage:
        """So many users are beyond what pages by offset reach."""
        raise NotImplementedError

    def total(self) -> int:
        """How many users there are."""
        return self.count * USERS


def into_columns(count: int) -> Notes:
    """The listing as the plan gets it."""
    look_rarely_for_cycles()
    pages, before = Pages(count), now_mb()
    retry = Retry(Patience(), Timing(time.monotonic, time.sleep, Random(0)))  # noqa: S311  jitter, not a secret
    notes: Notes = {}
    with timed(notes):
        users = list_users(pages, retry).users.whole()
    notes["s"] -= pages.made
    frame = float(users.memory_usage(deep=True).sum()) / 1024**2
    return notes | {"kept MB": now_mb() - before, "frame MB": frame, "users": len(users)}


def parsed_by_orjson(count: int) -> Notes:
    """The same bytes parsed, and nothing kept."""
    import orjson

    return _over(Pages(count), count, orjson.loads)


def _over(pages: Pages, count: int, work: Callable[[bytes], object]) -> Notes:
    notes: Notes = {}
    with timed(notes):
        for body in _bodies(pages, count):
            work(body)
    notes["s"] -= pages.made
    return notes


def _bodies(pages: Pages, count: int) -> Iterator[bytes]:
    return (pages.body(number) for number in range(count))


def into_objects(count: int) -> Notes:
    """The vendor's objects of a few pages; seconds and MB are for all, taken as they are for these."""
    from box_sdk_gen.schemas import Users
    from box_sdk_gen.serialization.json import deserialize, json_to_serialized_data

    some = min(count, _BY_SDK)
    pages, before, kept = Pages(some), now_mb(), []
    notes: Notes = {}
    with timed(notes):
        for body in _bodies(pages, some):
            kept.append(deserialize(json_to_serialized_data(body.decode()), Users))
    more = now_mb() - before
    return {"s": (notes["s"] - pages.made) * count / some, "kept MB": more * count / some}


def text(count: int, best: dict[str, Notes]) -> str:
    """The result as Markdown."""
    base = best["orjson, parsed and dropped"]["s"]
    lines = [
        [
            name,
            f"{notes['s']:.2f}",
            f"{notes['s'] / count * 1000:.1f}",
            f"{notes['s'] / base:.1f}",
            f"{notes['kept MB']:,.0f}" if "kept MB" in notes else "",
        ]
        for name, notes in best.items()
    ]
    ours = best["into columns"]
    return "\n".join(
        [
            f"# {count:,} pages of {USERS:,} users decoded",
            "",
            table(["way", "seconds:", "ms a page:", "times orjson:", "MB kept:"], lines),
            "",
            f"The vendor's objects were made of {min(count, _BY_SDK)} pages. Kept is what the process has more than before; of it",
            f"our frame's own buffers are {ours['frame MB']:,.0f} MB. Our peak: {ours['peak MB']:,.0f} MB.",
            "",
        ]
    )


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__)
    # the body of each page is made in the measured process, and glibc would give its memory back and take it again
    # each time, which is measured with whoever decodes it
    os.environ |= {"MALLOC_TOP_PAD_": str(64 << 20), "MALLOC_MMAP_THRESHOLD_": str(32 << 20)}
    count = 20 if told.quick else 1_000
    sides = {
        "into columns": into_columns,
        "orjson, parsed and dropped": parsed_by_orjson,
        "the SDK's objects": into_objects,
    }
    best = in_turns({name: partial(work, count) for name, work in sides.items()})
    ours, base = best["into columns"], best["orjson, parsed and dropped"]
    found = [
        at_most(1.2, ours["s"] / base["s"], "{:.1f} times orjson"),
        at_least(
            20, best["the SDK's objects"]["s"] / ours["s"], "{:.0f} times faster than the SDK's objects"
        ),
        at_most(450, ours["kept MB"], "{:,.0f} MB kept"),
    ]
    keep(Part("pages", text(count, best), {"decode": found}), quick=told.quick)


if __name__ == "__main__":
    main()
