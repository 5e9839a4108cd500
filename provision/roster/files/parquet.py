"""Parquet files: typed columns to text. ``line`` counts rows from 1; there is no header line."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from provision.errors import RosterError
from provision.roster.files.grid import Grid, table
from provision.roster.files.locate import PARQUET, Source


def read_parquet(source: Source) -> Grid:
    """The cells of a .parquet file as text: null is "", a whole float has no decimals, a midnight is a date.

    Columns of lists, structures and bytes read as "" and are named in the notes. Raises RosterError for a damaged file.
    """
    try:
        cells = pyarrow.parquet.read_table(pa.BufferReader(source.content))
        headers = tuple(cells.column_names)
        cells.validate(full=True)
        columns = [_text(column) for column in cells.columns]
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise _damaged(source) from error
    unread = [name for name, column in zip(headers, columns, strict=True) if column is None]
    empty = pa.array([""] * cells.num_rows, pa.large_string()) if unread else None
    texts = table([empty if column is None else column for column in columns])
    notes = tuple(f'the column "{name}" holds lists, structures or bytes and is not read' for name in unread)
    return Grid(headers, 0, texts, np.arange(1, cells.num_rows + 1, dtype=np.int64), notes=notes)


def _damaged(source: Source) -> RosterError:
    what = "is a damaged Parquet file" if source.content.startswith(PARQUET) else "is not a Parquet file"
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
