"""What the reader of workbooks does not tell of an .xlsx sheet (of an .ods see :mod:`provision.sheets.ods_marks`): failed and never calculated formulas, hidden rows and columns.

Office Open XML, SpreadsheetML: an error such as #N/A or #REF! is written ``<c r="E4" t="e">``, a formula without a result
``<c r="E4"><f>…</f></c>``, a hidden row ``<row r="4" hidden="1">``, hidden columns ``<col min="2" max="3" hidden="1"/>``. The reader gives the first two as empty cells; in .xls
and .xlsb they stay so. No pattern goes over the same bytes twice: files are made to try that.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from provision.sheets.archive import blocks_of_rows, column_of

#: row and column, both from 0
Cells = frozenset[tuple[int, int]]

#: stands in each cell with an error, and in each hidden row; found far sooner than those
_ERROR, _HIDDEN = b't="e"', b'hidden="'
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s(?=[^<>]*\bt="e")[^<>]*\br="([A-Z]+)(\d+)"')
#: the end of a cell whose formula has no result; that of a formula which gives no text has an empty one and is t="str"
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^<>]*)?/>)\s*+(?P<result><(?:\w+:)?v\s*+/>\s*+|<(?:\w+:)?v>\s*+</(?:\w+:)?v>\s*+)?</(?:\w+:)?c>"
)
#: how the tag of a formula ends or goes on; what stands before tells it from an f in a text. One letter is found sooner than two
_FORMULA, _BEFORE_A_FORMULA = re.compile(rb"f[\s/>]"), b"<:/"
_CELL = re.compile(rb'<(?:\w+:)?c\s[^<>]*\br="([A-Z]+)(\d+)"[^<>]*>')
#: columns stand before the rows, in a list of their own
_COLUMNS = b"cols>"
_HIDDEN_COLUMNS = re.compile(rb'<(?:\w+:)?col\s(?=[^<>]*\bhidden="(?:1|true)")[^<>]*>')
_BOUNDS = re.compile(rb'\b(min|max)="(\d{1,5})"')
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s(?=[^<>]*\bhidden="(?:1|true)")[^<>]*\br="(\d+)"')


@dataclass(frozen=True, slots=True)
class Marks:
    """Cells of a sheet with an error and with a formula that was never calculated, and hidden rows, from 0.

    ``columns``: the first and the last of hidden columns beside each other, from 0. ``merged``: first row and column and last
    row and column of cells that are shown as one, of a form of which the reader does not tell that.
    """

    failed: Cells = frozenset()
    uncalculated: Cells = frozenset()
    hidden: frozenset[int] = frozenset()
    columns: tuple[tuple[int, int], ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()


def marks_of(archive: zipfile.ZipFile, part: str) -> Marks:
    """The marks in a part of the archive. Raises one of NO_ARCHIVE where that is damaged."""
    failed: set[tuple[int, int]] = set()
    uncalculated: set[tuple[int, int]] = set()
    hidden: set[int] = set()
    columns: list[tuple[int, int]] = []
    for rows in blocks_of_rows(archive, part):
        if _ERROR in rows:
            failed.update(_place(*cell) for cell in _ERROR_CELL.findall(rows))
        if _HIDDEN in rows:
            columns += _hidden_columns(rows)
            hidden.update(int(number) - 1 for number in _HIDDEN_ROW.findall(rows))
        if any(rows[found.start() - 1] in _BEFORE_A_FORMULA for found in _FORMULA.finditer(rows)):
            uncalculated.update(_uncalculated(rows))
    return Marks(frozenset(failed), frozenset(uncalculated), frozenset(hidden), tuple(columns))


def _hidden_columns(rows: bytes) -> Iterator[tuple[int, int]]:
    if _COLUMNS not in rows:
        return
    for found in _HIDDEN_COLUMNS.findall(rows[: rows.rfind(_COLUMNS)]):
        bounds = {name: int(number) - 1 for name, number in _BOUNDS.findall(found)}
        if len(bounds) == len((b"min", b"max")):
            yield bounds[b"min"], bounds[b"max"]


def _uncalculated(rows: bytes) -> Iterator[tuple[int, int]]:
    """Cells whose formula has no result: those that open last before each end of one, and behind the end before."""
    start = 0
    for found in _NO_RESULT.finditer(rows):
        name = max(rows.rfind(b"<c ", start, found.start()), rows.rfind(b":c ", start, found.start()))
        cell = _CELL.match(rows, max(rows.rfind(b"<", start, name + 1), 0)) if name >= 0 else None
        start = found.end()
        if cell and not (b't="str"' in cell[0] and found["result"]):
            yield _place(cell[1], cell[2])


def _place(letters: bytes, row: bytes) -> tuple[int, int]:
    return int(row) - 1, column_of(letters)
