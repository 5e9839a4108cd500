"""A frame in batches of rows: held in memory, or, where it would not fit, on disk in a file without a name.

A file without a name is gone with the process, however that ends, so nobody's data stay behind. It lies where the system
keeps temporary files (``TMPDIR``).
"""

from __future__ import annotations

import contextlib
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import IO, Any, BinaryIO, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.errors import InputError
from provision.frames import MANY_ROWS

#: a third of the bytes, for some tenths of a second a million people
_FAST = pa.ipc.IpcWriteOptions(compression="lz4")
#: times as many bytes as the file has may stand in columns of which each text is there once, and so many in any; ours have a tenth
_OF_BYTES, _OF_A_TABLE = 100, 1 << 30
#: bytes a row below which a column repeats its texts
_REPEATED = 4
_TOO_MUCH = "it takes more memory than a table of this program"
#: Arrow's text as pandas' own
_TEXT = {pa.large_string(): pd.StringDtype(na_value=np.nan)}


def only(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The frame with these columns of it, past what pandas makes of a list of names each time. Raises KeyError."""
    places = {name: at for at, name in enumerate(frame.columns.tolist())}
    return frame.take([places[name] for name in names], axis=1)


class Batches(Protocol):
    """Rows in order, some at a time; all batches have the same columns. One batch at least, which may be empty."""

    @property
    def rows(self) -> int:
        """How many rows all batches have."""
        ...

    @property
    def count(self) -> int:
        """How many batches there are."""
        ...

    def each(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The batches in order, each with an index of its own from 0; of the columns only these."""
        ...

    def whole(self) -> pd.DataFrame:
        """All rows in memory, with an index from 0."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """One batch, in memory, whose index is from 0."""

    frame: pd.DataFrame

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.frame)

    @property
    def count(self) -> int:
        """One."""
        return 1

    def each(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The frame; what is done to it is not done to the one that is held."""
        yield self.frame.copy(deep=False) if columns is None else only(self.frame, columns)

    def whole(self) -> pd.DataFrame:
        """The frame."""
        return self.frame


class Spool:
    """Batches on disk: written one after the other, then read as often as wanted, by several threads too.

    Text is str, without nulls. What nobody wrote to has no columns, so it cannot be read. Raises InputError where there is
    no room for temporary files.
    """

    def __init__(self) -> None:
        with room():
            self._file = tempfile.TemporaryFile(prefix="provision-")  # noqa: SIM115 - it lives as long as the batches
        weakref.finalize(self, let_go, self._file)
        self._lock = threading.Lock()  # a place in the file is sought first, then read from
        self._schema: pa.Schema | None = None
        self._writer: pa.RecordBatchFileWriter | None = None
        self._sizes: list[int] = []
        self._whole: pd.DataFrame | None = None

    @property
    def rows(self) -> int:
        """How many rows were written."""
        return sum(self._sizes)

    @property
    def count(self) -> int:
        """How many batches were written."""
        return len(self._sizes)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The rows of each batch."""
        return tuple(self._sizes)

    def append(self, frame: pd.DataFrame) -> None:
        """Write one more batch. Raises ValueError for other columns or types than the first one's, and after a reading."""
        columns = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
        batches = columns.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], columns.schema)]
        with room():
            self._writer_of(columns.schema).write_batch(batches[0])
        self._sizes.append(len(frame))

    def each(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The batches in order; the first reading ends the writing. Raises ValueError if nothing was written."""
        with self._lock:
            names = self._ended().names
            wanted = names if columns is None else list(columns)
            fields = [at for at, name in enumerate(names) if name in wanted]
            options = pa.ipc.IpcReadOptions(included_fields=fields)
            reader = pa.ipc.open_file(pa.PythonFile(self._file, "r"), options=options)
        for at in range(self.count):
            with self._lock:
                batch = reader.get_batch(at)
            yield batch.to_pandas(types_mapper=_TEXT.get)[wanted]

    def whole(self) -> pd.DataFrame:
        """All rows in memory, where they stay from then on."""
        if self._whole is None:
            self._whole = joined(self.each())
        return self._whole

    def _writer_of(self, schema: pa.Schema) -> pa.RecordBatchFileWriter:
        if self._schema is None:
            self._schema = schema
            self._writer = pa.ipc.new_file(pa.PythonFile(self._file, "w"), schema, options=_FAST)
        if self._writer is None:
            raise ValueError("a spool that was read takes no more batches")
        if schema != self._schema:
            raise ValueError(f"a batch of {schema} where those before have {self._schema}")
        return self._writer

    def _ended(self) -> pa.Schema:
        """The columns, once the file is written to its end."""
        if self._schema is None:
            raise ValueError("a spool without a batch has no columns to be read")
        if self._writer is not None:
            with room():
                self._writer.close()
            self._writer = None
        return self._schema


def on_disk(batches: Iterable[pd.DataFrame]) -> Spool:
    """These batches on disk, one after the other."""
    spool = Spool()
    for frame in batches:
        spool.append(frame)
    return spool


@dataclass(frozen=True, slots=True)
class Sifted:
    """Some rows of other batches: for each of these a mask, None where all of them are meant."""

    source: Batches
    masks: Sequence[npt.NDArray[np.bool_] | None] = field(repr=False)

    @property
    def rows(self) -> int:
        """How many rows are meant."""
        return self.source.rows - sum(int((~mask).sum()) for mask in self.masks if mask is not None)

    @property
    def count(self) -> int:
        """How many batches there are."""
        return self.source.count

    def each(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The batches in order, each without the rows that are not meant."""
        for frame, mask in zip(self.source.each(columns), self.masks, strict=True):
            yield frame if mask is None else frame[mask].reset_index(drop=True)

    def whole(self) -> pd.DataFrame:
        """All rows that are meant."""
        return joined(self.each())


def sifted(batches: Held | Spool, chosen: npt.NDArray[np.bool_]) -> Held | Sifted:
    """The rows that the mask marks; those of one batch in memory stay there."""
    if isinstance(batches, Held):
        whole = bool(chosen.all())
        return batches if whole else Held(batches.frame[chosen].reset_index(drop=True))
    masks = np.split(chosen, np.cumsum(batches.sizes)[:-1])
    return Sifted(batches, [None if mask.all() else mask for mask in masks])


@dataclass(frozen=True, slots=True)
class Reworded:
    """Other batches with some cells changed by ``change``, which takes whatever columns are asked for, and keeps rows and columns."""

    source: Batches
    change: Callable[[pd.DataFrame], pd.DataFrame] = field(repr=False)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.source.rows

    @property
    def count(self) -> int:
        """How many batches there are."""
        return self.source.count

    def each(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The batches in order, changed."""
        yield from map(self.change, self.source.each(columns))

    def whole(self) -> pd.DataFrame:
        """All rows, changed."""
        return self.change(self.source.whole())


def reworded(batches: Batches, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Batches:
    """The batches with some cells changed: at once in memory, else whenever they are read."""
    return Held(change(batches.frame)) if isinstance(batches, Held) else Reworded(batches, change)


def picked(batches: Batches, rows: npt.NDArray[np.integer], columns: Sequence[str]) -> pd.DataFrame:
    """The rows at these positions, which ascend, of these columns, with an index from 0. Nothing is read behind the last."""
    found: list[pd.DataFrame] = []
    start = done = 0
    for frame in batches.each(columns):
        end = int(np.searchsorted(rows, start + len(frame)))
        found.append(frame.iloc[rows[done:end] - start])
        start, done = start + len(frame), end
        if done == len(rows):
            break
    return joined(found)


def joined(batches: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Batches, one at least, as one frame, with an index from 0."""
    return pd.concat(list(batches), ignore_index=True)


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


def read_parquet(source: Path | BytesIO, size: int) -> pd.DataFrame:
    """A table of a run folder, of so many bytes, whoever wrote it. Raises ValueError for what is none, or takes more memory than one of ours."""
    import pyarrow.parquet as pq

    try:
        _expect_in_proportion(pq.ParquetFile(source), source, _OF_BYTES * size + _OF_A_TABLE)
        return pd.read_parquet(source)
    except (
        OSError,
        NotImplementedError,
    ) as error:  # as the library calls pages that cannot be unpacked, and what it does not know
        raise ValueError from error
    except MemoryError as error:
        raise ValueError(_TOO_MUCH) from error


def _expect_in_proportion(file: Any, source: Path | BytesIO, most: int) -> None:
    """A text that stands in every row is kept once, so that some bytes may come to all memory. Raises ValueError."""
    import pyarrow.parquet as pq

    rows, sizes = file.metadata.num_rows, dict.fromkeys(file.schema_arrow.names, 0)
    for place in range(file.num_row_groups):
        group = file.metadata.row_group(place)
        for chunk in map(group.column, range(group.num_columns)):
            sizes[chunk.path_in_schema] = sizes.get(chunk.path_in_schema, 0) + chunk.total_uncompressed_size
    texts = {each.name for each in file.schema_arrow if each.type in (pa.string(), pa.large_string())}
    kinds = [each.type for each in file.schema_arrow if each.name not in texts]
    if not all(pa.types.is_primitive(kind) or pa.types.is_null(kind) for kind in kinds):
        raise ValueError("it has columns of a kind that no table of this program has")
    often = [name for name, size in sizes.items() if name in texts and size < _REPEATED * rows]
    if not often:
        return
    for column in pq.read_table(source, columns=often, read_dictionary=often).columns:
        for chunk in column.chunks:
            lengths = pc.fill_null(pc.binary_length(chunk.dictionary), 0)
            most -= pc.sum(pc.take(lengths, pc.drop_null(chunk.indices))).as_py() or 0
    if most < 0:
        raise ValueError(_TOO_MUCH)


def _table(frame: pd.DataFrame) -> pa.Table:
    """The frame without what pandas would tell of it besides, and without its index."""
    names = [str(name) for name in frame.columns]
    return pa.Table.from_arrays([pa.array(frame[name], from_pandas=True) for name in names], names)


def let_go(file: IO[bytes]) -> None:
    """Close a temporary file."""
    with contextlib.suppress(OSError):  # what could not be written was told of then
        file.close()


@contextlib.contextmanager
def room() -> Iterator[None]:
    """Raises InputError, in words, where temporary files have no room for what is written within."""
    try:
        yield
    except OSError as error:
        raise InputError(
            f"What does not fit into memory cannot be written among the temporary files: {error.strerror or type(error).__name__}.",
            cause="the disk where the system keeps them is full",
            remedy="make room there, or name a folder with room in the environment variable TMPDIR, then run again",
        ) from None
