"""How many cells each row of a text file has, counted over blocks of bytes; what is in doubt is left to the strict reader.

Quotation marks are taken in pairs. So does the strict reader, if every pair begins where a cell begins and ends where it
ends; any other mark is a doubt.
"""

from __future__ import annotations

import csv
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from provision.roster.text.dialect import Dialect, has_bare_cr

_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]

_LF, _CR, _QUOTE = b'\n\r"'
#: bytes looked at in one go: what is found in them fits the caches
_BLOCK = 1 << 20


class _LineEnds(NamedTuple):
    """One block: where lines end, how many delimiters of the block stand before each end and in all, and the marks."""

    ends: _Places
    before: _Places
    delimiters: int
    inside: bool


def quick_widths(content: bytes, dialect: Dialect) -> npt.NDArray[np.int32] | None:
    """Cells of each row below the header as the strict reader counts them, 0 for a blank line; None for a doubt.

    A doubt is a line end within a cell or a bare CR, a quotation mark that is not one of a pair around a cell or a
    doubled one within such a pair, and a line longer than the longest cell that csv reads.
    """
    rows = np.frombuffer(content, np.uint8)[dialect.offset :]
    sign = dialect.delimiter.encode()
    if has_bare_cr(content) or len(sign) != 1 or sign in b'\n\r"' or not len(rows):
        return None
    ends, before = [], []
    count, inside = 0, False
    for start in range(0, len(rows), _BLOCK):
        seen = _look(rows, start, sign[0], inside=inside)
        if seen is None:
            return None
        ends.append(seen.ends)
        before.append(seen.before + count)
        count, inside = count + seen.delimiters, seen.inside
    if inside:
        return None
    if rows[-1] != _LF:
        ends.append(np.array([len(rows)]))
        before.append(np.array([count]))
    return _widths(rows, np.concatenate(ends), np.concatenate(before))


def _look(rows: _Bytes, start: int, sign: int, *, inside: bool) -> _LineEnds | None:
    """What one block holds, if it begins ``inside`` quotation marks or not; None for a doubt."""
    block = rows[start : start + _BLOCK]
    delimiter, end = block == sign, block == _LF
    marks = np.flatnonzero(block == _QUOTE)
    if inside or len(marks):
        if not _around_cells(rows, marks + start, sign, inside=inside):
            return None
        within = np.bitwise_xor.accumulate((block == _QUOTE).view(np.uint8)).view(np.bool_) ^ inside
        if (end & within).any():
            return None
        delimiter &= ~within
        inside = bool(within[-1])
    ends, delimiters = np.flatnonzero(end), np.flatnonzero(delimiter)
    return _LineEnds(ends + start, np.searchsorted(delimiters, ends), len(delimiters), inside)


def _around_cells(rows: _Bytes, marks: _Places, sign: int, *, inside: bool) -> bool:
    """Whether each mark that opens stands at the start of a cell and each that closes at its end, doubled ones apart."""
    opening, closing = (marks[1::2], marks[::2]) if inside else (marks[::2], marks[1::2])
    previous = rows[opening[opening > 0] - 1]
    following = rows[closing[closing < len(rows) - 1] + 1]
    return bool(
        np.isin(previous, (sign, _LF, _QUOTE)).all() and np.isin(following, (sign, _LF, _CR, _QUOTE)).all()
    )


def _widths(rows: _Bytes, ends: _Places, before: _Places) -> npt.NDArray[np.int32] | None:
    lengths = np.diff(ends, prepend=-1) - 1
    if lengths.max() > csv.field_size_limit():
        return None
    blank = lengths == 0
    blank[~blank] = (lengths[~blank] == 1) & (rows[ends[~blank] - 1] == _CR)
    widths = np.diff(before, prepend=0) + 1
    widths[blank] = 0
    return widths.astype(np.int32)
