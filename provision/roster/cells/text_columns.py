"""Whole columns of text: find the few cells that need a look, and look at those only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import beginning, letter_range, within
from provision.roster.files.grid import Mask
from provision.wording import INVISIBLE, MEANINGLESS

#: what counts as a blank around a text: Unicode white space and what nobody can see
_BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u2800\u3000"
) + INVISIBLE

#: a cell with nothing but a word that systems write for an empty one; #N/A also as Excel writes it in German, Spanish, Dutch, Polish
NOTHING = r"(?i)^(?:null|\(null\)|\\n|#n/a|#nv|#n/d!?|#n/b|n/a|none|nil)$"
#: one that may stand for an empty cell as well as for itself: what people type, and what a few systems write
LIKE_NOTHING = (
    r"(?i)^(?:-{1,3}|[–—.?]|n\. ?a\.?|k\. ?a\.|n/d|nan|[<(\[](?:none|empty|blank|leer|vide|vac[ií]o|vuoto|vazio|brak|пусто)[>)\]]|[<\[]null[>\]]"
    r"|undefined|brak|yok|нет|なし|無|없음)$"
)
#: bytes of the longest of these words, and the letters with which they begin
_LONGEST_NOTHING, _BEGINS_NOTHING = len("(пусто)".encode()), "nNkK(<[\\#-.?–—uUbByYнНな無없"
#: fields whose text somebody may bear, even if it reads like such a word
BORNE = ("external_id", "login", "name")


def tidy_text(column: pd.Series, *, key: bool = False) -> pd.Series:
    """Text without what nobody can see, without blanks (no-break ones too) around it, in NFC, with plain line ends.

    ``column``: dtype str, no nulls; so is the answer. In a ``key`` joiners count for nothing either.
    """
    if is_tidy(column):
        return column
    text = _arrow(column)
    if pc.any(pc.match_substring(text, "\r")).as_py():
        text = pc.replace_substring_regex(text, r"\r\n?", "\n")
    untidy = pc.or_(pc.invert(pc.string_is_ascii(text)), pc.not_equal(pc.ascii_trim_whitespace(text), text))
    if pc.any(untidy).as_py():
        seen = pc.replace_substring_regex(text.filter(untidy), _any_of(INVISIBLE if key else MEANINGLESS), "")
        tidied = pc.utf8_trim(pc.utf8_normalize(seen, form="NFC"), _BLANKS)
        text = pc.replace_with_mask(text, untidy, tidied)
    return pd.Series(pd.array(text, dtype="str"), index=column.index)


def is_tidy(column: pd.Series) -> bool:
    """Whether there is surely nothing to tidy: printable ASCII without a blank at the beginning or end of a cell."""
    lowest, highest = letter_range(column)
    if highest > ord("~") or lowest < ord(" "):
        return False
    return lowest > ord(" ") or not _edged(_arrow(column))


def _any_of(letters: str) -> str:
    return "[" + "".join(f"\\x{{{ord(letter):x}}}" for letter in letters) + "]"


def with_invisible(column: pd.Series, *, key: bool = False) -> tuple[Mask, tuple[str, ...]]:
    """Which cells have in them what :func:`tidy_text` takes out unseen, and the names of these characters, as U+200B."""
    gone = INVISIBLE if key else MEANINGLESS
    if within(column, "\0", "\x7f"):
        return np.zeros(len(column), np.bool_), ()
    mask: Mask = np.asarray(pc.match_substring_regex(_arrow(column), _any_of(gone)))
    letters = sorted(set("".join(column[mask].head(_LOOKED_AT).tolist())) & set(gone)) if mask.any() else []
    return mask, tuple(f"U+{ord(letter):04X}" for letter in letters)


def words_for_nothing(column: pd.Series) -> tuple[Mask, Mask]:
    """Which cells hold nothing but a word for nothing, as NULL or N/A, and which one that may be meant so, as a dash."""
    found, alike = np.zeros(len(column), np.bool_), np.zeros(len(column), np.bool_)
    places = beginning(column, _BEGINS_NOTHING, range(1, _LONGEST_NOTHING + 1))
    if len(places):
        cells = _arrow(column).take(pa.array(places))
        found[places] = pc.match_substring_regex(cells, NOTHING)
        alike[places] = pc.match_substring_regex(cells, LIKE_NOTHING)
    return found, alike


#: rows in which the characters that were taken out are looked for by name
_LOOKED_AT = 1_000


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
    """Which cells are this lower-case ASCII word in any letter case; only cells that begin like it and are as long are looked at."""
    found = np.zeros(len(column), np.bool_)
    places = beginning(column, word[0] + word[0].upper(), range(len(word), len(word) + 1))
    if len(places):
        found[places] = column.iloc[places].str.lower() == word
    return found


def matching(column: pd.Series, pattern: str, among: Mask | pd.Series) -> Mask:
    """Which cells, of those that ``among`` marks, have the pattern in them."""
    found = np.asarray(among, dtype=np.bool_).copy()
    if found.any():
        found[found] = column[found].str.contains(pattern)
    return found
