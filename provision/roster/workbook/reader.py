"""Workbooks (.xlsx, .xlsm, .xlsb, .xls, .ods): the right sheet, its header below what stands above it, and cells as text.

``line`` is the row number in the sheet. A whole number is written without decimals, a date as ``YYYY-MM-DD``, a truth
value as ``true`` or ``false``. Cells with an Excel error read ``#VALUE!``, whichever error it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from provision.errors import RosterError
from provision.job.settings import RosterSettings
from provision.roster.files.file_limits import refuse_columns
from provision.roster.files.grid import FAILED, UNCALCULATED, Grid, Mask, from_rows, in_one_piece, table
from provision.roster.files.locate import OLE, ZIP, Source
from provision.roster.mapping.mapping import fields_in, is_header
from provision.roster.text.dialect import header_place, refuse_people_above
from provision.roster.workbook.process import Workbook
from provision.roster.workbook.refused import locked

#: first bytes of web pages and web archives, in which some portals deliver tables
_PAGES = (b"<", b"MIME-Version:")
_HEAD_ROWS = 50
#: whole numbers up to here are exact in a spreadsheet
_EXACT = 10**15


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet and where its header is: ``place`` counts rows from 0. ``head``: its first rows, with their numbers.

    ``first``: the column of the sheet in which the reader's rows begin, from 0; it leaves out empty ones to the left.
    """

    name: str
    place: int
    header: tuple[str, ...]
    first: int
    head: list[tuple[int, list[str]]]
    visible: bool = True


def read_workbook(source: Source, settings: RosterSettings) -> Grid:
    """The cells of one sheet.

    The sheet is the job's, or the only visible one that reads like a roster. Raises RosterError for a workbook that is
    corrupt or asks for a password, several sheets that may be meant, a sheet that is not there, and one without rows.
    """
    _refuse_disguise(source)
    with Workbook(source.name, source.content, settings.limits) as book:
        chosen = _choose(book, settings, source)
        where = f'{source.name}, sheet "{chosen.name}"'
        refuse_people_above(chosen.head[: chosen.place + 1], settings, where)
        refuse_columns(len(chosen.header), settings.limits, f"{where} (header in row {chosen.place + 1})")
        pieces = [_taken(rows, len(chosen.header)) for rows in book.columns(chosen.name, chosen.place)]
        marks = book.marks(chosen.name, chosen.place, len(chosen.header))
    cells, numbers = _cells(pieces, len(chosen.header)), _masks(pieces)
    del pieces  # so that no cell is in memory twice
    cells = _marked(in_one_piece(cells), chosen, marks.failed, FAILED)
    cells = _marked(cells, chosen, marks.uncalculated, UNCALCULATED)
    lines = chosen.place + 2 + np.arange(cells.num_rows, dtype=np.int64)
    return Grid(
        chosen.header,
        chosen.place + 1,
        cells,
        lines,
        chosen.name,
        numbers=numbers,
        hidden=np.isin(lines - 1, list(marks.hidden)) if marks.hidden else None,
        hidden_columns=marks.columns,
        merged=_ranges(marks.merged),
        above=tuple(row for _, row in chosen.head[: chosen.place]),
    )


def _refuse_disguise(source: Source) -> None:
    if source.content.startswith(OLE) and "EncryptedPackage".encode("utf-16-le") in source.content:
        raise locked(source.name)
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


def _choose(book: Workbook, settings: RosterSettings, source: Source) -> _Sheet:
    name = source.name
    names = dict(sorted(book.sheets, key=lambda sheet: not sheet[1]))
    if settings.sheet is not None:
        names = {_named(settings.sheet, list(names), name): True}
    read = (_sheet(book, title, settings) for title in names)
    sheets = [replace(sheet, visible=names[sheet.name]) for sheet in read if sheet is not None]
    if not sheets:
        raise RosterError(
            f"{name} has no header{' in row ' + str(settings.header_row) if settings.header_row else ''}: "
            f"no sheet has text there ({_listed(list(names))}).",
            cause="an empty workbook or sheet, or a wrong roster.header_row.",
            remedy="name the right sheet with roster.sheet in the job file.",
        )
    known = _best(book, [sheet for sheet in sheets if is_header(sheet.header, settings)], name)
    return known or max(sheets, key=lambda sheet: len(fields_in(sheet.header, settings)))


def _best(book: Workbook, known: list[_Sheet], name: str) -> _Sheet | None:
    """The only one of the sheets with a known header that has rows: of the visible ones, or else of the hidden ones.

    Raises RosterError where there are several: which one has the people is not for a program to guess.
    """
    visible = [sheet for sheet in known if sheet.visible] or known
    filled = [sheet for sheet in visible if book.filled(sheet.name, sheet.place)]
    if len(filled) > 1:
        raise RosterError(
            f"{name} has {len(filled)} sheets that read like a roster: {_listed([sheet.name for sheet in filled])}.",
            cause="people who left, another country or an older state have a sheet of their own.",
            remedy="name the right one in the job file, as roster: sheet: NAME.",
        )
    return next(iter(filled or visible), None)


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


def _sheet(book: Workbook, title: str, settings: RosterSettings) -> _Sheet | None:
    """The sheet of that title; None if it has no header."""
    first, head = book.load(title, _rows_above(settings))
    rows = [[_text(cell) for cell in row] for row in head]
    place = header_place(rows, settings, list(range(1, len(rows) + 1)))
    if place is None:
        return None
    return _Sheet(title, place, tuple(rows[place]), first, list(enumerate(rows, 1)))


def _rows_above(settings: RosterSettings) -> int:
    return max(_HEAD_ROWS, settings.header_row or 0)


class _Piece(NamedTuple):
    """Some cells of a column as text, and which of them are numbers (None: no cell is)."""

    text: pa.Array
    numbers: Mask | None


def _taken(rows: list[pa.Array | list[Any]] | int, width: int) -> list[_Piece]:
    """Some rows as columns; a number are so many blank ones."""
    if isinstance(rows, int):
        return [_Piece(pa.repeat(pa.scalar("", pa.large_string()), rows), None)] * width
    return [_piece(cells) for cells in rows]


def _piece(cells: pa.Array | list[Any]) -> _Piece:
    if isinstance(cells, pa.Array):
        return _Piece(cells, None)
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


def _marked(cells: pa.Table, chosen: _Sheet, marks: Iterable[tuple[int, int]], word: str) -> pa.Table:
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


def _ranges(merged: Mapping[int, tuple[int, int, int, int]]) -> dict[int, str]:
    """Ranges as a sheet names them."""
    from xlsxwriter.utility import xl_range

    return {column: xl_range(*cells) for column, cells in merged.items()}


def _number(cell: float) -> str:
    return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)


_NUMBERS = frozenset({int, float})
#: how a cell reads as text, by its type; cells of any other type say it themselves
_TEXTS: Mapping[type, Callable[[Any], str]] = {
    bool: lambda cell: "true" if cell else "false",
    float: _number,
}


def _text(cell: object) -> str:
    return _TEXTS.get(type(cell), str)(cell)
