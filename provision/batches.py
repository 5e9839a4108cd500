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
from typing import IO, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from provision.errors import InputError
from provision.frames import MANY_ROWS

#: a third of the bytes, for some tenths of a second a million people
_FAST = pa.ipc.IpcWriteOptions(compression="lz4")
#: Arrow's text as pandas' own
AS_TEXT = {pa.large_string(): pd.StringDtype(na_value=np.nan)}


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
            # threads of a few rows only wait for each other
            yield batch.to_pandas(types_mapper=AS_TEXT.get, use_threads=batch.num_rows >= MANY_ROWS)[wanted]

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
