"""What the reader of workbooks does not tell of an .xlsx sheet: failed and never calculated formulas, and hidden rows.

Office Open XML, SpreadsheetML: an error such as #N/A or #REF! is written ``<c r="E4" t="e">``, a formula without a result
``<c r="E4"><f>…</f></c>``, a hidden row ``<row r="4" hidden="1">``. The reader gives the first two as empty cells; in .xls,
.xlsb and .ods they stay so.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from provision.errors import RosterError
from provision.roster.files.locate import ZIP

#: row and column, both from 0
Cells = frozenset[tuple[int, int]]

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
#: stands in each cell with an error, and in each hidden row; found far sooner than those
_ERROR, _HIDDEN = b't="e"', b'hidden="'
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"')
#: the end of a cell whose formula has no result; that of a formula which gives no text has an empty one and is t="str"
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f(?:\s[^>]*)?/>)\s*(?P<result><(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*\br="([A-Z]+)(\d+)"[^>]*>')
#: how far a sheet says it goes, and cells with something in them
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s+ref="(?:[A-Z]+\d+:)?([A-Z]+)(\d+)"')
_FILLED = re.compile(rb'<(?:\w+:)?c\s[^>]*\br="([A-Z]+)(\d+)"[^>]*(?<!/)>\s*<(?:\w+:)?(?:v|f|is)\b')
_BEGINNING = 1 << 16
_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s(?=[^>]*\bhidden="(?:1|true)")[^>]*\br="(\d+)"')

#: bytes of a sheet that are unpacked and searched in one go, and at most without the end of a row
_BLOCK, _LONGEST_ROW = 1 << 22, 1 << 26

#: what damage to an archive comes out as: also a version or a packing that nobody writes, and names that are no text
_NO_ARCHIVE = (
    zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, NotImplementedError, RuntimeError, UnicodeDecodeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Marks:
    """Cells of a sheet with an error and with a formula that was never calculated, and hidden rows, from 0."""

    failed: Cells = frozenset()
    uncalculated: Cells = frozenset()
    hidden: frozenset[int] = frozenset()


def marks_of(content: bytes, sheet: str) -> Marks:
    """The marks in the sheet of that name; none for other formats. Raises RosterError for a damaged archive."""
    if not content.startswith(ZIP):
        return Marks()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = _part(archive, sheet)
            return _all_marks(archive, part) if part else Marks()
    except _NO_ARCHIVE as error:
        raise RosterError(
            "The workbook is damaged: a part of it cannot be unpacked.",
            cause="the download or the copy broke off.",
            remedy="fetch the file again.",
        ) from error


def _all_marks(archive: zipfile.ZipFile, part: str) -> Marks:
    failed: set[tuple[int, int]] = set()
    uncalculated: set[tuple[int, int]] = set()
    hidden: set[int] = set()
    for rows in _blocks_of_rows(archive, part):
        if _ERROR in rows:
            failed.update(_place(*cell) for cell in _ERROR_CELL.findall(rows))
        if _HIDDEN in rows:
            hidden.update(int(number) - 1 for number in _HIDDEN_ROW.findall(rows))
        if b"f>" in rows or b"<f" in rows or b":f" in rows:
            uncalculated.update(_uncalculated(rows))
    return Marks(frozenset(failed), frozenset(uncalculated), frozenset(hidden))


def unpacked(content: bytes) -> int:
    """How many bytes the parts of a workbook take once they are unpacked; 0 for what is no archive."""
    if not content.startswith(ZIP):
        return 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return sum(member.file_size for member in archive.infolist())
    except _NO_ARCHIVE:
        return 0


def extent(content: bytes, sheet: str, enough: int) -> tuple[int, int]:
    """Rows and columns from the first cell of a sheet on up to the last with something in it; (0, 0) if that is not to be known.

    The reader makes room for all cells between. What the sheet says itself is believed if it is no more than ``enough`` cells;
    sheets that are coloured to their end say more than they have.
    """
    if not content.startswith(ZIP):
        return 0, 0
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = _part(archive, sheet)
            return _extent(archive, part, enough) if part else (0, 0)
    except _NO_ARCHIVE:
        return 0, 0


def _extent(archive: zipfile.ZipFile, part: str, enough: int) -> tuple[int, int]:
    with archive.open(part) as sheet:
        said = _DIMENSION.search(sheet.read(_BEGINNING))
    if said:
        rows, columns = int(said[2]), _column(said[1]) + 1
        if rows * columns <= enough:
            return rows, columns
    rows = columns = 0
    for block in _blocks_of_rows(archive, part):
        for letters, row in set(_FILLED.findall(block)):
            rows, columns = max(rows, int(row)), max(columns, _column(letters) + 1)
    return rows, columns


def _blocks_of_rows(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The sheet in blocks that end where a row ends, so that no cell is in two of them."""
    rest = b""
    with archive.open(part) as sheet:
        while block := sheet.read(_BLOCK):
            rows, end, rest = (rest + block).rpartition(b"row>")
            if len(rest) > _LONGEST_ROW:
                rows, end, rest = rows + end, rest, b""
            yield rows + end
    yield rest


def _uncalculated(rows: bytes) -> Iterator[tuple[int, int]]:
    """Cells whose formula has no result: those that open last before each end of one."""
    for found in _NO_RESULT.finditer(rows):
        name = max(rows.rfind(b"<c ", 0, found.start()), rows.rfind(b":c ", 0, found.start()))
        cell = _CELL.match(rows, max(rows.rfind(b"<", 0, name + 1), 0))
        if cell and not (b't="str"' in cell[0] and found["result"]):
            yield _place(cell[1], cell[2])


def _place(letters: bytes, row: bytes) -> tuple[int, int]:
    return int(row) - 1, _column(letters)


def _part(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """Name of the archive's member that holds the sheet."""
    if "xl/workbook.xml" not in archive.namelist():
        return None
    tags = _SHEET.findall(archive.read("xl/workbook.xml"))
    wanted = next((_value(tag, rb"\w+:id") for tag in tags if _value(tag, b"name") == sheet), None)
    relations = _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    target = next((_value(tag, b"Target") for tag in relations if _value(tag, b"Id") == wanted), "")
    part = posixpath.normpath(posixpath.join("xl", target)).lstrip("/") if target else ""
    return part if part in archive.namelist() else None


def _value(tag: bytes, attribute: bytes) -> str:
    found = re.search(rb"\s" + attribute + rb'="([^"]*)"', tag)
    return html.unescape(found[1].decode()) if found else ""


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1
