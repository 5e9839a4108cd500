"""Templates filled in with the cells of each row, a whole column at a time for every pattern of empty parts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.roster.cells.text_columns import BORNE, NOTHING
from provision.roster.files.grid import Mask
from provision.roster.mapping.target import Target
from provision.roster.mapping.template import Piece

#: one type for all text, since joining columns of two kinds of string is not possible
TEXT = pa.large_string()

#: parts of a template: the text between, or the cells of a column
_Parts = list[str | pa.Array]


def filled_in(cells: pa.Table, target: Target) -> tuple[pd.Series, Mask]:
    """A template with the cells of each row, and where a part is empty that may not be though another one is filled.

    Of an empty part the text on one side of it is left out, too.
    """
    texts = [_text(cells, piece, target.field) for piece in target.pieces]
    filled = np.zeros(cells.num_rows, np.int64)
    for at, text in enumerate(texts):
        filled |= np.asarray(pc.not_equal(text, "")).astype(np.int64) << at
    columns = iter(texts)
    parts = [part if isinstance(part, str) else next(columns) for part in target.parts]
    result = np.full(cells.num_rows, "", dtype=object)
    for bits in np.unique(filled[filled > 0]).tolist():
        rows = np.flatnonzero(filled == bits)
        result[rows] = _joined(_without_gaps(parts, bits), rows)
    needed = sum(1 << at for at, piece in enumerate(target.pieces) if not piece.optional)
    partial: Mask = (filled != 0) & ((filled & needed) != needed)
    return pd.Series(pd.array(result, dtype="str")), partial


def _joined(parts: _Parts, at: np.ndarray) -> np.ndarray:
    """The parts of the rows ``at`` in one text, blanks collapsed."""
    here = pa.array(at)
    texts = [pa.scalar(part, TEXT) if isinstance(part, str) else part.take(here) for part in parts]
    whole = pc.binary_join_element_wise(*texts, pa.scalar("", TEXT))
    tidy = pc.utf8_trim_whitespace(pc.replace_substring_regex(whole, r"[ \t]{2,}", " "))
    told: np.ndarray = tidy.to_numpy(zero_copy_only=False)
    return told


def _without_gaps(parts: _Parts, bits: int) -> _Parts:
    """The parts that are filled. Between two of them stands one text: of those around a gap the one that says more."""
    kept: _Parts = []
    between: list[str] = []
    number, gap = 0, False
    for part in parts:
        if isinstance(part, str):
            between.append(part)
            continue
        if bits >> number & 1:
            kept += [*_between(between, gap=gap, first=not kept), part]
            between, gap = [], False
        else:
            gap = True
        number += 1
    return kept if gap else [*kept, *between]


def _between(texts: list[str], *, gap: bool, first: bool) -> list[str]:
    if not gap or not texts:
        return texts
    return [] if first else [max(texts, key=lambda text: len(text.strip()))]


def _text(cells: pa.Table, piece: Piece, field: str) -> pa.Array:
    """The text of one part; a word for nothing is none, but where it may be part of a name or a key."""
    column = pc.utf8_trim_whitespace(cells.column(piece.place).cast(TEXT))
    column = column if field in BORNE else pc.replace_substring_regex(column, NOTHING, "")
    text = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], TEXT)
    if not piece.filters:
        return text
    words = text.dictionary_encode()
    changed = pa.array([piece.text(word) for word in words.dictionary.to_pylist()], TEXT)
    return changed.take(words.indices)
