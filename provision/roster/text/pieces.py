"""A large text piece by piece, where pieces say what the whole would; for any other text the whole is looked at.

What is a row is a matter of quotation marks. A piece begins where a row begins and ends at a line end up to which its
marks are even in number. If that line end were within a cell all the same (a mark may be mere text), the piece would end
within quotation marks, which the strict reader refuses; so if it does not, the next piece begins with a row too.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import replace

from provision.errors import RosterError
from provision.job.settings import RosterSettings
from provision.roster.files.grid import Grid
from provision.roster.files.locate import Source
from provision.roster.files.time_limit import expect_time
from provision.roster.text.diagnose import refuse_disguise, refuse_nul
from provision.roster.text.dialect import (
    Dialect,
    head_lines,
    line_ends,
    newlines,
    recognise,
    refuse_long_lines,
)
from provision.roster.text.encoding import is_utf8, to_utf8
from provision.roster.text.reader import DOS_END, grid_of
from provision.roster.text.spaced_quotes import without_spaced_quotes

#: bytes of a piece at most. Its rows, cells and what is reckoned with them take about ten times as much memory; larger ones
#: are read no faster, and with much smaller ones what is done once for each piece begins to count
PIECE = 32 << 20
#: lines of a piece at most, which is more than one of rows has; of a small text that is read in pieces all the same; and of one that
#: is not read at once, whatever is in them
_LINES, _CROWDED, _TOO_MANY = 1 << 21, 1 << 23, 1 << 24


def is_crowded(content: bytes) -> bool:
    """Whether a text has far more lines than rows of so many bytes are: what is kept of each takes more room than the line."""
    return newlines(content) > _CROWDED


def has_too_many_lines(content: bytes) -> bool:
    """Whether a text has more lines than there is memory for, if all of them are looked at at once."""
    return newlines(content) > _TOO_MANY


def in_pieces(source: Source, settings: RosterSettings) -> Iterator[Grid]:
    """The cells of a text file, one grid a piece, all of the same headers.

    Raises RosterError for a text that is not UTF-8, whose rows cannot be told apart for certain, or with a piece that
    cannot be read. That is for the program: of the whole file, it may not be true, or can be said better
    (see :func:`provision.roster.text.reader.read_text`).
    """
    dialect = _dialect(source, settings)
    while dialect is not None:
        expect_time()
        content, following = _piece(source, dialect)
        if following is not None and not content.strip():
            dialect = following  # a piece of blank lines is none
            continue
        yield _grid(content, dialect, source.name, more=following is not None)
        del content  # two pieces are never in memory
        dialect = following


def _dialect(source: Source, settings: RosterSettings) -> Dialect | None:
    """How the text is written, by its head, which says no less than the whole; the offset is one in the file."""
    refuse_disguise(source)
    if settings.encoding is not None and codecs.lookup(settings.encoding).name != "utf-8":
        raise RosterError(f"{source.name} is in another encoding than UTF-8.")
    head = source.head
    if len(head) < source.stored.size:
        head = head[: head.rfind(b"\n") + 1]
        if line_ends(head) < head_lines(settings):
            raise RosterError(f"{source.name} has long lines before its rows.")
    refuse_nul(head, source.name)
    text = to_utf8(head, settings.encoding, source.name)
    if text.guessed or not head.endswith(text.content):
        raise RosterError(f"{source.name} is not UTF-8.")
    dialect = recognise(text.content.rstrip(DOS_END), settings, source.name)
    return replace(dialect, offset=len(head) - len(text.content) + dialect.offset)


def _piece(source: Source, dialect: Dialect) -> tuple[bytes, Dialect | None]:
    """The bytes of the next piece, which the dialect says where to find, and where to find the one after it.

    What is left is divided into pieces of equal size, so the last one is no crumb.
    """
    left = source.stored.size - dialect.offset
    pieces = max(1, -(-left // PIECE))
    content = source.stored.part(dialect.offset, dialect.offset + -(-left // pieces))
    if pieces == 1 and newlines(content) <= _LINES:
        return content.rstrip(DOS_END), None
    while newlines(content) > _LINES:
        content = content[: len(content) // 2]
    content = content[: _last_row_end(content, source.name)]
    place = dialect.offset + len(content)
    return content, replace(dialect, offset=place, first_line=dialect.first_line + line_ends(content))


def _last_row_end(content: bytes, name: str) -> int:
    """Behind the last line end up to which quotation marks are even in number."""
    marks, end = content.count(b'"'), len(content)
    while place := content.rfind(b"\n", 0, end) + 1:
        marks -= content.count(b'"', place, end)
        if marks % 2 == 0:
            return place
        end = place - 1
    raise RosterError(f"{name} has a row that is longer than a piece.")


def _grid(content: bytes, dialect: Dialect, name: str, *, more: bool) -> Grid:
    if not is_utf8(content):
        raise RosterError(f"{name} is not UTF-8.")
    refuse_nul(content, name)
    refuse_long_lines(content, name)
    here = replace(dialect, offset=0)
    grid = grid_of(content, here, name)
    if grid.findings or without_spaced_quotes(content, here, name) is not content:
        raise RosterError(f"{name} is written in a way that only the whole of it shows.")
    return replace(grid, delimiter=dialect.delimiter, more=more)
