"""Parquet files: typed columns to text. ``line`` counts rows from 1; there is no header line."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.parquet import is_text
from provision.roster.files.content import FileContent
from provision.roster.files.file_limits import refuse_columns, too_large
from provision.roster.files.grid import Grid, table
from provision.roster.files.locate import PARQUET, Source
from provision.roster.files.measured import measured
from provision.roster.files.time_limit import expect_time
from provision.wording import tidy

#: bytes of a piece of a large file at most, once it is unpacked; see :mod:`provision.roster.text.pieces`
PIECE = 32 << 20
#: bytes a row below which a column repeats its texts; reading it with each text once is quicker then, and costs few rows nothing
_REPEATED, _FEW = 4, 100_000
#: how texts are kept of which each has only what the one before it has not; the library reads none of these with each text once
_CHAINED = "DELTA_BYTE_ARRAY"
#: how many times a file is packed at most that somebody means; it has as much more time
PACKED = 10
#: cells of a piece at most, which take room even where nothing is in them; and those from which on a small file is read in pieces
_CELLS, _MANY_CELLS = 10_000_000, 50_000_000


def read_parquet(source: Source, limits: FileLimits) -> Grid:
    """The cells of a .parquet file as text: null is "", a whole float has no decimals, a midnight is a date.

    Columns of lists, structures and bytes read as "" and are named in the notes. Raises RosterError for a damaged file
    and for one that unpacks to more than the job takes, which its size does not show: a text is kept once, however often it stands.
    """
    with _told_as_damage(source), pyarrow.parquet.ParquetFile(pa.BufferReader(source.content)) as file:
        repeated, others = _look_before(file, source.name, limits)
        _refuse_unpacked(sum(_sizes(file)), source.name, limits)
        _refuse_hidden(source, others, file.metadata.num_rows, limits)
    with _told_as_damage(source):
        table = pyarrow.parquet.read_table(pa.BufferReader(source.content), read_dictionary=repeated)
        _refuse_repeated(table, source.name, limits)
        return _grid(table, 1)


def _look_before(
    file: pyarrow.parquet.ParquetFile, name: str, limits: FileLimits
) -> tuple[list[str], list[str]]:
    """The columns in which few texts stand very often, and the others of texts. Raises RosterError for more columns than the job takes."""
    refuse_columns(len(file.schema_arrow), limits, name)
    groups = [file.metadata.row_group(place) for place in range(file.num_row_groups)]
    rows = file.metadata.num_rows
    texts = {field.name for field in file.schema_arrow if is_text(field.type)}
    sizes: dict[str, int] = dict.fromkeys(texts, 0)
    chained = set()
    for group in groups:
        for place in range(group.num_columns):
            chunk = group.column(place)
            if chunk.path_in_schema in sizes:
                sizes[chunk.path_in_schema] += chunk.total_uncompressed_size
            if _CHAINED in chunk.encodings:
                chained.add(chunk.path_in_schema)
    repeated = [
        column
        for column, size in sizes.items()
        if column not in chained and (rows < _FEW or size < _REPEATED * rows)
    ]
    return repeated, sorted(texts.difference(repeated))


def _refuse_hidden(source: Source, columns: list[str], rows: int, limits: FileLimits) -> None:
    """Look at what columns hold that are read as they are, in pieces of so many rows."""
    found = measured(source.name, source.stored, columns, rows, limits) if columns else None
    if found is not None:
        _refuse_cell(source.name, (found.row, found.column, found.cell), limits)
        _refuse_unpacked(found.piece, source.name, limits)


def _sizes(file: pyarrow.parquet.ParquetFile) -> Iterator[int]:
    """What each group of rows unpacks to, by the file's own account."""
    return (file.metadata.row_group(place).total_byte_size for place in range(file.num_row_groups))


def has_many_cells(source: Source) -> bool:
    """Whether so many cells are in a file that they are not to be in memory at once, however little it takes to keep them."""
    with suppress(pa.ArrowException, OSError, UnicodeDecodeError):
        told = pyarrow.parquet.read_metadata(pa.BufferReader(source.content))
        return bool(told.num_rows * told.num_columns > _MANY_CELLS)
    return False


def _refuse_repeated(cells: pa.Table, name: str, limits: FileLimits) -> None:
    """Look at what columns hold while each text is there once."""
    size = 0
    for column, header in zip(cells.columns, cells.column_names, strict=True):
        for chunk in column.chunks if pa.types.is_dictionary(column.type) else ():
            lengths = pc.fill_null(pc.binary_length(chunk.dictionary), 0).to_numpy()
            longest = lengths.max(initial=0)
            if longest > 4 * limits.cell:
                row = pc.index(chunk.indices, int(lengths.argmax())).as_py() + 1
                _refuse_cell(name, (row, header, int(longest)), limits)
            size += int(pc.sum(pc.take(pa.array(lengths), chunk.indices)).as_py() or 0)
    _refuse_unpacked(size, name, limits)


