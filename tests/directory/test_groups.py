"""Groups and their members come in pages, and what is missing of them is never taken for nothing."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from provision.box.group_answers import GroupPage, GroupSeen, MemberPage
from provision.box.holdings import Membership, Memberships
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.directory.list_groups import list_groups, of_people, with_members
from provision.errors import BoxAnswer, BoxFault, IncompleteDirectory, NotFound, Rejected, SignInRefused

RETRY = Retry(Patience(tries=1), Timing(lambda: 0.0, lambda _seconds: None, Random(1)))  # noqa: S311 - jitter


class Pages:
    """Groups in pages of ``page``, with so many members each; ``short``: so many fewer rows than are counted."""

    def __init__(
        self, sizes: Sequence[int], short: int = 0, fault: BoxFault | None = None, page: int = 2
    ) -> None:
        self.sizes, self.short, self.fault, self.size = sizes, short, fault, page
        self.asked = 0

    def groups(self, offset: int = 0, beginning: str = "") -> GroupPage:
        self._ask()
        total, following = len(self.sizes), offset + self.size
        places = range(offset, min(following, total) - self.short)
        rows = tuple(GroupSeen(str(at), f"G{at}", "managed_group", "", "") for at in places)
        return GroupPage(rows, following if following < total else None, total)

    def members(self, group_id: str, offset: int = 0) -> MemberPage:
        self._ask()
        size = self.sizes[int(group_id)]
        places = range(offset, min(offset + 1_000, size) - self.short)
        ids = tuple(f"{group_id}-{at}" for at in places)
        following = offset + 1_000 if offset + 1_000 < size else None
        return MemberPage(ids, tuple(map(str, places)), ("member",) * len(ids), following, size)

    def memberships(self, box_id: str, offset: int = 0) -> Memberships:
        self._ask()
        return Memberships(
            (Membership(f"{box_id}-{offset}", "0", "G0", "admin"),), 1_000 if not offset else None
        )

    def _ask(self) -> None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault


def test_groups_and_members_are_put_together_from_their_pages() -> None:
    pages = Pages([2_500, 0, 1])
    seen: list[int] = []
    read = with_members(list_groups(pages, RETRY), ["0", "2", "0"], pages, RETRY, seen.append)

    assert ([one.name for one in read.listed], read.read, read.asked) == (["G0", "G1", "G2"], {"0", "2"}, 6)
    assert read.members["group_id"].value_counts().to_dict() == {"0": 2_500, "2": 1}
    assert (seen, pages.asked) == ([1, 2], 6)


def test_a_group_with_more_members_than_box_lists_is_named_as_such_by_one_call() -> None:
    pages = Pages([11_000, 11_001])
    read = with_members(list_groups(pages, RETRY), ["0", "1"], pages, RETRY, lambda _number: None)

    assert (read.read, read.too_large, len(read.members)) == ({"0"}, {"1"}, 11_000)
    assert read.asked == 1 + 11 + 1


def test_the_groups_of_people_are_read_to_their_end() -> None:
    read = of_people(list_groups(Pages([1]), RETRY), ["7", "8"], Pages([1]), RETRY, lambda _number: None)

    assert (read.by_person, read.members["box_id"].tolist()) == (True, ["7", "7", "8", "8"])


@pytest.mark.parametrize(
    ("pages", "error", "told"),
    [
        (Pages([0, 0], short=1), IncompleteDirectory, "Box counts 2 and shows 1"),
        (Pages([0] * 12_000, page=1_000), IncompleteDirectory, "Box lists 11,000 of them at most"),
        (Pages([0], fault=Rejected(BoxAnswer(403, "forbidden"))), SignInRefused, "may not read groups"),
        (Pages([0], fault=NotFound(BoxAnswer(404, "not_found"))), IncompleteDirectory, "HTTP 404 not_found"),
    ],
)
def test_a_list_with_a_hole_is_none(pages: Pages, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        list_groups(pages, RETRY)


def test_members_that_are_counted_and_not_shown_are_a_hole() -> None:
    pages = Pages([3])
    groups = list_groups(pages, RETRY)
    pages.short = 1

    with pytest.raises(IncompleteDirectory, match="members of a group could not be read"):
        with_members(groups, ["0"], pages, RETRY, lambda _number: None)
