"""Pages that are asked for side by side show everybody, or prove that they may not; then the markers decide."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision import paging
from provision.box.accounts import COLUMNS, Account, ListingPage
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.directory import listing, offsets
from provision.directory.listing import list_users
from provision.directory.several import PROVEN
from provision.errors import (
    BoxAnswer,
    BoxFault,
    Expired,
    Garbled,
    IncompleteDirectory,
    Rejected,
    SignInRefused,
)
from tests.examples import examples
from tests.live import Live, Start

SIZE = 4
#: the last user whom such pages reach
MOST = 1 + 10 * (SIZE - 1)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten pages of four users are what such pages reach."""
    for module in (listing, offsets, paging):
        monkeypatch.setattr(module, "PAGE_SIZE", SIZE)
    monkeypatch.setattr(paging, "LAST_OFFSET", 9 * (SIZE - 1))


def retry_of(breadth: int = 1) -> Retry:
    timing = Timing(lambda: 0.0, lambda _seconds: None, Random(1))  # noqa: S311 - jitter
    return Retry(Patience(), timing, breadth=lambda: breadth)


class Street:
    """Users in a row; ``before`` is called before each page. Asked for ``by_offset`` and ``by_marker`` so often."""

    def __init__(self, users: int, before: Callable[[list[str]], object] = lambda _: None) -> None:
        self.users = [str(number) for number in range(users)]
        self.before = before
        self.hidden = frozenset[str]()
        self.fault: BoxFault | None = None
        self.most, self.counts_more = SIZE, 0
        self.by_offset = self.by_marker = 0

    def page_at(self, offset: int, limit: int = SIZE) -> ListingPage:
        self.by_offset += 1
        self.before(self.users)
        if self.fault is not None:
            raise self.fault
        return self._page(offset, min(limit, self.most), "", len(self.users) + self.counts_more)

    def page(self, marker: str, limit: int = SIZE) -> ListingPage:
        """Markers are the user with whom a page ends: in this street nobody is lost for somebody who goes."""
        self.by_marker += 1
        start = next(
            (at for at, user in enumerate(self.users) if int(user) > int(marker or -1)), len(self.users)
        )
        some = self.users[start : start + limit]
        return self._page(start, limit, some[-1] if start + limit < len(self.users) else "", None)

    def total(self) -> int | None:
        return len(self.users)

    def get(self, box_id: str) -> Account | None:
        return (
            Account(dict.fromkeys(COLUMNS, "") | {"box_id": box_id, "enterprise_id": "1"})
            if box_id in self.users
            else None
        )

    def _page(self, start: int, limit: int, marker: str, total: int | None) -> ListingPage:
        shown = [user for user in self.users[start : start + limit] if user not in self.hidden]
        columns = {name: [""] * len(shown) for name in COLUMNS} | {
            "box_id": shown,
            "enterprise_id": ["1"] * len(shown),
        }
        return ListingPage(columns, marker, limit, total)


def listed(street: Street) -> list[str]:
    users: list[str] = list_users(street, retry_of()).users.whole()["box_id"].tolist()
    return users


