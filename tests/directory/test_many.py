"""An enterprise too large for memory is listed and surveyed in batches on disk, and is the same enterprise."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision import paging
from provision.batches import Batches, Held, Spool
from provision.box.accounts import COLUMNS, Account, ListingPage, Whoami
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.directory import gather
from provision.directory.fingerprint import fingerprint, summed
from provision.directory.listing import Purpose, list_users
from provision.directory.scope import Directory, survey
from provision.errors import IncompleteDirectory
from provision.hashes import hashed
from provision.job.settings import Scope
from provision.model import UserKind
from tests.examples import examples
from tests.live import Start

ME = Whoami("9", "27335")
SCOPE = Scope.model_validate({"domains": ["acme.example"], "protect": ["boss*"]})
PLAIN = dict.fromkeys(COLUMNS, "") | {"kind": "managed", "role": "user", "enterprise_id": "27335"}

User = dict[str, str]


class Paper:
    """Users on pages of so many; some pages may be lost or come twice."""

    def __init__(self, users: Sequence[User], size: int = 2) -> None:
        self.users, self.size = list(users), size
        self.gaps: set[int] = set()

    def page(self, marker: str, limit: int = 1000) -> ListingPage:
        size, start = min(limit, self.size), int(marker or 0)
        told = [user for at, user in enumerate(self.users[start : start + size]) if at not in self.gaps]
        following = str(start + size) if start + size < len(self.users) else ""
        return ListingPage({name: [user[name] for user in told] for name in COLUMNS}, following, size)

    def page_at(self, offset: int, limit: int = 1000) -> ListingPage:
        raise NotImplementedError("so few users are one page")

    def total(self) -> int:
        return len(self.users)

    def get(self, box_id: str) -> Account | None:
        return next((Account(user) for user in self.users if user["box_id"] == box_id), None)


def listed(paper: Paper, held: int, batch: int = 1) -> Batches:
    """The listing if so many users fit into memory, in batches of at least so many if not."""
    retry = Retry(Patience(), Timing(lambda: 0.0, lambda _: None, Random(1)))  # noqa: S311 - jitter
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gather, "HELD", held)
        patch.setattr(gather, "BATCH", batch)
        return list_users(paper, retry).users


def surveyed(listing: Batches) -> Directory:
    return survey(listing, SCOPE, frozenset(UserKind), ME)


def in_one(users: Sequence[User]) -> Directory:
    return surveyed(listed(Paper(users), held=1000))


USERS = st.builds(
    lambda **cells: PLAIN | cells,
    login=st.sampled_from(["Mia@Acme.example", "boss@acme.example", "AutomationUser_1@boxdevedition.com", "zoë@b.example", ""]),
    kind=st.sampled_from(["managed", "app", ""]),
    role=st.sampled_from(["user", "user", "coadmin", "admin", ""]),
    status=st.sampled_from(["active", "inactive"]),
    external_id=st.sampled_from(["", "E1", "Boss 2"]),
    enterprise_id=st.sampled_from(["27335", "27335", "1", "?", ""]),
    address=st.text(alphabet="aä\n ", max_size=9),
)  # fmt: skip


@st.composite
def enterprises(draw: st.DrawFn) -> list[User]:
    """Two users at least, in whatever order Box likes, of whom one may be the account behind the sign-in."""
    users = draw(st.lists(USERS, min_size=2, max_size=6))
    ids = draw(st.permutations([str(number) for number in range(7, 7 + len(users))]))
    return [user | {"box_id": box_id} for user, box_id in zip(users, ids, strict=True)]


@given(enterprises(), st.integers(1, 3), st.integers(1, 4))
@examples(25)
def test_in_many_batches_it_is_the_same_enterprise(users: list[User], size: int, batch: int) -> None:
    one, listing = in_one(users), listed(Paper(users, size), held=1, batch=batch)
    many = surveyed(listing)

    assert (many.tally, many.fingerprint) == (one.tally, one.fingerprint)
    pd.testing.assert_frame_equal(many.frame, one.frame)
    assert listing.rows == many.listed.rows == len(users)
    assert many.listed.count == listing.count
    assert all(frame["box_id"].is_monotonic_increasing for frame in many.listed.each())


@given(enterprises(), st.sampled_from([*COLUMNS]), st.data())
@examples(60)
def test_a_fingerprint_sees_one_cell_and_users_who_swap_theirs(
    users: list[User], column: str, data: st.DataObject
) -> None:
    first, second = data.draw(st.permutations(range(len(users))))[:2]
    cells = [user[column] for user in users]
    changed = [user | {column: user[column] + "x" * (at == first)} for at, user in enumerate(users)]
    cells[first], cells[second] = cells[second], cells[first]
    swapped = [user | {column: cell} for user, cell in zip(users, cells, strict=True)]
    before, same = printed(users), keyed(swapped) == keyed(users)

    assert printed(changed) != before
    assert (printed(swapped) == before) == same


def printed(users: list[User]) -> str:
    return fingerprint(summed(pd.DataFrame(users, dtype="str")))


def keyed(users: list[User]) -> dict[str, User]:
    return {user["box_id"]: user for user in users}


@given(enterprises(), st.sampled_from(["in_scope", "protected", "status"]))
@examples(15)
def test_who_is_looked_for_is_found_in_many_batches_as_in_one(users: list[User], column: str) -> None:
    one, many = in_one(users), surveyed(listed(Paper(users), held=1))
    found = one.frame[one.frame[column].isin([True, "inactive", "scope.protect"])].reset_index(drop=True)

    for directory in (one, many):
        where = directory.where(
            lambda frame: frame[column].isin([True, "inactive", "scope.protect"]), ("box_id", column)
        )
        pd.testing.assert_frame_equal(where, found[["box_id", column]])


def people(number: int) -> list[User]:
    return [PLAIN | {"box_id": str(1000 + at), "login": f"p{at}@acme.example"} for at in range(number)]


@pytest.mark.parametrize(
    ("users", "sizes"),
    [(0, [0]), (1, [1]), (6, [6]), (7, [4, 3]), (8, [4, 4]), (9, [4, 4, 1]), (15, [4, 4, 4, 3])],
)
def test_a_listing_comes_in_batches_when_it_is_too_large_for_memory(users: int, sizes: list[int]) -> None:
    listing = listed(Paper(people(users)), held=6, batch=3)  # pages are of two and never torn

    assert [len(frame) for frame in listing.each()] == sizes
    assert {tuple(frame.columns) for frame in listing.each()} == {COLUMNS}
    assert isinstance(listing, Held) == (users <= 6)


@pytest.mark.parametrize("held", [1, 1000])
def test_a_hole_is_told_alike_however_it_is_listed(held: int) -> None:
    paper = Paper(people(23), size=5)
    paper.gaps = {0, 1}

    with pytest.raises(IncompleteDirectory, match="4 passes showed 13, 11, 0, 0 users, Box counts 23"):
        listed(paper, held)


@pytest.mark.parametrize("held", [1, 1000])
def test_people_who_come_twice_are_listed_once(held: int) -> None:
    users = people(9)
    paper = Paper([*users, users[0], users[4], users[0]])
    with pytest.raises(IncompleteDirectory, match=r"9 users \(3 came twice\), Box counts 12"):
        listed(paper, held)
    paper.total = lambda: 9

    assert sorted(listed(paper, held).whole()["box_id"]) == [user["box_id"] for user in users]


#: two ids of one hash, found by reckoning backwards
ALIKE = ("1000000000000001", "vxyLPkbX5oH62MSm")


@pytest.mark.parametrize("held", [1, 1000])
def test_two_people_whose_ids_have_one_hash_are_two_people(held: int) -> None:
    first, second = hashed(pd.Series(ALIKE, dtype="str"), seed=1).tolist()
    users = [PLAIN | {"box_id": box_id} for box_id in (*ALIKE, "1", "2")]

    assert first == second
    assert listed(Paper(users), held).rows == 4
    paper = Paper([*users, users[1]])
    paper.total = lambda: 4
    assert sorted(listed(paper, held).whole()["box_id"]) == sorted([*ALIKE, "1", "2"])


@pytest.mark.parametrize("held", [1, 1000])
def test_nothing_is_left_where_temporary_files_are(
    held: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    listing = listed(Paper(people(23), size=5), held)
    directory = surveyed(listing)
    assert isinstance(directory.listed, Spool) == (held == 1)

    assert list(tmp_path.iterdir()) == []
    del listing, directory
    gc.collect()  # a file that nobody closes would be warned of


def test_a_real_enterprise_in_batches(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "LAST_OFFSET", 0)  # by marker, as a large one is
    connection = start(users=2500).connect()
    kinds = frozenset(UserKind)
    one = survey(
        list_users(connection.box, connection.retry, purpose=Purpose(kinds)).users,
        SCOPE,
        kinds,
        connection.me,
    )
    monkeypatch.setattr(gather, "HELD", 1500)
    monkeypatch.setattr(gather, "BATCH", 1000)
    listing = list_users(connection.box, connection.retry, purpose=Purpose(kinds)).users
    many = survey(listing, SCOPE, kinds, connection.me)

    assert [len(frame) for frame in listing.each(["login"])] == [1000, 1000, 501]
    assert (many.tally, many.fingerprint) == (one.tally, one.fingerprint)
    pd.testing.assert_frame_equal(many.frame, one.frame)


@pytest.mark.parametrize(("some", "batches"), [(False, [23]), (True, [10, 10, 3])])
def test_beside_a_roster_that_names_some_only_fewer_users_are_held_in_memory(
    some: bool, batches: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gather, "HELD_BESIDE_PART", 20)
    monkeypatch.setattr(gather, "BATCH_BESIDE_PART", 10)

    retry = Retry(Patience(), Timing(lambda: 0.0, lambda _: None, Random(1)))  # noqa: S311 - jitter
    users = list_users(Paper(people(23), size=5), retry, purpose=Purpose(some=some)).users

    assert [len(frame) for frame in users.each(["login"])] == batches
