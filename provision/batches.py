"""A frame in batches of rows: held in memory, or, where it would not fit, on disk in a file without a name.

A file without a name is gone with the process, however that ends, so nobody's data stay behind. It lies where the system
keeps temporary files (``TMPDIR``).
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

_FAST = pa.ipc.IpcWriteOptions(compression="lz4")


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
    """One batch, in memory."""

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
        """The frame."""
        yield self.frame if columns is None else self.frame[list(columns)]

    def whole(self) -> pd.DataFrame:
        """The frame."""
        return self.frame


class Spool:
    """Batches on disk: written one after the other, then read as often as wanted. Text is str, without nulls."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="provision-")  # noqa: SIM115 - it lives as long as the batches
        weakref.finalize(self, self._file.close)
        self._writer: pa.RecordBatchFileWriter | None = None
        self._schema: pa.Schema | None = None
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
        """Write one more batch. All have the columns and types of the first one."""
        columns = pa.Table.from_pandas(frame, self._schema, preserve_index=False)
        if self._schema is None:
            self._schema = columns.schema.remove_metadata()
            columns = columns.replace_schema_metadata(None)
            self._writer = pa.ipc.new_file(pa.PythonFile(self._file, "w"), self._schema, options=_FAST)
        assert self._writer is not None  # noqa: S101 - nobody writes once it was read
        batch = columns.combine_chunks().to_batches()
        self._writer.write_batch(batch[0] if batch else pa.RecordBatch.from_pylist([], self._schema))
        self._sizes.append(len(frame))

    def each(self, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """The batches in order; the first reading ends the writing."""
        if self._schema is None:
            return
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        wanted = list(self._schema.names if columns is None else columns)
        fields = sorted(self._schema.get_field_index(name) for name in wanted)
        options = pa.ipc.IpcReadOptions(included_fields=fields)
        reader = pa.ipc.open_file(pa.PythonFile(self._file, "r"), options=options)
        for at in range(self.count):
            yield _frame(reader.get_batch(at))[wanted]

    def whole(self) -> pd.DataFrame:
        """All rows in memory, where they stay from then on."""
        if self._whole is None:
            self._whole = joined(self.each())
        return self._whole


@dataclass(frozen=True, slots=True)
class Sifted:
    """Some rows of other batches: for each of these a mask, None where all of them are meant."""

    source: Batches
    masks: Sequence[npt.NDArray[np.bool_] | None] = field(repr=False)
    rows: int = 0

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
    return Sifted(batches, [None if mask.all() else mask for mask in masks], int(chosen.sum()))


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
    """Batches as one frame, with an index from 0."""
    return pd.concat(list(batches), ignore_index=True)


def _frame(batch: pa.RecordBatch) -> pd.DataFrame:
    columns = {
        name: pd.Series(
            pd.array(column, dtype="str")
            if pa.types.is_large_string(column.type)
            else column.to_numpy(zero_copy_only=False)
        )
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    }
    return pd.DataFrame(columns, copy=False)
