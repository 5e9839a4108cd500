"""The parts of a workbook that is a zip archive: .xlsx, .xlsm, .xlsb and .ods."""

from __future__ import annotations

import html
import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator

#: first bytes of a zip archive
ZIP = b"PK\x03\x04"
#: what damage to an archive comes out as: also a version or a packing that nobody writes, and names that are no text
NO_ARCHIVE = (
    zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, NotImplementedError, RuntimeError, UnicodeDecodeError,
    ValueError,
)  # fmt: skip

_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^<>]*>")
#: bytes of a sheet that are unpacked and searched in one go, so few that they stay near the processor, and at most without the end of a row
_BLOCK, _LONGEST_ROW = 1 << 18, 1 << 26


def archive_of(content: bytes) -> zipfile.ZipFile | None:
    """The archive that a workbook is; None for one that is none, and for a damaged one."""
    if not content.startswith(ZIP):
        return None
    try:
        return zipfile.ZipFile(io.BytesIO(content))
    except NO_ARCHIVE:
        return None


def unpacked(archive: zipfile.ZipFile) -> int:
    """How many bytes all parts say that they take once they are unpacked."""
    return sum(member.file_size for member in archive.infolist())


def parts_of_sheets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Names of sheets of an .xlsx, with the part of the archive that holds each."""
    names = set(archive.namelist())
    if "xl/workbook.xml" not in names:
        return {}
    relations = _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {_value(tag, b"Id"): _value(tag, b"Target") for tag in reversed(relations)}
    sheets: dict[str, str] = {}
    for tag in _SHEET.findall(archive.read("xl/workbook.xml")):
        target = targets.get(_value(tag, rb"\w+:id"), "")
        part = posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
        if target and part in names:
            sheets.setdefault(_value(tag, b"name"), part)
    return sheets


def _value(tag: bytes, attribute: bytes) -> str:
    found = re.search(rb"\s" + attribute + rb'="([^"]*)"', tag)
    return html.unescape(found[1].decode()) if found else ""


def blocks_of_rows(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part in blocks that end where a row ends, so that no cell is in two of them."""
    rest, size = b"", _BLOCK
    with archive.open(part) as sheet:
        while block := sheet.read(size):
            rows, end, rest = (rest + block).rpartition(b"row>")
            size = _BLOCK if end else 2 * size  # a long row is not copied again and again
            if len(rest) > _LONGEST_ROW:
                rows, end, rest = rows + end, rest, b""
            yield rows + end
    yield rest


def column_of(letters: bytes) -> int:
    """The column, from 0, that letters such as ``AB`` name."""
    place = 0
    for letter in letters.upper():
        place = place * 26 + letter - 64
    return place - 1


def letters_of(column: int) -> str:
    """The letters that name a column, from 0."""
    letters = ""
    while column >= 0:
        column, last = divmod(column, 26)
        letters, column = chr(65 + last) + letters, column - 1
    return letters
