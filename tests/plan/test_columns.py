"""The account of each key is found whatever way is taken: a table of texts for few, sorted hashes for many."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.keyed import FingerprintKey
from provision.ledger.roster_values import keyed
from provision.plan import columns
from provision.plan.columns import few_words, positions, taken
from provision.plan.diff.fingerprints import marks, plain_marks

KEYS = st.lists(st.sampled_from(["", "a", "b", "c", "d", "e", "A"]), max_size=8)


@pytest.fixture(params=["few", "many", "many, one hash for all"], scope="module")
def way(request):
    """Each way of finding keys, and hashes that cannot tell texts apart."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param != "few":
            patch.setattr(columns, "_MANY", 0)
        if "one hash" in request.param:
            patch.setattr(columns, "hashed", lambda cells: 7 * (cells != "").to_numpy(np.uint64))
        yield


@given(wanted=KEYS, keys=KEYS)
def test_the_first_place_of_each_key_is_found(way, wanted, keys):
    there = {key: place for place, key in reversed(list(enumerate(keys))) if key}

    found = positions(pd.Series(wanted, dtype="str"), pd.Series(keys, dtype="str"))

    assert found.tolist() == [there.get(key, -1) for key in wanted]


def test_many_keys_in_another_order_are_found():
    count = columns._MANY
    order = np.random.default_rng(5).permutation(count)
    keys = pd.Series([f"E{number:07d}" for number in range(count)], dtype="str")

    found = positions(keys.iloc[order], keys)

    assert (found == order).all()


@st.composite
def gatherings(draw: st.DrawFn) -> tuple[list[str], list[int]]:
    """Cells, often all of them alike or in their own order, and positions among them."""
    alike = st.sampled_from(["", "a", "Zoë"]).flatmap(lambda cell: st.lists(st.just(cell), max_size=6))
    cells = draw(st.lists(st.sampled_from(["", "a", "b", "Zoë"]), max_size=6) | alike)
    places = st.lists(st.integers(-1, len(cells) - 1), max_size=8)
    return cells, draw(places | st.just(list(range(len(cells)))))


@given(gatherings())
def test_cells_are_gathered_by_their_places(case):
    cells, at = case
    column = pd.Series(cells, index=range(5, 5 + len(cells)), dtype="str")

    found = taken(column, np.array(at, np.intp))

    assert found.tolist() == ["" if place < 0 else cells[place] for place in at]
    assert (found.dtype, found.index.tolist()) == (column.dtype, list(range(len(at))))


def test_a_word_that_fills_a_long_column_is_reckoned_once_and_comes_to_the_same():
    words = np.array(["active", "", "INACTIVE ", "zoë"], object)
    key = FingerprintKey(b"invented")
    column = pd.Series(words[np.arange(60_000) % 4], dtype="str")
    few = few_words(column)
    assert few is not None and len(few[0]) == len(words)
    assert few_words(pd.Series(range(60_000)).astype("str")) is None and few_words(column.head(9)) is None
    singly = keyed(plain_marks("job", "name", column), key, "job", "name")
    assert (marks("job", "name", column, key) == singly).all()
