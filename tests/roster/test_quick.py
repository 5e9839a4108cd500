"""Counting cells over blocks of bytes agrees with the strict reader, or leaves the file to it."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.roster import quick
from provision.roster.dialect import Dialect, rows_of
from provision.roster.quick import quick_widths

COMMA = Dialect(",", ("a", "b"), 1, 2, 0)
PIECES = st.lists(
    st.sampled_from(["a", ",", '"', '""', "\n", "\r\n", "\r", ',"x,y",', '"a""b"']), max_size=12
)


@given(PIECES)
def test_what_is_counted_is_what_the_strict_reader_sees(pieces):
    content = "".join(pieces).encode()
    counted = quick_widths(content, COMMA)
    if counted is None:
        return

    assert counted.tolist() == [len(row) for row in rows_of(content, 0, ",")]


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_blocks_may_end_anywhere(monkeypatch, block):
    monkeypatch.setattr(quick, "_BLOCK", block)
    content = b'a,"x,""y"""\r\n\r\n"",b,c\nd'

    assert quick_widths(content, COMMA).tolist() == [2, 0, 3, 1]


@pytest.mark.parametrize(
    "content",
    [b'a"b,c\n', b'"a"b,c\n', b'"a\n', b'"a\nb",c\n', b"a\rb\n", b"a" * (csv.field_size_limit() + 1)],
    ids=["within", "behind", "open", "line end", "bare CR", "too long"],
)
def test_a_doubt_is_left_to_the_strict_reader(content):
    assert quick_widths(content, COMMA) is None
