"""The process: it takes a workbook and questions from standard input, a line of JSON each, and answers in lines of JSON.

Rows come as a line, too, with the texts of whole columns behind it, see :class:`provision.sheets.handed.HandedRows`.

It may be killed by what it reads, and that is what it is for: memory and time have an end, and the kernel, when memory runs
short, takes it before others.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from provision.sheets.archive import archive_of, unpacked
from provision.sheets.book import BookRefused, OpenedWorkbook, in_json
from provision.sheets.bounds import bounded, limited
from provision.sheets.handed import HandedRows

#: bytes that are surely read in one second; a slow machine reads ten times as many
_BYTES_A_SECOND = 2 << 20
#: workbooks as programs write them are packed 5 to 30 times; what was packed more tightly has no more time for that
_PACKED = 30
#: bytes of memory: what the process itself takes, a cell with nothing in it, one with something beside its text, a byte of a part
_OF_ITSELF, _OF_A_BLANK, _OF_A_CELL, _OF_A_BYTE = 1 << 29, 32, 100, 3
#: bytes of the shortest cell with something in it
_SHORTEST = 10


def main() -> None:
    """Answer until nobody asks any more. The first line says how many bytes the workbook has, which follow, and the limits."""
    gc.disable()  # a process that lives as long as one workbook makes very many cells and hardly a cycle
    asked = sys.stdin.buffer
    begin = json.loads(asked.readline())
    bounded(begin["memory"])
    try:
        content = asked.read(begin["size"])
        _timed(content, begin["limits"]["seconds"])
        bounded(min(begin["memory"], memory_for(content, begin["limits"])))
        book = OpenedWorkbook(content, begin["limits"], thorough=begin["thorough"])
        _say({"sheets": book.sheets()})
        for line in asked:
            for answer in _answers(book, *json.loads(line)):
                _say(answer)
    except BookRefused as refusal:
        _say({"refused": refusal.told})
    except MemoryError:
        _say({"refused": {"code": "memory"}})
    except BrokenPipeError:
        os._exit(0)  # nobody listens any more
    except BaseException as error:  # noqa: BLE001 - also what the reader's own language calls a panic
        _say({"refused": {"code": "damaged", "kind": type(error).__name__}})


def memory_for(content: bytes, limits: Mapping[str, float]) -> int:
    """Bytes of memory that a workbook of these bytes may take, with all that the limits let it show: a text may stand in every cell.

    A sheet has room for blank cells between two that are far apart, however few bytes it has.
    """
    archive = archive_of(content)
    size = max(len(content), unpacked(archive) if archive else 0)
    filled = min(limits["cells"], size // _SHORTEST)
    cells = _OF_A_BLANK * limits["cells"] + _OF_A_CELL * filled
    return int(_OF_ITSELF + len(content) + cells + _OF_A_BYTE * size + limits["unpacked"])


def _answers(book: OpenedWorkbook, question: str, *about: Any) -> Iterator[object]:
    match question:
        case "load":
            yield book.load(*about)
        case "filled":
            yield book.filled(*about)
        case "columns":
            yield from book.columns(*about)
            yield None
        case _:
            yield book.marks(*about)


def _say(answer: object) -> None:
    told = sys.stdout.buffer
    if isinstance(answer, HandedRows):
        told.write(in_json(answer.columns).encode() + b"\n")
        told.writelines(answer.texts)
    else:
        told.write(in_json(answer).encode() + b"\n")
    told.flush()


def _timed(content: bytes, seconds: int) -> None:
    """Let this process compute so long, and longer for a larger workbook."""
    archive = archive_of(content)
    size = max(len(content), min(unpacked(archive), _PACKED * len(content)) if archive else 0)
    limited("RLIMIT_CPU", seconds + size // _BYTES_A_SECOND)


if __name__ == "__main__":
    main()
