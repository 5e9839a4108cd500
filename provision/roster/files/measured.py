"""Parquet files whose texts may be more than their bytes tell: measured by a process of its own, which may be ended by what it reads."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from provision.job.limits import FileLimits
from provision.roster.files.content import Copied, FileContent, copied
from provision.roster.files.file_limits import beyond_memory
from provision.roster.files.time_limit import took_too_long

#: what the process begins with; it looks for modules where this one does
_BEGIN = "import sys; sys.path[:0] = sys.argv[1:]; from provision.sheets.measure import main; main()"
#: bytes of memory of the process: what its libraries map and do not use, and what some rows of the longest cells take
_MEMORY = (1 << 30) + (1 << 30)
#: the end of a process by SIGXCPU, on Linux and macOS
_TIME_IS_UP = -24
#: bytes of a file for which it may take one second more
_BYTES_A_SECOND = 2 << 20


@dataclass(frozen=True, slots=True)
class Measured:
    """The longest ``cell`` in bytes, with its row (from 1) and column, and the bytes of the largest ``piece``."""

    cell: int
    row: int
    column: str
    piece: int


def measured(
    name: str, content: FileContent, columns: Sequence[str], rows: int, limits: FileLimits
) -> Measured | None:
    """What these text columns come to in pieces of so many rows; None where that cannot be told, as of a damaged file.

    Raises TooLarge where it takes more memory or time than a file may. Systems without file descriptors for others measure nothing.
    """
    if os.name != "posix":
        return None
    stored = content if isinstance(content, Copied) else copied(io.BytesIO(content.part(0, content.size)))
    number = stored.file.fileno()
    begin = {
        "file": number, "columns": list(columns), "rows": rows, "memory": _MEMORY, "cell": 4 * limits.cell,
        "seconds": limits.seconds + content.size // _BYTES_A_SECOND,
    }  # fmt: skip
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-I", "-S", "-c", _BEGIN, *(place for place in sys.path if place)],
        input=json.dumps(begin).encode() + b"\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=False,
        pass_fds=[number],
        start_new_session=True,  # Ctrl-C is for who asks
    )
    if done.returncode == _TIME_IS_UP:
        raise took_too_long(name)
    told = json.loads(done.stdout) if done.returncode == 0 else {"memory": True}
    if "memory" in told:
        raise beyond_memory(name)
    return Measured(**told) if told else None
