"""How far large files are, for who waits: a remark now and then, from whichever worker sends one."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from provision.runs.observer import Observer, Remark
from provision.trees import LocalFile

#: seconds between two remarks
_SPELL = 10.0
_MB = 1_000_000


def upload_progress(observer: Observer) -> Callable[[LocalFile, int], None]:
    """What is told of each part that Box has: the file, and how many of its bytes are there."""
    lock, clock = Lock(), observer.timing.clock
    last = clock()

    def sent(file: LocalFile, there: int) -> None:
        nonlocal last
        with lock:
            if clock() - last < _SPELL:
                return
            last = clock()
        told = f"{there / _MB:,.0f} of {file.size / _MB:,.0f} MB"
        observer.note(Remark(f"Sending {file.name}: {told}"))

    return sent
