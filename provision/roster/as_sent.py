"""A roster file as it was sent, cell by cell, to be handed back: what stands above its header, the header, and all rows below it.

Read as the run did that read it before: which file that was, its fingerprint says, and where its table is, its reading. Nothing is
interpreted, and no job file is needed.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.job.settings import RosterSettings
from provision.roster.files.grid import Grid
from provision.roster.files.locate import Form, Source, locate
from provision.roster.files.parquet import read_parquet
from provision.roster.files.remote import is_remote
from provision.roster.files.spool import STANDARD_INPUT
from provision.roster.reading import Reading
from provision.roster.text.dialect import Dialect, recognise, rows_of
from provision.roster.text.encoding import to_utf8
from provision.roster.text.reader import DOS_END, cells_as_long_as, strict
from provision.roster.text.spaced_quotes import without_spaced_quotes
from provision.roster.workbook.reader import read_workbook

#: of a file that a person names, since these very bytes were read before, whatever the job allowed; of one that a run folder
#: names the usual ones hold, since a folder from elsewhere names any file with any fingerprint
GENEROUS = FileLimits(
    cell=1 << 24, columns=100_000, cells=1_000_000_000, unpacked_gb=64, file_gb=64, seconds=600
)
#: rows of a table that are text at a time
_PIECE = 10_000
#: what a run says of the encoding that its bytes tell by themselves
_TOLD_BY_BYTES = ("", "utf-8", "utf-16")

#: a row as it stands in the file, and its line or row there
Row = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class SentFile:
    """One roster file. ``above`` are the rows over its header, ``rows`` those below it, blank ones too, to be taken once.

    ``width`` is how many cells the longest row has, the header's or more. ``sheet`` and ``delimiter`` are "" where there is none.
    """

    name: str
    form: Form
    sheet: str
    delimiter: str
    above: tuple[Sequence[str], ...]
    header: tuple[str, ...]
    width: int
    rows: Iterator[Row]


def is_file(place: str) -> bool:
    """Whether what a run read its roster from is a file of this machine, which may still lie there; a pipe gives nothing twice."""
    return not is_remote(place) and place != str(STANDARD_INPUT) and not Path(place).is_fifo()


def opened(path: Path, limits: FileLimits) -> Source:
    """The bytes of a roster file. Raises RosterError where they cannot be read."""
    return locate(str(path), path, limits)


def as_sent(source: Source, reading: Reading | None, limits: FileLimits) -> SentFile:
    """The file as it was sent; ``reading`` says where its table is, None of a run that did not keep it.

    Raises RosterError for what is no such file after all.
    """
    settings = _settings(source, reading, limits)
    match source.form:
        case Form.TEXT:
            return _text(source, settings)
        case Form.WORKBOOK:
            return _table(source, read_workbook(source, settings))
        case Form.PARQUET:
            return _table(source, read_parquet(source, limits))


def _settings(source: Source, reading: Reading | None, limits: FileLimits) -> RosterSettings:
    named = {"path": str(source.path), "limits": limits}
    if reading is None:
        return RosterSettings.model_validate(named)
    encoding = "" if reading.guessed or reading.encoding in _TOLD_BY_BYTES else reading.encoding
    told = {
        "sheet": reading.sheet,
        "header_row": reading.header_row,
        "encoding": encoding,
        "delimiter": reading.delimiter,
    }
    return RosterSettings.model_validate(named | {name: each for name, each in told.items() if each})


def _text(source: Source, settings: RosterSettings) -> SentFile:
    with cells_as_long_as(settings.limits.cell):
        content = to_utf8(source.content, settings.encoding, source.name).content.rstrip(DOS_END)
        dialect = recognise(content, settings, source.name)
        above = _above(content, dialect)
        content = without_spaced_quotes(content, dialect, source.name)
        body = strict(content, dialect, source.name)
    lines = body.lines.tolist()
    width = max(int(body.widths.max(initial=0)), body.width)
    rows = _rows(content, dialect, lines, settings.limits.cell)
    return SentFile(source.name, source.form, "", dialect.delimiter, above, dialect.header, width, rows)


def _above(content: bytes, dialect: Dialect) -> tuple[Sequence[str], ...]:
    """The rows over the header, as far as they are any."""
    text = content[: dialect.offset].decode("utf-8", "replace")
    try:
        return tuple(csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter))[:-1]
    except csv.Error as error:
        raise RosterError(
            f"The lines above the header cannot be read: {error}.",
            cause="a quotation mark that is not closed.",
            remedy="take the lines above the header away, and run again.",
        ) from error


def _rows(content: bytes, dialect: Dialect, lines: Sequence[int], longest: int) -> Iterator[Row]:
    with cells_as_long_as(longest):
        yield from zip(lines, rows_of(content, dialect.offset, dialect.delimiter), strict=True)


def _table(source: Source, grid: Grid) -> SentFile:
    width = len(grid.headers)
    return SentFile(source.name, source.form, grid.sheet, "", grid.above, grid.headers, width, _below(grid))


def _below(grid: Grid) -> Iterator[Row]:
    lines = grid.lines.tolist()
    for start in range(0, len(lines), _PIECE):
        piece = grid.cells.slice(start, _PIECE)
        columns = [column.to_pylist() for column in piece.columns]
        yield from zip(lines[start : start + _PIECE], zip(*columns, strict=True), strict=True)
