"""The whole enterprise or nothing: complete listings of every size, and every way in which one has a hole."""

from __future__ import annotations

from random import Random
from typing import Any

import pandas as pd
import pytest

from provision import paging
from provision.box.accounts import COLUMNS, Account, ListingPage
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.directory import gather
from provision.directory.listing import Purpose, list_users
from provision.directory.several import Certainty
from provision.errors import (
    BoxAnswer,
    BoxFault,
    Expired,
    Garbled,
    IncompleteDirectory,
    Lost,
    Rejected,
    ServerTrouble,
    SignInRefused,
    Throttled,
)
from provision.model import UserKind
from tests.live import BoxTime, Live, Start

PAGES = {"method": "GET", "path": "^/2.0/users$", "query": "usemarker=true"}
COUNTS = {"method": "GET", "path": "^/2.0/users$", "query": "offset=0"}


@pytest.fixture(autouse=True)
def by_marker(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few they are; pages side by side have tests of their own."""
    monkeypatch.setattr(paging, "LAST_OFFSET", 0)


def _listed(live: Live) -> pd.DataFrame:
    connection = live.connect()
    return list_users(connection.box, connection.retry).users.whole()


def _visible(live: Live) -> set[str]:
    accounts = live.server.enterprise.accounts
    return {account.id for account in accounts.listed() if not account.app}


@pytest.mark.parametrize("users", [1, 2, 999, 1000, 1001, 2500])
def test_everybody_is_listed_once(start: Start, users: int) -> None:
    live = start(users=users - 1)

    frame = _listed(live)

    assert len(frame) == users
    assert set(frame["box_id"]) == _visible(live)
    assert frame["box_id"].is_unique
    assert tuple(frame.columns) == COLUMNS
    assert {str(dtype) for dtype in frame.dtypes} == {"str"}


@pytest.mark.parametrize(("users", "requests"), [(0, 3), (1000, 4), (2499, 5)])
def test_a_healthy_listing_costs_its_pages_and_two_counts(start: Start, users: int, requests: int) -> None:
    live = start(users=users)
    _listed(live)

    assert live.asked("GET", "/2.0/users") - 1 == requests  # one more says who we are


@pytest.mark.parametrize("marker", ["null", "empty"])
@pytest.mark.parametrize("order", ["name", "id"])
def test_the_end_is_understood_however_it_is_told(start: Start, marker: str, order: str) -> None:
    live = start(users=1500, choices={"last_marker": marker, "listing_order": order})

    assert len(_listed(live)) == 1501


@pytest.mark.parametrize("seconds", [[130], [60, 60]])
@pytest.mark.parametrize("which", [PAGES, COUNTS], ids=["page", "count"])
def test_who_asks_for_a_pause_gets_it_while_the_enterprise_is_listed(
    start: Start, box_time: BoxTime, which: dict[str, Any], seconds: list[int]
) -> None:
    rules = [
        {"match": {**which, "nth": number}, "do": {"status": 429, "retry_after": pause}}
        for number, pause in enumerate(seconds, start=1)
    ]

    assert len(_listed(start(rules))) == 7 - 1  # the app user of another app is not shown
    assert sum(box_time.waits) >= sum(seconds)


def test_progress_counts_people(start: Start) -> None:
    connection = start(users=1500).connect()
    seen: list[int] = []
    list_users(connection.box, connection.retry, seen.append)

    assert seen == [1000, 1501]


def test_users_hidden_from_this_app_are_no_hole(start: Start) -> None:
    hidden = [
        {"name": f"Foreign {n}", "kind": "app", "created_by_other_app": True, "external_app_user_id": f"f{n}"}
        for n in range(400)
    ]
    ours = [{"name": f"Our {n}", "login": f"our{n}@acme.example"} for n in range(900)]
    live = start(seed={"enterprise": {"id": "1", "name": "A", "domains": ["acme.example"]},
                       "admin": {"name": "Ada", "login": "ada@acme.example"}, "users": hidden + ours})  # fmt: skip

    assert set(_listed(live)["box_id"]) == _visible(live)


@pytest.mark.parametrize(("users", "drop"), [(1, 1), (3, 1), (40, 7), (999, 1), (1000, 7), (2100, 1)])
def test_people_lost_from_every_page_are_a_hole(start: Start, users: int, drop: int) -> None:
    live = start([{"match": PAGES, "do": {"fault": "short_page", "drop": drop}}], users=users)

    with pytest.raises(IncompleteDirectory, match="could not be read completely"):
        _listed(live)


@pytest.mark.parametrize(("users", "drop"), [(1, 1), (40, 7), (2100, 1)])
@pytest.mark.parametrize("fault", ["short_page", "duplicate_page"])
def test_a_page_that_goes_wrong_once_is_made_up_for_by_another_pass(
    start: Start, users: int, drop: int, fault: str
) -> None:
    live = start([{"match": {**PAGES, "times": 1}, "do": {"fault": fault, "drop": drop}}], users=users)

    listed = _listed(live)

    assert set(listed["box_id"]) == _visible(live)
    assert listed["box_id"].is_unique


REFUSED = {"fault": "html_error", "status": 400}


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("entries_null", "Box answered 200, but what came is not a page of users"),
        ("not_json", "Box answered 200, but what came is not a page of users"),
        (REFUSED, r"\(HTTP 400\)"),
    ],
)
def test_a_page_that_stays_none_is_a_hole(start: Start, after: int, fault: Any, sentence: str) -> None:
    live = start([{"match": {**PAGES, "after": after}, "do": fault}], users=2500)

    with pytest.raises(IncompleteDirectory, match=sentence):
        _listed(live)


@pytest.mark.parametrize("fault", ["entries_null", "not_json", REFUSED], ids=["null", "html", "marker"])
def test_a_page_that_is_none_once_is_asked_for_again_and_a_pass_begun_again_whose_marker_ended(
    start: Start, fault: Any
) -> None:
    live = start([{"match": {**PAGES, "nth": [2, 4]}, "do": fault}], users=2500)

    assert len(_listed(live)) == 2501


def test_a_page_that_always_comes_twice_is_a_hole(start: Start) -> None:
    live = start([{"match": {**PAGES, "query": "marker=."}, "do": "duplicate_page"}], users=2500)

    with pytest.raises(IncompleteDirectory, match=r"came twice\), Box counts 2,501"):
        _listed(live)


@pytest.mark.parametrize("times", [1, None], ids=["once", "always"])
def test_a_marker_that_comes_twice_is_a_hole_at_once(start: Start, times: int | None) -> None:
    live = start([{"match": {**PAGES, "after": 1, "times": times}, "do": "repeated_marker"}], users=2500)

    with pytest.raises(IncompleteDirectory, match="Box gave the same page marker twice"):
        _listed(live)


@pytest.mark.parametrize(("fault", "told"), [("503", "HTTP 503"), ("500", "HTTP 500"), ("lost_answer", "no answer"),
                                             ("stalled_body", "no answer")])  # fmt: skip
@pytest.mark.parametrize("which", [PAGES, COUNTS], ids=["page", "count"])
def test_what_stays_unanswered_is_a_hole(start: Start, fault: str, told: str, which: dict[str, str]) -> None:
    live = start([{"match": {**which, "after": 1}, "do": fault}], users=1500)

    with pytest.raises(IncompleteDirectory, match=told):
        _listed(live)


@pytest.mark.parametrize(
    "fault", ["503", "500", "lost_answer", "lost_request", "stalled_body", "expired_token", "429"]
)
@pytest.mark.parametrize("which", [PAGES, COUNTS], ids=["page", "count"])
def test_what_fails_once_is_asked_again(start: Start, fault: str, which: dict[str, str]) -> None:
    live = start([{"match": {**which, "nth": 2}, "do": fault}], users=1500)

    assert len(_listed(live)) == 1501


def test_a_hole_is_told_in_three_lines(start: Start) -> None:
    live = start([{"match": PAGES, "do": "entries_null"}], users=5)

    with pytest.raises(IncompleteDirectory) as refused:
        _listed(live)

    assert refused.value.exit_code == 7
    what, cause, remedy = str(refused.value).splitlines()
    assert what.startswith("The enterprise could not be read completely: ")
    assert "usual cause: Box or a proxy" in cause
    assert "do: run again" in remedy


@pytest.mark.parametrize("token", ["forbidden", "expired_token"])
def test_a_token_that_may_not_list_is_told(start: Start, token: str) -> None:
    live = start([{"match": {"path": "^/2.0/users$"}, "do": token}], users=5)

    with pytest.raises(SignInRefused, match="does not let this sign-in list the users") as refused:
        _listed(live)

    assert "Manage users" in refused.value.cause


class Shelf:
    """An enterprise of numbered users behind `Pages`; may lie about its count, lower the page size, or lose people."""

    def __init__(self, users: int, total: int | None = -1, largest: int = 1000, kind: str = "") -> None:
        self.kind = kind
        self.users = [str(number) for number in range(users)]
        self.told = total
        self.largest = largest
        self.lost_places: set[int] = set()
        self.sizes: list[int] = []
        self.between: list[Any] = []
        self.fault: BoxFault | None = None
        self.asked: list[str] = []

    def page(self, marker: str, limit: int = 1000) -> ListingPage:
        if not marker:
            self.sizes.append(limit)
            if self.between and len(self.sizes) == 1:
                self.between.pop()()
        size, start = min(limit, self.largest), int(marker or 0)
        places = range(start, min(start + size, len(self.users)))
        ids = [self.users[place] for place in places if (place - start) not in self.lost_places]
        columns = {name: [""] * len(ids) for name in COLUMNS} | {
            "box_id": ids,
            "kind": [self.kind] * len(ids),
            "enterprise_id": ["1"] * len(ids),
        }
        return ListingPage(columns, str(start + size) if start + size < len(self.users) else "", size)

    def page_at(self, offset: int, limit: int = 1000) -> ListingPage:
        raise NotImplementedError("by marker")

    def total(self) -> int | None:
        if self.fault is not None:
            raise self.fault
        return len(self.users) if self.told == -1 else self.told

    def get(self, box_id: str) -> Account | None:
        self.asked.append(box_id)
        if box_id not in self.users:
            return None
        return Account(dict.fromkeys(COLUMNS, "") | {"box_id": box_id, "enterprise_id": "1"})


def _ids(shelf: Shelf) -> list[str]:
    return sorted(list_users(shelf, _retry()).users.whole()["box_id"])


@pytest.fixture(params=["in memory", "on disk"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for all users, and with hardly any."""
    if request.param == "on disk":
        monkeypatch.setattr(gather, "HELD", 10)
        monkeypatch.setattr(gather, "BATCH", 400)


def _retry() -> Retry:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    return Retry(Patience(), Timing(lambda: now[0], sleep, Random(1)))  # noqa: S311 - jitter


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("largest", [100, 1000])
@pytest.mark.parametrize("total", [-1, None])
def test_a_place_that_every_page_loses_leads_to_everybody_or_to_nobody(
    largest: int, total: int | None
) -> None:
    for users, place in ((2, 0), (3, 1), (5, 0), (334, 98), (1000, 0), (1001, 98), (2997, 1)):
        shelf = Shelf(users, total, largest)
        shelf.lost_places = {place}

        try:
            listed = _ids(shelf)
        except IncompleteDirectory as refused:
            assert refused.exit_code == 7, users
            # else another pass has no such place
            assert place < 98 or total is None or users > 100, users
        else:
            assert listed == sorted(shelf.users), users


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("largest", [1, 2, 100, 999, 1000, 5000])
def test_the_second_pass_has_other_borders_even_if_box_lowers_the_page_size(largest: int) -> None:
    shelf = Shelf(300, total=310, largest=largest)

    assert list_users(shelf, _retry()).users.rows == 300
    first, second = shelf.sizes
    assert first == 1000
    assert second < min(largest, 1000) or largest == 1


@pytest.mark.usefixtures("either_way")
def test_an_app_that_is_shown_nobody_sees_an_empty_enterprise() -> None:
    shelf = Shelf(5, total=5)
    shelf.lost_places = set(range(5))  # all of them made by other apps

    assert list_users(shelf, _retry()).users.rows == 0


def test_an_empty_answer_is_not_checked_one_by_one() -> None:
    shelf = Shelf(0, total=100_000)
    list_users(shelf, _retry())

    assert shelf.sizes[1] > 300


@pytest.mark.usefixtures("either_way")
def test_an_enterprise_that_is_not_counted_is_listed_twice() -> None:
    shelf = Shelf(1200, total=None)

    assert list_users(shelf, _retry()).users.rows == 1200
    assert len(shelf.sizes) == 2


def test_who_comes_twice_on_every_pass_may_stand_where_another_is_not_shown() -> None:
    shelf = Shelf(1200, total=1201)
    shelf.users[7] = shelf.users[6]

    with pytest.raises(IncompleteDirectory, match=r"came twice\), Box counts 1,201"):
        list_users(shelf, _retry())


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("grown", [1, 5])
def test_somebody_who_is_created_meanwhile_is_no_hole(grown: int) -> None:
    shelf = Shelf(1500)
    real_page = shelf.page

    def page(marker: str, limit: int = 1000) -> ListingPage:
        told = real_page(marker, limit)
        if marker and len(shelf.sizes) == 1:
            shelf.users += [f"new {number}" for number in range(grown)]
        return told

    shelf.page = page

    assert list_users(shelf, _retry()).users.rows == 1500 + grown


@pytest.mark.usefixtures("either_way")
def test_somebody_who_is_deleted_meanwhile_is_no_hole() -> None:
    shelf = Shelf(1500)
    real_page = shelf.page

    def page(marker: str, limit: int = 1000) -> ListingPage:
        told = real_page(marker, limit)
        if marker and len(shelf.sizes) == 1:
            shelf.users.remove("1499")
        return told

    shelf.page = page

    assert "1499" not in _ids(shelf)


def _deletes_during(shelf: Shelf, passes: set[int]) -> None:
    """Somebody of the first page is deleted while one of these passes reads on, so the next page begins one too late."""
    real_page = shelf.page

    def page(marker: str, limit: int = 1000) -> ListingPage:
        if marker and len(shelf.sizes) in passes:
            passes.discard(len(shelf.sizes))
            del shelf.users[0]
        return real_page(marker, limit)

    shelf.page = page


@pytest.mark.usefixtures("either_way")
def test_somebody_deleted_does_not_make_up_for_somebody_lost() -> None:
    shelf = Shelf(1500)
    _deletes_during(shelf, {1})

    assert _ids(shelf) == sorted(shelf.users)


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("passes", [(2,), (1, 2)])
@pytest.mark.parametrize("total", [-1, None])
def test_whoever_one_pass_lost_is_looked_up(passes: tuple[int, ...], total: int | None) -> None:
    shelf = Shelf(1500, total)
    shelf.lost_places = {700}
    _deletes_during(shelf, set(passes))

    assert set(_ids(shelf)) >= set(shelf.users)
    assert 0 < len(shelf.asked) < 5


class Lively(Shelf):
    """Between any two pages somebody comes, or goes, or both; pages are by place, so that they shift."""

    def __init__(self, users: int, hidden: int, *, comes: bool, goes: bool) -> None:
        super().__init__(users)
        self.hidden, self.comes, self.goes = hidden, comes, goes
        self.made: list[str] = []
        self.deleted: list[str] = []
        self._random = Random(7)  # noqa: S311 - a test's chance

    def page(self, marker: str, limit: int = 1000) -> ListingPage:
        if self.goes and len(self.users) > 2:
            self.deleted.append(self.users.pop(self._random.randrange(len(self.users))))
        if self.comes:
            self.made.append(f"new {len(self.made)}")
            self.users.insert(self._random.randrange(len(self.users)), self.made[-1])
        return super().page(marker, limit)

    def total(self) -> int | None:
        return len(self.users) + self.hidden


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize(("comes", "goes"), [(True, False), (False, True), (True, True)])
@pytest.mark.parametrize(("users", "largest", "hidden"), [(1500, 100, 0), (1500, 100, 400), (2000, 1000, 3)])
def test_an_enterprise_that_lives_is_listed_all_the_same(
    users: int, largest: int, hidden: int, comes: bool, goes: bool
) -> None:
    shelf = Lively(users, hidden, comes=comes, goes=goes)
    shelf.largest = largest

    listing = list_users(shelf, _retry())

    listed, lasting = set(listing.users.whole()["box_id"]), set(shelf.users) - set(shelf.made)
    assert lasting <= listed
    assert listing.users.rows == len(listed)
    assert not listing.certainty.proven
    assert bool(listing.certainty.came) == comes
    assert bool(listing.certainty.went) == goes
    assert listing.certainty.unseen <= hidden + 20


def test_a_page_that_is_lost_in_every_pass_is_a_hole_however_lively_it_is() -> None:
    shelf = Lively(1500, 0, comes=True, goes=True)
    shelf.largest, shelf.lost_places = 100, set(range(60))

    with pytest.raises(IncompleteDirectory, match="4 passes showed"):
        list_users(shelf, _retry())


def test_users_whom_box_counts_and_never_shows_are_told() -> None:
    assert list_users(Shelf(300, total=310), _retry()).certainty == Certainty(passes=2, unseen=10)


@pytest.mark.parametrize("kinds", [frozenset({UserKind.MANAGED}), frozenset(UserKind)])
def test_an_enterprise_without_even_an_admin_is_not_believed_of_a_job_for_managed_users(
    kinds: frozenset[UserKind],
) -> None:
    with pytest.raises(IncompleteDirectory, match="shows 0 users and not one managed user") as refused:
        list_users(Shelf(0), _retry(), purpose=Purpose(kinds))

    assert "App + Enterprise Access" in refused.value.cause


@pytest.mark.usefixtures("either_way")
def test_an_enterprise_of_app_users_alone_is_not_believed_of_a_job_for_managed_users() -> None:
    shelf = Shelf(30, kind="app")

    with pytest.raises(IncompleteDirectory, match="shows 30 users and not one managed user"):
        list_users(shelf, _retry(), purpose=Purpose(frozenset({UserKind.MANAGED})))


def test_a_job_for_app_users_may_be_the_first_to_make_any() -> None:
    assert list_users(Shelf(0), _retry(), purpose=Purpose(frozenset({UserKind.APP}))).users.rows == 0


def test_users_of_a_kind_that_was_not_read_are_somebody() -> None:
    assert list_users(Shelf(2), _retry(), purpose=Purpose(frozenset(UserKind))).users.rows == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (ServerTrouble(BoxAnswer(503)), IncompleteDirectory),
        (Lost(), IncompleteDirectory),
        (Garbled(), IncompleteDirectory),
        (Throttled(BoxAnswer(429), 900), Throttled),
        (Rejected(BoxAnswer(400)), IncompleteDirectory),
        (Rejected(BoxAnswer(403)), SignInRefused),
        (Expired(BoxAnswer(401)), SignInRefused),
    ],
)
def test_a_count_that_fails_is_never_passed_over(fault: BoxFault, error: type[Exception]) -> None:
    shelf = Shelf(3)
    shelf.fault = fault

    with pytest.raises(error):
        list_users(shelf, _retry())
