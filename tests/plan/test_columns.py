"""The account of each key is found whatever way is taken: a table of texts for few, sorted hashes for many."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.plan import columns
from provision.plan.columns import positions

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
