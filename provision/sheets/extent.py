"""How far a sheet of an archive reaches, and how long its longest text is, before a reader makes room for all of it.

Of an ordinary workbook what it says itself is believed. What is packed a hundredfold, or has cost the reader its life, is gone
through, some bytes at a time.
"""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from provision.sheets.archive import blocks_of_rows, column_of

#: how far a sheet says it goes, and cells with something in them
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s+ref="(?:[A-Z]+\d+:)?([A-Z]+)(\d+)"')
_REFERENCE = rb"""\br\s*+=\s*+["']([A-Za-z]++)(\d++)["']"""
_FILLED = re.compile(
    rb"<(?:\w+:)?c\s[^<>]*" + _REFERENCE + rb"[^<>]*(?<!/)>(?:\s|<!--.*?-->)*+<(?:\w+:)?(?:v|f|is)\b"
)
_CELL = re.compile(_REFERENCE)
_BEGINNING = 1 << 16

#: parts that are packed so small and unpack to so much are looked at first; sheets as programs write them are packed 5 to 30 times
_PACKED, _MUCH = 100, 8 << 20
_LITTLE = 1 << 20

#: records of an .xlsb: a row, how far the sheet goes, and cells with something in them (MS-XLSB 2.3.2)
_ROW, _REACH, _CELLS = 0, 148, range(2, 12)

_ODS_TAG = re.compile(rb"<(/?)table:(table-row|table-cell|covered-table-cell)(?=[\s/>])([^<>]*?)(/?)>")
_ODS_TIMES = re.compile(rb'table:number-(?:rows|columns)-repeated="(\d{1,18})"')
_ODS_TABLE = re.compile(rb'<table:table\s[^<>]*table:name="([^"]*)"')


class LongText(NamedTuple):
    """A text in a part of an archive. ``cell``: that in which it stands, as ``B7``; "" where that is not known."""

    part: str
    cell: str
    bytes: int


def is_suspicious(archive: zipfile.ZipFile) -> bool:
    """Whether some part is packed as only nonsense is."""
    return any(
        member.file_size > _MUCH and member.file_size > _PACKED * max(1, member.compress_size)
        for member in archive.infolist()
    )


def is_small_ods(archive: zipfile.ZipFile) -> bool:
    """Whether an .ods is gone through in no time, and what it repeats makes nearly all that it may come to."""
    return any(
        member.filename == "content.xml" and member.file_size < _LITTLE for member in archive.infolist()
    )


def long_text(archive: zipfile.ZipFile, most: int) -> LongText | None:
    """The first text of surely more bytes than ``most`` in the XML of an archive."""
    for name in archive.namelist():
        if name.endswith(".xml") and (found := _long_text(archive, name, most)):
            return found
    return None


def _long_text(archive: zipfile.ZipFile, part: str, most: int) -> LongText | None:
    """One that goes from one block into the next: shorter ones do not matter."""
    block_size = max(2 * most, 1 << 20)
    length, cell = 0, ""
    with archive.open(part) as file:
        while block := file.read(block_size):
            begin, end = block.find(b"<"), block.rfind(b"<")
            length += len(block) if begin < 0 else begin
            if begin >= 0:
                if length > block_size:
                    return LongText(part, cell, length)
                length = len(block) - end
                named = list(_CELL.finditer(block, max(0, end - 1_000)))
                cell = (named[-1][1] + named[-1][2]).decode() if named else ""
    return LongText(part, cell, length) if length > block_size else None


def reach(archive: zipfile.ZipFile, part: str, enough: int) -> tuple[int, int]:
    """Rows and columns from the first cell of an .xlsx sheet on up to the last with something in it.

    What the sheet says itself is believed if it is no more than ``enough`` cells; sheets that are coloured to their end say more
    than they have.
    """
    with archive.open(part) as sheet:
        said = _DIMENSION.search(sheet.read(_BEGINNING))
    if said:
        rows, columns = int(said[2][:18]), column_of(said[1][:18]) + 1
        if rows * columns <= enough:
            return rows, columns
    rows = columns = 0
    for block in blocks_of_rows(archive, part):
        for letters, row in set(_FILLED.findall(block)):
            rows, columns = max(rows, int(row[:18])), max(columns, column_of(letters[:18]) + 1)
    return rows, columns


def reach_of_binary(content: bytes, enough: int) -> tuple[int, int]:
    """The same of a sheet of an .xlsb."""
    rows = columns = row = 0
    for kind, record in _records(content):
        if kind == _REACH and len(record) >= 16:
            _, last, _, right = struct.unpack_from("<IIII", record)
            if (last + 1) * (right + 1) <= enough:
                return last + 1, right + 1
        elif kind == _ROW and len(record) >= 4:
            [row] = struct.unpack_from("<I", record)
        elif kind in _CELLS and len(record) >= 4:
            [column] = struct.unpack_from("<I", record)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
    return rows, columns


def _records(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and content of each record: both numbers have seven bits a byte."""
    place = 0
    while place + 1 < len(content):
        kind, place = content[place], place + 1
        if kind & 0x80:
            kind, place = (kind & 0x7F) | content[place] << 7, place + 1
        size = shift = 0
        for byte in content[place : place + 4]:
            size, shift, place = size | (byte & 0x7F) << shift, shift + 7, place + 1
            if not byte & 0x80:
                break
        yield kind, content[place : place + size]
        place += size


def reach_of_ods(archive: zipfile.ZipFile) -> dict[str, tuple[int, int]]:
    """The same of each sheet of an .ods, which writes once what is repeated."""
    sheets: dict[str, tuple[int, int]] = {}
    name, row, column, times = "", 0, 0, 1
    for block in _ods_blocks(archive):
        names = [(found.start(), found) for found in _ODS_TABLE.finditer(block)]
        for _, found in sorted([*names, *((tag.start(), tag) for tag in _ODS_TAG.finditer(block))]):
            if found.re is _ODS_TABLE:
                name, row = found[1].decode("utf-8", "replace"), 0
                sheets.setdefault(name, (0, 0))
                continue
            if found[2] == b"table-row":
                if not found[1]:
                    column, times = 0, _times(found[3])
                if found[1] or found[4]:
                    row += times
            elif not found[1]:
                column += _times(found[3])
                if not found[4]:
                    most = sheets.get(name, (0, 0))
                    sheets[name] = max(most[0], row + times), max(most[1], column)
    return sheets


def _times(attributes: bytes) -> int:
    found = _ODS_TIMES.search(attributes)
    return int(found[1]) if found else 1


def _ods_blocks(archive: zipfile.ZipFile) -> Iterator[bytes]:
    rest = b""
    with archive.open("content.xml") as file:
        while block := file.read(1 << 22):
            tags, end, rest = (rest + block).rpartition(b">")
            yield tags + end
    yield rest
