"""Blanks between a delimiter and a quotation mark: ``1001, "Amelie", "Brandt"``.

By the letter such a mark is part of the text, and every name would have marks around it. Where the whole file is written so, it is
written again without these blanks, so that every reader sees the cells that are meant.
"""

from __future__ import annotations

import csv
import io

from provision.errors import RosterError
from provision.findings import Code, Finding, Level
from provision.roster.text.dialect import Dialect, rows_of

SPACED = Finding(
    Code.SPACED_QUOTES,
    Level.NOTE,
    "a blank stands before each quotation mark; it is left out, and so are the marks",
)


def without_spaced_quotes(content: bytes, dialect: Dialect, name: str) -> bytes:
    """The UTF-8 text without blanks before quotation marks, line by line as it was; mostly the same bytes.

    Raises RosterError where only some marks have a blank before them, or what they enclose is no cell.
    """
    if not _may_be_spaced(content, dialect):
        return content
    first = _first_spaced(content, dialect)
    if first is None:
        return content
    try:
        rows = list(rows_of(content, dialect.offset, dialect.delimiter, skip_blanks=True))
    except csv.Error as error:
        raise _unclear(name, first) from error
    if content.find(dialect.delimiter.encode() + b'"', dialect.offset) >= 0:
        raise _unclear(name, first)
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=dialect.delimiter, lineterminator="\n").writerows(rows)
    below = written.getvalue().encode()
    return content[: dialect.offset] + (
        below if content.endswith((b"\n", b"\r")) else below.removesuffix(b"\n")
    )


def _may_be_spaced(content: bytes, dialect: Dialect) -> bool:
    if dialect.delimiter == " " or content.find(b'"', dialect.offset) < 0:  # one sign is found in no time
        return False
    return content.find(dialect.delimiter.encode() + b' "', dialect.offset) >= 0


def _first_spaced(content: bytes, dialect: Dialect) -> int | None:
    """The line of the first cell that begins with a blank and a mark by the letter."""
    rows = rows_of(content, dialect.offset, dialect.delimiter)
    before = 0
    try:
        for cells in rows:
            if any(cell.startswith(" ") and cell.lstrip(" ").startswith('"') for cell in cells):
                return dialect.first_line + before
            before = rows.line_num
    except csv.Error:
        return None
    return None


def _unclear(name: str, line: int) -> RosterError:
    return RosterError(
        f"{name}, line {line}: a blank stands before a quotation mark, and not in the whole file so that it could be left out.",
        cause="the export writes a blank behind each delimiter, or the file was put together of two.",
        remedy="export it without blanks behind the delimiters, or as an Excel workbook.",
    )
