"""Workbooks (.xlsx, .xls, .ods): the right sheet, its header below whatever stands above it, and cells as text.

``line`` is the row number in the sheet. A whole number is written without decimals, a date as ``YYYY-MM-DD``, a truth
value as ``true`` or ``false``. Cells with an Excel error read ``#N/A``, whichever error it is.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from provision.errors import RosterError
from provision.job.settings import RosterSettings
from provision.roster.dialect import header_place
from provision.roster.excel_errors import ERROR_TEXT, error_cells
from provision.roster.find import OLE, ZIP, Source
from provision.roster.grid import Grid, Mask, from_rows
from provision.roster.mapping import fields_in, is_header

#: first bytes of web pages and web archives, in which some portals deliver tables
_PAGES = (b"<", b"MIME-Version:")
_HEAD_ROWS = 50
_BATCH = 20_000
#: whole numbers up to here are exact in a spreadsheet
_EXACT = 10**15


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet and where its header is: ``place`` counts rows from 0."""

    name: str
    sheet: Any
    place: int
    header: tuple[str, ...]


def read_workbook(source: Source, settings: RosterSettings) -> Grid:
    """The cells of one sheet.

    The sheet is the job's, or the first visible one with a header that is recognised. Raises RosterError for a
    workbook that is corrupt or asks for a password, a sheet that is not there, and a sheet without rows.
    """
    book = _open(source)
    chosen = _choose(book, settings, source.name)
    width = len(chosen.header)
    broken = error_cells(source.content, chosen.name)
    parts = list(_batches(chosen, width, broken))
    cells = pa.concat_tables([part.cells for part in parts]) if parts else from_rows([], width)
    lines = chosen.place + 2 + np.arange(cells.num_rows, dtype=np.int64)
    return Grid(chosen.header, chosen.place + 1, cells, lines, chosen.name, numbers=_masks(parts, width))


def _open(source: Source) -> CalamineWorkbook:
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


def _choose(book: CalamineWorkbook, settings: RosterSettings, name: str) -> _Sheet:
    names = [info.name for info in _in_order(book)]
    if settings.sheet is not None:
        names = [_named(settings.sheet, names, name)]
    sheets = [
        sheet for sheet in (_sheet(book, title, settings, name) for title in names) if sheet is not None
    ]
    if not sheets:
        raise RosterError(
            f"{name} has no header{' in row ' + str(settings.header_row) if settings.header_row else ''}: "
            f"no sheet has text there ({_listed(names)}).",
            cause="an empty workbook or sheet, or a wrong roster.header_row.",
            remedy="name the right sheet with roster.sheet in the job file.",
        )
    known = (sheet for sheet in sheets if is_header(sheet.header, settings))
    return next(known, None) or max(sheets, key=lambda sheet: len(fields_in(sheet.header, settings)))


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


def _sheet(book: CalamineWorkbook, title: str, settings: RosterSettings, name: str) -> _Sheet | None:
    try:
        sheet = book.get_sheet_by_name(title)
        rows = [[_text(cell) for cell in row] for row in islice(sheet.iter_rows(), _rows_above(settings))]
    except CalamineError as error:
        raise _corrupt(name) from error
    place = header_place(rows, settings, list(range(1, len(rows) + 1)))
    return None if place is None else _Sheet(title, sheet, place, tuple(rows[place]))


def _rows_above(settings: RosterSettings) -> int:
    return max(_HEAD_ROWS, settings.header_row or 0)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some rows of a sheet: cells as text, and which cells of a column are numbers (None: no cell is)."""

    cells: pa.Table
    numbers: list[Mask | None]


def _batches(chosen: _Sheet, width: int, broken: frozenset[tuple[int, int]]) -> Iterator[_Batch]:
    """The rows below the header, some thousands at a time, so that few Python objects live at once."""
    rows = enumerate(chosen.sheet.iter_rows())
    below = islice(rows, chosen.place + 1, None)
    while part := list(islice(below, _BATCH)):
        texts = [
            [ERROR_TEXT if (row, place) in broken else _text(cell) for place, cell in enumerate(cells)]
            for row, cells in part
        ]
        yield _Batch(
            from_rows(texts, width), [_numbers([cells[place] for _, cells in part]) for place in range(width)]
        )


def _numbers(column: list[Any]) -> Mask | None:
    mask = np.fromiter((type(cell) in (int, float) for cell in column), np.bool_, len(column))
    return mask if mask.any() else None


def _masks(parts: list[_Batch], width: int) -> dict[int, Mask]:
    masks: dict[int, Mask] = {}
    for place in range(width):
        found = [part.numbers[place] for part in parts]
        if any(mask is not None for mask in found):
            filled = [
                np.zeros(part.cells.num_rows, np.bool_) if mask is None else mask
                for part, mask in zip(parts, found, strict=True)
            ]
            masks[place] = np.concatenate(filled)
    return masks


def _text(cell: object) -> str:
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case int() | float():
            return str(int(cell)) if abs(cell) < _EXACT and cell == int(cell) else repr(cell)
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
        case dt.date() | dt.time():
            return cell.isoformat()
        case _:
            return str(cell)
