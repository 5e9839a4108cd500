"""Whole-column questions answered in Arrow: pandas asks element by element, which takes seconds at a million rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import MANY_ROWS, all_of, arrow, of_arrow, one_piece
from provision.hashes import Index, hashed
from provision.hashes import repeated as repeated_hashes

Positions = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]

#: so many times as many keys as wanted ones are too many to be put into a table
_FEW = 4
#: a column whose cells are few different words shows it in so many of them, which are so many words at most
_SAMPLE, _WORDS = 1_000, 200
#: from so many keys on both sides on, sorting their hashes takes less than a table of texts
_MANY = 50_000
_BLANK = pa.scalar("", pa.large_string())


def positions(wanted: pd.Series[str], keys: pd.Series[str]) -> Positions:
    """The first position among ``keys`` of each wanted key; -1 for "" and for what is not there."""
    if min(len(wanted), len(keys)) >= _MANY:
        place = _by_hashes(wanted, keys)
        if place is not None:
            return place
    return _by_table(wanted, keys)


def _by_table(wanted: pd.Series[str], keys: pd.Series[str]) -> Positions:
    """Positions by a table of texts."""
    asked, known = arrow(wanted), arrow(keys)
    filled = np.flatnonzero(pc.not_equal(known, ""))
    if len(asked) * _FEW < len(filled):  # look the many up in the few first: the table of hashes stays small
        filled = filled[np.asarray(pc.is_in(known.take(pa.array(filled)), value_set=asked))]
    if not len(filled):
        return np.full(len(asked), -1, np.intp)
    there = known if len(filled) == len(known) else known.take(pa.array(filled))
    place = pc.fill_null(pc.index_in(asked, value_set=there), -1).to_numpy(zero_copy_only=False)
    return np.where(place < 0, -1, filled[place]).astype(np.intp)


def _by_hashes(wanted: pd.Series[str], keys: pd.Series[str]) -> Positions | None:
    """Positions by sorted hashes, each hit proven by its text; None if two texts have one hash, or a key stands twice."""
    known = Index.of(hashed(keys))
    if len(known.shared):
        return None
    place = known.find(hashed(wanted))
    found = np.flatnonzero(place >= 0)
    ours, theirs = arrow(wanted), arrow(keys)
    if len(found) < len(ours):
        ours = pc.take(ours, pa.array(found))
    same = pc.all(pc.equal(ours, pc.take(theirs, pa.array(place[found])))).as_py()
    return place if same in (True, None) else None


def among(column: pd.Series[str], wanted: pd.Series[str]) -> Mask:
    """Which cells occur in another column; "" never does."""
    asked = arrow(wanted)
    filled = asked.filter(pc.not_equal(asked, "")) if len(asked) else asked
    if not len(filled):
        return np.zeros(len(column), np.bool_)
    return np.asarray(pc.is_in(arrow(column), value_set=filled), dtype=np.bool_)


@dataclass(frozen=True, slots=True)
class Texts:
    """The cells of a column, to be asked now and then whether a text is one of them: a set of a million takes 100 MB."""

    column: pd.Series[str]

    def __contains__(self, text: object) -> bool:
        return bool(pc.any(pc.equal(arrow(self.column), text)).as_py())


def repeated(keys: pd.Series[str]) -> pd.Series[str]:
    """The keys that are there more than once, "" left out."""
    filled = keys[repeated_hashes(hashed(keys))]
    return filled[filled.duplicated()]


def few_words(column: pd.Series[str]) -> tuple[pd.Series[str], Positions] | None:
    """The different cells of a long column that has few, and which of them each cell is; None for any other column.

    What is reckoned of a status or a title for a million people is reckoned once a word.
    """
    if len(column) < MANY_ROWS:
        return None
    text = one_piece(column)
    if len(pc.unique(text[:: max(len(text) // _SAMPLE, 1)])) > _WORDS:
        return None
    coded = text.dictionary_encode()
    return of_arrow(coded.dictionary), coded.indices.to_numpy()


def marked(at: npt.NDArray[np.integer], size: int) -> Mask:
    """A mask of that length, true at these positions; -1 is none."""
    mask = np.zeros(size, dtype=bool)
    mask[at[at >= 0]] = True
    return mask


def taken(column: pd.Series[str], at: Positions) -> pd.Series[str]:
    """The cells at these positions, "" at -1; a new index."""
    if len(at) == len(column) and bool((at == np.arange(len(at))).all()):
        return column.reset_index(drop=True)
    return of_arrow(_gathered(one_piece(column), at))


def _gathered(text: pa.Array, at: Positions) -> pa.Array:
    gap = at < 0
    whole = not gap.any()
    if not _all_the_same(text):  # filling gaps is one more copy of the column
        return (
            pc.take(text, pa.array(at)) if whole else pc.fill_null(pc.take(text, pa.array(at, mask=gap)), "")
        )
    cells = pa.repeat(text[0], len(at))
    return cells if whole or not text[0].as_py() else pc.if_else(pa.array(gap), _BLANK, cells)


def _all_the_same(text: pa.Array) -> bool:
    """Whether every cell is the same, as in many a column about people, and in all that are empty."""
    if not len(text) or text[0] != text[-1] or text[0] != text[len(text) // 2]:
        return False
    return bool(pc.all(pc.equal(text, text[0]), skip_nulls=False).as_py())


def nothing(size: int) -> pd.Series[str]:
    """An empty column of text of that length: offsets only."""
    return all_of("", size)


def lengthened(column: pd.Series[str], size: int) -> pd.Series[str]:
    """The column with "" behind it up to that length."""
    if len(column) == size:
        return column
    rest = one_piece(nothing(size - len(column)))
    return of_arrow(pa.concat_arrays([one_piece(column), rest]))


def overlaid(column: pd.Series[str], words: Mapping[int, str]) -> pd.Series[str]:
    """The column with other words at these positions."""
    if not words:
        return column
    at = sorted(words)
    others = pa.array([words[place] for place in at], pa.large_string())
    here = pa.array(marked(np.array(at, np.intp), len(column)))
    return of_arrow(pc.replace_with_mask(one_piece(column), here, others))


def placed(values: pd.Series[str], at: Positions, size: int) -> pd.Series[str]:
    """A text column of that length with the values at these positions (none at -1) and "" elsewhere."""
    source = np.full(size, -1, np.intp)
    source[at[at >= 0]] = np.flatnonzero(at >= 0)
    return taken(values, source)
