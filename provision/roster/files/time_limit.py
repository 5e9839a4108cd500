"""How long a file may take to be read: a file that is made for it would hold the run, and the lock of its enterprise, for ever.

Counted is the computing of the thread that reads, not waiting and not what other threads do, so that neither a slow disk nor
another job of the process makes an honest file a suspect. A larger file may take longer: honest ones are read ten times as fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import thread_time

from provision.errors import TooLarge
from provision.job.limits import FileLimits

#: bytes for which a file may take one second more
_BYTES_A_SECOND = 2 << 20


@dataclass(frozen=True, slots=True)
class _Limit:
    name: str
    until: float


_LIMIT: ContextVar[_Limit | None] = ContextVar("_LIMIT", default=None)


@contextmanager
def within_time(name: str, size: int, limits: FileLimits) -> Iterator[None]:
    """Within it the file ``name``, of so many bytes once it is unpacked, may be read so long; see :func:`expect_time`."""
    before = _LIMIT.set(_Limit(name, thread_time() + limits.seconds + size // _BYTES_A_SECOND))
    try:
        yield
    finally:
        _LIMIT.reset(before)


def expect_time() -> None:
    """Raise RosterError once the file that is read now has had its time. To be asked wherever reading goes on and on."""
    limit = _LIMIT.get()
    if limit is not None and thread_time() > limit.until:
        raise took_too_long(limit.name)


def took_too_long(name: str) -> TooLarge:
    """The error for a file that is made so that reading it does not end."""
    return TooLarge(
        f"{name} takes longer to be read than a file of its size can.",
        cause="a file that was made to hold up its reader, or one with very many sheets, empty cells or broken rows.",
        remedy="copy the table alone into a new file and export that; if the file is meant, raise roster.limits.seconds in the job file.",
    )
