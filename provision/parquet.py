"""Tables in Parquet as a run folder and a ledger keep them: written alike for alike rows, and read whoever wrote them.

A file says what it unpacks to, and may say anything: a text is kept once that stands in a million rows, or of each text only
what the one before has not. So texts are read with each of them there once, which the library does for no other form
than those written here, and take room of their own only after they were measured.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.batches import AS_TEXT
from provision.frames import MANY_ROWS

#: times as many bytes as the file has may a table take, and so many in any case; ours take a tenth of that
_OF_BYTES, _OF_A_TABLE = 100, 1 << 30
#: a cell takes so many bytes at least, whatever is in it
_A_CELL = 4
#: bytes a row below which a column repeats its texts
_REPEATED = 4
#: from so many bytes on, only columns that repeat their texts are read with each there once; a larger file may take much anyway
_LARGE = 16 << 20
#: how columns are kept here; in other forms some bytes may stand for any number
_FORMS = {"PLAIN", "RLE", "RLE_DICTIONARY", "PLAIN_DICTIONARY"}
_TOO_MUCH = "it takes more memory than a table of this program"


def write_parquet(batches: Iterable[pd.DataFrame], to: Path | BinaryIO, **how: Any) -> None:
    """The rows of one batch or more as Parquet; ``how`` is said to the writer. The same batches give the same bytes."""
    import pyarrow.parquet as pq

    tables = map(_table, batches)
    first = next(tables)
    if first.num_rows < MANY_ROWS:  # what makes large files small makes a small one slow, and no smaller
        how = {"use_dictionary": False, "write_statistics": False, **how}
    with pq.ParquetWriter(to, first.schema, **how) as writer:
        for table in chain([first], tables):
            writer.write_table(table)


def read_parquet(source: Path | BytesIO, size: int, columns: Collection[str] | None = None) -> pd.DataFrame:
    """A table of so many bytes, whoever wrote it; of its columns only these, as far as it has them.

    Raises ValueError for what is no table, or none of this program, or takes more memory than one of ours.
    """
    import pyarrow.parquet as pq

    most = _OF_BYTES * size + _OF_A_TABLE
    try:
        if (
            isinstance(source, BytesIO) or size < _LARGE
        ):  # what is measured is what is read, if somebody exchanges the file
            source = pa.BufferReader(
                source.getvalue() if isinstance(source, BytesIO) else source.read_bytes()
            )
        with pq.ParquetFile(source) as file:
            told, schema = file.metadata, file.schema_arrow
            names = [name for name in schema.names if columns is None or name in columns]
            _expect_ours(file, names, most)
            once = _texts(schema, names) if size < _LARGE else _repeated(file, names)
        many = told.num_rows >= MANY_ROWS  # threads of a few rows only wait for each other
        with pq.ParquetFile(source, metadata=told, read_dictionary=once) as file:
            _expect_in_proportion(file.read(once, use_threads=many), most)
        with pq.ParquetFile(source, metadata=told) as file:
            table = file.read(names, use_threads=many)
        frame: pd.DataFrame = table.to_pandas(types_mapper=_as_text, use_threads=many)
        return frame
    except (
        OSError,
        NotImplementedError,
    ) as error:  # as the library calls pages that cannot be unpacked, and what it does not know
        raise ValueError from error
    except MemoryError as error:
        raise ValueError(_TOO_MUCH) from error


def _table(frame: pd.DataFrame) -> pa.Table:
    """The frame without what pandas would tell of it besides, and without its index."""
    names = [str(name) for name in frame.columns]
    return pa.Table.from_arrays([pa.array(frame[name], from_pandas=True) for name in names], names)


def _expect_ours(file: Any, names: Sequence[str], most: int) -> None:
    """Columns are of kinds and in forms as they are written here, and their cells find room. Raises ValueError."""
    texts = set(_texts(file.schema_arrow, names))
    kinds = [file.schema_arrow.field(name).type for name in names if name not in texts]
    if not all(pa.types.is_primitive(kind) or pa.types.is_null(kind) for kind in kinds):
        raise ValueError("it has columns of a kind that no table of this program has")
    if file.metadata.num_rows * len(names) * _A_CELL > most:
        raise ValueError(_TOO_MUCH)
    for _name, chunk in _chunks(file):
        if not _FORMS.issuperset(chunk.encodings):
            raise ValueError("it is written in a form that this program does not write")


def _expect_in_proportion(texts: pa.Table, most: int) -> None:
    """Raises ValueError where columns, in which each text is there once, would take too much in full."""
    chunks = [chunk for column in texts.columns for chunk in column.chunks]
    if sum(chunk.dictionary.nbytes * len(chunk) for chunk in chunks) <= most:
        return  # even if the longest stood in every row
    for chunk in chunks:
        lengths = pc.fill_null(pc.binary_length(chunk.dictionary), 0)
        most -= pc.sum(pc.take(lengths, pc.drop_null(chunk.indices))).as_py() or 0
    if most < 0:
        raise ValueError(_TOO_MUCH)


def _as_text(kind: pa.DataType) -> Any:
    return AS_TEXT.get(pa.large_string()) if is_text(kind) else None


def _texts(schema: pa.Schema, names: Sequence[str]) -> list[str]:
    return [name for name in names if is_text(schema.field(name).type)]


def _repeated(file: Any, names: Sequence[str]) -> list[str]:
    """The columns in which few texts stand very often, by the file's own account."""
    sizes = dict.fromkeys(names, 0)
    for name, chunk in _chunks(file):
        if name in sizes:
            sizes[name] += chunk.total_uncompressed_size
    rows = file.metadata.num_rows
    return [name for name in _texts(file.schema_arrow, names) if sizes[name] < _REPEATED * rows]


def _chunks(file: Any) -> Iterable[tuple[str, Any]]:
    """What is told of each part of each column."""
    for place in range(file.num_row_groups):
        group = file.metadata.row_group(place)
        for chunk in map(group.column, range(group.num_columns)):
            yield chunk.path_in_schema, chunk


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of this kind holds texts, each wherever it stands."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))
