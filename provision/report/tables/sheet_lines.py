"""The lines of a sheet as a workbook has them, made a column at a time: no Python text a cell.

In the form of ECMA-376, part 1: a row is ``row``, a cell ``c`` (18.3.1.73 and 18.3.1.4), its text lies in the cell itself.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import arrow, end_to_end, equals, longest, of_arrow
from provision.report.columns import found_in, matching, replaced
from provision.report.tables.formulas import neutralised
from provision.report.tables.tables import as_shown
from provision.report.value import BLANK_IF_ZERO, NUMBERS

#: Excel's limit for the text of one cell
LONGEST_CELL = 32_767
#: what XML cannot hold, as Arrow spells it and as Python does; a line end and a tab may stay …
_UNWRITABLE, _SIGNS = r"[\x00-\x08\x0b-\x1f\x{fffe}\x{ffff}]", "[\x00-\x08\x0b-\x1f\ufffe\uffff]"
#: … and how a workbook writes it (ECMA-376, part 1, 22.9.2.19), which a text of its own must not look like
_WRITTEN_SO = r"(_x[0-9a-fA-F]{4}_)"
_AT_THE_EDGE = r"^\s|\s$"


def lines_of(table: pd.DataFrame, styles: tuple[tuple[str, str], ...], first: int) -> memoryview:
    """The bytes of these lines, which begin at row ``first`` of the sheet (from 1).

    ``styles`` are by column its letters, as ``AB``, and the number of its style. No cell is a formula.
    """
    rows = pa.array(np.arange(first, first + len(table))).cast(pa.large_string())
    cells = [_cells(table[name], rows, place) for name, place in zip(table.columns, styles, strict=True)]
    lines = _joined('<row r="', rows, '">', *cells, "</row>")
    raw, bounds = end_to_end(of_arrow(lines))
    return raw[bounds[0] : bounds[-1]].data


def _cells(column: pd.Series, rows: pa.Array, place: tuple[str, str]) -> pa.Array:
    """The cells of one column; an empty one is not written."""
    letters, style = place
    before = (f'<c r="{letters}', rows, f'" s="{style}"')
    if column.name in NUMBERS:
        numbers = pa.array(as_shown(column).to_numpy())
        written = _joined(*before, "><v>", numbers.cast(pa.large_string()), "</v></c>")
        return _but_for(pc.equal(numbers, 0), written) if column.name in BLANK_IF_ZERO else written
    text = _fitting(neutralised(column))
    kept = _word("")
    if found_in(text, _AT_THE_EDGE):
        at_the_edge = pa.array(matching(text, _AT_THE_EDGE).to_numpy(bool))
        kept = pc.if_else(at_the_edge, _word(' xml:space="preserve"'), kept)
    written = _joined(*before, ' t="inlineStr"><is><t', kept, ">", arrow(_escaped(text)), "</t></is></c>")
    return _but_for(pa.array(equals(text, "")), written)


def _fitting(text: pd.Series) -> pd.Series:
    """Text of which none is longer than a cell may be: it is cut, with a mark."""
    if longest(text) <= LONGEST_CELL:
        return text
    return text.mask(text.str.len() > LONGEST_CELL, text.str.slice(0, LONGEST_CELL - 1) + "…")


def _escaped(text: pd.Series) -> pd.Series:
    """Text as it stands within an element of a workbook."""
    if found_in(text, _WRITTEN_SO):
        text = replaced(text, _WRITTEN_SO, r"_x005F\1")
    if found_in(text, _UNWRITABLE):
        for sign in sorted(set(re.findall(_SIGNS, "".join(text[matching(text, _UNWRITABLE)])))):
            text = text.str.replace(sign, f"_x{ord(sign):04X}_", regex=False)
    for sign, name in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        if found_in(text, sign):
            text = text.str.replace(sign, name, regex=False)
    return text


def _joined(*parts: str | pa.Array | pa.Scalar) -> pa.Array:
    """Some parts of a line, one behind the other: columns, and words that are the same in all lines."""
    return pc.binary_join_element_wise(
        *(_word(part) if isinstance(part, str) else part for part in parts), _word("")
    )


def _but_for(empty: pa.Array, cells: pa.Array) -> pa.Array:
    return pc.if_else(empty, _word(""), cells)


def _word(word: str) -> pa.Scalar:
    return pa.scalar(word, pa.large_string())
