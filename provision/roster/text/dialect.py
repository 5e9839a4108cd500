"""How a text file is written: its delimiter, where its header stands and where its rows begin."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

import numpy as np

from provision.errors import RosterError, TooLarge
from provision.job.settings import RosterSettings
from provision.roster.files.file_limits import refuse_columns
from provision.roster.files.time_limit import expect_time
from provision.roster.mapping.mapping import fields_in, reads_like_header
from provision.roster.text.lines import LINE_END
from provision.wording import tidy

#: characters that separate cells, the likeliest first
DELIMITERS = (",", ";", "\t", "|")
#: a cell with an e-mail address and nothing else
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+$")
#: longest first line in bytes, which is also csv's longest cell; a real header is far below
_LONGEST = 1 << 17
_HEAD_LINES = 100
_LF, _CR = b"\n\r"
#: bytes looked at in one go: what is found in them fits the caches
_BLOCK = 1 << 18
#: a line is not longer than so many cells of the longest that there may be
_CELLS = 16


class CsvRows(Protocol):
    """What csv.reader makes: an iterator over rows that knows how many lines it has read."""

    line_num: int

    def __iter__(self) -> Iterator[list[str]]: ...
    def __next__(self) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Dialect:
    """What it takes to read a text file.

    ``header`` are the header's cells as written, ``header_line`` its line from 1; rows begin at byte ``offset``,
    which is line ``first_line``.
    """

    delimiter: str
    header: tuple[str, ...]
    header_line: int
    first_line: int
    offset: int


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    next_line: int
    cells: list[str]


def newlines(content: bytes, start: int = 0) -> int:
    """How many LF there are from ``start`` on; ``bytes.count`` takes three times as long."""
    letters = np.frombuffer(content, np.uint8)
    return sum(
        int(np.count_nonzero(letters[place : place + _BLOCK] == _LF))
        for place in range(start, len(letters), _BLOCK)
    )


def line_ends(content: bytes) -> int:
    """How many lines end in UTF-8 bytes, the last of which is no CR; CR, LF and CRLF end a line."""
    returns = content.count(b"\r") - content.count(b"\r\n") if b"\r" in content else 0
    return newlines(content) + returns


def has_bare_cr(content: bytes) -> bool:
    """Whether a CR stands anywhere without the LF that makes it part of a line end."""
    if b"\r" not in content:
        return False
    letters = np.frombuffer(content, np.uint8)
    blocks = (letters[place : place + _BLOCK + 1] for place in range(0, len(letters), _BLOCK))
    return content.endswith(b"\r") or any(
        ((block[:-1] == _CR) & (block[1:] != _LF)).any() for block in blocks
    )


class _Timed(io.BytesIO):
    """Bytes that are read for no longer than a file may take; they are asked for some at a time."""

    def read1(self, size: int | None = -1, /) -> bytes:
        expect_time()
        return super().read1(size)


def rows_of(content: bytes, offset: int, delimiter: str, *, skip_blanks: bool = False) -> CsvRows:
    """The strict reader over UTF-8 bytes from ``offset`` on; its ``line_num`` counts lines as an editor does.

    ``skip_blanks``: those behind a delimiter are no part of the cell.
    """
    stream = _Timed(content)
    stream.seek(offset)
    text = io.TextIOWrapper(stream, "utf-8", newline="")
    return csv.reader(text, delimiter=delimiter, strict=True, skipinitialspace=skip_blanks)


def recognise(content: bytes, settings: RosterSettings, name: str) -> Dialect:
    """The dialect of a UTF-8 text. Raises RosterError where no line can be a header."""
    _refuse_long_line(content, name)
    refuse_long_lines(content, name)
    candidates = [settings.delimiter] if settings.delimiter else DELIMITERS
    heads = {delimiter: _head(content, delimiter, settings) for delimiter in candidates}
    delimiter = max(heads, key=lambda candidate: _likeness(heads[candidate], settings))
    rows = heads[delimiter]
    place = header_place([row.cells for row in rows], settings, [row.line for row in rows])
    if place is None:
        raise RosterError(
            f"{name} has no header{_at(settings)}: there is no text.",
            cause="the export was interrupted, or roster.header_row is wrong.",
            remedy="export the roster again, with its header.",
        )
    refuse_people_above([(row.line, row.cells) for row in rows[: place + 1]], settings, name)
    header = rows[place]
    refuse_columns(len(header.cells), settings.limits, f"{name} (header in line {header.line})")
    offset = _offset(content, header.next_line - 1)
    return Dialect(delimiter, tuple(header.cells), header.line, header.next_line, offset)


def head_lines(settings: RosterSettings) -> int:
    """By how many first lines a text is recognised, as far as it has them."""
    return max(_HEAD_LINES, settings.header_row or 0)


def header_place(rows: list[list[str]], settings: RosterSettings, lines: list[int]) -> int | None:
    """Which of the first rows is the header: the job's ``header_row``, the first that reads like one, else the best.

    None if there is no candidate.
    """
    if settings.header_row is not None:
        return next((place for place, line in enumerate(lines) if line == settings.header_row), None)
    filled = [place for place, cells in enumerate(rows) if any(tidy(cell) for cell in cells)]
    known: dict[int, int] = {}
    for place in filled:
        fields = fields_in(rows[place], settings)
        if reads_like_header(rows[place], fields):
            return place
        known[place] = len(fields)
    return max(filled, key=lambda place: (known[place], _filled(rows[place]) > 1), default=None)


def refuse_people_above(rows: list[tuple[int, list[str]]], settings: RosterSettings, name: str) -> None:
    """Raise RosterError where a row above the header reads like a person, who would be lost with all rows above it.

    ``rows``: lines and cells down to the header, which the program has found.
    """
    *above, (header, cells) = rows
    least = max(3, _filled(cells) // 2 + 1)
    people = [
        line for line, row in above if _filled(row) >= least and any(map(_ADDRESS.match, map(tidy, row)))
    ]
    if people and settings.header_row is None:
        raise RosterError(
            f"{name}: row {people[0]} reads like a person, and the header that the program knows is below it, in row {header}.",
            cause="two exports were put one after the other, the first with headers that the program does not know.",
            remedy="export everybody in one file; or say where the header is, as roster: header_row: 1, and map its columns.",
        )


def _at(settings: RosterSettings) -> str:
    return f" in row {settings.header_row}" if settings.header_row else ""


def _filled(cells: list[str]) -> int:
    return sum(1 for cell in cells if tidy(cell))


def _refuse_long_line(content: bytes, name: str) -> None:
    end = LINE_END.search(content, 0, _LONGEST + 1)
    if end is None and len(content) > _LONGEST:
        raise RosterError(
            f"{name}, line 1 is longer than {_LONGEST:,} bytes.",
            cause="the line ends were lost on the way, or the file is no table.",
            remedy="export the roster again with one person a line.",
        )


def refuse_long_lines(content: bytes, name: str) -> None:
    """Raise RosterError for a line that no row is as long as; whoever reads it would have to take it whole."""
    most = _CELLS * csv.field_size_limit()
    place = long_line(content, most)
    if place is not None:
        raise TooLarge(
            f"{name}, line {line_ends(content[:place]) + 1} is longer than {most:,} bytes.",
            cause="line ends were lost on the way, or the file is no table.",
            remedy="export the roster again with one person a line; if cells are meant to be so long, raise roster.limits.cell.",
        )


def long_line(content: bytes, most: int) -> int | None:
    """Where a line begins that has more than ``most`` bytes, its end counted; None if none has."""
    place = 0
    while place + most < len(content):
        end = content.rfind(b"\n", place, place + most)
        if end < 0:
            end = content.rfind(b"\r", place, place + most)
        if end < 0:
            return place
        place = end + 1
    return None


def _head(content: bytes, delimiter: str, settings: RosterSettings) -> list[_Row]:
    """The rows of the first lines; a cell too long or a quotation mark in the wrong place ends them early."""
    reader = csv.reader(_lines(content, settings), delimiter=delimiter, skipinitialspace=delimiter != " ")
    rows: list[_Row] = []
    before = 0
    try:
        for cells in reader:
            rows.append(_Row(before + 1, reader.line_num + 1, cells))
            before = reader.line_num
    except csv.Error:
        return rows
    return rows


def _lines(content: bytes, settings: RosterSettings) -> Iterator[str]:
    stream = io.TextIOWrapper(io.BytesIO(content), "utf-8", newline="")
    return islice(stream, head_lines(settings))


def _likeness(rows: list[_Row], settings: RosterSettings) -> tuple[bool, int, float, int]:
    """How well a delimiter fits: known headers first, then rows of the header's width."""
    cells = [row.cells for row in rows]
    place = header_place(cells, settings, [row.line for row in rows])
    if place is None:
        return (False, 0, 0.0, 0)
    width = len(cells[place])
    below = [len(row) for row in cells[place + 1 :] if row]
    same = sum(1 for other in below if other == width) / len(below) if below else 0.0
    fields = fields_in(cells[place], settings)
    return (reads_like_header(cells[place], fields), len(fields), same if width > 1 else 0.0, width)


def _offset(content: bytes, lines: int) -> int:
    """Where the line after the first ``lines`` begins."""
    ends = islice(LINE_END.finditer(content), lines - 1, lines)
    return next((end.end() for end in ends), len(content))
