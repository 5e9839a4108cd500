"""Counting cells over blocks of bytes agrees with the strict reader, or leaves the file to it."""

from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.roster.text import dialect, reader
from provision.roster.text import row_widths as quick
from provision.roster.text.dialect import Dialect, has_bare_cr, newlines, rows_of
from provision.roster.text.reader import _plain, grid_of
from provision.roster.text.row_widths import quick_widths

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


@given(
    st.lists(st.sampled_from(["a", "bc", ",", ",", "\n", "\n", "a,b\n", "\r\n", "\r", " ", '"']), max_size=12)
)
def test_a_plain_file_is_read_as_the_strict_reader_reads_it(pieces):
    content = "".join(pieces).encode()
    grid = _plain(content, COMMA)
    if grid is None:
        return

    assert [list(row.values()) for row in grid.cells.to_pylist()] == list(rows_of(content, 0, ","))
    assert grid.lines.tolist() == list(range(2, 2 + grid.cells.num_rows))


def test_a_file_without_quotation_marks_in_which_all_lines_fit_is_plain():
    assert _plain(b"a,b\nc,\n,d", COMMA).cells.to_pylist() == [
        {"0": "a", "1": "b"}, {"0": "c", "1": ""}, {"0": "", "1": "d"},
    ]  # fmt: skip
    assert _plain(b"a,b\r\nc,d\r\n", COMMA).cells.num_rows == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a,b\n\n",
        b"a\n",
        b"a,b,c\n",
        b'"a",b\n',
        b"a,b\rc,d\n",
        b"a," + b"b" * (csv.field_size_limit() + 1),
    ],
    ids=["nothing", "blank line", "short", "long", "marks", "bare CR", "too large a cell"],
)
def test_any_other_file_is_looked_at_line_by_line(content):
    assert _plain(content, COMMA) is None


@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_blocks_may_end_anywhere(monkeypatch, block):
    monkeypatch.setattr(quick, "_BLOCK", block)
    content = b'a,"x,""y"""\r\n\r\n"",b,c\nd'

    assert quick_widths(content, COMMA).tolist() == [2, 0, 3, 1]


@pytest.mark.parametrize("block", [16, 20, 64])
@pytest.mark.parametrize("cell", [b"b", b'"b"', b'"x\n,y"', b"b,c", b"b" * 80, b"\n"])
def test_how_much_is_read_at_once_makes_no_difference(monkeypatch, block, cell):
    content = b"".join(b"a%d,%s\n" % (place, cell if place % 9 == 4 else b"z") for place in range(60))
    whole = grid_of(content, COMMA, "x.csv")
    monkeypatch.setattr(reader, "_BLOCK", block)
    monkeypatch.setattr(dialect, "_BLOCK", block)
    grid = grid_of(content, COMMA, "x.csv")

    assert grid.cells.equals(whole.cells)
    assert (grid.lines.tolist(), grid.faults) == (whole.lines.tolist(), whole.faults)
    assert newlines(content, 3) == content.count(b"\n")
    assert [has_bare_cr(text) for text in (content, content + b"\r", content + b"\r\n", b"\ra" * 9)] == [
        False,
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "content",
    [b'a"b,c\n', b'"a"b,c\n', b'"a\n', b'"a\nb",c\n', b"a\rb\n", b"a" * (csv.field_size_limit() + 1)],
    ids=["within", "behind", "open", "line end", "bare CR", "too long"],
)
def test_a_doubt_is_left_to_the_strict_reader(content):
    assert quick_widths(content, COMMA) is None
