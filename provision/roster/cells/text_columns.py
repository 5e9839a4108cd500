"""Whole columns of text: find the few cells that need a look, and look at those only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import within
from provision.roster.files.grid import Mask

#: invisible characters that exports leave around a text: byte order mark, zero width space, word joiner, marks of direction
INVISIBLE = "\ufeff\u200b\u2060\u200e\u200f\u00ad"

#: what counts as a blank around a text: Unicode white space and what nobody can see
_BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
) + INVISIBLE


def tidy_text(column: pd.Series) -> pd.Series:
    """Text without blanks (no-break ones too) and invisible characters around it, in NFC, with plain line ends.

    ``column``: dtype str, no nulls; so is the answer.
    """
    text = _arrow(column)
    if within(column, "!", "~") or (within(column, " ", "~") and not _edged(text)):
        return column
    if pc.any(pc.match_substring(text, "\r")).as_py():
        text = pc.replace_substring_regex(text, r"\r\n?", "\n")
    untidy = pc.or_(pc.invert(pc.string_is_ascii(text)), pc.not_equal(pc.ascii_trim_whitespace(text), text))
    if pc.any(untidy).as_py():
        tidied = pc.utf8_trim(pc.utf8_normalize(text.filter(untidy), form="NFC"), _BLANKS)
        text = pc.replace_with_mask(text, untidy, tidied)
    return pd.Series(pd.array(text, dtype="str"), index=column.index)


def _edged(text: pa.Array) -> bool:
    """Whether any cell has a blank at its beginning or end."""
    return any(pc.any(edge(text, " ")).as_py() for edge in (pc.starts_with, pc.ends_with))


def _arrow(column: pd.Series) -> pa.Array:
    """The column as one piece of Arrow text; masks fit only on one piece."""
    text = pa.array(column)
    return text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text


def unusual(column: pd.Series) -> Mask:
    """Which cells have anything in them but printable ASCII."""
    if within(column, " ", "~"):
        return np.zeros(len(column), np.bool_)
    text = _arrow(column)
    usual = pc.and_(pc.string_is_ascii(text), pc.ascii_is_printable(text))
    mask: Mask = ~np.asarray(usual) & (column != "").to_numpy(dtype=bool)
    return mask


def reads(column: pd.Series, word: str) -> Mask:
    """Which cells are this lower-case ASCII word in any letter case; only cells as long as it are looked at."""
    found: Mask = np.array(pc.equal(pc.binary_length(_arrow(column)), len(word)), dtype=np.bool_)
    if found.any():
        found[found] = column[found].str.lower() == word
    return found


def matching(column: pd.Series, pattern: str, among: Mask | pd.Series) -> Mask:
    """Which cells, of those that ``among`` marks, have the pattern in them."""
    found = np.asarray(among, dtype=np.bool_).copy()
    if found.any():
        found[found] = column[found].str.contains(pattern)
    return found