@pytest.mark.parametrize("users", range(MOST + 3))
def test_everybody_is_listed_once_by_as_few_pages_as_reach_them(users: int) -> None:
    street = Street(users)

    assert listed(street) == street.users
    reached = SIZE < users <= MOST
    assert street.by_offset == (-(-(users - 1) // (SIZE - 1)) if reached else 0)
    assert bool(street.by_marker) != reached


def test_a_listing_whose_pages_prove_each_other_is_proven() -> None:
    seen: list[int] = []
    found = list_users(Street(15), retry_of(), seen.append)

    assert (found.certainty, seen) == (PROVEN, [4, 8, 12, 15, 15])


def test_pages_are_asked_for_side_by_side() -> None:
    """Each waits for another one."""
    meet = threading.Barrier(2, timeout=20)
    street = Street(13, lambda _users: meet.wait())

    assert list_users(street, retry_of(breadth=2)).users.rows == 13
    assert (street.by_offset, street.by_marker) == (4, 0)


@examples(200)
@given(
    users=st.integers(SIZE + 1, MOST),
    order=st.randoms(use_true_random=False),
    moves=st.lists(st.tuples(st.sampled_from(["come", "go"]), st.integers(0, 1_000)), max_size=6),
    quiet=st.integers(0, 10),
)
def test_who_was_there_all_the_time_is_listed_however_many_come_and_go_between_two_pages(
    users: int, order: Any, moves: list[tuple[str, int]], quiet: int
) -> None:
    """Also where one comes for one who goes, so that the count stays; and in whatever order Box looks at the pages."""
    pauses, left = iter(range(quiet)), iter(moves)

    def move(row: list[str]) -> None:
        if next(pauses, None) is not None:
            return
        for what, at in (next(left, ("", 0)), next(left, ("", 0))):
            if what == "go" and len(row) > 1:
                del row[at % len(row)]
            if what == "come":
                place = at % (len(row) + 1)
                row.insert(place, str(1_000 + at))

    street = Street(users, move)

    class Shuffled(Retry):
        """Answers come in order, and are made in any."""

        def each(self, questions: Any, seen: Any = lambda _: None) -> list[Any]:
            places = list(range(len(questions)))
            order.shuffle(places)
            answers = {place: questions[place]() for place in places}
            return [answers[place] for place in range(len(questions))]

    timing = Timing(lambda: 0.0, lambda _seconds: None, Random(1))  # noqa: S311 - jitter
    first = set(street.users)
    found = offsets.by_offset(street, Shuffled(Patience(), timing), users, lambda _: None)

    if found is not None:
        shown = found.users.whole()["box_id"].tolist()
        assert len(set(shown)) == len(shown) == users
        assert first & set(street.users) <= set(shown)


def came(row: list[str]) -> None:
    row.append(str(int(row[-1]) + 1))


def went(row: list[str]) -> None:
    del row[0]


def changed_places(row: list[str]) -> None:
    """One goes from the first page, and one comes to the last: as many as before."""
    del row[0]
    row.append(str(int(row[-1]) + 1))


@pytest.mark.parametrize("change", [came, went, changed_places])
@pytest.mark.parametrize("page", [1, 2, 4])
def test_pages_that_moved_meanwhile_are_put_aside(change: Callable[[list[str]], None], page: int) -> None:
    street = Street(13)

    def before(row: list[str]) -> None:
        if street.by_offset == page + (page < 4):
            change(row)

    street.before = before

    assert listed(street) == street.users
    assert street.by_marker


def hidden(street: Street) -> None:
    street.hidden = frozenset({"7"})


def smaller(street: Street) -> None:
    street.most = 3


def twice(street: Street) -> None:
    street.users[9] = street.users[1]


def more(street: Street) -> None:
    street.counts_more = 1


def refused(street: Street) -> None:
    street.fault = Rejected(BoxAnswer(400))


@pytest.mark.parametrize("trouble", [hidden, smaller, more, refused])
def test_pages_that_do_not_prove_each_other_leave_it_to_the_markers(
    trouble: Callable[[Street], None],
) -> None:
    street = Street(13)
    trouble(street)

    assert listed(street) == [user for user in street.users if user not in street.hidden]
    assert street.by_marker


def test_somebody_who_comes_twice_is_not_taken_for_two() -> None:
    street = Street(13)
    twice(street)

    assert offsets.by_offset(street, retry_of(), 13, lambda _: None) is None


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Garbled(), IncompleteDirectory),
        (Rejected(BoxAnswer(403)), SignInRefused),
        (Expired(BoxAnswer(401)), SignInRefused),
    ],
)
def test_a_page_that_is_no_answer_is_told_as_any(fault: BoxFault, error: type[Exception]) -> None:
    street = Street(13)
    street.fault = fault

    with pytest.raises(error):
        listed(street)


def over_sockets(live: Live) -> set[str]:
    connection = live.connect()
    users = list_users(connection.box, connection.retry).users.whole()["box_id"]
    assert users.is_unique
    return set(users)


def visible(live: Live) -> set[str]:
    return {account.id for account in live.server.enterprise.accounts.listed() if not account.app}


@pytest.mark.parametrize("order", ["name", "id"])
def test_an_enterprise_is_listed_side_by_side_over_sockets(start: Start, order: str) -> None:
    live = start(users=20, choices={"listing_order": order})

    assert over_sockets(live) == visible(live)
    assert live.asked("GET", "/2.0/users") == 1 + 1 + 7  # who we are, how many they are, the pages