def _refuse_cell(name: str, cell: tuple[int, str, int], limits: FileLimits) -> None:
    """Refuse a cell, by its row, column and bytes, that has more bytes than the characters it may have can have."""
    row, column, size = cell
    if size > 4 * limits.cell:
        raise too_large(
            f'{name}: row {row}, column "{tidy(column)}" has {size:,} bytes; the job takes {limits.cell:,} characters a cell',
            "cell",
            size,
        )


def _refuse_unpacked(size: int, name: str, limits: FileLimits) -> None:
    unpacked = size / (1 << 30)
    if unpacked > limits.unpacked_gb:
        raise too_large(
            f"{name} unpacks to {unpacked:,.1f} GB; the job takes {limits.unpacked_gb:g} GB",
            "unpacked_gb",
            unpacked,
        )


def parquet_pieces(source: Source, limits: FileLimits) -> Iterator[Grid]:
    """The cells of a large file, some rows at a time, none of the pieces much smaller than the others. Raises as above."""
    with _told_as_damage(source):
        with pyarrow.parquet.ParquetFile(_stored(source)) as file:
            repeated, others = _look_before(file, source.name, limits)
            _refuse_hidden(source, others, _rows_of_piece(file), limits)
        with pyarrow.parquet.ParquetFile(_stored(source), read_dictionary=repeated) as file:
            for rows, line, more in _tables(file):
                expect_time()
                _refuse_repeated(rows, source.name, limits)
                grid = _grid(rows, line)
                yield replace(grid, more=more, notes=grid.notes if line == 1 else ())


def _stored(source: Source) -> pa.NativeFile:
    return pa.PythonFile(_View(source.stored))


def _tables(file: pyarrow.parquet.ParquetFile) -> Iterator[tuple[pa.Table, int, bool]]:
    """Rows of pieces, the number of the first of them, and whether there are more."""
    left, line, waiting = file.metadata.num_rows, 1, list[pa.RecordBatch]()
    rows = _rows_of_piece(file)
    for batch in file.iter_batches(batch_size=rows):
        waiting.append(batch)
        left -= batch.num_rows
        if left == 0 or (left >= rows and sum(map(len, waiting)) >= rows):
            table = pa.Table.from_batches(waiting)
            yield table, line, left > 0
            line, waiting = line + table.num_rows, []


def _rows_of_piece(file: pyarrow.parquet.ParquetFile) -> int:
    many = int(file.metadata.num_rows)
    pieces: float = max(sum(_sizes(file)) / PIECE, many * file.metadata.num_columns / _CELLS)
    return max(math.ceil(many / max(math.ceil(pieces), 1)), 1)


class _View(io.RawIOBase):
    """The bytes of a file as a file, for a reader that goes forth and back in it."""

    def __init__(self, stored: FileContent) -> None:
        self._stored, self._place = stored, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._stored.size}[whence]
        self._place = start + offset
        return self._place

    def read(self, size: int = -1) -> bytes:
        stop = self._stored.size if size < 0 else self._place + size
        part = self._stored.part(self._place, stop)
        self._place += len(part)
        return part


def _grid(cells: pa.Table, first: int) -> Grid:
    """Rows as text, ``first`` the number of the first of them."""
    cells.validate(full=True)
    headers = tuple(cells.column_names)
    columns = [_text(column) for column in cells.columns]
    unread = [name for name, column in zip(headers, columns, strict=True) if column is None]
    empty = pa.array([""] * cells.num_rows, pa.large_string()) if unread else None
    texts = table([empty if column is None else column for column in columns])
    notes = tuple(f'the column "{name}" holds lists, structures or bytes and is not read' for name in unread)
    lines = np.arange(first, first + cells.num_rows, dtype=np.int64)
    return Grid(headers, 0, texts, lines, notes=notes)


@contextmanager
def _told_as_damage(source: Source) -> Iterator[None]:
    try:
        yield
    except MemoryError:
        raise
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(source) from error


def _damaged(source: Source) -> RosterError:
    what = "is a damaged Parquet file" if source.head.startswith(PARQUET) else "is not a Parquet file"
    return RosterError(
        f"{source.name} {what}.",
        cause="the download or the copy broke off, or a file of another kind was renamed.",
        remedy="fetch the file again.",
    )


def _text(column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column as text; None for lists, structures and bytes, which are no cells."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _text(column.cast(kind.value_type))
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return None
    if pa.types.is_floating(kind):
        return _floats(column)
    if pa.types.is_timestamp(kind):
        return _moments(column)
    return pc.fill_null(column.cast(pa.large_string()), "")


def _floats(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Identifiers become floats where a column has gaps; ``10423.0`` was ``10423``."""
    numbers = [None if value is None or value != value else value for value in column.to_pylist()]  # noqa: PLR0124 - not a number
    whole = ["" if n is None else str(int(n)) if abs(n) < 1e15 and n == int(n) else repr(n) for n in numbers]
    return pa.chunked_array([pa.array(whole, pa.large_string())])


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    days = pc.strftime(column, format="%Y-%m-%d")
    moments = pc.strftime(column, format="%Y-%m-%d %H:%M:%S")
    midnight = pc.match_substring_regex(moments, r" 00:00:00(?:\.0*)?$")
    return pc.fill_null(pc.if_else(midnight, days, moments), "")
