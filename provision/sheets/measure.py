"""The process that measures a Parquet file: what its texts come to, some rows at a time, before anybody makes room for all of them.

A file keeps a text once that stands in a million rows, or of each text only what the one before has not, and what it says of its own
size may be anything. It may end this process, and that is what it is for.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from provision.sheets.bounds import bounded, limited

#: rows that are in memory at once
_ROWS = 1024


def main() -> None:
    """Read from standard input what to measure: ``file`` (an open one, by its number), ``columns``, ``rows`` of a piece, and the bounds.

    Write in one line of JSON the longest ``cell`` in bytes with its ``row`` and ``column``, and the bytes of the largest ``piece``;
    nothing of a file that cannot be read, which whoever reads it tells better.
    """
    begin = json.loads(sys.stdin.readline())
    bounded(begin["memory"])
    limited("RLIMIT_CPU", begin["seconds"])
    try:
        told = _measured(pq.ParquetFile(pa.PythonFile(_File(begin["file"]))), begin)
    except MemoryError:
        told = {"memory": True}
    except Exception:  # noqa: BLE001 - a damaged file
        told = {}
    sys.stdout.write(f"{json.dumps(told)}\n")


def _measured(file: pq.ParquetFile, begin: dict[str, Any]) -> dict[str, Any]:
    longest: tuple[int, int, str] = (0, 0, "")
    sizes: dict[int, int] = {}
    for column in begin["columns"]:
        for number, row, lengths in _lengths(file, column):
            most = pc.max(lengths).as_py() or 0
            if most > longest[0]:
                longest = most, row + pc.index(lengths, most).as_py(), column
            sizes[number] = sizes.get(number, 0) + (pc.sum(lengths).as_py() or 0)
            if most > begin["cell"]:
                break
    return {
        "cell": longest[0],
        "row": longest[1],
        "column": longest[2],
        "piece": _largest(sizes, begin["rows"]),
    }


def _lengths(file: pq.ParquetFile, column: str) -> Iterator[tuple[int, int, pa.Array]]:
    """The lengths of the texts of a column in bytes, some rows at a time: which these are, and the number of the first of them, from 1."""
    row = 1
    for number, batch in enumerate(file.iter_batches(batch_size=_ROWS, columns=[column], use_threads=False)):
        for cells in batch.columns:
            yield number, row, pc.binary_length(cells)
        row += batch.num_rows


def _largest(sizes: dict[int, int], rows: int) -> int:
    """The most that consecutive parts have which make up a piece of so many rows."""
    ends = [0, *accumulate(size for _, size in sorted(sizes.items()))]
    parts = rows // _ROWS + 2
    return max(ends[min(at + parts, len(ends) - 1)] - ends[at] for at in range(len(ends)))


class _File:
    """A file that somebody else has opened, whose place in it stays."""

    closed = False

    def __init__(self, number: int) -> None:
        self._number, self._place, self._size = number, 0, os.fstat(number).st_size

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._place = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence] + offset
        return self._place

    def read(self, size: int = -1) -> bytes:
        found = os.pread(self._number, self._size - self._place if size < 0 else size, self._place)
        self._place += len(found)
        return found

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        """It is somebody else's."""


if __name__ == "__main__":
    main()
