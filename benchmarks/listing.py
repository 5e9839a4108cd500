"""How long a listing takes at 300 ms a page: some thousand users side by side, and a large enterprise by marker.

    python benchmarks/listing.py [--quick]

Both over sockets, from a local Box that waits with each answer. *Side by side*: 10,000 users, beside the same pages one after
the other. *By marker*: 200,000 users, beside a bare client that fetches the same pages and looks for nothing but the next
marker, so that what the local Box itself takes for a page is in both. The pace is out of the way. Wall seconds of the listing
alone, in turns, the best of some; nobody else should use the machine. Writes benchmarks/results/listing.md.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from random import Random

import requests
from commands import local_box
from measure import Notes, Part, at_most, chosen, in_turns, keep, table, timed

from provision.__main__ import look_rarely_for_cycles
from provision.box import accounts
from provision.box.connect import connect
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.directory.listing import list_users
from provision.job.settings import ApplySettings, BoxSettings

LATENCY_MS = 300
#: the end of a page by marker, which may be empty
_NEXT = re.compile(rb'"next_marker": ?"([^"]*)"')


def ours(box: Mapping[str, str], per_minute: int, *, one_by_one: bool) -> Notes:
    """The whole listing as a plan gets it; ``one_by_one``: nothing side by side."""
    look_rarely_for_cycles()
    timing = Timing(time.monotonic, time.sleep, Random(0))  # noqa: S311  jitter, not a secret
    auth = {name: box[name] for name in ("client_id", "client_secret", "enterprise_id")}
    settings = BoxSettings.model_validate({"base_url": box["url"], "auth": {"method": "ccg", **auth}})
    connection = connect(settings, ApplySettings(requests_per_minute=per_minute), timing)
    retry = Retry(Patience(), timing) if one_by_one else connection.retry
    before, notes = connection.box.traffic.requests, Notes()
    with timed(notes):
        rows = list_users(connection.box, retry).users.rows
    return notes | {"users": rows, "calls": connection.box.traffic.requests - before}


def bare(box: Mapping[str, str]) -> Notes:
    """The pages fetched one after the other, and nothing done with them."""
    session, notes, calls = requests.Session(), Notes(), 0
    session.headers["Authorization"] = f"Bearer {box['developer_token']}"
    asked = {
        "user_type": "managed",
        "usemarker": "true",
        "limit": "1000",
        "fields": ",".join(accounts.FIELDS),
    }
    with timed(notes):
        while "marker" not in asked or asked["marker"]:
            body = session.get(f"{box['url']}/2.0/users", params=asked, timeout=60).content
            calls += 1
            found = _NEXT.search(body)
            asked["marker"] = found[1].decode() if found else ""
    return notes | {"calls": calls}


def measured(
    users: int, sides: Callable[[Mapping[str, str]], Mapping[str, Callable[[], Notes]]], times: int
) -> dict[str, Notes]:
    """The sides against a local Box of so many users."""
    with local_box("--users", str(users - 1), "--latency", str(LATENCY_MS)) as box:
        return in_turns(sides(box), times)


def few(box: Mapping[str, str]) -> Mapping[str, Callable[[], Notes]]:
    """At the usual pace, which is a part of what it takes."""
    return {
        "one after the other": partial(ours, box, 1_000, one_by_one=True),
        "side by side": partial(ours, box, 1_000, one_by_one=False),
    }


def many(box: Mapping[str, str]) -> Mapping[str, Callable[[], Notes]]:
    """One page after the other, whatever the pace allows."""
    return {"bare client": partial(bare, box), "by marker": partial(ours, box, 1_000, one_by_one=False)}


def text(some: Mapping[str, Mapping[str, Notes]]) -> str:
    """The result as Markdown."""
    lines = [
        [about, side, f"{notes['calls']:.0f}", f"{notes['s']:.2f}"]
        for about, sides in some.items()
        for side, notes in sides.items()
    ]
    head = ["users", "way", "calls:", "seconds:"]
    return f"# A listing at {LATENCY_MS} ms a page\n\n{table(head, lines)}\n"


def main() -> None:
    """Measure, print and write down."""
    told = chosen(__doc__)
    sizes = (2_500, 3_000) if told.quick else (10_000, 200_000)
    small = measured(sizes[0], few, 1 if told.quick else 3)
    large = measured(sizes[1], many, 1 if told.quick else 2)
    share = small["side by side"]["s"] / small["one after the other"]["s"]
    beside = large["by marker"]["s"] / large["bare client"]["s"]
    found = [
        at_most(0.3, share, "side by side {:.2f} of the time"),
        at_most(1.05, beside, "by marker {:.3f} times the bare client's"),
    ]
    result = text({f"{size:,}": sides for size, sides in zip(sizes, (small, large), strict=True)})
    keep(Part("listing", result, {"listing": found}), quick=told.quick)


if __name__ == "__main__":
    main()
