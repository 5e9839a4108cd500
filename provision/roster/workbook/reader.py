"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): the right sheet, its header below what stands above it, and cells as text.

``line`` is the row number in the sheet. A whole number is written without decimals, a date as ``YYYY-MM-DD``, a truth
value as ``true`` or ``false``. Cells with an Excel error read ``#VALUE!``, whichever error it is.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.job.settings import RosterSettings
from provision.roster.checks.file_limits import too_large
from provision.roster.files.grid import FAILED, UNCALCULATED, Grid, Mask, from_rows, table
from provision.roster.files.locate import OLE, ZIP, Source
from provision.roster.mapping.mapping import fields_in, is_header
from provision.roster.text.dialect import header_place, refuse_people_above
from provision.roster.workbook.sheet_marks import Cells, Marks, extent, marks_of, unpacked

#: first bytes of web pages and web archives, in which some portals deliver tables
_PAGES = (b"<", b"MIME-Version:")
_HEAD_ROWS = 50
#: rows taken from the reader in one go: their Python objects still fit the caches when they are made text of a column
_BATCH = 500
#: whole numbers up to here are exact in a spreadsheet
_EXACT = 10**15


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet and where its header is: ``place`` counts rows from 0. ``marks``: what its reader does not tell.

    ``first``: the column of the sheet in which the reader's rows begin, from 0; it leaves out empty ones to the left.
    """

    name: str
    sheet: Any
    place: int
    header: tuple[str, ...]
    first: int
    marks: Future[Marks]
    visible: bool = True


def read_workbook(source: Source, settings: RosterSettings) -> Grid:
    """The cells of one sheet.

    The sheet is the job's, or the only visible one that reads like a roster. Raises RosterError for a workbook that is
    corrupt or asks for a password, several sheets that may be meant, a sheet that is not there, and one without rows.
    """
    book = _open(source, settings.limits)
    chosen = _choose(book, settings, source)
    refuse_people_above(_head(chosen), settings, f'{source.name}, sheet "{chosen.name}"')
    pieces = _pieces(chosen)
    marks = chosen.marks.result()
    cells = _marked(_cells(pieces, len(chosen.header)), chosen, marks.failed, FAILED)
    cells = _marked(cells, chosen, marks.uncalculated, UNCALCULATED)
    lines = chosen.place + 2 + np.arange(cells.num_rows, dtype=np.int64)
    return Grid(
        chosen.header,
        chosen.place + 1,
        cells,
        lines,
        chosen.name,
        numbers=_masks(pieces),
        hidden=np.isin(lines - 1, list(marks.hidden)) if marks.hidden else None,
        merged=_merged(chosen),
    )


def _open(source: Source, limits: FileLimits) -> CalamineWorkbook:
    if source.content.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in source.content:
        raise _locked(source.name)
    if source.content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_PAGES):
        raise RosterError(
            f"{source.name} is a web page, not a workbook, although its name says so.",
            cause="many portals write their table as a web page and call it Excel; or a sign-in page was saved.",
            remedy="open it in Excel and save it as .xlsx.",
        )
    if not source.content.startswith((ZIP, OLE)):
        raise RosterError(
            f"{source.name} is not a workbook, although its name says so.",
            cause="a text file or a web page was renamed, or the download broke off.",
            remedy="give it the ending of what it is, as .csv, or export it again.",
        )
    size = unpacked(source.content) / (1 << 30)
    if size > limits.unpacked_gb:
        raise too_large(
            f"{source.name} unpacks to {size:,.1f} GB; the job takes {limits.unpacked_gb:g} GB",
            "unpacked_gb",
            size,
        )
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(source.content))
    except PasswordError as error:
        raise _locked(source.name) from error
    except CalamineError as error:
        raise _corrupt(source.name) from error


def _locked(name: str) -> RosterError:
    return RosterError(
        f"{name} is protected by a password.",
        cause="HR encrypts its exports.",
        remedy="save it without a password in a folder that only this program's account can read.",
    )


def _corrupt(name: str) -> RosterError:
    return RosterError(
        f"{name} is a damaged workbook: it cannot be opened.",
        cause="the download or the copy broke off.",
        remedy="fetch the file again; if it opens in a spreadsheet program, save it there once more.",
    )


def _head(sheet: _Sheet) -> list[tuple[int, list[str]]]:
    """The rows down to the header, with their numbers."""
    rows = islice(sheet.sheet.iter_rows(), sheet.place + 1)
    return [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]


def _choose(book: CalamineWorkbook, settings: RosterSettings, source: Source) -> _Sheet:
    name = source.name
    names = {info.name: info.visible == SheetVisibleEnum.Visible for info in _in_order(book)}
    if settings.sheet is not None:
        names = {_named(settings.sheet, list(names), name): True}
    read = (_sheet(book, title, settings, source) for title in names)
    sheets = [replace(sheet, visible=names[sheet.name]) for sheet in read if sheet is not None]
    if not sheets:
        raise RosterError(
            f"{name} has no header{' in row ' + str(settings.header_row) if settings.header_row else ''}: "
            f"no sheet has text there ({_listed(list(names))}).",
            cause="an empty workbook or sheet, or a wrong roster.header_row.",
            remedy="name the right sheet with roster.sheet in the job file.",
        )
    known = _best([sheet for sheet in sheets if is_header(sheet.header, settings)], name)
    return known or max(sheets, key=lambda sheet: len(fields_in(sheet.header, settings)))


def _best(known: list[_Sheet], name: str) -> _Sheet | None:
    """The only one of the sheets with a known header that has rows: of the visible ones, or else of the hidden ones.

    Raises RosterError where there are several: which one has the people is not for a program to guess.
    """
    visible = [sheet for sheet in known if sheet.visible] or known
    filled = [sheet for sheet in visible if _has_rows(sheet)]
    if len(filled) > 1:
        raise RosterError(
            f"{name} has {len(filled)} sheets that read like a roster: {_listed([sheet.name for sheet in filled])}.",
            cause="people who left, another country or an older state have a sheet of their own.",
            remedy="name the right one in the job file, as roster: sheet: NAME.",
        )
    return next(iter(filled or visible), None)


def _has_rows(sheet: _Sheet) -> bool:
    below = islice(sheet.sheet.iter_rows(), sheet.place + 1, None)
    return any(not isinstance(cell, str) or cell.strip() for row in below for cell in row)


def _in_order(book: CalamineWorkbook) -> list[Any]:
    sheets = [info for info in book.sheets_metadata if info.typ == SheetTypeEnum.WorkSheet]
    return sorted(sheets, key=lambda info: info.visible != SheetVisibleEnum.Visible)


def _named(wanted: str, names: list[str], name: str) -> str:
    found = [title for title in names if title.strip().casefold() == wanted.strip().casefold()]
    if not found:
        raise RosterError(
            f'{name} has no sheet "{wanted}"; it has {_listed(names)}.',
            cause="the sheet was renamed, or it is another workbook.",
            remedy="correct roster.sheet in the job file.",
        )
    return wanted if wanted in found else found[0]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names) or "no sheet"


def _sheet(book: CalamineWorkbook, title: str, settings: RosterSettings, source: Source) -> _Sheet | None:
    """The sheet of that title; None if it has no header. Its marks are looked for while it is read.

    Both let go of the interpreter: the shorter search costs next to nothing beside the reading.
    """
    limits = (
        settings.limits
    )  # looked at before room is made for all cells between, and again where only the reader knows
    _refuse_large(source.name, title, limits, extent(source.content, title, limits.cells))
    try:
        with ThreadPoolExecutor(1) as beside:
            marks = beside.submit(marks_of, source.content, title)
            sheet = book.get_sheet_by_name(title)
        _refuse_large(source.name, title, limits, (sheet.total_height, sheet.total_width))
        head = islice(sheet.iter_rows(), _rows_above(settings))
        rows = [[_text(cell) for cell in row] for row in head]
    except CalamineError as error:
        raise _corrupt(source.name) from error
    place = header_place(rows, settings, list(range(1, len(rows) + 1)))
    first = sheet.start[1] if sheet.start else 0
    return None if place is None else _Sheet(title, sheet, place, tuple(rows[place]), first, marks)


def _refuse_large(name: str, title: str, limits: FileLimits, reach: tuple[int, int]) -> None:
    """Raise RosterError for a sheet that reaches further than the job takes. ``reach``: its rows and columns."""
    rows, columns = reach
    where = f'{name}, sheet "{title}" reaches as far as row {rows:,} and column {columns:,}'
    if rows > limits.rows:
        raise too_large(f"{where}; the job takes {limits.rows:,} rows", "rows", rows)
    if rows * columns > limits.cells:
        raise too_large(
            f"{where}, which is {rows * columns:,} cells; the job takes {limits.cells:,}",
            "cells",
            rows * columns,
        )


def _rows_above(settings: RosterSettings) -> int:
    return max(_HEAD_ROWS, settings.header_row or 0)


class _Piece(NamedTuple):
    """Some cells of a column as text, and which of them are numbers (None: no cell is)."""

    text: pa.Array
    numbers: Mask | None


def _pieces(chosen: _Sheet) -> list[list[_Piece]]:
    """The rows below the header, some hundred at a time, so that few Python objects live at once; each as columns."""
    below = islice(chosen.sheet.iter_rows(), chosen.place + 1, None)
    pieces = []
    while rows := list(islice(below, _BATCH)):
        pieces.append([_piece(cells) for cells in zip(*rows, strict=True)])
    return pieces


def _piece(cells: Sequence[Any]) -> _Piece:
    try:
        return _Piece(pa.array(cells, pa.large_string()), None)
    except pa.ArrowTypeError:  # some cell is no text
        texts = [_text(cell) for cell in cells]
        numbers = np.fromiter(map(_NUMBERS.__contains__, map(type, cells)), np.bool_, len(cells))
        return _Piece(pa.array(texts, pa.large_string()), numbers if numbers.any() else None)


def _cells(pieces: list[list[_Piece]], width: int) -> pa.Table:
    if not pieces:
        return from_rows([], width)
    return table([pa.chunked_array([piece.text for piece in column]) for column in zip(*pieces, strict=True)])


def _masks(pieces: list[list[_Piece]]) -> dict[int, Mask]:
    """The columns in which some cell is a number, and which cells are."""
    masks: dict[int, Mask] = {}
    for place, column in enumerate(zip(*pieces, strict=True)):
        if any(piece.numbers is not None for piece in column):
            filled = [
                np.zeros(len(piece.text), np.bool_) if piece.numbers is None else piece.numbers
                for piece in column
            ]
            masks[place] = np.concatenate(filled)
    return masks


def _marked(cells: pa.Table, chosen: _Sheet, marks: Cells, word: str) -> pa.Table:
    """The table with a word in the marked cells, which the reader gives as empty."""
    rows: dict[int, list[int]] = {}
    for row, column in marks:
        below = row - chosen.place - 1
        if 0 <= below < cells.num_rows:
            rows.setdefault(column - chosen.first, []).append(below)
    for place in rows.keys() & set(range(cells.num_columns)):
        mask = np.zeros(cells.num_rows, np.bool_)
        mask[rows[place]] = True
        column = pc.if_else(pa.array(mask), pa.scalar(word, pa.large_string()), cells.column(place))
        cells = cells.set_column(place, str(place), column)
    return cells


def _merged(chosen: _Sheet) -> dict[int, str]:
    """By column, the first range below the header that is merged over several cells."""
    from xlsxwriter.utility import xl_range

    merged: dict[int, str] = {}
    for (top, left), (bottom, right) in chosen.sheet.merged_cell_ranges or ():
        if bottom > chosen.place:
            for column in range(left, right + 1):
                merged.setdefault(column - chosen.first, xl_range(top, left, bottom, right))
    return merged


def _number(cell: float) -> str:
    return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)


def _moment(cell: dt.datetime) -> str:
    return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")


_NUMBERS = frozenset({int, float})
#: how a cell reads as text, by its type; cells of any other type say it themselves
_TEXTS: Mapping[type, Callable[[Any], str]] = {
    bool: lambda cell: "true" if cell else "false",
    float: _number,
    dt.datetime: _moment,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
}


def _text(cell: object) -> str:
    return _TEXTS.get(type(cell), str)(cell)
