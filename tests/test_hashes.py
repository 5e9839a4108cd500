"""Hashes of whole columns are kept from night to night: they must never change, nor depend on how a column is stored."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from provision import hashes
from provision.hashes import hashed, hashed_rows, repeated
from tests.examples import examples

TEXTS = st.lists(st.text(max_size=40) | st.sampled_from(["", "a", "aaaaaaaa", "aaaaaaaab"]), max_size=12)


def column(texts: list[str]) -> pd.Series:
    return pd.Series(texts, dtype="str")


def mix(number: int) -> int:
    number = (number ^ number >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    number = (number ^ number >> 27) * 0x94D049BB133111EB % 2**64
    return number ^ number >> 31


def reckoned(text: str, seed: int) -> int:
    """The same hash, a text at a time: SplitMix64 over words of eight bytes, the last one filled from below."""
    letters, golden = text.encode(), 0x9E3779B97F4A7C15
    found = mix(seed ^ len(letters) * golden % 2**64)
    for start in range(0, len(letters), 8):
        word = int.from_bytes(letters[start : start + 8].rjust(8, b"\0"), "little")
        found = (found * golden + mix(word ^ found)) % 2**64
    return max(found, bool(letters))


@given(TEXTS, st.integers(0, 2**64 - 1))
def test_each_text_has_the_hash_that_is_reckoned_singly(texts, seed):
    assert hashed(column(texts), seed).tolist() == [reckoned(text, seed) for text in texts]


def test_hashes_that_are_kept_stay_what_they_are():
    assert [f"{number:016x}" for number in hashed(column(["", "provision", "Zoë Müller"])).tolist()] == [
        "0000000000000000",
        "747ee4634b0a14fe",
        "89e4b397a24432e9",
    ]


@pytest.mark.parametrize("block", [1, 2, 3])
def test_blocks_make_no_difference(monkeypatch, block):
    texts = column(["", "a", "a longer text of some words", "b", ""])
    whole = hashed(texts).tolist()
    monkeypatch.setattr(hashes, "_BLOCK", block)

    assert hashed(texts).tolist() == whole


def test_cells_of_any_length_beside_each_other_have_their_own_hashes():
    for texts in (
        ["", ""],
        ["a" * 100, "b"],
        ["b", "a" * 100, "a" * 100],
        ["a" * 49] * 3,
        ["ä" * 24, "a" * 48],
    ):
        assert hashed(column(texts)).tolist() == [reckoned(text, 0) for text in texts]
        assert hashed_rows([column(texts)], len(texts)).tolist() == [reckoned_row((text,)) for text in texts]


def test_how_a_column_is_stored_makes_no_difference():
    texts = ["mia", "noah", "", "zoë"]
    pieces = pa.chunked_array([pa.array(texts[:1]), pa.array(texts[1:])])

    assert hashed(pd.Series(pd.array(pieces, dtype="str"))).tolist() == hashed(column(texts)).tolist()
    assert hashed(column(["x", *texts, "y"])[1:5]).tolist() == hashed(column(texts)).tolist()


def reckoned_row(texts: tuple[str, ...]) -> int:
    """The hash of a row, a cell at a time: each cell's length times an odd number of its column, then its words."""
    found = 0
    for place, text in enumerate(texts, start=1):
        letters = text.encode()
        found = (found + len(letters) * (mix(place) | 1)) % 2**64
        for start in range(0, len(letters), 8):
            word = int.from_bytes(letters[start : start + 8].rjust(8, b"\0"), "little")
            found = (found ^ word) * 0x9E3779B97F4A7C15 % 2**64
            found ^= found >> 32
    return found


CELLS = st.text(max_size=20) | st.sampled_from(
    ["", "same", "as long as it is", "a longer text of some words"]
)


@pytest.mark.parametrize("block", [1, 2, 1 << 15])
@given(rows=st.lists(st.tuples(CELLS, CELLS, st.sampled_from(["", "en", "de"])), max_size=8))
@examples(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_row_has_the_hash_that_is_reckoned_singly(monkeypatch, block, rows):
    monkeypatch.setattr(hashes, "_BLOCK", block)
    columns = [column([row[place] for row in rows]) for place in range(3)]

    assert hashed_rows(columns, len(rows)).tolist() == [reckoned_row(row) for row in rows]


@given(st.lists(st.sampled_from(["", "a", "b", "c", "d"])))
def test_what_stands_twice_is_found_and_the_empty_text_never(texts):
    counts = Counter(texts)

    assert repeated(hashed(column(texts))).tolist() == [bool(text) and counts[text] > 1 for text in texts]
