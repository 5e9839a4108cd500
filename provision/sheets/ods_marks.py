"""The same of an .ods sheet: failed and never calculated formulas, hidden rows and columns, cells that are shown as one.

OpenDocument writes ``table:visibility="collapse"`` (or ``filter``) at a row or column, ``table:number-rows-spanned`` at a merged
cell, and a formula without a result as a cell with ``table:formula`` and no ``office:value-type``; LibreOffice writes
``calcext:value-type="error"`` at one that failed. What is repeated stands there once. No pattern goes over the same bytes twice.
"""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from provision.sheets.archive import blocks_of_rows
from provision.sheets.marks import Marks

#: the part that holds all sheets
ODS_CONTENT = "content.xml"

_OPENED = re.compile(rb"<table:(table|table-column|table-row)(?=[\s/>])([^<>]*)>")
_ROW_END = b"</table:table-row>"
_CELL = re.compile(rb"<table:(?:covered-)?table-cell(?=[\s/>])([^<>]*)>")
_NAME = re.compile(rb'\btable:name="([^"]*)"')
_ROWS, _COLUMNS = (
    re.compile(rb'table:number-%s-repeated="(\d{1,18})"' % what) for what in (b"rows", b"columns")
)
_DOWN, _ACROSS = (
    re.compile(rb'table:number-%s-spanned="(\d{1,7})"' % what) for what in (b"rows", b"columns")
)
_HIDDEN = re.compile(rb'table:visibility="(?:collapse|filter)"')
#: what a row with something in it has, and what makes a look at its cells worth while
_FILLED = (b"value-type=", b"<text:p")
_ERROR, _FORMULA, _TYPE, _SPANNED = (
    b'calcext:value-type="error"',
    b"table:formula=",
    b"office:value-type=",
    b"-spanned=",
)
#: what is repeated further than this is no table of people; the reader refuses it
_FAR, _WIDE = 1 << 21, 1 << 14
#: so many cells with an error are known one by one
_MOST = 1_000_000


@dataclass(slots=True)
class _Found:
    """The marks of one sheet so far, and how far it was gone through."""

    row: int = 0
    column: int = 0
    failed: set[tuple[int, int]] = field(default_factory=set)
    uncalculated: set[tuple[int, int]] = field(default_factory=set)
    hidden: set[int] = field(default_factory=set)
    columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


def marks_of_ods(archive: zipfile.ZipFile, sheet: str) -> Marks:
    """The marks of the sheet of this name. Raises one of NO_ARCHIVE where the archive is damaged."""
    found = _Found()
    for name, kind, attributes, cells in _opened(archive):
        if name != sheet:
            continue
        if kind == b"table-column":
            times = _number(_COLUMNS, attributes)
            if _HIDDEN.search(attributes):
                found.columns.append((found.column, found.column + times - 1))
            found.column += times
        else:
            _look_at_row(found, attributes, cells)
    return Marks(
        frozenset(found.failed),
        frozenset(found.uncalculated),
        frozenset(found.hidden),
        tuple(found.columns),
        tuple(found.merged),
    )


def _opened(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes, bytes, bytes]]:
    """Columns and rows in their order: the name of their sheet, which of both, their attributes, and of a row its cells."""
    name = ""
    for block in blocks_of_rows(archive, ODS_CONTENT):
        for tag in _OPENED.finditer(block):
            kind, attributes, cells = tag[1], tag[2], b""
            if kind == b"table":
                named = _NAME.search(attributes)
                name = html.unescape(named[1].decode("utf-8", "replace")) if named else ""
                continue
            if kind == b"table-row" and not attributes.endswith(b"/"):
                end = block.find(_ROW_END, tag.end())
                cells = block[tag.end() : end if end >= 0 else len(block)]
            yield name, kind, attributes, cells


def _look_at_row(found: _Found, attributes: bytes, cells: bytes) -> None:
    first, times = found.row, _number(_ROWS, attributes)
    found.row += times
    if not any(sign in cells for sign in (*_FILLED, _FORMULA)):
        return
    rows = range(first, min(found.row, _FAR))
    if _HIDDEN.search(attributes):
        found.hidden.update(rows)
    if any(sign in cells for sign in (_ERROR, _FORMULA, _SPANNED)):
        _look_at_cells(found, cells, rows)


def _look_at_cells(found: _Found, cells: bytes, rows: range) -> None:
    column = 0
    for cell in _CELL.finditer(cells):
        attributes, left = cell[1], column
        column += _number(_COLUMNS, attributes)
        if column > _WIDE:
            return
        marked = found.failed if _ERROR in attributes else None
        if marked is None and _FORMULA in attributes and _TYPE not in attributes:
            marked = found.uncalculated
        if marked is not None:
            places = ((row, at) for row in rows for at in range(left, column))
            marked.update(islice(places, max(0, _MOST - len(marked))))
        down, across = _number(_DOWN, attributes), _number(_ACROSS, attributes)
        if max(down, across) > 1 and rows:
            found.merged.append((rows[0], left, rows[0] + down - 1, left + across - 1))


def _number(pattern: re.Pattern[bytes], attributes: bytes) -> int:
    told = pattern.search(attributes)
    return max(1, int(told[1])) if told else 1
