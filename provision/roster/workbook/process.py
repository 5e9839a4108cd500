"""A workbook as :mod:`provision.sheets` reads it in a process of its own, so that none can end or hold this one."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import msgspec
import numpy as np
import pyarrow as pa

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.roster.files.file_limits import beyond_memory
from provision.roster.files.time_limit import took_too_long
from provision.roster.workbook.refused import refused

#: what the process begins with; it looks for modules where this one does
_BEGIN = "import sys; sys.path[:0] = sys.argv[1:]; from provision.sheets.child import main; main()"
#: bytes that a cell of a sheet and a byte of its parts take at most while they are read, and what the process itself takes
_OF_A_CELL, _OF_A_BYTE, _OF_ITSELF = 100, 3, 1 << 29

#: of the time that a workbook has, the part in which a second process has to have found out what was wrong with it
_SECOND_LOOK = 4
#: the end of a process by SIGXCPU, on Linux and macOS
_TIME_IS_UP = -24


@dataclass(frozen=True, slots=True)
class SheetMarks:
    """What the cells of a sheet do not say: those whose formula failed or was never calculated, hidden rows, all from 0.

    ``columns``: those of the table that the sheet does not show. ``merged``: by column of the table, a range of cells that the
    sheet shows as one: top, left, bottom, right.
    """

    failed: tuple[tuple[int, int], ...]
    uncalculated: tuple[tuple[int, int], ...]
    hidden: frozenset[int]
    columns: frozenset[int]
    merged: dict[int, tuple[int, int, int, int]]


class Workbook:
    """An open workbook. To be used with ``with``; every call may raise RosterError.

    ``sheets``: names of the sheets with cells, in their order, and whether each is visible.
    """

    sheets: tuple[tuple[str, bool], ...]

    def __init__(self, name: str, content: bytes, limits: FileLimits, *, thorough: bool = False) -> None:
        self._name, self._content, self._limits, self._thorough = name, content, limits, thorough
        unpacked = max(len(content), limits.unpacked_gb * (1 << 30))
        self._memory = int(_OF_ITSELF + len(content) + _OF_A_CELL * limits.cells + _OF_A_BYTE * unpacked)

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-I", "-S", "-c", _BEGIN, *(place for place in sys.path if place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for who asks
        )
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if pipe:
                    pipe.close()
        self._process.wait()

    def _begin(self) -> None:
        unpacked, seconds = int(self._limits.unpacked_gb * (1 << 30)), self._limits.seconds
        if self._thorough:
            seconds = max(seconds // _SECOND_LOOK, 1)
        limits = self._limits.model_dump() | {"unpacked": unpacked, "seconds": seconds}
        begin = {
            "size": len(self._content),
            "limits": limits,
            "memory": min(self._memory, _physical()),
            "thorough": self._thorough,
        }
        self._say(json.dumps(begin).encode() + b"\n", self._content)
        self.sheets = tuple((name, visible) for name, visible in self._answer()["sheets"])

    def load(self, sheet: str, rows: int) -> tuple[int, list[list[Any]]]:
        """The column (from 0) in which the rows of a sheet begin, and the first rows. To be called before what follows."""
        answer = self._asked("load", sheet, rows)
        return answer["first"], answer["head"]

    def filled(self, sheet: str, place: int) -> bool:
        """Whether there is anything below the row at ``place``, from 0."""
        return bool(self._asked("filled", sheet, place))

    def columns(self, sheet: str, place: int) -> Iterator[list[pa.Array | list[Any]] | int]:
        """The rows below the one at ``place``, some hundred at a time, each as columns. To be taken to their end.

        A column of texts alone is an array of them. A number are so many rows without anything.
        """
        piece = self._asked("columns", sheet, place)
        while piece is not None:
            yield piece if isinstance(piece, int) else [self._cells(column) for column in piece]
            piece = self._answer()

    def _cells(self, column: list[Any] | dict[str, int]) -> pa.Array | list[Any]:
        """A column as :class:`provision.sheets.handed.HandedRows` tells it."""
        if isinstance(column, list):
            return column
        text = self._bytes(column["bytes"])
        sizes = np.frombuffer(self._bytes(column["cells"] * np.dtype(np.intc).itemsize), np.intc)
        ends = np.zeros(len(sizes) + 1, np.int64)
        np.cumsum(sizes, out=ends[1:])
        return pa.LargeStringArray.from_buffers(len(sizes), pa.py_buffer(ends), pa.py_buffer(text))

    def _bytes(self, size: int) -> bytes:
        answers = self._process.stdout
        assert answers is not None  # noqa: S101 - it is a pipe
        found = answers.read(size)
        if len(found) < size:
            raise self._why(self._ended())
        return found

    def marks(self, sheet: str, place: int, width: int) -> SheetMarks:
        """What is to be known beside the cells of a table of so many columns whose header is at ``place``."""
        told = self._asked("marks", sheet, place, width)
        return SheetMarks(
            tuple((row, column) for row, column in told["failed"]),
            tuple((row, column) for row, column in told["uncalculated"]),
            frozenset(told["hidden"]),
            frozenset(told["columns"]),
            {column: (top, left, bottom, right) for column, top, left, bottom, right in told["merged"]},
        )

    def _asked(self, *question: object) -> Any:
        self._say(json.dumps(question).encode() + b"\n")
        return self._answer()

    def _say(self, *parts: bytes) -> None:
        asked = self._process.stdin
        assert asked is not None  # noqa: S101 - it is a pipe
        with contextlib.suppress(BrokenPipeError):  # the answer tells why
            for part in parts:
                asked.write(part)
            asked.flush()

    def _answer(self) -> Any:
        answers = self._process.stdout
        assert answers is not None  # noqa: S101 - it is a pipe
        line = answers.readline()
        if not line.endswith(b"\n"):
            raise self._why(self._ended())
        answer = msgspec.json.decode(line)
        if isinstance(answer, dict) and "refused" in answer:
            told = answer["refused"]
            raise self._why(
                beyond_memory(self._name)
                if told["code"] == "memory"
                else refused(self._name, told, self._limits),
                sure=told["code"] not in ("memory", "damaged"),
            )
        return answer

    def _ended(self) -> RosterError:
        """What the end of a process says that did not say anything itself."""
        if self._process.wait() == _TIME_IS_UP:
            return took_too_long(self._name)
        return beyond_memory(self._name)

    def _why(self, error: RosterError, *, sure: bool = False) -> RosterError:
        """The same error, or a better one: what a second process says that looks at everything before it reads anything."""
        if sure or self._thorough:
            return error
        try:
            with Workbook(self._name, self._content, self._limits, thorough=True):
                return error
        except RosterError as found:
            return found


def _physical() -> int:
    """Bytes of memory that this machine has."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return sys.maxsize
