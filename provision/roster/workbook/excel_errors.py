"""Cells of an .xlsx sheet that hold an Excel error such as #N/A or #REF!; the reader itself gives them as empty.

Office Open XML, SpreadsheetML: such a cell is written ``<c r="E4" t="e">``. In .xls and .ods they stay empty cells.
"""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator

from provision.errors import RosterError
from provision.roster.files.locate import ZIP

#: what such a cell reads as
ERROR_TEXT = "#N/A"

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
#: stands in each such cell; found far sooner than the cell
_ERROR = b't="e"'
_ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*\br="([A-Z]+)(\d+)"')

#: bytes of a sheet that are unpacked and searched in one go
_BLOCK = 1 << 22

#: what damage to an archive comes out as: also a version or a packing that nobody writes, and names that are no text
_NO_ARCHIVE = (
    zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, NotImplementedError, RuntimeError, UnicodeDecodeError,
)  # fmt: skip


def error_cells(content: bytes, sheet: str) -> frozenset[tuple[int, int]]:
    """Row and column, both from 0, of each cell with an error in the sheet of that name; none for other formats."""
    if not content.startswith(ZIP):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            part = _part(archive, sheet)
            found = list(_found(archive, part)) if part else []
    except _NO_ARCHIVE as error:
        raise RosterError(
            "The workbook is damaged: a part of it cannot be unpacked.",
            cause="the download or the copy broke off.",
            remedy="fetch the file again.",
        ) from error
    return frozenset((int(row) - 1, _column(letters)) for letters, row in found)


def _found(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[bytes, bytes]]:
    """Column letters and row number of each cell with an error, from block to block of whole tags."""
    rest = b""
    with archive.open(part) as sheet:
        while block := sheet.read(_BLOCK):
            tags, end, rest = (rest + block).rpartition(b">")
            if _ERROR in tags:
                yield from _ERROR_CELL.findall(tags + end)


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
