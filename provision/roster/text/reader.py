"""Text files: a strict pass that finds every damaged line first, then the cells as whole columns.

``line`` is the line of the file in which a row starts, as an editor counts: line ends within a quoted cell count too.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import compress, count

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from provision.errors import CutOff, RosterError
from provision.job.settings import RosterSettings
from provision.roster.checks.footer import about_the_report, are_totals
from provision.roster.files.file_limits import refuse_misfits
from provision.roster.files.grid import Grid, Lines, Mask, RaggedRow, from_rows, in_one_piece
from provision.roster.files.locate import Source
from provision.roster.text.diagnose import broken_quotes, refuse_disguise, refuse_nul
from provision.roster.text.dialect import (
    DELIMITERS,
    Dialect,
    has_bare_cr,
    long_line,
    newlines,
    recognise,
    rows_of,
)
from provision.roster.text.encoding import to_utf8
from provision.roster.text.lines import LINE_END
from provision.roster.text.row_widths import quick_widths
from provision.roster.text.spaced_quotes import SPACED, without_spaced_quotes
from provision.roster.text.trailing import HEADER_TRAILING, without_last_columns

#: bytes that Arrow reads in one go: what it reckons with fits the caches, and blocks are read side by side. A row that is longer is
#: none to it, so a text with long lines, or with rows over several, is one block
_BLOCK, _ONE_BLOCK = 1 << 20, 1 << 30
#: old systems mark the end of a text file with it
DOS_END = b"\x1a"
#: bytes of the file's end in which a line below the report is looked for
_LONGEST_TOTALS = 1_000
#: rows that Arrow skips at most: it asks about each, which takes longer than the strict reader does
_SKIPPED = 10_000
#: cells that are kept of a row that does not fit the header
_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Body:
    """The rows of a text file below the header, not yet cells.

    ``widths`` counts cells a row, 0 for a blank line. ``lines`` says where each row starts. ``multiline``: some cell
    has a line end in it.
    """

    content: bytes
    dialect: Dialect
    widths: npt.NDArray[np.int32]
    lines: Lines
    multiline: bool

    @property
    def width(self) -> int:
        """How many cells a row shall have: as many as the header."""
        return len(self.dialect.header)


def read_text(source: Source, settings: RosterSettings) -> Grid:
    """The cells of a .csv, .tsv or .txt file.

    Raises RosterError, with the line, for what makes the whole file untrustworthy: another kind of file, an unknown
    encoding, a NUL, a quotation mark not closed, two delimiters mixed, a cut last line, no row at all. A row that is
    too long or too short is a fault of the grid.
    """
    refuse_disguise(source)
    text = to_utf8(source.content, settings.encoding, source.name)
    content = text.content.rstrip(DOS_END)
    refuse_nul(content, source.name)
    dialect = recognise(content, settings, source.name)
    written = without_spaced_quotes(content, dialect, source.name)
    spaced = () if written is content else (SPACED,)
    grid = grid_of(written, dialect, source.name)
    return replace(
        grid,
        notes=text.notes,
        guessed=text.guessed,
        findings=(*spaced, *grid.findings),
        delimiter=dialect.delimiter,
    )


@contextmanager
def cells_as_long_as(characters: int) -> Iterator[None]:
    """Within it the strict reader takes cells of so many characters. The whole process has one such limit."""
    before = csv.field_size_limit(characters)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def grid_of(content: bytes, dialect: Dialect, name: str) -> Grid:
    """The cells of UTF-8 bytes below their header. Raises RosterError as ``read_text`` does for these bytes."""
    grid = _plain(content, dialect)
    if grid is not None:
        return grid
    body = strict(content, dialect, name)
    _refuse_empty(body, name)
    if less := _less(body):
        narrow = replace(body, dialect=replace(body.dialect, header=body.dialect.header[:-less]))
        _refuse_cut(narrow, name)
        return replace(cells_of(narrow, name), findings=(HEADER_TRAILING,))
    _refuse_cut(body, name)
    more = _more(body)
    if more:
        return without_last_columns(cells_of(_widened(body, more), name), more, name)
    return cells_of(body, name)


def _more(body: Body) -> int:
    """By how many cells each row is longer than the header, all alike; lines that are shorter than it may be no rows."""
    rows = body.widths[body.widths >= body.width]
    return int(rows[0]) - body.width if len(rows) and bool((rows == rows[0]).all()) else 0


def _less(body: Body) -> int:
    """How many of the last cells of the header are blank and stand above nothing, since no row is so long."""
    blank = next((at for at, header in enumerate(reversed(body.dialect.header)) if header.strip()), 0)
    return max(0, min(blank, body.width - int(body.widths.max())))


def _widened(body: Body, more: int) -> Body:
    return replace(body, dialect=replace(body.dialect, header=(*body.dialect.header, *[""] * more)))


def _plain(content: bytes, dialect: Dialect) -> Grid | None:
    """The cells of a text without quotation marks in which every line fits the header; None for any other text.

    Without a mark a cell ends at each delimiter and a row at each line end, whoever reads. Arrow takes only rows that fit,
    and no blank ones: if it takes as many as there are lines, none needs a look of its own.
    """
    if has_bare_cr(content) or content.find(b'"', dialect.offset) >= 0:
        return None
    ended = content.endswith(b"\n") or len(content) == dialect.offset
    lines = newlines(content, dialect.offset) + (not ended)
    cells = _by_arrow(content, dialect, multiline=False, most=0) if lines else None
    if cells is None or cells.num_rows != lines or _too_long(content, cells):
        return None
    return Grid(dialect.header, dialect.header_line, in_one_piece(cells), _following(lines, dialect))


def _too_long(content: bytes, cells: pa.Table) -> bool:
    """Whether a cell has more bytes than the strict reader takes characters; mostly not even a line has."""
    most = csv.field_size_limit()
    if long_line(content, most) is None:
        return False
    return any(pc.max(pc.binary_length(column)).as_py() > most for column in cells.columns)


def strict(content: bytes, dialect: Dialect, name: str) -> Body:
    """Look at every row once, strictly, keeping only how many cells it has and where it starts."""
    counted = quick_widths(content, dialect)
    if counted is not None:
        return Body(content, dialect, counted, _following(len(counted), dialect), multiline=False)
    rows = rows_of(content, dialect.offset, dialect.delimiter)
    try:
        widths = np.fromiter(map(len, rows), np.int32)
    except csv.Error as error:
        raise broken_quotes(content, dialect, name) from error
    multiline = rows.line_num != len(widths)
    lines = _starts(content, dialect) if multiline else _following(len(widths), dialect)
    return Body(content, dialect, widths, lines, multiline)


def _following(rows: int, dialect: Dialect) -> Lines:
    """The lines of so many rows below the header, one line each."""
    return dialect.first_line + np.arange(rows, dtype=np.int64)


def _starts(content: bytes, dialect: Dialect) -> Lines:
    """The line in which each row starts, where cells go over several lines."""
    rows = rows_of(content, dialect.offset, dialect.delimiter)
    ends = np.fromiter((rows.line_num for _ in rows), np.int64)
    return dialect.first_line + np.concatenate(([0], ends[:-1])).astype(np.int64)


def _refuse_empty(body: Body, name: str) -> None:
    if not (body.widths > 0).any():
        raise RosterError(
            f"{name} has a header (line {body.dialect.header_line}) and not one row.",
            cause="the export found nobody, or was interrupted.",
            remedy="export the roster again; an empty roster is never taken as everybody having left.",
        )


def _refuse_cut(body: Body, name: str) -> None:
    last = int(body.widths[-1])
    if body.content.endswith((b"\n", b"\r")) or last == 0 or last >= body.width or _ends_in_footer(body):
        return
    raise CutOff(
        f"{name}, line {body.lines[-1]}: the file seems cut off; its last line has {last} of "
        f"{body.width} cells and no line end.",
        cause="the transfer broke off, or the file was read while it was still being written.",
        remedy="fetch the file again.",
    )


def _ends_in_footer(body: Body) -> bool:
    """Whether the last line is one that reports put below their rows, rightly shorter than those."""
    line = LINE_END.split(body.content[-_LONGEST_TOTALS:])[-1].decode("utf-8", "replace")
    cells = next(csv.reader([line], delimiter=body.dialect.delimiter), [])
    return are_totals(cells) or about_the_report(cells)


def cells_of(body: Body, name: str) -> Grid:
    """All rows as a grid: those that fit the header by Arrow's reader, the others one by one, as faults.

    Raises RosterError for a row in another delimiter than the header's.
    """
    cells = _by_arrow(body.content, body.dialect, multiline=body.multiline, most=_SKIPPED)
    lines = body.lines[body.widths == body.width]
    if cells is None or cells.num_rows != len(lines):  # Arrow does not see the same rows as the strict pass
        return by_csv(body, name, body.widths > 0)
    grid = Grid(body.dialect.header, body.dialect.header_line, in_one_piece(cells), lines)
    others = (body.widths > 0) & (body.widths != body.width)
    return _merged(grid, by_csv(body, name, others)) if others.any() else grid


def _by_arrow(content: bytes, dialect: Dialect, *, multiline: bool, most: int) -> pa.Table | None:
    """The rows that fit the header as Arrow sees them, in blocks; None where it cannot read on, or would skip more than ``most``.

    It knows only delimiters of one byte.
    """
    if not dialect.delimiter.isascii():
        return None
    names = [str(place) for place in range(len(dialect.header))]
    types = dict.fromkeys(names, pa.large_string())
    small = not multiline and long_line(content, _BLOCK) is None
    below, skipped = pa.py_buffer(content).slice(dialect.offset), count(1)
    try:
        return pyarrow.csv.read_csv(
            pa.BufferReader(below),
            pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK if small else _ONE_BLOCK),
            pyarrow.csv.ParseOptions(
                delimiter=dialect.delimiter,
                newlines_in_values=multiline,
                invalid_row_handler=lambda _: "skip" if next(skipped) <= most else "error",
            ),
            pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=False, check_utf8=False),
        )
    except pa.ArrowInvalid:
        return None


def by_csv(body: Body, name: str, chosen: Mask) -> Grid:
    """The chosen rows by the strict reader, blank ones left out. Raises RosterError as ``cells_of``."""
    rows: list[list[str]] = []
    lines: list[int] = []
    faults: list[RaggedRow] = []
    read = rows_of(body.content, body.dialect.offset, body.dialect.delimiter)
    for cells, line in compress(zip(read, body.lines.tolist(), strict=True), chosen):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != body.width:
            _refuse_mixed(body, cells, line, name)
            faults.append(_fault(len(rows), cells, body))
            refuse_misfits(len(faults), f"{name}: {faults[0].reason}")
        rows.append(_fitted(cells, body.width))
        lines.append(line)
    table = from_rows(rows, body.width)
    starts = np.array(lines, np.int64)
    return Grid(body.dialect.header, body.dialect.header_line, table, starts, faults=tuple(faults))


def _merged(grid: Grid, others: Grid) -> Grid:
    """The rows of two grids of one file in the order of the file."""
    lines = np.concatenate([grid.lines, others.lines])
    order = np.argsort(lines)
    places = np.argsort(order)[len(grid.lines) :]
    return replace(
        grid,
        cells=pa.concat_tables([grid.cells, others.cells]).take(pa.array(order)),
        lines=lines[order],
        faults=tuple(replace(fault, row=int(places[fault.row])) for fault in others.faults),
    )


def _fault(row: int, cells: list[str], body: Body) -> RaggedRow:
    """Why the row does not fit.

    A short row mostly lacks its last cells, and its keys are looked at (see assemble). In a long row any cell may be
    the one that was split, the first included, so no column is sure and no key is taken from it.
    """
    if len(cells) < body.width:
        reason = (
            f"the row has {len(cells)} of {body.width} cells; a delimiter or the end of the row is missing"
        )
        return RaggedRow(row, reason, keys_safe=True, cells=tuple(cells[:_KEPT]))
    sign = _shown(body.dialect.delimiter)
    end = "" if cells[-1].strip() else "it ends in a delimiter too many, or "
    reason = f"the row has {len(cells)} cells instead of {body.width}; {end}a cell with {sign} in it is not in quotation marks"
    return RaggedRow(row, reason, keys_safe=False, cells=tuple(cells[:_KEPT]))


def _fitted(cells: list[str], width: int) -> list[str]:
    return cells + [""] * (width - len(cells)) if len(cells) <= width else [""] * width


def _refuse_mixed(body: Body, cells: list[str], line: int, name: str) -> None:
    own = body.dialect.delimiter
    text = own.join(cells)
    others = [other for other in DELIMITERS if other != own and other in text]
    for other in others:
        if (
            len(cells) < body.width
            and len(next(csv.reader(io.StringIO(text, newline=""), delimiter=other))) == body.width
        ):
            raise RosterError(
                f"{name}, line {line}: cells are separated by {_shown(other)}, in the header by {_shown(own)}.",
                cause="two exports with different settings were pasted together.",
                remedy="export everybody in one file.",
            )


def _shown(delimiter: str) -> str:
    return "a tab" if delimiter == "\t" else f'"{delimiter}"'
