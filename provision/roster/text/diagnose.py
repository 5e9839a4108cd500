"""What is wrong with a text file that cannot be read, said with the line."""

from __future__ import annotations

import csv
import re

from provision.errors import CutOff, RosterError
from provision.roster.files.locate import OLE, PARQUET, ZIP, Source
from provision.roster.text.dialect import Dialect, rows_of
from provision.roster.text.lines import LINE_END, line_at

_DISGUISES = (
    (
        ZIP,
        "a zip archive or Excel workbook",
        "give it the ending .xlsx, or save it as CSV in the spreadsheet program.",
    ),
    (
        OLE,
        "an old Excel workbook or an encrypted one",
        "give it the ending .xls, or save it as CSV without a password.",
    ),
    (PARQUET, "a Parquet file", "give it the ending .parquet."),
    (b"%PDF", "a PDF document", "export the roster as CSV or Excel workbook."),
    (b"\x1f\x8b", "a compressed file", "decompress it first."),
)


def refuse_disguise(source: Source) -> None:
    """Raise RosterError for another kind of file under the name of a text file."""
    head = source.head[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    for magic, what, remedy in _DISGUISES:
        if source.head.startswith(magic):
            raise RosterError(
                f"{source.name} is {what}, not a text file.", cause="it was renamed.", remedy=remedy
            )
    if head.startswith(b"<"):
        raise RosterError(
            f"{source.name}, line 1 begins with <: it is a web page or XML, not CSV.",
            cause="a sign-in or error page was saved instead of the export.",
            remedy="open the address in a browser, sign in, and export again.",
        )
    if head.startswith((b"{", b"[{")):
        raise RosterError(
            f"{source.name}, line 1 begins with a brace: it is JSON, not CSV.",
            cause="the answer of an interface was saved, perhaps an error.",
            remedy="export the roster as CSV.",
        )


def refuse_nul(content: bytes, name: str) -> None:
    """Raise RosterError for a NUL in a UTF-8 text."""
    place = content.find(b"\0")
    if place >= 0:
        raise RosterError(
            f"{name}, line {line_at(content, place)}: a NUL byte ({content.count(0):,} in the file).",
            cause="the file is damaged, or was copied while it was being written.",
            remedy="export it again.",
        )


def broken_quotes(content: bytes, dialect: Dialect, name: str) -> RosterError:
    """The error for a text that the strict reader refuses: mostly a quotation mark opened and never closed."""
    line, offset = _start_of_broken_row(content, dialect)
    opened = _opening_quote(content, offset, dialect.delimiter)
    if opened is None:
        return RosterError(
            f"{name}, line {line}: a cell is longer than {csv.field_size_limit():,} characters.",
            cause="line ends were lost on the way, or the file is no table.",
            remedy="export the roster again with one person a line; if the cell is meant, raise roster.limits.cell.",
        )
    return CutOff(
        f"{name}, line {line_at(content, opened)}: a quotation mark opens a cell and is not closed where the cell ends.",
        cause="a quotation mark within a text that the export did not double, or the file was cut off.",
        remedy="look at this line in a text editor, or export the roster again.",
    )


def _start_of_broken_row(content: bytes, dialect: Dialect) -> tuple[int, int]:
    rows = rows_of(content, dialect.offset, dialect.delimiter)
    read = 0
    try:
        for _ in rows:
            read = rows.line_num
    except csv.Error:
        pass
    ends = LINE_END.finditer(content, dialect.offset)
    offset = dialect.offset
    for _ in range(read):
        offset = next(ends).end()
    return dialect.first_line + read, offset


def _opening_quote(content: bytes, offset: int, delimiter: str) -> int | None:
    """Offset of the first quotation mark, from the start of a row on, that opens a cell and does not close it well."""
    sign = re.escape(delimiter.encode())
    cell = re.compile(rb'"[^"]*+(?:""[^"]*+)*+"(?=' + sign + rb"|[\r\n]|\Z)|(?!\")[^\r\n" + sign + rb"]*+")
    while found := cell.match(content, offset):
        offset = found.end() + 1
        if content[found.end() : offset] != delimiter.encode():
            return None
    return offset
