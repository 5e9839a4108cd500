"""Standard input and pipes, which can be read once: all that comes is put on the disk first.

A pipe may stay open and silent for ever, so whoever waits for it gives up after a time without a byte. Other devices are refused:
some never end, and none is a roster.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from time import monotonic
from typing import BinaryIO

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.roster.files.content import Copied, copied
from provision.roster.files.file_limits import refuse_size

#: stands in place of a path for standard input
STANDARD_INPUT = Path("-")
#: seconds without a byte after which a pipe counts as dead
PATIENCE = 60.0
_BLOCK = 1 << 16
#: blocks that may wait for the disk: what writes the roster may be quicker
_WAITING = 64
#: seconds after which what comes has to have come at so many bytes a second; a drop a minute would hold a run for ever
_LONG, _SLOWEST = 3600, 1000


def comes_once(path: Path) -> bool:
    """Whether what is read from there is gone afterwards. Raises RosterError for a device that is no pipe."""
    if path == STANDARD_INPUT:
        if sys.stdin is None or sys.stdin.isatty():
            raise RosterError(
                "The roster is to come from standard input (-), which is a terminal.",
                cause="nothing was piped into this command.",
                remedy="pipe the roster into it, as: hr-export | provision check JOB --roster -",
            )
        return True
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    if stat.S_ISFIFO(mode):
        return True
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise RosterError(
            f"The roster {path} is a device or a socket, not a file.",
            cause="a wrong roster.path or --roster.",
            remedy="give a file, a pipe, or - for standard input.",
        )
    return False


def spooled(path: Path, limits: FileLimits) -> Copied:
    """All that comes from a pipe or standard input, on the disk. Raises RosterError where nothing comes for PATIENCE seconds."""
    return drained(_opened(path), "standard input" if path == STANDARD_INPUT else str(path), limits)


def drained(opened: Callable[[], BinaryIO], name: str, limits: FileLimits) -> Copied:
    """The same of whatever is opened so; ``name`` is what messages call it. Raises OSError where it cannot be read."""
    blocks: Queue[bytes | OSError] = Queue(_WAITING)
    Thread(target=_drain, args=(opened, blocks), daemon=True).start()
    return copied(_Blocks(name, blocks, limits))


def _opened(path: Path) -> Callable[[], BinaryIO]:
    """What opens the pipe; that alone may wait for whoever writes into it."""
    if path == STANDARD_INPUT:
        return lambda: os.fdopen(os.dup(sys.stdin.fileno()), "rb", buffering=0)
    return lambda: path.open("rb", buffering=0)


def _drain(opened: Callable[[], BinaryIO], blocks: Queue[bytes | OSError]) -> None:
    """Hand on what comes as soon as it does, and an empty block at the end."""
    try:
        with opened() as pipe:
            while block := pipe.read(_BLOCK):
                blocks.put(block)
        blocks.put(b"")
    except OSError as error:
        blocks.put(error)
    except Exception as error:  # noqa: BLE001 - of a library whose errors may show an address; a thread that dies says nothing
        blocks.put(OSError(None, f"it broke off ({type(error).__name__})"))


class _Blocks:
    """What comes from a pipe, as a file to be read once."""

    def __init__(self, name: str, blocks: Queue[bytes | OSError], limits: FileLimits) -> None:
        self._name, self._limits = name, limits
        self._blocks = blocks
        self._began, self._came = monotonic(), 0

    def read(self, _size: int) -> bytes:
        """The next block. Raises RosterError if none comes in time, OSError if the pipe cannot be read."""
        with suppress(Empty):
            block = self._blocks.get(timeout=PATIENCE)
            if isinstance(block, OSError):
                raise block
            self._came += len(block)
            refuse_size(self._came, ("file_gb", self._limits.file_gb), self._name)
            self._refuse_slow()
            return block
        raise RosterError(
            f"Nothing came from {self._name} for {PATIENCE:.0f} seconds.",
            cause="what writes the roster hangs, or was never started.",
            remedy="look at the program that writes it, or give a file.",
        )

    def _refuse_slow(self) -> None:
        seconds = monotonic() - self._began
        if seconds > _LONG and self._came < _SLOWEST * seconds:
            raise RosterError(
                f"Only {self._came:,} bytes came from {self._name} in {seconds / 60:.0f} minutes.",
                cause="what writes the roster hangs again and again, or the connection is hardly one.",
                remedy="let it write a file, and give that when it is whole.",
            )
